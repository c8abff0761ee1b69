using System.Buffers.Binary;

namespace Recorder.Worker.Files;

/// <summary>Writes bytes into memory; what was written can be corrected.</summary>
internal class ByteWriter
{
    private byte[] _content = new byte[64 << 10];

    /// <summary>How many bytes were written.</summary>
    public int Length { get; private set; }

    /// <summary>Plain bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>That many zero bytes.</summary>
    public void Zeros(int count) => Reserve(count).Clear();

    /// <summary>Two bytes, big endian.</summary>
    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);

    /// <summary>Four bytes, big endian.</summary>
    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    /// <summary>Eight bytes, big endian.</summary>
    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(8), value);

    /// <summary>All that was written, until the next call.</summary>
    public ReadOnlySpan<byte> Written => _content.AsSpan(0, Length);

    /// <summary>A copy of all that was written.</summary>
    public byte[] ToArray() => _content[..Length];

    /// <summary>Begins again, in the same memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>Puts another value where four bytes were written before.</summary>
    /// <param name="position">Where they begin.</param>
    /// <param name="value">What stands there now.</param>
    protected void Correct(int position, uint value) =>
        BinaryPrimitives.WriteUInt32BigEndian(_content.AsSpan(position), value);

    private Span<byte> Reserve(int count)
    {
        if (Length + count > _content.Length)
        {
            Array.Resize(ref _content, Math.Max(_content.Length * 2, Length + count));
        }

        Length += count;
        return _content.AsSpan(Length - count, count);
    }
}
