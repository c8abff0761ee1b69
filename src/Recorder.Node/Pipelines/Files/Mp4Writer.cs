using System.Buffers.Binary;

namespace Recorder.Node.Pipelines.Files;

/// <summary>Writes boxes into memory.</summary>
internal sealed class Mp4Writer
{
    private byte[] content = new byte[64 << 10];
    private int length;

    /// <summary>A box with what <paramref name="write"/> writes in it.</summary>
    public void Box(string letters, Action write)
    {
        int start = length;
        UInt32(0);
        UInt32(Mp4Box.Code(letters));
        write();
        BinaryPrimitives.WriteUInt32BigEndian(content.AsSpan(start), (uint)(length - start));
    }

    /// <summary>A full box of version 0 with a count and that many entries.</summary>
    public void Table<T>(string letters, IReadOnlyList<T> entries, Action<T> write) => Box(letters, () =>
    {
        UInt32(0);
        UInt32((uint)entries.Count);
        foreach (T entry in entries)
        {
            write(entry);
        }
    });

    /// <summary>Plain bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>That many zero bytes.</summary>
    public void Zeros(int count) => Reserve(count).Clear();

    /// <summary>Four bytes, big endian.</summary>
    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    /// <summary>Eight bytes, big endian.</summary>
    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(8), value);

    /// <summary>All that was written.</summary>
    public byte[] ToArray() => content[..length];

    private Span<byte> Reserve(int count)
    {
        if (length + count > content.Length)
        {
            Array.Resize(ref content, Math.Max(content.Length * 2, length + count));
        }

        length += count;
        return content.AsSpan(length - count, count);
    }
}
