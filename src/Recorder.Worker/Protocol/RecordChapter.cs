using System.Collections.Immutable;
using System.Text;

namespace Recorder.Worker.Protocol;

/// <summary>A place in a record that players offer to go to.</summary>
/// <param name="Title">What players show.</param>
/// <param name="At">Seconds from the beginning of the record.</param>
public sealed record RecordChapter(string Title, double At)
{
    /// <summary>The most bytes of a title in a file.</summary>
    public const int MostBytes = 255;

    /// <summary>The title in UTF-8, cut to <see cref="MostBytes"/> between two characters.</summary>
    public byte[] Utf8Title()
    {
        var bytes = Encoding.UTF8.GetBytes(Title);
        var length = Math.Min(bytes.Length, MostBytes);
        while (length < bytes.Length && length > 0 && (bytes[length] & 0xC0) == 0x80)
        {
            length--;
        }
        return bytes[..length];
    }

    /// <summary>The chapters in the order of playing. A chapter behind the end is moved to the end.</summary>
    /// <param name="chapters">The chapters in any order.</param>
    /// <param name="seconds">The playing time of the record in seconds.</param>
    public static ImmutableList<RecordChapter> InOrder(IEnumerable<RecordChapter> chapters, double seconds) =>
        [
            .. chapters
                .Select(chapter => chapter with { At = Math.Clamp(chapter.At, 0, Math.Max(0, seconds)) })
                .OrderBy(chapter => chapter.At),
        ];
}
