using System.Buffers;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Http.Library;

/// <summary>Hands on the bytes that come straight from another node.</summary>
internal static class StreamedBytes
{
    /// <summary>How long the other node may send nothing. A node that lost its power closes no connection.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Writes what comes, and disposes of the stream. A stream that breaks off, or sends nothing for
    /// <see cref="Patience"/>, ends the writing without an error.</summary>
    /// <param name="stream">The bytes of the part.</param>
    /// <param name="length">The most bytes that are written.</param>
    /// <param name="body">Takes the bytes.</param>
    /// <param name="clock">Measures the silence of the stream.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <returns>How many bytes were written.</returns>
    public static async Task<long> CopyAsync(
        Stream stream,
        long length,
        Stream body,
        TimeProvider clock,
        CancellationToken aborted
    )
    {
        var (now, next) = (Rent(), Rent());
        var written = 0L;
        var reading = Task.FromResult(0);
        try
        {
            await using (stream)
            {
                reading = stream.ReadAsync(now, aborted).AsTask();
                while (
                    written < length
                    && await ReadOrEndAsync(reading.WaitAsync(Patience, clock, aborted)) is > 0 and var read
                )
                {
                    // The next bytes come while these are sent.
                    var count = (int)Math.Min(read, length - written);
                    reading = stream.ReadAsync(next, aborted).AsTask();
                    await body.WriteAsync(now.AsMemory(0, count), aborted);
                    written += count;
                    (now, next) = (next, now);
                }
            }
        }
        finally
        {
            // A read of a disk that hangs may outlast its stream. Nobody waits for such a read.
            _ = GiveBackAsync(reading, now, next);
        }
        return written;

        static byte[] Rent() => ArrayPool<byte>.Shared.Rent(RecordFiles.ChunkBytes);
    }

    /// <summary>No reading may go on in a buffer that is given back.</summary>
    private static async Task GiveBackAsync(Task<int> reading, byte[] one, byte[] other)
    {
        await ReadOrEndAsync(reading);
        ArrayPool<byte>.Shared.Return(one);
        ArrayPool<byte>.Shared.Return(other);
    }

    /// <summary>How many bytes were read; 0 at the end, and when the stream broke off or is silent.</summary>
    private static async Task<int> ReadOrEndAsync(Task<int> reading)
    {
        try
        {
            return await reading;
        }
        catch (Exception error)
            when (error is IOException or ObjectDisposedException or OperationCanceledException or TimeoutException)
        {
            return 0;
        }
    }
}
