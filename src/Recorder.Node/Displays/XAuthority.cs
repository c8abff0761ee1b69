using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Recorder.Node.Displays;

/// <summary>
/// The cookie file that lets only the session's own processes use its display. The file has one entry for every address
/// and display number. Fields are big-endian, and lengths count bytes; see Xau(3).
/// </summary>
internal static class XAuthority
{
    private const ushort AnyAddress = 65535;

    /// <summary>The name of the authentication method of a client.</summary>
    public const string Method = "MIT-MAGIC-COOKIE-1";
    private const int CookieLength = 16;

    /// <summary>Returns a file with a fresh cookie.</summary>
    public static byte[] Create() => Create(RandomNumberGenerator.GetBytes(CookieLength));

    /// <summary>Returns the cookie of a file made here: the file's last field.</summary>
    public static ReadOnlySpan<byte> CookieOf(ReadOnlySpan<byte> file) => file[^CookieLength..];

    /// <summary>Returns a file with the given cookie of 16 bytes.</summary>
    public static byte[] Create(ReadOnlySpan<byte> cookie)
    {
        using var file = new MemoryStream();
        Number(AnyAddress);
        Field([]);
        Field([]);
        Field(Encoding.ASCII.GetBytes(Method));
        Field(cookie);
        return file.ToArray();

        void Field(ReadOnlySpan<byte> content)
        {
            Number((ushort)content.Length);
            file.Write(content);
        }

        void Number(ushort value)
        {
            Span<byte> bytes = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
            file.Write(bytes);
        }
    }
}
