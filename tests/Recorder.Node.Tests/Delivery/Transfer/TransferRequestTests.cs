using Recorder.Cluster.Settings;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery.Transfer;

public sealed class TransferRequestTests
{
    [Fact]
    public void A_request_is_one_line_and_says_the_same_on_the_other_side()
    {
        var request = new TransferRequest(
            "archive",
            new DestinationOptions
            {
                Kind = DestinationKind.Folder,
                Path = "/mnt/a\nb",
                Bandwidth = new ByteSize(1_000_000),
                Timeout = TimeSpan.FromSeconds(7),
            },
            [new FileToSend("/records/a.mp4", "b.mp4", new string('a', 64))],
            500_000,
            "/data/deliveries/a.json",
            new Uri("https://store.example.org/a?key=b")
        );

        var line = request.ToLine();
        var read = TransferRequest.Of(line);

        Assert.DoesNotContain('\n', line);
        Assert.Equal(
            (request.Destination, request.BytesPerSecond, request.State, request.Address),
            (read.Destination, read.BytesPerSecond, read.State, read.Address)
        );
        Assert.Equal(request.Files, read.Files);
        Assert.Equal(line, read.ToLine());
    }

    [Fact]
    public void A_line_that_is_no_report_is_none()
    {
        Assert.Null(TransferReport.Of("Unhandled exception."));
        Assert.Equal(new TransferReport("Full.", true), TransferReport.Of(new TransferReport("Full.", true).ToLine()));
    }

    [Fact]
    public void A_sign_of_life_is_no_report() => Assert.Null(TransferReport.Of(TransferReport.SignOfLife));

    [Fact]
    public async Task A_transfer_without_a_file_has_failed_for_good()
    {
        var report = await TransferProcess.SendAsync(
            new TransferRequest("archive", new DestinationOptions(), [], 0, "/data/state.json", null),
            _ => throw new InvalidOperationException("Nothing is to be sent."),
            TimeProvider.System,
            CancellationToken.None
        );

        Assert.False(report.MayPass);
        Assert.Contains("no manifest could be written", report.Problem, StringComparison.Ordinal);
    }
}
