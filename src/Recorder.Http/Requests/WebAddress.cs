using System.Diagnostics.CodeAnalysis;

namespace Recorder.Http.Requests;

/// <summary>Reads the absolute addresses that callers give. Pure.</summary>
internal static class WebAddress
{
    /// <summary>The schemes that a browser may open.</summary>
    public static readonly string[] PageSchemes = ["http", "https"];

    /// <summary>
    /// Reads an address. .NET would silently correct backslashes, spaces and control characters, and a browser would
    /// read them in another way. Such an address is refused, so that the checked address is also the opened address.
    /// </summary>
    /// <param name="text">The caller's text.</param>
    /// <param name="schemes">The accepted schemes, in lower case.</param>
    /// <param name="address">The address.</param>
    /// <param name="reason">
    /// Why the address is refused: the rest of a sentence that begins with the field's name. The reason never repeats
    /// the address.
    /// </param>
    public static bool TryParse(
        string text,
        string[] schemes,
        [NotNullWhen(true)] out Uri? address,
        [NotNullWhen(false)] out string? reason
    )
    {
        address = null;
        var expected = $"an absolute {string.Join(" or ", schemes)} address, such as {schemes[^1]}://host/path";
        if (text.Length == 0)
        {
            reason = $"is empty; it must be {expected}.";
        }
        else if (text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c == '\\'))
        {
            reason =
                "has a space, a control character or a backslash in it; write a space as %20 and a backslash as %5C.";
        }
        else if (!schemes.Any(scheme => text.StartsWith(scheme + "://", StringComparison.OrdinalIgnoreCase)))
        {
            reason = $"must be {expected}; nothing else is opened.";
        }
        else if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || !HasHost(uri))
        {
            reason = $"has no valid host or port; it must be {expected}.";
        }
        else
        {
            address = uri;
            reason = null;
            return true;
        }

        return false;
    }

    private static bool HasHost(Uri uri)
    {
        try
        {
            return uri.IdnHost.Length > 0;
        }
        catch (UriFormatException)
        {
            return false;
        }
    }
}
