using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Recorder.Node.Browsing;

/// <summary>A page did not load; the message is a sentence for people with the browser's own reason.</summary>
internal sealed class PageFailedException(string message) : Exception(message);

/// <summary>The reasons why a page did not load, as sentences.</summary>
internal static partial class PageFailure
{
    /// <summary>The lowest HTTP status that means "not this page".</summary>
    private const int FirstErrorStatus = 400;

    /// <summary>The browser's error for an answer of 204 or 205, which leaves the previous page in place.</summary>
    private const string Aborted = "net::ERR_ABORTED";

    /// <summary>The page was answered with this HTTP status. Null when the status is no failure. A status of 0 means
    /// that the page did not come by HTTP, and is no failure either.</summary>
    public static string? OfStatus(Uri page, int status) =>
        status < FirstErrorStatus
            ? null
            : $"The page {NameOf(page)} did not load: the server answered {status} {ReasonPhrases.GetReasonPhrase(status)}".TrimEnd()
                + ".";

    /// <summary>Whether the browser's message only says that the status tells the reason. The browser shows a page of
    /// its own when an error answer comes without a page.</summary>
    public static bool IsOfStatus(string message) =>
        message.Contains("net::ERR_HTTP_RESPONSE_CODE_FAILURE", StringComparison.Ordinal);

    /// <summary>Whether the browser's message only says that its gateway failed, and the gateway knows the
    /// reason.</summary>
    public static bool IsOfRoad(string message) =>
        message.Contains("net::ERR_TUNNEL_CONNECTION_FAILED", StringComparison.Ordinal)
        || message.Contains("net::ERR_EMPTY_RESPONSE", StringComparison.Ordinal)
        || message.Contains("net::ERR_CONNECTION_CLOSED", StringComparison.Ordinal)
        || message.Contains("net::ERR_CONNECTION_RESET", StringComparison.Ordinal);

    /// <summary>The browser gave up with this message.</summary>
    public static string OfBrowser(Uri page, string message)
    {
        if (NetError().Match(message) is { Success: true } error)
        {
            return $"The page {NameOf(page)} did not load: {error.Value}{(error.Value == Aborted ? ", the server's answer holds no document" : "")}.";
        }
        var first = message.Split('\n')[0].Trim().TrimEnd('.');
        return $"The page {NameOf(page)} did not load: {(first.Length > 0 ? first : "the browser does not say why")}.";
    }

    /// <summary>The address leads to a file that the browser would save.</summary>
    public static string OfDownload(Uri page) => $"The page {NameOf(page)} did not load: it is a download, not a page.";

    /// <summary>The page did not answer.</summary>
    public static string OfSilence(Uri page, TimeSpan limit) =>
        FormattableString.Invariant($"The page {NameOf(page)} did not answer within {limit.TotalSeconds:0.#} s.");

    /// <summary>The page's document arrived, but its script has kept the page busy since.</summary>
    public static string OfBusyScript(Uri page, TimeSpan limit) =>
        FormattableString.Invariant(
            $"The page {NameOf(page)} was answered, but its script has kept it from showing anything for {limit.TotalSeconds:0.#} s."
        );

    /// <summary>The browser did not tell the outcome of the page.</summary>
    public static string OfStandstill(Uri page) => $"it stands still, and tells nothing of the page {NameOf(page)}.";

    /// <summary>The address without the parts that may be secret: user, password, query and fragment.</summary>
    public static string NameOf(Uri page) =>
        page.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    [GeneratedRegex("net::ERR_[A-Z0-9_]+")]
    private static partial Regex NetError();
}
