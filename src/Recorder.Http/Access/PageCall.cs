using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Access;

/// <summary>
/// Distinguishes calls of a web page from calls of a program or a person. Pure. With each request, a browser says who
/// asks (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/, and the Origin header of the Fetch standard). No page
/// can change that.
/// </summary>
internal static class PageCall
{
    private const string Site = "Sec-Fetch-Site";

    /// <summary>Why a call is refused; null when the call does not come from a page of another origin.</summary>
    /// <param name="headers">The call's headers.</param>
    /// <param name="host">The host that is called.</param>
    /// <param name="isAllowed">Whether pages of an origin may call nevertheless.</param>
    public static ErrorAnswer? Refusal(IHeaderDictionary headers, HostString host, Func<string, bool> isAllowed)
    {
        var origin = headers.Origin.ToString();
        if (origin.Length > 0)
        {
            // The scheme is not compared, because a proxy in front may speak HTTPS while the node hears HTTP.
            var scheme = origin.IndexOf("://", StringComparison.Ordinal);
            if (
                scheme > 0 && origin[(scheme + 3)..].Equals(host.Value, StringComparison.OrdinalIgnoreCase)
                || isAllowed(origin)
            )
            {
                return null;
            }
            return Refused($"a page of {Redaction.Line(AddressRedaction.WithQuery(origin), 128)}", HeaderNames.Origin);
        }

        // "none" means that a person typed the address. Programs do not send this header.
        var site = headers[Site].ToString();
        return site is "" or "none" or "same-origin" ? null : Refused("a page of another origin", Site);
    }

    /// <summary>Whether a person follows a link: the answer fills a window of its own, and the page that had the link
    /// sees nothing of the answer.</summary>
    /// <param name="headers">The call's headers.</param>
    public static bool OpensWindow(IHeaderDictionary headers) =>
        headers.Origin.Count == 0 && headers["Sec-Fetch-Mode"] == "navigate" && headers["Sec-Fetch-Dest"] == "document";

    private static ErrorAnswer Refused(string caller, string header) =>
        new(
            $"This call came from {caller}, and a page could show or change what other sessions record; make the call from a program.",
            ErrorCode.Forbidden,
            header
        );
}
