using System.Text;

namespace Recorder.Worker.Files.Matroska;

/// <summary>Writes elements of EBML (RFC 8794) into memory.</summary>
internal sealed class EbmlWriter : ByteWriter
{
    /// <summary>The length of an element that ends where the next element of its level begins.</summary>
    public const ulong UnknownLength = 0x01FFFFFFFFFFFFFF;

    private const ulong LongLength = 1UL << 56;
    private const uint ShortLength = 1U << 28;

    /// <summary>A length in eight bytes, as it stands in an element's head.</summary>
    /// <param name="length">Bytes of content.</param>
    public static ulong Long(long length) => LongLength | (ulong)length;

    /// <summary>Writes an element whose content is written by <paramref name="write"/>.</summary>
    public void Master(uint id, Action write)
    {
        Id(id);
        var length = Length;
        UInt32(0);
        write();
        Correct(length, ShortLength | (uint)(Length - length - sizeof(uint)));
    }

    /// <summary>Writes the head of an element whose length takes eight bytes.</summary>
    /// <param name="id">The element's id.</param>
    /// <param name="length"><see cref="Long"/> or <see cref="UnknownLength"/>.</param>
    public void Head(uint id, ulong length)
    {
        Id(id);
        UInt64(length);
    }

    /// <summary>Writes a whole number.</summary>
    public void Number(uint id, ulong value)
    {
        Id(id);
        Bytes([0x88]);
        UInt64(value);
    }

    /// <summary>Writes a floating-point number of 64 bits.</summary>
    public void Float(uint id, double value) => Number(id, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Writes text.</summary>
    public void Text(uint id, string text) => Binary(id, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes.</summary>
    public void Binary(uint id, ReadOnlySpan<byte> content)
    {
        const byte one = 0x80,
            longest = 0x7E;
        Id(id);
        if (content.Length <= longest)
        {
            Bytes([(byte)(one | content.Length)]);
        }
        else
        {
            UInt32(ShortLength | (uint)content.Length);
        }

        Bytes(content);
    }

    /// <summary>Writes an element without a meaning, as room for later content. <paramref name="length"/> includes the
    /// element's head and is at least 9 bytes.</summary>
    public void Room(int length)
    {
        const int head = 9;
        Head(MatroskaId.Void, Long(length - head));
        Zeros(length - head);
    }

    private void Id(uint id)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, id);
        Bytes(bytes[(System.Numerics.BitOperations.LeadingZeroCount(id) / 8)..]);
    }
}
