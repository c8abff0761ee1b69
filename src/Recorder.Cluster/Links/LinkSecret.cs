using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Recorder.Cluster.Links;

/// <summary>The secret part of a link's address. Only its hash is kept, so that nobody who reads the database, or a
/// backup of it, can open a record.</summary>
public static class LinkSecret
{
    private const int Bytes = 32;

    /// <summary>The length of a secret, in characters: 256 bits in base64url.</summary>
    public const int Length = 43;

    /// <summary>Makes a secret that nobody can guess.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Whether a text has the form of a secret.</summary>
    public static bool IsOne(string? text) =>
        text?.Length == Length
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    /// <summary>What is kept of a secret: its SHA-256, in hexadecimal digits.</summary>
    public static string HashOf(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(secret)));
}
