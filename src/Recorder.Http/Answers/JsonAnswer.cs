using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Recorder.Http.Answers;

/// <summary>
/// An answer in the form of the original recorder: plain <c>application/json</c> with a <c>Content-Length</c>, without
/// chunks and without a charset.
/// </summary>
internal sealed class JsonAnswer(object value, int status = StatusCodes.Status200OK, TimeSpan? retryAfter = null)
    : IResult
{
    /// <summary>The path of what the call has made; null when there is none.</summary>
    public string? Location { get; init; }

    /// <summary>Makes the answer of an error, with the status of the error's code.</summary>
    public static JsonAnswer Of(ErrorAnswer error, TimeSpan? retryAfter = null) =>
        new(error, ErrorCode.StatusOf(error.Code), retryAfter);

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        if (value is ErrorAnswer error)
        {
            CallNotes.NoteCode(httpContext, error.Code);
        }
        var response = httpContext.Response;
        var body = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), AnswerJson.Options);
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (Location is not null)
        {
            response.Headers.Location = Location;
        }
        if (retryAfter is { } wait)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
