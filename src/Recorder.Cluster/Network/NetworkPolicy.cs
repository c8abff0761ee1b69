using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Recorder.Cluster.Network;

/// <summary>
/// Which addresses may be called when others name them. Pure. Without an entry in <c>Network:Allow</c>, only https
/// addresses of the public internet may be called. Otherwise whoever may name an address could reach the node's own
/// network through the node.
/// </summary>
public sealed class NetworkPolicy
{
    private static readonly ImmutableList<IPNetwork> NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/96",
            "64:ff9b:1::/48",
            "2001::/32",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
        }.Select(range => IPNetwork.Parse(range)),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    private readonly ImmutableList<Entry> _allowed;

    private NetworkPolicy(ImmutableList<Entry> allowed) => _allowed = allowed;

    /// <summary>Nothing is allowed beside the public internet.</summary>
    public static NetworkPolicy PublicOnly { get; } = new([]);

    /// <summary>Reads the entries of <c>Network:Allow</c>.</summary>
    /// <param name="allow">The entries.</param>
    /// <param name="problems">Gets a sentence for each entry that cannot be read.</param>
    public static NetworkPolicy Read(IEnumerable<string> allow, ICollection<string> problems)
    {
        ArgumentNullException.ThrowIfNull(allow);
        ArgumentNullException.ThrowIfNull(problems);
        var entries = ImmutableList.CreateBuilder<Entry>();
        foreach (var text in allow)
        {
            if (Entry.Read(text) is { } entry)
            {
                entries.Add(entry);
            }
            else
            {
                problems.Add(
                    $"Network:Allow has \"{text}\", which is no host name, *.domain, address or range such as 10.0.0.0/8, with or without :port."
                );
            }
        }
        return new NetworkPolicy(entries.ToImmutable());
    }

    /// <summary>Why an address may not be called, as far as the address itself says; null when nothing is against it
    /// so far.</summary>
    /// <param name="address">An absolute address.</param>
    public string? WhyRefused(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Scheme is not ("https" or "http"))
        {
            return $"{address.Scheme}: addresses are not called; take https:.";
        }
        if (IPAddress.TryParse(address.DnsSafeHost, out var literal))
        {
            return WhyRefused(address, literal);
        }
        return address.Scheme == "http" && !AllowsName(address) && !_allowed.Exists(entry => entry.Range is not null)
            ? NoTls(address)
            : null;
    }

    /// <summary>Why an address may not be called at the place that its name has been resolved to; null when it may
    /// be.</summary>
    /// <param name="address">An absolute http or https address.</param>
    /// <param name="resolved">What the host of the address has been resolved to.</param>
    public string? WhyRefused(Uri address, IPAddress resolved)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(resolved);
        var plain = Plain(resolved);
        if (AllowsName(address) || _allowed.Exists(entry => entry.Takes(plain, address.Port)))
        {
            return null;
        }
        if (NotPublic.Exists(range => range.Contains(plain)))
        {
            var what = IPAddress.TryParse(address.DnsSafeHost, out _) ? "is" : $"is resolved to {plain},";
            return $"{address.DnsSafeHost} {what} an address of this machine or of a network that is not public; list it in Network:Allow if it may be called.";
        }
        return address.Scheme == "http" ? NoTls(address) : null;
    }

    private static string NoTls(Uri address) =>
        $"http: is not encrypted; take https:, or list {address.DnsSafeHost} in Network:Allow.";

    private bool AllowsName(Uri address) => _allowed.Exists(entry => entry.Takes(address.DnsSafeHost, address.Port));

    /// <summary>The address that is called in the end: IPv4 addresses have several forms in IPv6.</summary>
    private static IPAddress Plain(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }
        var bytes = address.GetAddressBytes();
        return Nat64.Contains(address) ? new IPAddress(bytes.AsSpan(12, 4))
            : SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4))
            : address.ScopeId == 0 ? address
            : new IPAddress(bytes);
    }

    private sealed record Entry(string? Name, IPNetwork? Range, int? Port)
    {
        public static Entry? Read(string text)
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
            if (IPAddress.TryParse(host, out var address))
            {
                var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
                return new Entry(null, new IPNetwork(address, bits), port);
            }
            if (host.Contains('/', StringComparison.Ordinal))
            {
                return IPNetwork.TryParse(host, out var range) ? new Entry(null, range, port) : null;
            }
            var name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
            return Uri.CheckHostName(name) == UriHostNameType.Dns
                ? new Entry(host.ToLowerInvariant(), null, port)
                : null;
        }

        public bool Takes(string host, int port) =>
            Name is { } name
            && (Port ?? port) == port
            && (
                host.Equals(name, StringComparison.OrdinalIgnoreCase)
                || (name.StartsWith("*.", StringComparison.Ordinal)
                    && host.EndsWith(name[1..], StringComparison.OrdinalIgnoreCase))
            );

        public bool Takes(IPAddress address, int port) =>
            Range is { } range && (Port ?? port) == port && range.Contains(address);
    }
}
