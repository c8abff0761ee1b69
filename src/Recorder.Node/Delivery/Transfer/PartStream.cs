namespace Recorder.Node.Delivery.Transfer;

/// <summary>A part in memory, sent no faster than the transfer's pace allows. The client reads the part once more to
/// sign it, without waiting; only the sending waits.</summary>
internal sealed class PartStream(byte[] part, int length, Pace pace) : MemoryStream(part, 0, length, writable: false)
{
    private long _highest;

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = Read(buffer.Span[..Math.Min(buffer.Length, SourceFile.Chunk)]);
        if (Position > _highest)
        {
            await pace.MovedAsync((int)(Position - _highest));
            _highest = Position;
        }
        else
        {
            pace.SignOfLife();
        }
        return read;
    }

    /// <inheritdoc/>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        var buffer = new byte[SourceFile.Chunk];
        int read;
        while ((read = await ReadAsync(buffer.AsMemory(), cancellationToken)) > 0)
        {
            await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }
}
