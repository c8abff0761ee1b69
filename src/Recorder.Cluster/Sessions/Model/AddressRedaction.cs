using System.Text.RegularExpressions;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>Redacts addresses for answers, logs and storage: the parts that grant access are removed. Stream
/// addresses always lose their key; node addresses stay as they are.</summary>
public static partial class AddressRedaction
{
    /// <summary>The address of a page without user, query and fragment, because meetings put their tokens
    /// there.</summary>
    /// <param name="page">The address.</param>
    public static string Of(Uri page)
    {
        ArgumentNullException.ThrowIfNull(page);
        return page.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    /// <summary>A text whose addresses are without user, query and fragment.</summary>
    /// <param name="text">Any text, such as the message of a fault.</param>
    public static string Of(string text) => Address().Replace(text, found => Redact(found, whole: false));

    /// <summary>The address of a page as it was written, with only the user hidden. For readers who may enter the
    /// page.</summary>
    /// <param name="page">The address.</param>
    public static string WithQuery(Uri page)
    {
        ArgumentNullException.ThrowIfNull(page);
        var text = page.OriginalString;
        return Redact(text, text.IndexOf("://", StringComparison.Ordinal) + 3, whole: true);
    }

    /// <summary>A text in whose addresses only the user is hidden. For readers who gave these addresses.</summary>
    /// <param name="text">Any text.</param>
    public static string WithQuery(string text) => Address().Replace(text, found => Redact(found, whole: true));

    private static string Redact(Match found, bool whole)
    {
        // A redacted address ends in an ellipsis, which no real address contains.
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

    // Leaves out the address of a node, akka.tcp://recorder@host:port, whose user part is the name of the actor
    // system. A password may contain angle brackets, which elsewhere end an address in a text.
    [GeneratedRegex(
        @"(?<![a-z0-9+.\-])(?<scheme>(?!akka\.)[a-z][a-z0-9+.\-]*:[/\\]{2})(?:[^/\\?#\s""]*@)?[^\s""<>]+",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Address();
}
