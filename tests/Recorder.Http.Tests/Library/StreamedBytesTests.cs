using System.IO.Pipelines;
using Recorder.Cluster.Sessions.Records;
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
            .CopyAsync(new RecordWay(stream, null), 1000, PipeWriter.Create(body), clock, CancellationToken.None)
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
            new RecordWay(new MemoryStream([1, 2, 3, 4]), null),
            3,
            PipeWriter.Create(body),
            TimeProvider.System,
            CancellationToken.None
        );

        Assert.Equal(First.Length, written);
        Assert.Equal(First, body.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reads_of_any_size_give_the_same_bytes(bool isSealed)
    {
        int[] lengths = [1, RecordSeal.FrameBytes - 1, RecordSeal.FrameBytes, RecordSeal.FrameBytes + 1, 1_000_003];
        foreach (var (seed, length) in lengths.Concat(lengths).Index())
        {
            var random = new Random(seed);
            var content = new byte[length];
            random.NextBytes(content);
            var key = isSealed ? RecordSeal.NewKey() : null;

            Assert.Equal(content, await CopyAsync(new DrippingStream(Sent(content, key), random), key, length));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(RecordSeal.FrameBytes + 100, 1)]
    [InlineData((2 * RecordSeal.FrameBytes) + 40, 2)]
    public async Task Nothing_is_written_from_the_first_frame_on_that_was_meddled_with(int at, int whole)
    {
        var content = new byte[1_000_003];
        new Random(1).NextBytes(content);
        var key = RecordSeal.NewKey();
        var sent = Sent(content, key);
        sent[at] ^= 1;

        Assert.Equal(
            content[..(whole * RecordSeal.FrameBytes)],
            await CopyAsync(new MemoryStream(sent), key, content.Length)
        );
    }

    [Fact]
    public async Task A_frame_that_is_left_out_or_comes_twice_ends_the_writing()
    {
        var content = new byte[3 * RecordSeal.FrameBytes];
        new Random(1).NextBytes(content);
        var key = RecordSeal.NewKey();
        var frames = Sent(content, key).Chunk(RecordSeal.FrameBytes + RecordSeal.TagBytes).ToList();

        Assert.Equal(
            content[..RecordSeal.FrameBytes],
            await CopyAsync(new MemoryStream([.. frames[0], .. frames[2], .. frames[1]]), key, content.Length)
        );
        Assert.Equal(
            content[..RecordSeal.FrameBytes],
            await CopyAsync(new MemoryStream([.. frames[0], .. frames[0], .. frames[1]]), key, content.Length)
        );
    }

    [Theory]
    [InlineData(false, 300_000, 300_000)]
    [InlineData(true, 300_000, RecordSeal.FrameBytes)]
    public async Task What_came_before_a_stream_broke_off_is_written(bool isSealed, int sent, int written)
    {
        var content = new byte[1_000_003];
        new Random(1).NextBytes(content);
        var key = isSealed ? RecordSeal.NewKey() : null;

        Assert.Equal(
            content[..written],
            await CopyAsync(new MemoryStream(Sent(content, key)[..sent]), key, content.Length)
        );
    }

    /// <summary>What a node sends of a part.</summary>
    private static byte[] Sent(byte[] content, byte[]? key)
    {
        if (key is null)
        {
            return content;
        }
        using var seal = new RecordSeal(key);
        return
        [
            .. content
                .Chunk(RecordSeal.FrameBytes)
                .SelectMany(frame =>
                {
                    var closed = new byte[frame.Length + RecordSeal.TagBytes];
                    Assert.Equal(closed.Length, seal.Close(frame, closed));
                    return closed;
                }),
        ];
    }

    private static async Task<byte[]> CopyAsync(Stream stream, byte[]? key, int length)
    {
        using var body = new MemoryStream();
        var written = await StreamedBytes
            .CopyAsync(
                new RecordWay(stream, key is null ? null : new RecordSeal(key)),
                length,
                PipeWriter.Create(body),
                TimeProvider.System,
                CancellationToken.None
            )
            .WaitAsync(Limit);
        Assert.Equal(written, body.Length);
        return body.ToArray();
    }

    /// <summary>Gives a random number of bytes at each read, some of them later.</summary>
    private sealed class DrippingStream(byte[] all, Random random) : MemoryStream(all)
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            if (random.Next(2) == 0)
            {
                await Task.Yield();
            }
            var most = 1 << random.Next(18);
            return Read(buffer.Span[..Math.Min(buffer.Length, random.Next(most) + 1)]);
        }
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
