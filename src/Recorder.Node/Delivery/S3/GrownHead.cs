using System.Buffers.Binary;

namespace Recorder.Node.Delivery.S3;

/// <summary>
/// What the close of a record put before the bytes that were written while the record grew. An MP4 gets its index at
/// the front: the whole growing file becomes the content of one <c>mdat</c> box behind the index. The other containers
/// only grow, and change bytes of their first part.
/// </summary>
internal static class GrownHead
{
    private const int BoxHead = 16;

    /// <summary>How many bytes stand before what was the beginning of the growing file; 0 where nothing was put
    /// there.</summary>
    /// <param name="file">The closed record, readable at any place.</param>
    public static long LengthOf(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        Span<byte> head = stackalloc byte[BoxHead];
        long at = 0;
        for (var boxes = 0; boxes < 16; boxes++)
        {
            file.Position = at;
            if (file.ReadAtLeast(head, BoxHead, throwOnEndOfStream: false) < BoxHead)
            {
                return 0;
            }
            var type = head[4..8];
            if (at == 0 && !type.SequenceEqual("ftyp"u8))
            {
                return 0;
            }
            var size = (long)BinaryPrimitives.ReadUInt32BigEndian(head);
            var wide = size == 1;
            if (type.SequenceEqual("mdat"u8))
            {
                var content = at + (wide ? BoxHead : BoxHead / 2);

                // What grew began with a head of its own. A copy of the samples alone does not.
                file.Position = content;
                return
                    file.ReadAtLeast(head[..8], 8, throwOnEndOfStream: false) == 8 && head[4..8].SequenceEqual("ftyp"u8)
                    ? content
                    : 0;
            }
            if (type.SequenceEqual("moof"u8) || (!wide && size < BoxHead / 2))
            {
                return 0;
            }
            at += wide ? BinaryPrimitives.ReadInt64BigEndian(head[8..]) : size;
        }
        return 0;
    }
}
