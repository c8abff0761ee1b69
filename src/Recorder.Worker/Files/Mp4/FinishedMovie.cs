using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Files.Mp4;

/// <summary>
/// The content of an MP4 that is progressive already. A worker that outlives its node finalises its record. The
/// restarted node cannot know that, and asks for the repair of the same file.
/// </summary>
internal static class FinishedMovie
{
    /// <summary>Reads the index. Null: the file is fragmented, cut short, or holds neither picture nor sound.</summary>
    public static FileSummary? Describe(SafeFileHandle file)
    {
        ReadOnlyMemory<byte> index = default;
        var hasMedia = false;
        Span<byte> head = stackalloc byte[Mp4Box.LongestHeader];
        var length = RandomAccess.GetLength(file);
        long at = 0;
        while (Mp4Box.TryRead(head[..RandomAccess.Read(file, head, at)], at, out var box) && box.End <= length)
        {
            if (box.Type == Mp4Box.Code("moov"))
            {
                index = FragmentedMovie.Load(file, box);
            }

            hasMedia |= box.Type == Mp4Box.Code("mdat");
            at = box.End;
        }

        return at == length && hasMedia && !index.IsEmpty && Mp4Box.Find(index, "mvex").IsEmpty
            ? Describe(index, length)
            : null;
    }

    private static FileSummary? Describe(ReadOnlyMemory<byte> index, long length)
    {
        long frames = 0;
        long samples = 0;
        var code = Mp4Box.Code("trak");
        foreach (var box in Mp4Box.Children(index).Where(box => box.Type == code))
        {
            var track = index[(int)box.Content..(int)box.End];
            var sizes = Mp4Box.Find(track, "mdia", "minf", "stbl", "stsz").Span;
            if (!sizes.IsEmpty)
            {
                var count = BinaryPrimitives.ReadUInt32BigEndian(sizes[8..]);
                samples += count;
                frames += Mp4Box.Find(track, "mdia", "hdlr").Span[8..12].SequenceEqual("vide"u8) ? count : 0;
            }
        }

        var header = Mp4Box.Find(index, "mvhd").Span;
        if (samples == 0 || header.IsEmpty)
        {
            return null;
        }

        var duration =
            header[0] == 1
                ? (double)BinaryPrimitives.ReadUInt64BigEndian(header[24..])
                    / BinaryPrimitives.ReadUInt32BigEndian(header[20..])
                : (double)BinaryPrimitives.ReadUInt32BigEndian(header[16..])
                    / BinaryPrimitives.ReadUInt32BigEndian(header[12..]);
        return new FileSummary(duration, length, frames);
    }
}
