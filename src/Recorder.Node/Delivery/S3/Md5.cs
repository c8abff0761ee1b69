using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Recorder.Node.Delivery.S3;

/// <summary>The sum by which S3 stores name what they hold.</summary>
internal static class Md5
{
    /// <summary>The MD5 of bytes, in lower-case hexadecimal digits.</summary>
    /// <param name="bytes">The bytes.</param>
    [SuppressMessage(
        "Security",
        "CA5351:Do Not Use Broken Cryptographic Algorithms",
        Justification = "S3 defines its tags so. They find accidents; SHA-256 guards the whole record."
    )]
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
}
