using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>The chapters of a record as a WebVTT file (W3C) beside the record. Players on web pages read such
/// files.</summary>
internal static class ChaptersFile
{
    /// <summary>What follows the name of the record.</summary>
    public const string Suffix = ".chapters.vtt";

    /// <summary>The path of the chapters of a record.</summary>
    /// <param name="recordPath">The path of the record.</param>
    public static string PathOf(string recordPath) => recordPath + Suffix;

    /// <summary>The content of the file. Each chapter lasts until the next chapter, and the last until the end of the
    /// record.</summary>
    /// <param name="marks">The marks in the order of playing.</param>
    /// <param name="seconds">The playing time of the record.</param>
    public static string Of(ImmutableList<ManifestMark> marks, double seconds)
    {
        StringBuilder text = new("WEBVTT\n");
        for (var i = 0; i < marks.Count; i++)
        {
            var end = i + 1 < marks.Count ? marks[i + 1].AtSeconds : seconds;
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n{Time(marks[i].AtSeconds)} --> {Time(Math.Max(end, marks[i].AtSeconds + 0.001))}\n{Plain(marks[i].Title)}\n"
            );
        }
        return text.ToString();
    }

    /// <summary>Writes the file beside a record, with the record's own access rights. A link or a folder of that name
    /// is left alone.</summary>
    /// <param name="recordPath">The record.</param>
    /// <param name="manifest">What is known of the record.</param>
    /// <param name="mode">The access rights.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string recordPath, RecordManifest manifest, UnixFileMode mode)
    {
        var path = PathOf(recordPath);
        if (manifest.Marks is not { } marks || Directory.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            return;
        }
        var growing = path + ".writing";
        File.Delete(growing);
        using (
            var file = new FileStream(
                growing,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    BufferSize = 0,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            )
        )
        {
            file.Write(Encoding.UTF8.GetBytes(Of(marks, manifest.DurationSeconds)));
            if (File.GetUnixFileMode(file.SafeFileHandle) != mode)
            {
                File.SetUnixFileMode(file.SafeFileHandle, mode);
            }
            file.Flush(flushToDisk: true);
        }
        File.Move(growing, path, overwrite: true);
    }

    private static string Time(double seconds) =>
        TimeSpan.FromSeconds(seconds) is var time
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{(long)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}.{time.Milliseconds:000}"
            )
            : "";

    // What a reader of WebVTT would take for a tag, a reference or an arrow.
    private static string Plain(string title) =>
        title
            .Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);
}
