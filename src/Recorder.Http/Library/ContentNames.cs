using Microsoft.Net.Http.Headers;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Library;

/// <summary>How a record is called and typed in an answer. Pure.</summary>
internal static class ContentNames
{
    private const int LongestName = 120;

    // What Windows and other systems refuse in the name of a file.
    private const string Refused = "\\/:*?\"<>|%";

    /// <summary>The media type of a container.</summary>
    public static string TypeOf(RecordContainer container) =>
        container switch
        {
            RecordContainer.Mp4 => "video/mp4",
            RecordContainer.Ts => "video/mp2t",
            RecordContainer.Mkv => "video/matroska",
            RecordContainer.Webm => "video/webm",
            RecordContainer.M4a => "audio/mp4",
            RecordContainer.Ogg => "audio/ogg",
            RecordContainer.Mp3 => "audio/mpeg",
            RecordContainer.Flac => "audio/flac",
            _ => "application/octet-stream",
        };

    /// <summary>The name under which a caller saves a record: the session's own name with the record's id, or else the
    /// name of the file. A name that every system accepts.</summary>
    public static string FileNameOf(SessionRecord item)
    {
        var file = Path.GetFileName(item.Record.Path);
        return item.Session.Spec.Name is { } name && Clean(name) is { Length: > 0 } clean
            ? $"{clean} {item.Id}{Path.GetExtension(file)}"
            : Clean(file);
    }

    /// <summary>The value of the header <c>Content-Disposition</c>: RFC 6266, with the name in UTF-8 and in
    /// ASCII.</summary>
    /// <param name="name">The name of the file.</param>
    /// <param name="inline">Whether a browser shows the file; otherwise the browser saves it.</param>
    public static string Disposition(string name, bool inline)
    {
        var value = new ContentDispositionHeaderValue(inline ? "inline" : "attachment");
        value.SetHttpFileName(name);
        return value.ToString();
    }

    private static string Clean(string name)
    {
        var line = string.Concat(
                name.EnumerateRunes()
                    .Select(rune =>
                        System.Text.Rune.IsControl(rune) || (rune.IsAscii && Refused.Contains((char)rune.Value))
                            ? "-"
                            : rune.ToString()
                    )
                    .Take(LongestName)
            )
            .Trim(' ', '.');
        return line;
    }
}
