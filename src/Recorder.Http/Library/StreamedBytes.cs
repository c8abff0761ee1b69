using System.Buffers;
using System.IO.Pipelines;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Http.Library;

/// <summary>Hands on the bytes that come straight from another node.</summary>
internal static class StreamedBytes
{
    /// <summary>How long the other node may send nothing. A node that lost its power closes no connection.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Writes what comes, and disposes of the way. A way that breaks off, is meddled with, or sends nothing
    /// for <see cref="Patience"/>, ends the writing without an error.</summary>
    /// <param name="way">Brings the bytes of the part.</param>
    /// <param name="length">The length of the part.</param>
    /// <param name="body">Takes the bytes.</param>
    /// <param name="clock">Measures the silence of the stream.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <returns>How many bytes were written.</returns>
    public static async Task<long> CopyAsync(
        RecordWay way,
        long length,
        PipeWriter body,
        TimeProvider clock,
        CancellationToken aborted
    )
    {
        await using var incoming = new Incoming(way, clock, aborted);
        var written = 0L;
        incoming.Begin(length);
        while (written < length)
        {
            var frame = await incoming.Frame;
            var content = way.ContentOf(frame.Length);
            if (content == 0 || !way.TryOpen(frame.Span, body.GetSpan(content)))
            {
                break;
            }
            body.Advance(content);
            written += content;

            // The next bytes come while these are sent.
            incoming.Begin(length - written);
            await body.FlushAsync(aborted);
        }
        return written;
    }

    /// <summary>Collects frames. Many small reads would each become a small write.</summary>
    private sealed class Incoming(RecordWay way, TimeProvider clock, CancellationToken aborted) : IAsyncDisposable
    {
        private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(RecordSeal.FrameBytes + RecordSeal.TagBytes);
        private Task<int> _reading = Task.FromResult(0);
        private bool _ended;

        /// <summary>The next frame; shorter, or empty, when the stream ended, broke off or is silent.</summary>
        public Task<ReadOnlyMemory<byte>> Frame { get; private set; } = Task.FromResult(ReadOnlyMemory<byte>.Empty);

        /// <summary>Begins to collect the next frame. Not before the last one was used.</summary>
        /// <param name="length">How many bytes of the record are still to come.</param>
        public void Begin(long length) => Frame = CollectAsync(way.NextFrame(length));

        public async ValueTask DisposeAsync()
        {
            await way.DisposeAsync();

            // A read of a disk that hangs may outlast its stream. Nobody waits for such a read.
            _ = GiveBackAsync();
        }

        private async Task<ReadOnlyMemory<byte>> CollectAsync(int wanted)
        {
            var count = 0;
            while (count < wanted && !_ended)
            {
                var read = await ReadOrEndAsync(ReadAsync(_buffer.AsMemory(count, wanted - count)));
                count += read;
                _ended = read == 0;
            }
            return _buffer.AsMemory(0, count);
        }

        private async ValueTask<int> ReadAsync(Memory<byte> into)
        {
            var reading = way.Stream.ReadAsync(into, aborted);
            if (reading.IsCompleted)
            {
                return await reading;
            }
            _reading = reading.AsTask();
            return await _reading.WaitAsync(Patience, clock, aborted);
        }

        /// <summary>No reading may go on in a buffer that is given back.</summary>
        private async Task GiveBackAsync()
        {
            await Frame;
            await ReadOrEndAsync(new ValueTask<int>(_reading));
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        /// <summary>How many bytes were read; 0 at the end, and when the stream broke off or is silent.</summary>
        private static async ValueTask<int> ReadOrEndAsync(ValueTask<int> reading)
        {
            try
            {
                return await reading;
            }
            catch (Exception error)
                when (error
                        is IOException
                            or ObjectDisposedException
                            or OperationCanceledException
                            or TimeoutException
                )
            {
                return 0;
            }
        }
    }
}
