using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Recorder.Cluster.Webhooks;

/// <summary>The secrets of webhooks, in the form of Standard Webhooks: <c>whsec_</c> and 24 to 64 bytes in base64. By
/// the signature a receiver knows that an event is from this farm and is unchanged.</summary>
public static class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int ShortestBytes = 24;
    private const int LongestBytes = 64;

    /// <summary>A new secret.</summary>
    public static string New() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is wrong with a secret, as the rest of a sentence that begins with the field's name; null when
    /// nothing is. Never has the secret.</summary>
    /// <param name="secret">The secret.</param>
    public static string? Problem(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (KeyOf(secret) is not { } key)
        {
            return $"must be {Prefix} and then base64.";
        }
        return key.Length is < ShortestBytes or > LongestBytes
            ? $"has {key.Length} bytes behind {Prefix}; it must have {ShortestBytes} to {LongestBytes}."
            : null;
    }

    /// <summary>What of a secret may be shown: its last characters.</summary>
    /// <param name="secret">The secret.</param>
    public static string Hint(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return $"{Prefix}…{secret[^4..]}";
    }

    /// <summary>The value of the header <c>webhook-signature</c>: a signature by each secret.</summary>
    /// <param name="secrets">The secrets that are valid now.</param>
    /// <param name="id">The value of <c>webhook-id</c>.</param>
    /// <param name="at">The value of <c>webhook-timestamp</c>, in whole seconds.</param>
    /// <param name="body">The body.</param>
    public static string Sign(IEnumerable<string> secrets, string id, DateTimeOffset at, string body)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        var signed = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.{body}")
        );
        return string.Join(
            ' ',
            secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(KeyOf(secret) ?? [], signed)))
        );
    }

    private static byte[]? KeyOf(string secret)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }
        var bytes = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], bytes, out var length) ? bytes[..length] : null;
    }
}
