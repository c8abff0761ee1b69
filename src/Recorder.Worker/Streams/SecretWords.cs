using System.Text.RegularExpressions;

namespace Recorder.Worker.Streams;

/// <summary>Keeps secrets out of a peer's words, if the peer repeats the secrets. Pure.</summary>
internal static class SecretWords
{
    /// <summary>Replaces each secret in <paramref name="words"/> by an ellipsis where the secret stands as a word of
    /// its own. Otherwise a key of one letter would leave nothing of a sentence.</summary>
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
