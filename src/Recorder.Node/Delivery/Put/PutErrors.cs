using System.Text;
using System.Text.RegularExpressions;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.Put;

/// <summary>What answers to a PUT mean. Stores repeat an address and its signature in what they answer, so only a code
/// is ever told.</summary>
internal static partial class PutErrors
{
    private const int MostRead = 8 * 1024;

    /// <summary>The failure that an answer means.</summary>
    /// <param name="destination">The destination's name.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="callers">Whether the address is a caller's, which nobody can change any more.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<TransferFailure> FailureAsync(
        string destination,
        HttpResponseMessage answer,
        bool callers,
        CancellationToken cancellation
    )
    {
        var status = (int)answer.StatusCode;
        var body = await BodyAsync(answer, cancellation);
        var code = CodeForm().Match(body) is { Success: true } found ? $", {found.Groups["code"].Value}" : "";
        var at = $"Destination {destination}:";
        var other = callers ? "Ask for a new start with a new address." : "Set another address, or mend this one.";
        var (told, mayPass) = status switch
        {
            _ when code.Contains("RequestTimeTooSkewed", StringComparison.Ordinal) => (
                $"the store refuses the time of the address ({status}{code}). Set the clock of the host that signed the address.",
                !callers
            ),
            400 or 401 or 403 when Expired(body) => ($"the address has expired ({status}{code}). {other}", !callers),
            401 or 403 => ($"the store refuses the address ({status}{code}). {other}", !callers),
            404 or 405 or 410 => ($"the address takes no file ({status}{code}). {other}", !callers),
            400 when code.Contains("BadDigest", StringComparison.Ordinal) => (
                $"the store received other bytes than were sent ({status}{code}).",
                true
            ),
            400 or 411 or 412 or 415 => ($"the store does not take this PUT ({status}{code}). {other}", !callers),
            413 => ($"the server takes no body of this length (413{code}). Raise the limit there.", true),
            507 => ($"the server has no room left (507{code}). Free space there.", true),
            >= 300 and < 400 => (
                $"the server answers with a redirect ({status}{Place(answer)}), which is not followed. {other}",
                !callers
            ),
            _ => ($"the server answered {status}{code}.", true),
        };
        return new TransferFailure($"{at} {told}", mayPass);
    }

    /// <summary>The MD5 of what the server has, where the server tells one; null where it does not.</summary>
    /// <param name="answer">The answer to a PUT that was carried out.</param>
    public static string? SumOf(HttpResponseMessage answer)
    {
        if (answer.Content.Headers.ContentMD5 is { Length: 16 } md5)
        {
            return Convert.ToHexStringLower(md5);
        }

        // A store that encrypts with keys of a key service gives tags that look like sums and are none.
        var store = answer.Headers.Contains("x-amz-request-id");
        var sealedBy = answer.Headers.TryGetValues("x-amz-server-side-encryption", out var how) ? how.First() : "AES256";
        var customers = answer.Headers.Contains("x-amz-server-side-encryption-customer-algorithm");
        return store && sealedBy == "AES256" && !customers && answer.Headers.ETag?.Tag.Trim('"').ToLowerInvariant() is { } tag
            && SumForm().IsMatch(tag)
            ? tag
            : null;
    }

    private static string Place(HttpResponseMessage answer) =>
        answer.Headers.Location is { IsAbsoluteUri: true } to ? $" to {to.Scheme}://{to.Authority}" : "";

    private static bool Expired(string body) =>
        body.Contains("expired", StringComparison.OrdinalIgnoreCase)
        || body.Contains("Signature not valid in the specified time frame", StringComparison.OrdinalIgnoreCase);

    private static async Task<string> BodyAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[MostRead];
        try
        {
            var read = await body.ReadAtLeastAsync(buffer, MostRead, throwOnEndOfStream: false, cancellation);
            return Encoding.UTF8.GetString(buffer, 0, read);
        }
        catch (IOException)
        {
            // The status says enough.
            return "";
        }
    }

    [GeneratedRegex("<Code>(?<code>[A-Za-z0-9]{1,64})</Code>", RegexOptions.CultureInvariant)]
    private static partial Regex CodeForm();

    [GeneratedRegex(@"\A[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SumForm();
}
