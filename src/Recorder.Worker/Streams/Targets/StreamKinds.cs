using System.Buffers;
using System.Collections.Immutable;
using Recorder.Worker.Streams.Rtmp;
using Recorder.Worker.Streams.Srt;

namespace Recorder.Worker.Streams.Targets;

/// <summary>The kinds of stream targets, and the rules for the addresses of all kinds. Pure.</summary>
public static class StreamKinds
{
    // RFC 3986, appendix A: the characters allowed in a path or query (pchar, "/" and "?"), in addition to
    // percent-encoded bytes; brackets for IPv6 hosts.
    private static readonly SearchValues<char> Legal = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%[]"
    );

    /// <summary>Every kind. A new kind is a line here.</summary>
    public static ImmutableArray<StreamKind> All { get; } = [new RtmpKind(), new SrtKind()];

    /// <summary>The required form of a target's address, as the end of a sentence that says <c>it must
    /// be</c>.</summary>
    public static string Expected { get; } = string.Join(", or ", All.Select(kind => kind.Expected));

    /// <summary>The kind of an address, by its scheme in letters of any case; null when no kind has the
    /// scheme.</summary>
    public static StreamKind? Find(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return All.FirstOrDefault(kind => HasScheme(kind, address, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The kind of an address that the edge has accepted.</summary>
    /// <exception cref="UriFormatException">No kind has the address's scheme.</exception>
    public static StreamKind Of(string address) =>
        Find(address) ?? throw new UriFormatException("A stream target has a scheme that no kind of target has.");

    /// <summary>
    /// Why an address is refused; null when the address is right. An accepted address goes to the server exactly as
    /// written. So an address is refused when it would need a correction, or could be read in two ways.
    /// </summary>
    /// <returns>The rest of a sentence that begins with the field's name. The text never repeats a part of the address
    /// that may be a secret.</returns>
    public static string? WhyNot(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Length == 0)
        {
            return $"is empty; it must be {Expected}.";
        }

        if (All.FirstOrDefault(kind => HasScheme(kind, address, StringComparison.Ordinal)) is not { } kind)
        {
            return $"must be {Expected}; nothing else is streamed to.";
        }

        if (address.AsSpan().IndexOfAnyExcept(Legal) is >= 0 and var at)
        {
            return $"has a character that no stream address may have, at position {at + 1}; write it percent-encoded, a quote as %22.";
        }

        return HasBrokenPercent(address)
            ? "has a % that is not followed by two hexadecimal digits; write a % itself as %25."
            : kind.WhyNot(address);
    }

    private static bool HasScheme(StreamKind kind, string address, StringComparison comparison) =>
        kind.Schemes.Any(scheme =>
            address.StartsWith(scheme, comparison) && address.AsSpan(scheme.Length).StartsWith("://")
        );

    private static bool HasBrokenPercent(string text)
    {
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', at + 1))
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
            {
                return true;
            }
        }

        return false;
    }
}
