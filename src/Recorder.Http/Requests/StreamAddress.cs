using System.Buffers;
using System.Diagnostics.CodeAnalysis;

using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>
/// Reads addresses of stream targets. What is taken goes to the server as it is written here, so whatever would have to be mended
/// on the way, or could be read in two ways, is refused. Pure.
/// </summary>
internal static class StreamAddress
{
    /// <summary>The schemes that are streamed to.</summary>
    private static readonly string[] Schemes = ["rtmp://", "rtmps://"];

    // RFC 3986, appendix A: what may stand in a path or query (pchar, "/" and "?"), besides percent-encoded bytes; brackets for IPv6 hosts.
    private static readonly SearchValues<char> Legal =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%[]");

    /// <summary>Reads an address.</summary>
    /// <param name="text">What the caller gave.</param>
    /// <param name="target">The target.</param>
    /// <param name="reason">Why it is refused: the rest of a sentence that begins with the field's name. It never repeats the address.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out StreamTarget? target, [NotNullWhen(false)] out string? reason)
    {
        reason = WhyNot(text);
        target = reason is null ? new StreamTarget(text) : null;
        return reason is null;
    }

    private static string? WhyNot(string text)
    {
        const string expected = "an absolute rtmp or rtmps address, such as rtmp://host/application/stream";
        if (text.Length == 0)
            return $"is empty; it must be {expected}.";
        if (Array.Find(Schemes, scheme => text.StartsWith(scheme, StringComparison.Ordinal)) is not { } scheme)
            return $"must be {expected}; nothing else is streamed to.";
        if (text.AsSpan().IndexOfAnyExcept(Legal) is >= 0 and var at)
            return $"has a character that no stream address may have, at position {at + 1}; write it percent-encoded, a quote as %22.";
        if (HasBrokenPercent(text))
            return "has a % that is not followed by two hexadecimal digits; write a % itself as %25.";

        var pathStart = text.IndexOf('/', scheme.Length);
        if (pathStart < 0 || text.AsSpan(pathStart).IndexOfAny('[', ']') >= 0 || text.AsSpan(scheme.Length, pathStart - scheme.Length).Contains('?'))
            return $"has no application and stream after its host; it must be {expected}.";
        if (!Uri.TryCreate(text[..pathStart], UriKind.Absolute, out var server) || server.Host.Length == 0 || server.Port == 0)
            return $"has no valid host or port; it must be {expected}.";

        var query = text.IndexOf('?', pathStart);
        var segments = text[(pathStart + 1)..(query < 0 ? text.Length : query)].Split('/');
        return segments.Length >= 2 && segments[0].Length > 0 && segments[^1].Length > 0
            ? null
            : $"names no application or no stream; it must be {expected}.";
    }

    private static bool HasBrokenPercent(string text)
    {
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', at + 1))
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
                return true;
        }

        return false;
    }
}
