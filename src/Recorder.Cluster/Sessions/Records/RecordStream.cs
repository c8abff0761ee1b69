using Microsoft.Win32.SafeHandles;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>A part of a record on this node's disk. The stream ends early when the content of the file is no longer the
/// one that the part was asked of.</summary>
internal sealed class RecordStream(SafeFileHandle file, string mark, long from, long length) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _read);
        if (wanted <= 0)
        {
            return 0;
        }
        var read = await RandomAccess.ReadAsync(file, buffer[..wanted], from + _read, cancellationToken);

        // Looked at after the reading, so that bytes of another content are never told.
        if (RecordFileReader.MarkOf(file, growing: false) != mark)
        {
            return 0;
        }
        _read += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("It is read asynchronously.");

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }
        base.Dispose(disposing);
    }
}
