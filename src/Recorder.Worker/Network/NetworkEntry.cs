using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Recorder.Worker.Network;

/// <summary>An entry of <c>Network:Allow</c> or <c>Network:Deny</c>: a host name, <c>*.domain</c>, an address or a
/// range, each with or without a port.</summary>
/// <param name="Name">The name or pattern in lower case; null: the entry is a range.</param>
/// <param name="Range">The range; null: the entry is a name.</param>
/// <param name="Port">The port; null: every port.</param>
internal sealed record NetworkEntry(string? Name, IPNetwork? Range, int? Port)
{
    /// <summary>Reads an entry; null when the text is none.</summary>
    /// <param name="text">The text.</param>
    public static NetworkEntry? Read(string text)
    {
        var host = text.Trim();
        int? port = null;

        // An IPv6 address has colons of its own, and is in brackets where a port follows.
        var colon = host.LastIndexOf(':');
        if (colon > 0 && (host.IndexOf(':', StringComparison.Ordinal) == colon || host[colon - 1] == ']'))
        {
            var given = host.AsSpan(colon + 1);
            if (
                !int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number is < 1 or > 65_535
            )
            {
                return null;
            }
            port = number;
            host = host[..colon];
        }
        host = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        if (host.Contains('/', StringComparison.Ordinal))
        {
            return IPNetwork.TryParse(host, out var range) ? new NetworkEntry(null, range, port) : null;
        }
        if (IPAddress.TryParse(host, out var address))
        {
            // Four numbers, or IPv6: a lone number would be read as an address that nobody meant.
            if (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != host)
            {
                return null;
            }
            var plain = AddressKinds.Plain(address);
            return new NetworkEntry(
                null,
                new IPNetwork(plain, plain.AddressFamily == AddressFamily.InterNetwork ? 32 : 128),
                port
            );
        }
        var name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        return
            Uri.CheckHostName(name) == UriHostNameType.Dns
            && !name.EndsWith('.')
            && !name.Contains('_', StringComparison.Ordinal)
            && !AddressKinds.LooksLikeNumber(name)
            ? new NetworkEntry(host.ToLowerInvariant(), null, port)
            : null;
    }

    /// <summary>Whether the entry names a host.</summary>
    public bool Takes(string host, int port) =>
        Name is { } name
        && (Port ?? port) == port
        && (
            host.Equals(name, StringComparison.OrdinalIgnoreCase)
            || (
                name.StartsWith("*.", StringComparison.Ordinal)
                && host.Length >= name.Length
                && host.EndsWith(name[1..], StringComparison.OrdinalIgnoreCase)
            )
        );

    /// <summary>Whether the entry's range has an address.</summary>
    public bool Takes(IPAddress address, int port) =>
        Range is { } range && (Port ?? port) == port && range.Contains(address);
}
