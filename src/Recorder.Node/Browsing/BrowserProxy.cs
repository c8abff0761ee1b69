using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Recorder.Node.Browsing;

/// <summary>The proxies by which browsers reach pages.</summary>
/// <param name="Plain">For http; null: none.</param>
/// <param name="Secure">For https; null: none.</param>
/// <param name="Direct">What is reached without them, as Chromium's <c>--proxy-bypass-list</c> has it. Loopback always is.</param>
internal sealed partial record BrowserProxy(string? Plain, string? Secure, ImmutableArray<string> Direct)
{
    /// <summary>The word by which the option says that the environment's variables do not count.</summary>
    public const string NoneWord = "none";

    private static readonly Dictionary<string, int> Schemes = new(StringComparer.OrdinalIgnoreCase)
    {
        // With the port that each has when none is named.
        ["http"] = 80,
        ["https"] = 443,
        ["socks4"] = 1080,
        ["socks5"] = 1080,
    };

    /// <summary>Pages are reached directly.</summary>
    public static BrowserProxy None { get; } = new(null, null, []);

    /// <summary>The switches for it. Said also when there is none, since Chromium would read the environment and the desktop's settings.</summary>
    public ImmutableArray<string> Arguments
    {
        get
        {
            string[] parts = [.. Plain is null ? [] : new[] { "http=" + Plain }, .. Secure is null ? [] : new[] { "https=" + Secure }];
            if (parts.Length == 0)
                return ["--no-proxy-server"];
            return Direct.IsEmpty
                ? ["--proxy-server=" + string.Join(';', parts)]
                : ["--proxy-server=" + string.Join(';', parts), "--proxy-bypass-list=" + string.Join(';', Direct)];
        }
    }

    /// <summary>Reads the options, and where they are silent the variables that every other program goes by.</summary>
    /// <param name="proxy">The option: an address for everything, <see cref="NoneWord"/>, or empty.</param>
    /// <param name="noProxy">The option: what is reached directly; or empty.</param>
    /// <param name="environment">Gives a variable's value; null when it is not set.</param>
    /// <param name="problems">Sentences about what cannot be used. None repeats a name or a password.</param>
    public static BrowserProxy Read(string proxy, string noProxy, Func<string, string?> environment, List<string> problems)
    {
        var direct = Exceptions();
        if (string.Equals(proxy, NoneWord, StringComparison.OrdinalIgnoreCase))
            return None;
        if (proxy.Length > 0)
        {
            var one = Server("Media:Proxy", proxy, problems);
            return new BrowserProxy(one, one, direct);
        }

        var all = Variable("all_proxy");
        var plain = Variable("http_proxy") ?? all;
        var secure = Variable("https_proxy") ?? all;
        return plain is null && secure is null || direct.Contains("*")
            ? None
            : new BrowserProxy(
                plain is null ? null : Server("The variable " + plain.Value.Name, plain.Value.Value, problems),
                secure is null ? null : Server("The variable " + secure.Value.Name, secure.Value.Value, problems),
                direct);

        (string Name, string Value)? Variable(string name) =>
            new[] { name, name.ToUpperInvariant() }
                .Select(spelled => (Name: spelled, Value: environment(spelled)))
                .Where(found => !string.IsNullOrWhiteSpace(found.Value))
                .Select(found => ((string, string)?)(found.Name, found.Value!.Trim()))
                .FirstOrDefault();

        ImmutableArray<string> Exceptions()
        {
            var (source, list) = noProxy.Length > 0 ? ("Media:NoProxy", noProxy) : Variable("no_proxy") is { } found ? ("The variable " + found.Name, found.Value) : ("", "");
            var patterns = ImmutableArray.CreateBuilder<string>();
            foreach (var entry in list.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (!Host().IsMatch(entry))
                    problems.Add($"{source} has an entry that is no host, domain or network, such as example.org, .example.org, 10.0.0.0/8 or [::1]:8080.");
                else
                    patterns.AddRange(Patterns(entry));
            }

            return patterns.ToImmutable();
        }
    }

    /// <summary>A name stands for itself and for all below it, as in curl; a network, an address or a pattern for itself.</summary>
    private static IEnumerable<string> Patterns(string entry)
    {
        if (entry.StartsWith('.'))
            return [entry[1..], "*" + entry];
        return entry.Contains('*', StringComparison.Ordinal) || entry.Contains('/', StringComparison.Ordinal) || !entry.Any(char.IsAsciiLetter)
            || entry.StartsWith('[')
            ? [entry]
            : [entry, "*." + entry];
    }

    private static string? Server(string source, string text, List<string> problems)
    {
        var whole = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (whole.StartsWith("socks5h://", StringComparison.OrdinalIgnoreCase))
            // Chromium always asks a SOCKS 5 proxy for names, which is all that the h says.
            whole = string.Concat("socks5", whole.AsSpan("socks5h".Length));
        var scheme = whole[..whole.IndexOf("://", StringComparison.Ordinal)];
        var valid = Uri.TryCreate(whole, UriKind.Absolute, out var address) && Schemes.ContainsKey(scheme)
            && address.Host.Length > 0 && address.PathAndQuery is "/" or "" && address.Fragment.Length == 0 && !whole.Any(char.IsWhiteSpace);
        if (!valid)
            problems.Add($"{source} is no proxy's address. Write http://host:port; https, socks4 and socks5 work too.");
        else if (address!.UserInfo.Length > 0)
            problems.Add($"{source} has a name or a password in it, which a browser does not take. Name a proxy that lets this host through, such as one on this host that adds them.");
        else
            return string.Create(
                CultureInfo.InvariantCulture, $"{scheme.ToLowerInvariant()}://{HostOf(address)}:{(address.Port > 0 ? address.Port : Schemes[scheme])}");
        return null;
    }

    private static string HostOf(Uri address) => address.HostNameType == UriHostNameType.IPv6 ? $"[{address.IdnHost}]" : address.IdnHost;

    [GeneratedRegex(@"^[A-Za-z0-9.*:\[\]/_-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Host();
}
