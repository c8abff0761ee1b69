namespace Recorder.Node.Gateway;

/// <summary>Reads heads and bodies from one stream.</summary>
internal sealed class HeadReader(Stream stream)
{
    private byte[] _buffer = new byte[4096];
    private int _from;
    private int _to;

    /// <summary>What has been read and belongs to nothing yet.</summary>
    public ReadOnlyMemory<byte> Left => _buffer.AsMemory(_from, _to - _from);

    /// <summary>Reads up to the end of the next head; null at the end of the stream, and for a head that is too
    /// long.</summary>
    public async Task<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (RequestHead.EndIn(Left.Span) is > 0 and var end)
            {
                var head = Left[..end].ToArray();
                _from += end;
                return head;
            }
            if (_to - _from >= RequestHead.Longest)
            {
                return null;
            }
            if (_from > 0)
            {
                Left.CopyTo(_buffer);
                (_from, _to) = (0, _to - _from);
            }
            if (_to == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }
            var count = await stream.ReadAsync(_buffer.AsMemory(_to), cancellation);
            if (count == 0)
            {
                return null;
            }
            _to += count;
        }
    }

    /// <summary>Passes a body on.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="length">The length of the body.</param>
    /// <param name="cancellation">Ends the copy.</param>
    /// <exception cref="EndOfStreamException">The stream ends within the body.</exception>
    public async Task CopyAsync(Stream to, long length, CancellationToken cancellation)
    {
        while (length > 0)
        {
            if (Left.IsEmpty)
            {
                (_from, _to) = (0, 0);
                _to = await stream.ReadAsync(_buffer, cancellation);
                if (_to == 0)
                {
                    throw new EndOfStreamException();
                }
            }
            var part = Left[..(int)Math.Min(Left.Length, length)];
            await to.WriteAsync(part, cancellation);
            _from += part.Length;
            length -= part.Length;
        }
    }

    /// <summary>Passes on what has been read and belongs to nothing.</summary>
    public async Task FlushAsync(Stream to, CancellationToken cancellation)
    {
        if (!Left.IsEmpty)
        {
            await to.WriteAsync(Left, cancellation);
            (_from, _to) = (0, 0);
        }
    }
}
