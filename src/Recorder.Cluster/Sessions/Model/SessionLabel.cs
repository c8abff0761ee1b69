using System.Text.RegularExpressions;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A label that a caller gave a session, so that people and programs find the session again.</summary>
/// <param name="Key">The key, in the form of <see cref="IsKey"/>.</param>
/// <param name="Value">The value: up to <see cref="SpecLimits.MaximumLabelValueLength"/> characters on one line, which
/// may be none.</param>
public sealed partial record SessionLabel(string Key, string Value)
{
    /// <summary>Whether a text can be a key: 1 to <see cref="SpecLimits.MaximumLabelKeyLength"/> small letters, digits,
    /// dots, dashes and underscores.</summary>
    /// <param name="text">The text.</param>
    public static bool IsKey(string text) => Key63().IsMatch(text);

    [GeneratedRegex(@"\A[a-z0-9._-]{1,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Key63();
}
