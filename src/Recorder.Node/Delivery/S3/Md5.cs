using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.S3;

/// <summary>The sum by which S3 stores name what they hold.</summary>
[SuppressMessage(
    "Security",
    "CA5351:Do Not Use Broken Cryptographic Algorithms",
    Justification = "S3 defines its tags so. They find accidents; SHA-256 guards the whole record."
)]
internal static class Md5
{
    /// <summary>The MD5 of bytes, in lower-case hexadecimal digits.</summary>
    /// <param name="bytes">The bytes.</param>
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));

    /// <summary>The MD5s of the parts of a file, in their order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">Where the parts begin and end.</param>
    /// <param name="pace">The speed of the transfer.</param>
    public static async Task<List<string>> OfPartsAsync(string path, PartLayout layout, Pace pace)
    {
        await using var file = SourceFile.Open(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = new byte[SourceFile.Chunk];
        var md5s = new List<string>();
        var left = layout.FirstLength;
        var begun = false;
        int read;
        while ((read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), pace.Token)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await pace.ComparedAsync(read);
            left -= read;
            begun = left > 0;
            if (!begun)
            {
                md5s.Add(Convert.ToHexStringLower(hash.GetHashAndReset()));
                left = layout.PartSize;
            }
        }
        if (begun || md5s.Count == 0)
        {
            md5s.Add(Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        return md5s;
    }
}
