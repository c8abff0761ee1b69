using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Unicode;

namespace Recorder.Worker.Streams.Srt;

/// <summary>The parts of an <c>srt</c> address, each decoded. Unknown parts, and parts that could be read in two ways,
/// are refused. Pure.</summary>
/// <param name="Listens">Whether the node waits for viewers, instead of connecting.</param>
/// <param name="Host">The name or address to connect to. For a listener, the address to bind; null: the address that
/// the node receives media on. IPv6 has no brackets.</param>
/// <param name="Port">The UDP port of the host.</param>
/// <param name="Latency">How long the receiver waits for lost packets, in ms.</param>
/// <param name="StreamId">The caller's name for the stream; null: none.</param>
/// <param name="Passphrase">The passphrase for encryption, 10 to 79 bytes; null: nothing is encrypted.</param>
/// <param name="KeyLength">Length of the key that is made of the passphrase, in bytes: 16, 24 or 32; 0 without a
/// passphrase.</param>
internal sealed record SrtAddress(
    bool Listens,
    string? Host,
    int Port,
    int Latency,
    string? StreamId,
    string? Passphrase,
    int KeyLength
)
{
    /// <summary>The scheme, with the separator after it.</summary>
    public const string Scheme = "srt://";

    /// <summary>The default latency, in ms: SRT's own default.</summary>
    public const int DefaultLatency = 120;

    private const int ShortestLatency = 20;
    private const int LongestLatency = 8000;

    // The limits of libsrt (SRTO_PASSPHRASE, SRTO_STREAMID), in bytes.
    private const int ShortestPassphrase = 10;
    private const int LongestPassphrase = 79;
    private const int LongestStreamId = 512;

    // Lower ports belong to the system.
    private const int LowestListenerPort = 1024;
    private const string Known = "mode, latency, streamid, passphrase and pbkeylen";

    /// <summary>Reads an address. The address begins with <see cref="Scheme"/> and has only characters that are allowed
    /// in an address.</summary>
    /// <param name="text">The address.</param>
    /// <param name="address">The parts of the address.</param>
    /// <param name="reason">Why the address is refused: the rest of a sentence that begins with the field's name. The
    /// text repeats no value.</param>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out SrtAddress? address,
        [NotNullWhen(false)] out string? reason
    )
    {
        address = null;
        var rest = text[Scheme.Length..];
        var query = rest.IndexOf('?', StringComparison.Ordinal);
        var server = query < 0 ? rest : rest[..query];
        if (server.EndsWith('/'))
        {
            server = server[..^1];
        }

        if (server.Contains('/', StringComparison.Ordinal))
        {
            reason = "has a path; an srt address has none, name the stream by streamid.";
            return false;
        }

        if (server.Contains('@', StringComparison.Ordinal))
        {
            reason = "has a user; an srt address has none, use streamid and passphrase.";
            return false;
        }

        SrtAddress read = new(Listens: false, null, 0, DefaultLatency, null, null, 0);
        reason = query < 0 ? null : Take(rest[(query + 1)..], ref read);
        reason ??= TakeServer(server, ref read);
        reason ??= WhyNotTogether(read);
        address = reason is null
            ? read with
            {
                KeyLength = read is { Passphrase: not null, KeyLength: 0 } ? 16 : read.KeyLength,
            }
            : null;
        return reason is null;
    }

    /// <summary>A peer's words without the passphrase and the name of the stream, if the peer repeats them.</summary>
    public string Redact(string words) => SecretWords.Hide(words, StreamId, Passphrase);

    /// <summary>The address without secrets.</summary>
    public override string ToString() => FormattableString.Invariant($"{Scheme}{Host}:{Port}/…");

    private static string? Take(string query, ref SrtAddress read)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var part in query.Split('&'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                return "has a parameter without a name or a value; write each as name=value.";
            }

            var name = part[..equals];
            if (!seen.Add(name))
            {
                return $"has the parameter {Short(name)} twice; give it once.";
            }

            if (Decode(part[(equals + 1)..]) is not { Length: > 0 } value)
            {
                return $"has a parameter {Short(name)} that is empty, is not UTF-8 or has control characters.";
            }

            if (Take(name, value, ref read) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    private static string? Take(string name, string value, ref SrtAddress read)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        switch (name)
        {
            case "mode":
                read = read with { Listens = value == "listener" };
                return value is "caller" or "listener" ? null : "has a mode that is neither caller nor listener.";
            case "latency":
                var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var latency);
                read = read with { Latency = latency };
                return isNumber && latency is >= ShortestLatency and <= LongestLatency
                    ? null
                    : $"has a latency that is not a whole number of {ShortestLatency} to {LongestLatency} ms.";
            case "streamid":
                read = read with { StreamId = value };
                return bytes <= LongestStreamId ? null : $"has a streamid of more than {LongestStreamId} bytes.";
            case "passphrase":
                read = read with { Passphrase = value };
                return bytes is >= ShortestPassphrase and <= LongestPassphrase
                    ? null
                    : $"has a passphrase that is not {ShortestPassphrase} to {LongestPassphrase} characters long.";
            case "pbkeylen":
                read = read with
                {
                    KeyLength = value switch
                    {
                        "16" => 16,
                        "24" => 24,
                        "32" => 32,
                        _ => 0,
                    },
                };
                return read.KeyLength > 0 ? null : "has a pbkeylen that is none of 16, 24 and 32 bytes.";
            default:
                return $"has the parameter {Short(name)}, which is not known; an srt address may have {Known}.";
        }
    }

    private static string? TakeServer(string server, ref SrtAddress read)
    {
        // A listener may have an address without a host, which is not a valid Uri.
        var whole = server.StartsWith(':') ? "0.0.0.0" + server : server;
        if (
            !Uri.TryCreate(Scheme + whole, UriKind.Absolute, out var parsed)
            || parsed.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6)
            || (server.StartsWith(':') && !read.Listens)
        )
        {
            return $"has no valid host or port; it must be {SrtKind.Example}.";
        }

        if (parsed.Port <= 0)
        {
            return $"names no port, and SRT has no usual one; it must be {SrtKind.Example}.";
        }

        var host = parsed.IdnHost;
        read = read with { Host = host, Port = parsed.Port };
        if (!read.Listens)
        {
            return null;
        }

        var isLoopback = host == "localhost" || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
        var isAny = IPAddress.TryParse(host, out ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));
        read = read with
        {
            Host =
                isAny ? null
                : host == "localhost" ? "127.0.0.1"
                : host,
        };
        return isLoopback || isAny
            ? null
            : "names a host, but a listener is bound on the node that records; write 0.0.0.0 for the address that node receives media on, or 127.0.0.1.";
    }

    private static string? WhyNotTogether(SrtAddress read) =>
        read switch
        {
            { Listens: true, Port: < LowestListenerPort } =>
                $"has a port below {LowestListenerPort}, which belongs to the system; a listener needs one of {LowestListenerPort} to 65535.",
            { Listens: true, StreamId: not null } =>
                "has a streamid, which only a caller sends; let a passphrase guard a listener.",
            { Passphrase: null, KeyLength: > 0 } => "has a pbkeylen, which is of no use without a passphrase.",
            _ => null,
        };

    // A parameter's name from the caller, shortened for a sentence.
    private static string Short(string name) => name.Length <= 32 ? name : name[..32] + "…";

    private static string? Decode(string value)
    {
        List<byte> bytes = [];
        for (var at = 0; at < value.Length; at++)
        {
            bytes.Add(
                value[at] == '%'
                    ? byte.Parse(value.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                    : (byte)value[at]
            );
            at += value[at] == '%' ? 2 : 0;
        }

        byte[] whole = [.. bytes];
        return Utf8.IsValid(whole) && Encoding.UTF8.GetString(whole) is var text && !text.Any(char.IsControl)
            ? text
            : null;
    }
}
