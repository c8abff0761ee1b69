using Recorder.Http.Library;

namespace Recorder.Http.Tests.Library;

public sealed class StreamedBytesTests
{
    private static readonly byte[] First = [1, 2, 3];
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_stream_that_falls_silent_is_given_up_after_ten_seconds_even_when_its_read_never_ends()
    {
        var clock = new HastyClock();
        using var body = new MemoryStream();
        await using var stream = new SilentStream(First);

        var written = await StreamedBytes
            .CopyAsync(stream, 1000, body, clock, CancellationToken.None)
            .WaitAsync(Limit);

        Assert.Equal((First.Length, TimeSpan.FromSeconds(10)), (written, clock.Waited));
        Assert.Equal(First, body.ToArray());
        Assert.True(stream.Disposed);
    }

    [Fact]
    public async Task No_more_is_written_than_was_asked_for()
    {
        using var body = new MemoryStream();

        var written = await StreamedBytes.CopyAsync(
            new MemoryStream([1, 2, 3, 4]),
            3,
            body,
            TimeProvider.System,
            CancellationToken.None
        );

        Assert.Equal(First.Length, written);
        Assert.Equal(First, body.ToArray());
    }

    /// <summary>Every wait is over at once.</summary>
    private sealed class HastyClock : TimeProvider
    {
        /// <summary>How long the last wait would have been.</summary>
        public TimeSpan Waited { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waited = dueTime;
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    /// <summary>Gives some bytes, and then nothing for ever.</summary>
    private sealed class SilentStream(byte[] first) : MemoryStream(first)
    {
        private readonly TaskCompletionSource<int> _never = new();

        /// <summary>Whether the stream was closed.</summary>
        public bool Disposed { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position < Length ? base.ReadAsync(buffer, cancellationToken) : new ValueTask<int>(_never.Task);

        protected override void Dispose(bool disposing)
        {
            Disposed = true;
            base.Dispose(disposing);
        }
    }
}
