namespace Recorder.Node.Browsing;

/// <summary>The codes of keys that a step presses.</summary>
internal static class PressedKey
{
    private static readonly Dictionary<string, int> Named = new(StringComparer.Ordinal)
    {
        ["Backspace"] = 8,
        ["Tab"] = 9,
        ["Enter"] = 13,
        ["Escape"] = 27,
        ["Space"] = 32,
        ["PageUp"] = 33,
        ["PageDown"] = 34,
        ["End"] = 35,
        ["Home"] = 36,
        ["ArrowLeft"] = 37,
        ["ArrowUp"] = 38,
        ["ArrowRight"] = 39,
        ["ArrowDown"] = 40,
        ["Delete"] = 46,
    };

    /// <summary>The virtual key code that pages read as <c>keyCode</c>; 0 for a character that has none.</summary>
    /// <param name="key">The name of the key, or one character.</param>
    public static int CodeOf(string key) =>
        Named.TryGetValue(key, out var code) ? code
        : char.IsAsciiLetterOrDigit(key[0]) ? char.ToUpperInvariant(key[0])
        : 0;
}
