using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Recorder.Worker.Network;

/// <summary>
/// Which addresses may be reached when others name them: callers, and the pages that are recorded. Pure, but for the
/// question whether an address is this machine's. Without an entry in <c>Network:Allow</c>, only the public internet
/// may be reached. Otherwise whoever may name an address could reach the node's own network through the node.
/// </summary>
public sealed class NetworkPolicy
{
    private readonly ImmutableList<NetworkEntry> _allowed;
    private readonly ImmutableList<NetworkEntry> _denied;
    private readonly bool _private;
    private readonly Func<IPAddress, bool> _isOwn;

    private NetworkPolicy(
        ImmutableList<NetworkEntry> allowed,
        ImmutableList<NetworkEntry> denied,
        bool ofPrivate,
        Func<IPAddress, bool> isOwn
    ) => (_allowed, _denied, _private, _isOwn) = (allowed, denied, ofPrivate, isOwn);

    /// <summary>Nothing is allowed beside the public internet.</summary>
    public static NetworkPolicy PublicOnly { get; } = new([], [], ofPrivate: false, OwnAddresses.Has);

    /// <summary>Reads the entries of <c>Network:Allow</c> alone.</summary>
    /// <param name="allow">The entries.</param>
    /// <param name="problems">Gets a sentence for each entry that cannot be read.</param>
    public static NetworkPolicy Read(IEnumerable<string> allow, ICollection<string> problems) =>
        Read(NetworkRules.None with { Allow = [.. allow] }, problems);

    /// <summary>Reads an operator's rules.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="problems">Gets a sentence for each entry that cannot be read.</param>
    /// <param name="isOwn">Whether an address is this machine's; null: the kernel is asked.</param>
    public static NetworkPolicy Read(
        NetworkRules rules,
        ICollection<string> problems,
        Func<IPAddress, bool>? isOwn = null
    )
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(problems);
        return new NetworkPolicy(
            EntriesOf("Network:Allow", rules.Allow, problems),
            EntriesOf("Network:Deny", rules.Deny, problems),
            rules.Private,
            isOwn ?? OwnAddresses.Has
        );
    }

    /// <summary>Why an address may not be called with data of the node, as in a webhook, as far as the address itself
    /// says. Null when nothing is against it so far.</summary>
    /// <param name="address">An absolute address.</param>
    public string? WhyRefused(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Scheme is not ("https" or "http"))
        {
            return $"{address.Scheme}: addresses are not called; take https:.";
        }
        var host = address.DnsSafeHost;
        if (WhyRefused(host, address.Port) is { } refused)
        {
            return refused;
        }
        return
            address.Scheme == "http"
            && !(AddressIn(host) is { } literal ? Lists(literal, address.Port) : MayBeListed(host, address.Port))
            ? NoTls(address)
            : null;
    }

    /// <summary>Why an address may not be called with data of the node at the place that its name has been resolved to;
    /// null when it may be.</summary>
    /// <param name="address">An absolute http or https address.</param>
    /// <param name="resolved">What the host of the address has been resolved to.</param>
    public string? WhyRefused(Uri address, IPAddress resolved)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(resolved);
        return WhyRefused(address.DnsSafeHost, address.Port, resolved)
            ?? (
                address.Scheme == "http"
                && !ListsName(Bare(address.DnsSafeHost), address.Port)
                && !Lists(AddressKinds.Plain(resolved), address.Port)
                    ? NoTls(address)
                    : null
            );
    }

    /// <summary>Why a host may not be reached, as far as its name says. Null when nothing is against it so
    /// far.</summary>
    /// <param name="host">A name or an address, as in an address of the web, without brackets.</param>
    /// <param name="port">The port.</param>
    public string? WhyRefused(string host, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        var bare = Bare(host);
        if (AddressIn(host) is { } literal)
        {
            return WhyRefused(host, port, literal);
        }
        if (_denied.Exists(entry => entry.Takes(bare, port)))
        {
            return Denied(host, port);
        }
        if (AddressKinds.LooksLikeNumber(bare) || bare.Length == 0)
        {
            return $"{host} is no valid host; write an address as four numbers, such as 192.0.2.1.";
        }
        return IsLocalName(bare) && !ListsName(bare, port) && !ListsLoopback(port)
            ? Refusal($"{host} is this machine", "127.0.0.0/8")
            : null;
    }

    /// <summary>Why a host may not be reached at the place that its name has been resolved to; null when it may
    /// be.</summary>
    /// <param name="host">A name or an address, as in an address of the web, without brackets.</param>
    /// <param name="port">The port.</param>
    /// <param name="resolved">What the host has been resolved to.</param>
    public string? WhyRefused(string host, int port, IPAddress resolved)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(resolved);
        var bare = Bare(host);
        var plain = AddressKinds.Plain(resolved);
        if (_denied.Exists(entry => entry.Takes(bare, port) || entry.Takes(plain, port)))
        {
            return Denied(host, port);
        }
        if (ListsName(bare, port) || Lists(plain, port))
        {
            return null;
        }
        var kind = AddressKinds.KindOf(plain);
        if (kind != AddressKind.Metadata && _isOwn(plain))
        {
            kind = AddressKind.Machine;
        }
        if (kind == AddressKind.Public || (kind == AddressKind.Private && _private))
        {
            return null;
        }
        var literal = AddressIn(host) is not null;
        var subject = literal ? $"{host} is" : $"{host} is resolved to {plain},";
        var entry = Entry(literal ? plain.ToString() : bare, port);
        return kind switch
        {
            AddressKind.Machine => Refusal(
                $"{subject} an address of this machine",
                !IPAddress.IsLoopback(plain) ? entry
                    : plain.AddressFamily == AddressFamily.InterNetwork ? "127.0.0.0/8"
                    : "::1"
            ),
            AddressKind.Private => Refusal($"{subject} an address of a private network", entry)
                + " RECORDER_NETWORK_PRIVATE=true lets all private networks be reached.",
            AddressKind.LinkLocal => Refusal($"{subject} a link-local address", entry),
            AddressKind.Metadata => Refusal($"{subject} the address of a cloud's metadata", entry),
            _ => Refusal($"{subject} an address that is not public", entry),
        };
    }

    private static ImmutableList<NetworkEntry> EntriesOf(
        string option,
        ImmutableList<string> texts,
        ICollection<string> problems
    )
    {
        var entries = ImmutableList.CreateBuilder<NetworkEntry>();
        foreach (var text in texts)
        {
            if (NetworkEntry.Read(text) is { } entry)
            {
                entries.Add(entry);
            }
            else
            {
                problems.Add(
                    $"{option} has \"{text}\", which is no host name, *.domain, address or range such as 10.0.0.0/8, with or without :port."
                );
            }
        }
        return entries.ToImmutable();
    }

    private static string Refusal(string what, string entry) =>
        $"{what}, and is refused unless Network:Allow lists it (RECORDER_NETWORK_ALLOW={entry}).";

    private static string Denied(string host, int port) =>
        $"{Entry(host, port)} is refused by Network:Deny (RECORDER_NETWORK_DENY).";

    private static string NoTls(Uri address) =>
        $"http: is not encrypted; take https:, or list {address.DnsSafeHost} in Network:Allow.";

    private static string Entry(string host, int port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}"
        );

    /// <summary>A host without brackets and without the dot that ends a whole name.</summary>
    private static string Bare(string host)
    {
        var inner = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        return inner.EndsWith('.') ? inner[..^1] : inner;
    }

    private static IPAddress? AddressIn(string host) =>
        IPAddress.TryParse(Bare(host), out var address) ? AddressKinds.Plain(address) : null;

    private static bool IsLocalName(string bare) =>
        bare.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || bare.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || bare.Equals("localhost.localdomain", StringComparison.OrdinalIgnoreCase)
        || bare.Equals("ip6-localhost", StringComparison.OrdinalIgnoreCase)
        || bare.Equals("ip6-loopback", StringComparison.OrdinalIgnoreCase);

    private bool ListsLoopback(int port) => Lists(IPAddress.Loopback, port) || Lists(IPAddress.IPv6Loopback, port);

    private bool ListsName(string bare, int port) => _allowed.Exists(entry => entry.Takes(bare, port));

    private bool Lists(IPAddress plain, int port) => _allowed.Exists(entry => entry.Takes(plain, port));

    /// <summary>Whether the list may have a name once the name is resolved.</summary>
    private bool MayBeListed(string host, int port) =>
        ListsName(Bare(host), port) || _allowed.Exists(entry => entry.Range is not null);
}
