using System.Buffers.Binary;
using System.Text;

namespace Recorder.Worker.Files.Mp4;

/// <summary>The head of a box of ISO/IEC 14496-12, and its position.</summary>
/// <param name="Type">The box's four letters.</param>
/// <param name="Start">Position of the box's first byte.</param>
/// <param name="HeaderLength">8, or 16 with a 64-bit size.</param>
/// <param name="Length">Number of bytes, header included.</param>
internal readonly record struct Mp4Box(uint Type, long Start, int HeaderLength, long Length)
{
    /// <summary>Number of bytes that <see cref="TryRead"/> needs, if the file has as many.</summary>
    public const int LongestHeader = 16;

    /// <summary>Position of the content.</summary>
    public long Content => Start + HeaderLength;

    /// <summary>Position after the last byte.</summary>
    public long End => Start + Length;

    /// <summary>A box's type from its four letters.</summary>
    public static uint Code(string letters) => BinaryPrimitives.ReadUInt32BigEndian(Encoding.ASCII.GetBytes(letters));

    /// <summary>Reads a head. False: too few bytes, or an invalid size.</summary>
    public static bool TryRead(ReadOnlySpan<byte> head, long start, out Mp4Box box)
    {
        box = default;
        if (head.Length < 8)
        {
            return false;
        }

        var size = BinaryPrimitives.ReadUInt32BigEndian(head);
        var type = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        if (size != 1)
        {
            box = new Mp4Box(type, start, 8, size);
            return size >= 8;
        }

        if (head.Length < LongestHeader)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt64BigEndian(head[8..]);
        box = new Mp4Box(type, start, LongestHeader, length);
        return length >= LongestHeader;
    }

    /// <summary>The boxes inside <paramref name="content"/>, with positions in that content. Ends at the first box that
    /// is not whole.</summary>
    public static IEnumerable<Mp4Box> Children(ReadOnlyMemory<byte> content)
    {
        long at = 0;
        while (TryRead(content.Span[(int)at..], at, out var box) && box.End <= content.Length)
        {
            yield return box;
            at = box.End;
        }
    }

    /// <summary>The content of the box at this path of types, always the first child of its type; empty when there is
    /// none.</summary>
    public static ReadOnlyMemory<byte> Find(ReadOnlyMemory<byte> content, params ReadOnlySpan<string> path)
    {
        foreach (var letters in path)
        {
            var code = Code(letters);
            var found = Children(content).FirstOrDefault(box => box.Type == code);
            content = found.Length == 0 ? default : content[(int)found.Content..(int)found.End];
        }

        return content;
    }
}
