namespace Recorder.Http.Answers;

/// <summary>Keeps out of answers and logs what callers send and nobody should read there. Addresses are the concern of
/// <see cref="Recorder.Cluster.Sessions.Model.AddressRedaction"/>.</summary>
internal static class Redaction
{
    /// <summary>Text of a caller as it may stand in a line of a log or in a sentence: no control characters, and a
    /// bound.</summary>
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
