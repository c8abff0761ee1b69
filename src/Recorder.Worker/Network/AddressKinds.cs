using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Recorder.Worker.Network;

/// <summary>What an address stands for.</summary>
internal enum AddressKind
{
    /// <summary>A host of the public internet.</summary>
    Public,

    /// <summary>A host of a private network.</summary>
    Private,

    /// <summary>This machine.</summary>
    Machine,

    /// <summary>A host on the same link, which no router passes on.</summary>
    LinkLocal,

    /// <summary>The service by which a cloud gives a machine its secrets.</summary>
    Metadata,

    /// <summary>Reserved, for many hosts, or a way around the other kinds.</summary>
    Special,
}

/// <summary>Tells the kinds of addresses apart. Pure.</summary>
internal static class AddressKinds
{
    private static readonly ImmutableList<(AddressKind Kind, IPNetwork Range)> Ranges =
    [
        // The first range that has the address counts. Azure's service has a public address.
        .. Of(
            AddressKind.Metadata,
            "169.254.169.254/32",
            "169.254.170.2/32",
            "169.254.170.23/32",
            "100.100.100.200/32",
            "168.63.129.16/32",
            "192.0.0.192/32",
            "fd00:ec2::254/128",
            "fd00:ec2::23/128",
            "fd20:ce::254/128",
            "fd00:42::42/128"
        ),
        .. Of(AddressKind.Machine, "0.0.0.0/8", "127.0.0.0/8", "::/128", "::1/128"),
        .. Of(AddressKind.LinkLocal, "169.254.0.0/16", "fe80::/10"),
        .. Of(
            AddressKind.Private,
            "10.0.0.0/8",
            "100.64.0.0/10",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "fc00::/7",
            "fec0::/10"
        ),
        .. Of(
            AddressKind.Special,
            "192.0.0.0/24",
            "198.18.0.0/15",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/96",
            "::ffff:0:0:0/96",
            "64:ff9b:1::/48",
            "2001::/32",
            "ff00::/8"
        ),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>The kind of an address, as far as the address itself says.</summary>
    /// <param name="plain">The address, from <see cref="Plain"/>.</param>
    public static AddressKind KindOf(IPAddress plain) =>
        Ranges.Find(entry => entry.Range.Contains(plain)) is { Range.PrefixLength: > 0 } found ? found.Kind
        : EndsWithAddressOfVersion4(plain) ? AddressKind.Special
        : AddressKind.Public;

    /// <summary>The address that is called in the end: IPv4 addresses have several forms in IPv6.</summary>
    /// <param name="address">An address.</param>
    public static IPAddress Plain(IPAddress address)
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

    /// <summary>Whether a browser would read a host name as an address of IP version 4: the last part is a
    /// number.</summary>
    /// <param name="host">A host name without a dot at its end.</param>
    public static bool LooksLikeNumber(string host)
    {
        var last = host[(host.LastIndexOf('.') + 1)..];
        return last.Length > 0
            && (
                last.All(char.IsAsciiDigit)
                || (
                    last.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                    && last[2..].All(char.IsAsciiHexDigit)
                )
            );
    }

    /// <summary>Whether an address of a tunnel (ISATAP, RFC 5214) ends with an address of IP version 4.</summary>
    private static bool EndsWithAddressOfVersion4(IPAddress plain)
    {
        if (plain.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }
        var bytes = plain.GetAddressBytes();
        return (bytes[8] & 0xFD) == 0 && bytes[9] == 0 && bytes[10] == 0x5E && bytes[11] == 0xFE;
    }

    private static IEnumerable<(AddressKind Kind, IPNetwork Range)> Of(AddressKind kind, params string[] ranges) =>
        ranges.Select(range => (kind, IPNetwork.Parse(range)));
}
