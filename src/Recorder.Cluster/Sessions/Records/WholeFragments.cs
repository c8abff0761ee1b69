using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>How much of a growing record can be played. Blocks for as long as the disk takes.</summary>
internal static class WholeFragments
{
    private const int PacketBytes = 188;

    /// <summary>The length up to the last whole fragment, in bytes; 0 when nothing can be played yet. A transport
    /// stream counts in packets. The other containers can be played as they grow, so the
    /// whole file counts.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">The name of the file, which tells the container.</param>
    public static long LengthOf(SafeFileHandle file, string name)
    {
        var length = RandomAccess.GetLength(file);
        return Path.GetExtension(name) switch
        {
            ".mp4" or ".m4a" => OfMovie(file, length),
            ".ts" => length - (length % PacketBytes),
            _ => length,
        };
    }

    // ISO 14496-12: a fragment is a box moof and the box mdat behind it. Before the first fragment stands moov.
    private static long OfMovie(SafeFileHandle file, long length)
    {
        Span<byte> head = stackalloc byte[16];
        var whole = 0L;
        var begun = false;
        for (var at = 0L; at + 8 <= length;)
        {
            if (RandomAccess.Read(file, head, at) < 8)
            {
                break;
            }
            var size = (long)BinaryPrimitives.ReadUInt32BigEndian(head);
            var type = head[4..8];
            if (size == 1)
            {
                size = BinaryPrimitives.ReadInt64BigEndian(head[8..]);
            }
            if (size < 8 || size > length - at)
            {
                break;
            }
            at += size;
            if (type.SequenceEqual("moov"u8))
            {
                begun = true;
            }
            else if (type.SequenceEqual("mdat"u8) && begun)
            {
                whole = at;
            }
        }
        return whole;
    }
}
