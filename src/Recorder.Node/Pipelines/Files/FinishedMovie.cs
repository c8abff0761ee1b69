using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Node.Pipelines.Files;

/// <summary>
/// What is in an MP4 that is final already. A worker that outlives its node finalises its record by itself, and nobody hears of it; the
/// repair that the next life of the node asks for finds the finished file.
/// </summary>
internal static class FinishedMovie
{
    /// <summary>Reads the index. Null: there is none, it lists no picture, or the media data behind it is not whole.</summary>
    public static FileSummary? Describe(SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        FileSummary? summary = null;
        bool hasMedia = false;
        Span<byte> head = stackalloc byte[Mp4Box.LongestHeader];
        long at = 0;
        for (; Mp4Box.TryRead(head[..RandomAccess.Read(file, head, at)], at, out Mp4Box box) && box.End <= length; at = box.End)
        {
            if (box.Type == Mp4Box.Code("moov"))
            {
                byte[] content = new byte[checked((int)(box.Length - box.HeaderLength))];
                if (RandomAccess.Read(file, content, box.Content) < content.Length)
                {
                    return null;
                }

                summary = Summarise(content, length);
            }

            hasMedia |= box.Type == Mp4Box.Code("mdat");
        }

        return at == length && hasMedia && summary is { Frames: > 0 } ? summary : null;
    }

    private static FileSummary? Summarise(ReadOnlyMemory<byte> content, long length)
    {
        // ISO/IEC 14496-12, 8.2.2: version and flags, two times, timescale, duration; 32 or 64 bits by version.
        ReadOnlySpan<byte> header = Mp4Box.Find(content, "mvhd").Span;
        if (header.Length < 32)
        {
            return null;
        }

        bool wide = header[0] == 1;
        uint timescale = BinaryPrimitives.ReadUInt32BigEndian(header[(wide ? 20 : 12)..]);
        double duration = wide
            ? BinaryPrimitives.ReadUInt64BigEndian(header[24..])
            : BinaryPrimitives.ReadUInt32BigEndian(header[16..]);

        uint code = Mp4Box.Code("trak");
        long frames = Mp4Box.Children(content).Where(box => box.Type == code)
            .Sum(box => PicturesOf(content[(int)box.Content..(int)box.End]));
        return timescale == 0 ? null : new FileSummary(duration / timescale, length, frames);
    }

    private static long PicturesOf(ReadOnlyMemory<byte> track)
    {
        ReadOnlySpan<byte> handler = Mp4Box.Find(track, "mdia", "hdlr").Span;
        ReadOnlySpan<byte> sizes = Mp4Box.Find(track, "mdia", "minf", "stbl", "stsz").Span;
        return handler.Length >= 12 && handler[8..12].SequenceEqual("vide"u8) && sizes.Length >= 12
            ? BinaryPrimitives.ReadUInt32BigEndian(sizes[8..])
            : 0;
    }
}
