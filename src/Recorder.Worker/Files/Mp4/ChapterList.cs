using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Mp4;

/// <summary>Chapters of an MP4 as Nero writes them, which most players read.</summary>
internal static class ChapterList
{
    /// <summary>The most chapters that such a list holds: the list counts them in one byte.</summary>
    public const int Most = byte.MaxValue;

    /// <summary>The chapters of a movie. A list that contradicts itself ends at the fault.</summary>
    /// <param name="movie">The content of the <c>moov</c> box.</param>
    public static ImmutableList<RecordChapter> Read(ReadOnlyMemory<byte> movie)
    {
        const int head = 9;
        const int entry = 9;
        var list = Mp4Box.Find(movie, "udta", "chpl").Span;
        var chapters = ImmutableList.CreateBuilder<RecordChapter>();
        for (var at = head; at + entry <= list.Length;)
        {
            var time = BinaryPrimitives.ReadUInt64BigEndian(list[at..]);
            int length = list[at + entry - 1];
            at += entry;
            if (at + length > list.Length || time > (ulong)TimeSpan.MaxValue.Ticks)
            {
                break;
            }
            var title = Encoding.UTF8.GetString(list.Slice(at, length));
            chapters.Add(new RecordChapter(title, TimeSpan.FromTicks((long)time).TotalSeconds));
            at += length;
        }
        return chapters.ToImmutable();
    }

    /// <summary>Writes a <c>chpl</c> box. Chapters above <see cref="Most"/> are left out.</summary>
    /// <param name="writer">Takes the box.</param>
    /// <param name="chapters">The chapters in the order of playing.</param>
    public static void Write(Mp4Writer writer, IReadOnlyList<RecordChapter> chapters) =>
        writer.Box(
            "chpl",
            () =>
            {
                var count = Math.Min(Most, chapters.Count);
                writer.UInt32(1 << 24);
                writer.UInt32(0);
                writer.Bytes([(byte)count]);
                foreach (var chapter in chapters.Take(count))
                {
                    // Times count in 100 ns.
                    var title = chapter.Utf8Title();
                    writer.UInt64((ulong)TimeSpan.FromSeconds(chapter.At).Ticks);
                    writer.Bytes([(byte)title.Length]);
                    writer.Bytes(title);
                }
            }
        );
}
