using System.Globalization;
using System.Text.RegularExpressions;

namespace Recorder.Node.Displays;

/// <summary>Xvfb's output when the server is up.</summary>
internal static partial class XvfbOutput
{
    /// <summary>The display's name, from the number that <c>-displayfd</c> makes Xvfb write; null when the line is
    /// something else.</summary>
    public static string? Display(string line) =>
        int.TryParse(line.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? string.Create(CultureInfo.InvariantCulture, $":{number}")
            : null;

    /// <summary>The shared memory id of the frame buffer, from <c>screen 0 shmid N</c>; null when the line is something
    /// else.</summary>
    public static int? FramebufferId(string line) =>
        Shmid().Match(line) is { Success: true } match
        && int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : null;

    [GeneratedRegex(@"^screen 0 shmid (\d+)\s*$")]
    private static partial Regex Shmid();
}
