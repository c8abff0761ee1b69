using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Reads a JSON body up to a limit, whether its length is known beforehand or the body comes in
/// chunks.</summary>
internal static class BodyReader
{
    private const string Read = "Recorder.Body";

    /// <summary>The body as it was read for a parameter of the endpoint; empty where none was.</summary>
    /// <param name="request">The request.</param>
    public static ReadOnlyMemory<byte> ReadBefore(HttpRequest request) =>
        request.HttpContext.Items[Read] is ReadOnlyMemory<byte> body ? body : ReadOnlyMemory<byte>.Empty;

    /// <summary>Reads the body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="limit">The longest body, in bytes.</param>
    /// <param name="required">Whether an empty body without a content type is refused because of its content
    /// type.</param>
    public static async Task<Parsed<ReadOnlyMemory<byte>>> ReadAsync(HttpRequest request, int limit, bool required)
    {
        if (!required && request.ContentLength is null or 0 && request.Headers.TransferEncoding.Count == 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }
        if (MediaTypeError(request) is { } unsupported)
        {
            return unsupported;
        }
        // The server reads and discards the rest of the body for a few seconds, so that the caller can read the answer.
        if (request.ContentLength > limit)
        {
            return TooLarge(limit);
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(request.HttpContext.RequestAborted);
            if (read.Buffer.Length > limit)
            {
                reader.AdvanceTo(read.Buffer.End);
                return TooLarge(limit);
            }

            if (read.IsCompleted)
            {
                ReadOnlyMemory<byte> body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                request.HttpContext.Items[Read] = body;
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Reads a required body, and parses it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="limit">The longest body, in bytes.</param>
    /// <param name="parse">Parses the body.</param>
    public static async Task<Parsed<T>> ReadAsync<T>(
        HttpRequest request,
        int limit,
        Func<ReadOnlyMemory<byte>, Parsed<T>> parse
    )
    {
        var body = await ReadAsync(request, limit, required: true);
        return body.Error is not null ? body.Error : parse(body.Value);
    }

    private static RequestError? MediaTypeError(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            return Unsupported(
                HeaderNames.ContentType,
                "The request has no Content-Type that could be read; send application/json."
            );
        }
        if (!type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            return Unsupported(
                HeaderNames.ContentType,
                $"The Content-Type {Redaction.Line(type.MediaType.ToString(), 64)} is not served; send application/json."
            );
        }

        if (
            type.Charset.HasValue
            && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)
        )
        {
            return Unsupported(
                HeaderNames.ContentType,
                "JSON is UTF-8; send Content-Type: application/json without another charset."
            );
        }
        return request.Headers.ContentEncoding.Count > 0
            ? Unsupported(
                HeaderNames.ContentEncoding,
                "An encoded body is not served; send it without Content-Encoding."
            )
            : null;
    }

    private static RequestError Unsupported(string header, string message) =>
        new(ErrorCode.UnsupportedMediaType, message, header);

    private static RequestError TooLarge(int limit) =>
        new(ErrorCode.BodyTooLarge, $"The body is longer than {limit} bytes, the most this recorder takes.", null);
}
