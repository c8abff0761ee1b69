using System.Text.RegularExpressions;

namespace Recorder.Worker.Streams;

/// <summary>Keeps secrets out of what a peer says, should the peer repeat them. Pure.</summary>
internal static class SecretWords
{
    /// <summary>The words with an ellipsis for each secret that stands in them as a word of its own: a key of one
    /// letter would leave nothing of a sentence.</summary>
    public static string Hide(string words, params ReadOnlySpan<string?> secrets)
    {
        foreach (var secret in secrets)
        {
            if (secret is { Length: > 0 })
            {
                words = Regex.Replace(
                    words,
                    $@"(?<!\w){Regex.Escape(secret)}(?!\w)",
                    "…",
                    RegexOptions.CultureInvariant
                );
            }
        }

        return words;
    }
}
