namespace Recorder.Node.Delivery.Transfer;

/// <summary>A part of a file, read no faster than the transfer's <see cref="Pace"/> allows. Reading is the only sign of
/// progress that every client library gives.</summary>
internal sealed class PacedStream : Stream
{
    private readonly FileStream _file;
    private readonly long _from;
    private readonly Pace _pace;
    private long _position;
    private long _highest;

    /// <param name="path">The file.</param>
    /// <param name="from">Where the part begins, in bytes.</param>
    /// <param name="length">How long the part is, in bytes.</param>
    /// <param name="pace">The transfer's speed.</param>
    public PacedStream(string path, long from, long length, Pace pace)
    {
        (_from, Length, _pace) = (from, length, pace);
        _file = SourceFile.Open(path);
        _file.Seek(from, SeekOrigin.Begin);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set
        {
            _position = value;
            _file.Seek(_from + value, SeekOrigin.Begin);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Nothing reads this stream without waiting for its pace.");

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var most = (int)Math.Min(buffer.Length, Math.Min(SourceFile.Chunk, Length - _position));
        if (most <= 0)
        {
            return 0;
        }
        var read = await _file.ReadAsync(buffer[..most], cancellationToken);
        if (read == 0)
        {
            throw new TransferFailure($"The file {_file.Name} became shorter while it was sent.", mayPass: false);
        }
        _position += read;

        // A client that hashes a part first reads it twice; only the second time costs the line.
        if (_position > _highest)
        {
            _highest = _position;
            await _pace.MovedAsync(read);
        }
        return read;
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => Length + offset,
        };

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }
        base.Dispose(disposing);
    }
}
