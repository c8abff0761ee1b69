namespace Recorder.Cluster.Settings;

/// <summary>A list whose values have no space, comma or semicolon, so that the whole list can be written as one text,
/// on a command line or in an environment variable.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WordsAttribute : OptionAttribute
{
    /// <summary>The values in a text.</summary>
    /// <param name="text">The text.</param>
    public static string[] In(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(
            [',', ';', ' ', '\t', '\n'],
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
    }
}
