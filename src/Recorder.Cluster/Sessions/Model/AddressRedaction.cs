using System.Text.RegularExpressions;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>Addresses as they may be told and kept: without what lets somebody in. Those of streams always lose their
/// key, those of nodes stay as they are.</summary>
public static partial class AddressRedaction
{
    /// <summary>The address of a page without user, query and fragment, in which meetings have their tokens.</summary>
    /// <param name="page">The address.</param>
    public static string Of(Uri page)
    {
        ArgumentNullException.ThrowIfNull(page);
        return page.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    /// <summary>A text whose addresses are without user, query and fragment.</summary>
    /// <param name="text">Any text, such as the message of a fault.</param>
    public static string Of(string text) => Address().Replace(text, found => Redact(found, whole: false));

    /// <summary>The address of a page whose user is hidden, as it was written: for those who may enter the
    /// page.</summary>
    /// <param name="page">The address.</param>
    public static string WithQuery(Uri page)
    {
        ArgumentNullException.ThrowIfNull(page);
        var text = page.OriginalString;
        return Redact(text, text.IndexOf("://", StringComparison.Ordinal) + 3, whole: true);
    }

    /// <summary>A text in whose addresses the user is hidden: for those who gave them.</summary>
    /// <param name="text">Any text.</param>
    public static string WithQuery(string text) => Address().Replace(text, found => Redact(found, whole: true));

    private static string Redact(Match found, bool whole)
    {
        // What is redacted already ends in an ellipsis, which stands in no address.
        if (StreamKinds.Find(found.Value) is { } kind)
        {
            return found.Value.Contains('…', StringComparison.Ordinal) ? found.Value : kind.Redact(found.Value);
        }
        return Redact(found.Value, found.Groups["scheme"].Length, whole);
    }

    private static string Redact(string text, int scheme, bool whole)
    {
        var query = text.AsSpan().IndexOfAny('?', '#');
        var place = query < 0 ? text.Length : query;
        var path = text.AsSpan(scheme, place - scheme).IndexOfAny('/', '\\');
        var user = text.AsSpan(scheme, path < 0 ? place - scheme : path).LastIndexOf('@') + 1;
        var hidden = user > 0 && whole ? "***@" : "";
        return string.Concat(
            text.AsSpan(0, scheme),
            hidden,
            text.AsSpan(scheme + user, (whole ? text.Length : place) - scheme - user)
        );
    }

    // Not of a node's address, akka.tcp://recorder@host:port, whose user part is the name of the actor system. A
    // password may have angle brackets in it, which elsewhere end an address in a text.
    [GeneratedRegex(
        @"(?<![a-z0-9+.\-])(?<scheme>(?!akka\.)[a-z][a-z0-9+.\-]*:[/\\]{2})(?:[^/\\?#\s""]*@)?[^\s""<>]+",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Address();
}
