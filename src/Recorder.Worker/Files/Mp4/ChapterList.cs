using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Mp4;

/// <summary>Chapters of an MP4 as Nero writes them, which most players read.</summary>
internal static class ChapterList
{
    /// <summary>The most chapters that such a list holds: the list counts them in one byte.</summary>
    public const int Most = byte.MaxValue;

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
