using System.Text.RegularExpressions;

using Recorder.Worker.Streams.Targets;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>Addresses as they may stand in a file that outlives its session: without what lets somebody in.</summary>
internal static partial class AddressRedaction
{
    /// <summary>The address of a page without user, query and fragment.</summary>
    public static string Of(Uri page) => new UriBuilder(page) { UserName = "", Password = "", Query = "", Fragment = "" }.Uri.AbsoluteUri;

    /// <summary>A sentence whose addresses are without user, query and fragment, and those of streams without their key.</summary>
    public static string Of(string text) => Address().Replace(text, found =>
    {
        if (StreamKinds.Find(found.Value) is { } kind) return found.Value.Contains('…', StringComparison.Ordinal) ? found.Value : kind.Redact(found.Value);
        var whole = found.Value.AsSpan();
        var end = whole.IndexOfAny('?', '#');
        var kept = end < 0 ? whole : whole[..end];
        var authority = found.Groups["scheme"].Length;
        var path = kept[authority..].IndexOfAny('/', '\\');
        var user = (path < 0 ? kept[authority..] : kept.Slice(authority, path)).LastIndexOf('@');
        return user < 0 ? kept.ToString() : string.Concat(kept[..authority], kept[(authority + user + 1)..]);
    });

    // Not of a node's address, akka.tcp://recorder@host:port, whose user part is the name of the actor system.
    [GeneratedRegex(@"(?<![a-z0-9+.\-])(?<scheme>(?!akka\.)[a-z][a-z0-9+.\-]*:[/\\]{2})[^\s""<>]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
