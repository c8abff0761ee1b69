using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery.Transfer;

public sealed class SweepTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("recorder-sweep-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_left_by_others_is_taken_away_after_the_sending_and_fails_nothing(bool hangs)
    {
        var file = new FileToSend(Path.Join(_root, "a.mp4"), "a.mp4", null);
        await File.WriteAllTextAsync(file.Path, "frames");
        var left = Path.Join(_root, "archive-0.json");
        await File.WriteAllTextAsync(left, "{}");
        File.SetLastWriteTimeUtc(left, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-30));
        var destination = new Slow(hangs);

        var report = await TransferProcess.SendAsync(
            new TransferRequest(
                "archive",
                new DestinationOptions { Timeout = TimeSpan.FromSeconds(1) },
                [file],
                0,
                Path.Join(_root, "archive-1.json"),
                null
            )
            {
                GivenUpAfter = TimeSpan.FromDays(1),
            },
            _ => destination,
            TimeProvider.System,
            CancellationToken.None
        );

        Assert.Null(report.Problem);
        Assert.Equal(["sent", "swept"], destination.Done);
    }

    private sealed class Slow(bool hangs) : IDestination
    {
        public List<string> Done { get; } = [];

        public Task SendAsync(FileToSend file, Pace pace)
        {
            Done.Add("sent");
            return Task.CompletedTask;
        }

        public async Task AbandonAsync(string state, CancellationToken cancellation)
        {
            Done.Add("swept");
            await Task.Delay(hangs ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, cancellation);
            throw new HttpRequestException("The server is away.");
        }
    }
}
