using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Live;

/// <summary>
/// An HLS file on some node, read part by part: the next part is requested after the previous part has been consumed.
/// The length is that of the file when the first part was read. Later growth of a playlist is left to the next call.
/// </summary>
internal sealed class HlsStream(HlsPartFound first, Func<long, CancellationToken, Task<EdgeReply>> readAt) : Stream
{
    private ReadOnlyMemory<byte> _part = first.Bytes;
    private long _partBegin;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => first.Size;

    public override long Position { get; set; }

    /// <exception cref="HlsCutOffException">The rest of the file is not available.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.IsEmpty)
        {
            return 0;
        }
        if (Position < _partBegin || Position >= _partBegin + _part.Length)
        {
            var reply = await readAt(Position, cancellationToken);
            if (reply is not HlsPartFound { Bytes.Length: > 0 } part)
            {
                throw new HlsCutOffException(
                    reply as EdgeRefusal
                        ?? new EdgeRefusal(
                            FaultCode.Unavailable,
                            "The HLS file was removed or changed while it was read; try again."
                        )
                );
            }
            (_part, _partBegin) = (part.Bytes, Position);
        }

        var there = _part[(int)(Position - _partBegin)..];
        var count = (int)Math.Min(Math.Min(buffer.Length, there.Length), Length - Position);
        there[..count].CopyTo(buffer);
        Position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) =>
        Position =
            offset
            + origin switch
            {
                SeekOrigin.Begin => 0,
                SeekOrigin.Current => Position,
                _ => Length,
            };

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("It is read asynchronously.");

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>The rest of an HLS file is not available.</summary>
internal sealed class HlsCutOffException(EdgeRefusal why) : IOException(why.Message)
{
    /// <summary>The reason.</summary>
    public EdgeRefusal Why { get; } = why;
}
