using System.Buffers.Binary;

namespace Recorder.Worker.Files;

/// <summary>Writes bytes into memory, where they can still be corrected.</summary>
internal class ByteWriter
{
    private byte[] _content = new byte[64 << 10];

    /// <summary>Number of bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Writes plain bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Writes <paramref name="count"/> zero bytes.</summary>
    public void Zeros(int count) => Reserve(count).Clear();

    /// <summary>Two bytes, big endian.</summary>
    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);

    /// <summary>Four bytes, big endian.</summary>
    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    /// <summary>Eight bytes, big endian.</summary>
    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(8), value);

    /// <summary>All written bytes, valid until the next call.</summary>
    public ReadOnlySpan<byte> Written => _content.AsSpan(0, Length);

    /// <summary>A copy of all written bytes.</summary>
    public byte[] ToArray() => _content[..Length];

    /// <summary>Begins anew, in the same memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>Replaces four bytes that were written before.</summary>
    /// <param name="position">The position of the first of the four bytes.</param>
    /// <param name="value">The new value.</param>
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
