using System.Text.RegularExpressions;

namespace Recorder.Node.Browsing;

/// <summary>A page did not load; the message is a sentence for people with the browser's own reason.</summary>
internal sealed class PageFailedException(string message) : Exception(message);

/// <summary>Why a page did not load, in sentences.</summary>
internal static partial class PageFailure
{
    /// <summary>The first status of HTTP that means "not this page".</summary>
    private const int FirstErrorStatus = 400;

    /// <summary>The page was answered with this status of HTTP; null when that is fine.</summary>
    public static string? OfStatus(Uri page, int status, string statusText) =>
        status < FirstErrorStatus
            ? null
            : $"The page {NameOf(page)} did not load: the server answered {status} {statusText}".TrimEnd() + ".";

    /// <summary>The browser gave up with this message of Playwright's.</summary>
    public static string OfBrowser(Uri page, string message)
    {
        if (NetError().Match(message) is { Success: true } error)
            return $"The page {NameOf(page)} did not load: {error.Value}.";
        if (message.Contains("Download is starting", StringComparison.Ordinal))
            return $"The page {NameOf(page)} did not load: it is a download, not a page.";
        var first = message.Split('\n')[0].Trim().TrimEnd('.');
        return $"The page {NameOf(page)} did not load: {first}.";
    }

    /// <summary>The page did not answer.</summary>
    public static string OfSilence(Uri page, TimeSpan limit) =>
        FormattableString.Invariant($"The page {NameOf(page)} did not answer within {limit.TotalSeconds:0.#} s.");

    /// <summary>The browser's driver did not tell what became of the page.</summary>
    public static string OfDriver(Uri page, TimeSpan limit) =>
        FormattableString.Invariant($"the driver stands still and has told nothing of the page {NameOf(page)} for {limit.TotalSeconds:0.#} s. Try again: another driver takes its place.");

    /// <summary>The address without what may be secret in it: user, password, query and fragment.</summary>
    public static string NameOf(Uri page) => page.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    [GeneratedRegex("net::ERR_[A-Z0-9_]+")]
    private static partial Regex NetError();
}
