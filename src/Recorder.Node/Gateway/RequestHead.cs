using System.Globalization;
using System.Text;

namespace Recorder.Node.Gateway;

/// <summary>The head of a request that a browser sends to its gateway (RFC 9112, sections 3.2.2 and 3.2.3).
/// Pure.</summary>
/// <param name="Tunnel">Whether the browser wants a tunnel (CONNECT), and not an answer by HTTP.</param>
/// <param name="Host">The host, without brackets.</param>
/// <param name="Port">The port.</param>
internal sealed record RequestHead(bool Tunnel, string Host, int Port)
{
    /// <summary>The longest head.</summary>
    public const int Longest = 64 * 1024;

    private const string Scheme = "http://";

    /// <summary>The head as it came, the empty line included.</summary>
    public ReadOnlyMemory<byte> Whole { get; init; }

    /// <summary>The head as the server itself expects it: without the host before the path, and without what is for a
    /// proxy. Empty for a tunnel.</summary>
    public ReadOnlyMemory<byte> ForServer { get; init; }

    /// <summary>The length of the body in bytes; null: the body ends in another way, so what follows is passed on
    /// without being read.</summary>
    public long? BodyLength { get; init; }

    /// <summary>Whether both requests go to the same server.</summary>
    public bool IsFor(RequestHead other) => !Tunnel && !other.Tunnel && (Host, Port) == (other.Host, other.Port);

    /// <summary>Where the head ends in what has been read: behind the empty line; −1: not yet.</summary>
    /// <param name="read">What has been read.</param>
    public static int EndIn(ReadOnlySpan<byte> read)
    {
        var at = read.IndexOf("\r\n\r\n"u8);
        return at < 0 ? -1 : at + 4;
    }

    /// <summary>Reads a head; null when the text is none, or asks for something that no browser asks of a
    /// proxy.</summary>
    /// <param name="whole">The head, the empty line included.</param>
    public static RequestHead? Read(ReadOnlyMemory<byte> whole)
    {
        // Latin-1 keeps each byte.
        var lines = Encoding.Latin1.GetString(whole.Span).Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, "HTTP/1.1" or "HTTP/1.0"])
        {
            return null;
        }
        if (method == "CONNECT")
        {
            return ServerOf(target, null) is { } far
                ? new RequestHead(true, far.Host, far.Port) { Whole = whole }
                : null;
        }
        if (!target.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var rest = target[Scheme.Length..];
        var end = rest.AsSpan().IndexOfAny("/?#");
        var authority = end < 0 ? rest : rest[..end];
        var path = end < 0 ? "/" : (rest[end] == '/' ? "" : "/") + rest[end..];
        if (ServerOf(authority[(authority.LastIndexOf('@') + 1)..], 80) is not { } server)
        {
            return null;
        }
        var text = new StringBuilder($"{method} {path} HTTP/1.1\r\n");
        long? length = 0;
        var raw = false;
        foreach (var line in lines.Skip(1).Where(line => line.Length > 0))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                return null;
            }
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            switch (name.ToLowerInvariant())
            {
                case "proxy-connection":
                    text.Append("Connection:").Append(line.AsSpan(colon + 1)).Append("\r\n");
                    continue;
                case "proxy-authorization":
                    continue;
                case "content-length":
                    if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
                    {
                        return null;
                    }
                    length = bytes;
                    break;
                case "transfer-encoding" or "upgrade":
                    raw = true;
                    break;
            }
            text.Append(line).Append("\r\n");
        }
        return new RequestHead(false, server.Host, server.Port)
        {
            Whole = whole,
            ForServer = Encoding.Latin1.GetBytes(text.Append("\r\n").ToString()),
            BodyLength = raw ? null : length,
        };
    }

    private static (string Host, int Port)? ServerOf(string authority, int? usual)
    {
        var colon = authority.LastIndexOf(':');
        var bracket = authority.LastIndexOf(']');
        var host = colon > bracket ? authority[..colon] : authority;
        var port = usual;
        if (colon > bracket)
        {
            port =
                int.TryParse(
                    authority.AsSpan(colon + 1),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var number
                ) && number is > 0 and <= 65_535
                    ? number
                    : null;
        }
        host = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        return port is { } known && host.Length is > 0 and <= 255 && !host.Any(c => c <= ' ' || c > '~')
            ? (host, known)
            : null;
    }
}
