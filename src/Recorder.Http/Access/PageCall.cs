using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Access;

/// <summary>
/// Tells calls that a web page makes from those of a program or a person. Pure. A browser says with each request who
/// asks (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/, and the Origin header of the Fetch standard), and no
/// page can change that.
/// </summary>
internal static class PageCall
{
    private const string Site = "Sec-Fetch-Site";

    /// <summary>Why a call is refused; null when no page of another origin makes it.</summary>
    /// <param name="headers">The call's headers.</param>
    /// <param name="host">The host the call is made to.</param>
    /// <param name="isAllowed">Whether the pages of an origin may call all the same.</param>
    public static ErrorAnswer? Refusal(IHeaderDictionary headers, HostString host, Func<string, bool> isAllowed)
    {
        var origin = headers.Origin.ToString();
        if (origin.Length > 0)
        {
            // A proxy in front may speak HTTPS while the node hears HTTP, so the scheme is left out.
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

        // "none" is a person who typed the address. Programs send no such header.
        var site = headers[Site].ToString();
        return site is "" or "none" or "same-origin" ? null : Refused("a page of another origin", Site);
    }

    private static ErrorAnswer Refused(string caller, string header) =>
        new(
            $"This call came from {caller}, and a page could show or change what other sessions record; make the call from a program.",
            ErrorCode.Forbidden,
            header
        );
}
