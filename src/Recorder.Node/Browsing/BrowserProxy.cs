using System.Collections.Immutable;
using System.Globalization;
using System.IO.Enumeration;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Recorder.Cluster.Network;

namespace Recorder.Node.Browsing;

/// <summary>The proxies by which browsers reach pages.</summary>
/// <param name="Plain">The proxy for http; null: none.</param>
/// <param name="Secure">The proxy for https; null: none.</param>
/// <param name="Direct">The hosts that are reached without a proxy: names with <c>*</c>, addresses and ranges, each with
/// or without a port. Loopback is always reached directly.</param>
internal sealed partial record BrowserProxy(string? Plain, string? Secure, ImmutableArray<string> Direct) : IPageRoute
{
    /// <summary>The option's value that makes the environment's variables count for nothing.</summary>
    public const string NoneWord = "none";

    private static readonly Dictionary<string, int> Schemes = new(StringComparer.OrdinalIgnoreCase)
    {
        // The kinds of proxy, each with its default port.
        ["http"] = 80,
        ["https"] = 443,
        ["socks4"] = 1080,
        ["socks5"] = 1080,
    };

    /// <summary>Pages are reached directly.</summary>
    public static BrowserProxy None { get; } = new(null, null, []);

    /// <summary>The proxy for a connection; null: the connection is made without a proxy.</summary>
    /// <param name="tunnel">Whether the browser wants a tunnel, as for https.</param>
    /// <param name="host">The host, without brackets.</param>
    /// <param name="port">The port.</param>
    public Uri? For(bool tunnel, string host, int port) =>
        (tunnel ? Secure : Plain) is { } proxy && !IsDirect(host, port) ? new Uri(proxy) : null;

    /// <inheritdoc/>
    public bool IsByProxy(Uri page) =>
        For(page.Scheme == Uri.UriSchemeHttps, page.IdnHost.Trim('[', ']'), page.Port) is not null;

    /// <inheritdoc/>
    public override string ToString()
    {
        string[] parts =
        [
            .. Plain is null ? [] : new[] { "http=" + Plain },
            .. Secure is null ? [] : new[] { "https=" + Secure },
        ];
        return parts.Length == 0 ? "none"
            : Direct.IsEmpty ? string.Join(';', parts)
            : $"{string.Join(';', parts)} but {string.Join(';', Direct)}";
    }

    /// <summary>
    /// Reads the options. Where an option is empty, the environment variables that every other program uses apply. An
    /// option is meant for the recorder, so an unusable option is a problem. A variable may be meant for other programs
    /// alone, so an unusable variable is only a warning.
    /// </summary>
    /// <param name="proxy">The option: an address for everything, <see cref="NoneWord"/>, or empty.</param>
    /// <param name="noProxy">The option: the hosts that are reached directly; or empty.</param>
    /// <param name="environment">Returns a variable's value; null when the variable is not set.</param>
    /// <param name="problems">Receives sentences about options that cannot be used. No sentence repeats a name or a
    /// password.</param>
    /// <param name="warnings">Receives sentences about variables that cannot be used and are therefore ignored. No
    /// sentence repeats a name or a password.</param>
    public static BrowserProxy Read(
        string proxy,
        string noProxy,
        Func<string, string?> environment,
        List<string> problems,
        List<string> warnings
    )
    {
        var asked = noProxy.Length > 0 ? Exceptions("Media:NoProxy", noProxy, problems, "") : [];
        if (string.Equals(proxy, NoneWord, StringComparison.OrdinalIgnoreCase))
        {
            return None;
        }
        if (proxy.Length > 0)
        {
            var one = Server("Media:Proxy", proxy, problems, "");
            return new BrowserProxy(one, one, Direct());
        }

        var all = Variable("all_proxy");
        var plain = ServerOf(Variable("http_proxy") ?? all);
        var secure = ServerOf(Variable("https_proxy") ?? all);
        if (plain is null && secure is null)
        {
            return None;
        }
        var direct = Direct();
        return direct.Contains("*") ? None : new BrowserProxy(plain, secure, direct);

        ImmutableArray<string> Direct() =>
            noProxy.Length > 0 || Variable("no_proxy") is not { } found
                ? asked
                : Exceptions("The variable " + found.Name, found.Value, warnings, " This entry does not count.");

        string? ServerOf((string Name, string Value)? variable) =>
            variable is { } found
                ? Server("The variable " + found.Name, found.Value, warnings, " Pages are reached without this proxy.")
                : null;

        (string Name, string Value)? Variable(string name) =>
            new[] { name, name.ToUpperInvariant() }
                .Select(spelled => (Name: spelled, Value: environment(spelled)))
                .Where(found => !string.IsNullOrWhiteSpace(found.Value))
                .Select(found => ((string, string)?)(found.Name, found.Value!.Trim()))
                .FirstOrDefault();
    }

    private bool IsDirect(string host, int port)
    {
        _ = IPAddress.TryParse(host, out var address);
        if (address is null ? IsLocal(host) : IPAddress.IsLoopback(address))
        {
            return true;
        }
        return Direct.Any(pattern =>
        {
            var colon = pattern.LastIndexOf(':');
            var hasPort =
                colon > 0
                && (pattern.IndexOf(':', StringComparison.Ordinal) == colon || pattern[colon - 1] == ']');
            var name = (hasPort ? pattern[..colon] : pattern).Trim('[', ']');
            return (!hasPort || pattern[(colon + 1)..] == port.ToString(CultureInfo.InvariantCulture))
                && (
                    name.Contains('/', StringComparison.Ordinal)
                        ? address is not null && IPNetwork.TryParse(name, out var range) && range.Contains(address)
                    : address is not null && IPAddress.TryParse(name, out var same) ? address.Equals(same)
                    : FileSystemName.MatchesSimpleExpression(name, host)
                );
        });
    }

    private static bool IsLocal(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    private static ImmutableArray<string> Exceptions(string source, string list, List<string> told, string effect)
    {
        var patterns = ImmutableArray.CreateBuilder<string>();
        foreach (
            var entry in list.Split(
                [',', ';', ' '],
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
            )
        )
        {
            if (!Host().IsMatch(entry))
            {
                Tell(
                    $"{source} has an entry that is no host, domain or network, such as example.org, .example.org, 10.0.0.0/8 or [::1]:8080.{effect}",
                    told
                );
            }
            else
            {
                patterns.AddRange(Patterns(entry));
            }
        }

        return patterns.ToImmutable();
    }

    /// <summary>The patterns for an entry. A name stands for itself and all names below it, as in curl. A network, an
    /// address or a pattern stands for itself only.</summary>
    private static IEnumerable<string> Patterns(string entry)
    {
        if (entry.StartsWith('.'))
        {
            return [entry[1..], "*" + entry];
        }
        // Chromium accepts an address of IP version 6 only in brackets.
        if (
            !entry.StartsWith('[')
            && IPAddress.TryParse(entry, out var address)
            && address.AddressFamily == AddressFamily.InterNetworkV6
        )
        {
            return [$"[{entry}]"];
        }
        return
            entry.Contains('*', StringComparison.Ordinal)
            || entry.Contains('/', StringComparison.Ordinal)
            || !entry.Any(char.IsAsciiLetter)
            || entry.StartsWith('[')
            ? [entry]
            : [entry, "*." + entry];
    }

    private static string? Server(string source, string text, List<string> told, string effect)
    {
        var whole = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        // The h means that the proxy resolves names, and Chromium always lets a SOCKS 5 proxy do so. Desktops write
        // socks for a proxy of any version.
        foreach (var name in new[] { "socks5h://", "socks://" })
        {
            if (whole.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                whole = string.Concat("socks5://", whole.AsSpan(name.Length));
            }
        }

        var scheme = whole[..whole.IndexOf("://", StringComparison.Ordinal)];
        var valid =
            Uri.TryCreate(whole, UriKind.Absolute, out var address)
            && Schemes.ContainsKey(scheme)
            && address.Host.Length > 0
            && address.PathAndQuery is "/" or ""
            && address.Fragment.Length == 0
            && !whole.Any(char.IsWhiteSpace);
        if (!valid)
        {
            Tell(
                $"{source} is no proxy's address. Write http://host:port; https, socks4 and socks5 work too.{effect}",
                told
            );
        }
        else if (address!.UserInfo.Length > 0)
        {
            Tell(
                $"{source} has a name or a password in it, which a browser does not take. Name a proxy that lets this host through, such as one on this host that adds them.{effect}",
                told
            );
        }
        else
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{scheme.ToLowerInvariant()}://{HostOf(address)}:{(address.Port > 0 ? address.Port : Schemes[scheme])}"
            );
        }
        return null;
    }

    /// <summary>Adds a sentence once, because the same variable may apply to http and https.</summary>
    private static void Tell(string sentence, List<string> told)
    {
        if (!told.Contains(sentence))
        {
            told.Add(sentence);
        }
    }

    private static string HostOf(Uri address) =>
        address.HostNameType == UriHostNameType.IPv6 ? $"[{address.IdnHost}]" : address.IdnHost;

    [GeneratedRegex(@"^[A-Za-z0-9.*:\[\]/_-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Host();
}
