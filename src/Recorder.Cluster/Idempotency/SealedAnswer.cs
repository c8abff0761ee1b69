using System.Security.Cryptography;
using System.Text;

namespace Recorder.Cluster.Idempotency;

/// <summary>
/// Keeps the answers of calls unreadable for readers of the database, or of a backup: an answer may have the secret of
/// a link or of a webhook. Only the call's own key opens an answer, and of that key the database has only a mark. Pure.
/// </summary>
internal static class SealedAnswer
{
    private const int KeyLength = 32;
    private const int TagLength = 16;
    private const int NonceLength = 12;

    /// <summary>What the database has instead of the key.</summary>
    public static string MarkOf(KeyedCall call) => Convert.ToHexStringLower(Derive(call, "mark"));

    /// <summary>Seals the body of an answer.</summary>
    public static string Seal(KeyedCall call, string body)
    {
        var plain = Encoding.UTF8.GetBytes(body);
        var sealedBody = new byte[NonceLength + TagLength + plain.Length];
        RandomNumberGenerator.Fill(sealedBody.AsSpan(0, NonceLength));
        using var aes = new AesGcm(Derive(call, "body"), TagLength);
        aes.Encrypt(
            sealedBody.AsSpan(0, NonceLength),
            plain,
            sealedBody.AsSpan(NonceLength + TagLength),
            sealedBody.AsSpan(NonceLength, TagLength)
        );
        return Convert.ToBase64String(sealedBody);
    }

    /// <summary>Opens what <see cref="Seal"/> made.</summary>
    /// <exception cref="CryptographicException">The text was sealed by another call, or was changed.</exception>
    /// <exception cref="FormatException">The text is no sealed body.</exception>
    public static string Open(KeyedCall call, string text)
    {
        var sealedBody = Convert.FromBase64String(text);
        if (sealedBody.Length < NonceLength + TagLength)
        {
            throw new FormatException("The kept answer is too short.");
        }
        var plain = new byte[sealedBody.Length - NonceLength - TagLength];
        using var aes = new AesGcm(Derive(call, "body"), TagLength);
        aes.Decrypt(
            sealedBody.AsSpan(0, NonceLength),
            sealedBody.AsSpan(NonceLength + TagLength),
            sealedBody.AsSpan(NonceLength, TagLength),
            plain
        );
        return Encoding.UTF8.GetString(plain);
    }

    private static byte[] Derive(KeyedCall call, string purpose) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            Encoding.UTF8.GetBytes(call.Key),
            KeyLength,
            salt: Encoding.UTF8.GetBytes(call.Caller),
            info: Encoding.UTF8.GetBytes(purpose)
        );
}
