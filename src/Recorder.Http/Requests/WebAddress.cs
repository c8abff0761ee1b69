using System.Diagnostics.CodeAnalysis;

namespace Recorder.Http.Requests;

/// <summary>Reads the absolute addresses callers give. Pure.</summary>
internal static class WebAddress
{
    /// <summary>The schemes a browser is sent to.</summary>
    public static readonly string[] PageSchemes = ["http", "https"];

    /// <summary>
    /// Reads an address. What .NET would mend silently and a browser would read in another way (backslashes, spaces,
    /// control characters) is refused, so that what was checked here is what is opened there.
    /// </summary>
    /// <param name="text">What the caller gave.</param>
    /// <param name="schemes">The schemes that are taken, in lower case.</param>
    /// <param name="address">The address.</param>
    /// <param name="reason">
    /// Why it is refused: the rest of a sentence that begins with the field's name. It never repeats the address.
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
