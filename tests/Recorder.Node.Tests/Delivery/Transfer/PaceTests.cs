using System.Diagnostics;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery.Transfer;

public sealed class PaceTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_transfer_is_no_faster_than_its_limit()
    {
        await File.WriteAllBytesAsync(_file, new byte[1_000_000]);
        using var pace = new Pace(2_000_000, TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);
        await using var part = new PacedStream(_file, 0, 1_000_000, pace);
        var since = Stopwatch.GetTimestamp();

        await part.CopyToAsync(Stream.Null);

        // The limit allows half a second, less what a transfer may run ahead.
        Assert.True(Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(0.35));
        Assert.Equal(1_000_000, pace.Moved);
    }

    [Fact]
    public async Task What_is_compared_is_held_back_too_and_takes_nothing_from_what_is_sent()
    {
        await File.WriteAllBytesAsync(_file, new byte[1_000_000]);
        using var pace = new Pace(2_000_000, TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);
        var since = Stopwatch.GetTimestamp();

        await SourceFile.HashAsync(_file, pace);

        Assert.True(Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(0.35));
        Assert.Equal(0, pace.Moved);
    }

    [Fact]
    public async Task A_part_is_that_part_and_a_part_that_is_read_twice_counts_once()
    {
        await File.WriteAllBytesAsync(_file, [.. Enumerable.Range(0, 100).Select(n => (byte)n)]);
        using var pace = new Pace(0, TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);
        await using var part = new PacedStream(_file, 20, 30, pace);
        var read = new MemoryStream();

        await part.CopyToAsync(read);
        part.Position = 0;
        read.SetLength(0);
        await part.CopyToAsync(read);

        Assert.Equal(Enumerable.Range(20, 30).Select(n => (byte)n), read.ToArray());
        Assert.Equal(30, pace.Moved);
    }

    [Fact]
    public async Task A_transfer_that_stands_still_is_ended()
    {
        using var pace = new Pace(0, TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(30), pace.Token));
        Assert.True(pace.Stalled);
    }
}
