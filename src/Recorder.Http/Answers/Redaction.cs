namespace Recorder.Http.Answers;

/// <summary>Keeps parts of callers' texts that nobody should read out of answers and logs. For addresses, see
/// <see cref="Recorder.Cluster.Sessions.Model.AddressRedaction"/>.</summary>
internal static class Redaction
{
    /// <summary>A caller's text in a form fit for a log line or a sentence: without control characters, and limited in
    /// length.</summary>
    public static string Line(string text, int limit) =>
        string.Create(
            Math.Min(text.Length, limit),
            text,
            (line, source) =>
            {
                for (var i = 0; i < line.Length; i++)
                {
                    line[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '?' : source[i];
                }
            }
        );
}
