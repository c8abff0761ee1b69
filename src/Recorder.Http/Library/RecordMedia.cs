using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Library;

/// <summary>A file of a record as an answer, whole or in parts.</summary>
/// <param name="source">Reads the file.</param>
/// <param name="facts">What is known of the file.</param>
internal sealed class RecordMedia(IMediaSource source, MediaFacts facts) : IResult
{
    /// <summary>For a file in a window of a browser: the browser's own player may show the file, and nothing
    /// else.</summary>
    private const string PlayerPolicy =
        "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

    /// <summary>Says why the caller gets nothing, just before the first byte is sent; null: every caller gets what is
    /// asked for.</summary>
    public Func<MediaPart, Task<EdgeRefusal?>>? Admit { private get; init; }

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var plan = MediaPlan.Of(request.Method, request.Headers, facts.Length, facts.Tag, facts.ModifiedAt);
        var headers = response.Headers;
        headers.AcceptRanges = "bytes";
        headers.ETag = facts.Tag.ToString();
        headers.LastModified = HeaderUtilities.FormatDate(facts.ModifiedAt);
        headers.CacheControl = facts.Growing ? "no-store" : "private, no-cache";
        headers.XContentTypeOptions = "nosniff";
        switch (plan)
        {
            case MediaPlan.NotModified:
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            case MediaPlan.PreconditionFailed:
                await RefuseAsync(
                    httpContext,
                    ErrorCode.PreconditionFailed,
                    "The file is not the one that the call expects; leave out the precondition to get this one."
                );
                return;
            case MediaPlan.NotSatisfiable { Why: var why }:
                headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{facts.Length}");
                await RefuseAsync(httpContext, ErrorCode.RangeNotSatisfiable, why);
                return;
        }

        if (Admit is not null && await Admit(PartOf(plan, request.Method)) is { } refused)
        {
            response.Clear();
            await new Answer<IResult>(refused).ExecuteAsync(httpContext);
            return;
        }
        headers.ContentDisposition = ContentNames.Disposition(facts.Name, facts.Inline);
        if (facts.Inline)
        {
            headers.ContentSecurityPolicy = PlayerPolicy;
        }
        try
        {
            await SendAsync(plan, httpContext);
        }
        catch (RefusedException cut) when (!response.HasStarted)
        {
            response.Clear();
            await new Answer<IResult>(cut.Refusal).ExecuteAsync(httpContext);
        }
        catch (RefusedException cut)
        {
            // The part sent so far must not look like the whole file.
            httpContext
                .RequestServices.GetRequiredService<ILogger<RecordMedia>>()
                .LogWarning("The answer {File} was cut off: {Why}", facts.Name, cut.Message);
            httpContext.Abort();
        }
    }

    private const int LongestProbe = 16;

    private static MediaPart PartOf(MediaPlan plan, string method) =>
        HttpMethods.IsHead(method) ? MediaPart.None
        : plan is not MediaPlan.Parts { Ranges: var ranges } ? MediaPart.Beginning
        // Players ask for two bytes first, to learn whether the server knows ranges.
        : ranges.All(range => range.From + range.Length <= LongestProbe) ? MediaPart.None
        : ranges.All(range => range.From > 0) ? MediaPart.Later
        : MediaPart.Beginning;

    private async Task SendAsync(MediaPlan plan, HttpContext context)
    {
        var (response, aborted) = (context.Response, context.RequestAborted);
        var head = HttpMethods.IsHead(context.Request.Method);
        switch (plan)
        {
            case MediaPlan.Parts { Ranges: [var one] }:
                response.StatusCode = StatusCodes.Status206PartialContent;
                response.ContentType = facts.ContentType;
                response.ContentLength = one.Length;
                response.Headers.ContentRange = MultipartRanges.ContentRange(one, facts.Length);
                await source.CopyAsync(one, response.BodyWriter, aborted);
                break;
            case MediaPlan.Parts { Ranges: var several }:
                var form = new MultipartRanges($"{Guid.NewGuid():N}", facts.ContentType, facts.Length);
                response.StatusCode = StatusCodes.Status206PartialContent;
                response.ContentType = form.AnswerType;
                response.ContentLength = form.LengthOf(several);
                foreach (var range in several)
                {
                    await response.BodyWriter.WriteAsync(form.HeadOf(range), aborted);
                    await source.CopyAsync(range, response.BodyWriter, aborted);
                }
                await response.BodyWriter.WriteAsync(form.End, aborted);
                break;
            default:
                response.ContentType = facts.ContentType;
                response.ContentLength = facts.Length;
                if (!head && facts.Length > 0)
                {
                    await source.CopyAsync(new ByteRange(0, facts.Length), response.BodyWriter, aborted);
                }
                break;
        }
    }

    private static Task RefuseAsync(HttpContext context, string code, string message)
    {
        context.Response.Headers.Remove(HeaderNames.LastModified);
        return JsonAnswer.Of(new ErrorAnswer(message, code)).ExecuteAsync(context);
    }
}

/// <summary>Which bytes of a file a call gets.</summary>
internal enum MediaPart
{
    /// <summary>No byte.</summary>
    None,

    /// <summary>The first byte, and others.</summary>
    Beginning,

    /// <summary>Only bytes after the first one.</summary>
    Later,
}

/// <summary>What is known of a file that is answered.</summary>
/// <param name="Name">The name under which a caller saves the file.</param>
/// <param name="ContentType">The type of the file.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="Tag">The entity tag.</param>
/// <param name="ModifiedAt">When the file was last written, in whole seconds.</param>
/// <param name="Inline">Whether a browser shows the file.</param>
/// <param name="Growing">Whether the file still grows.</param>
internal sealed record MediaFacts(
    string Name,
    string ContentType,
    long Length,
    EntityTagHeaderValue Tag,
    DateTimeOffset ModifiedAt,
    bool Inline,
    bool Growing
)
{
    /// <summary>A time without its fraction, as HTTP tells times.</summary>
    public static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    /// <summary>The tag of a file: the hash of a finished record, or else the mark of the content.</summary>
    /// <param name="sha256">The hash of the record when it was finished; null when not known.</param>
    /// <param name="bytes">The size of the record when it was finished; null when not known.</param>
    /// <param name="length">The size of the file now.</param>
    /// <param name="mark">Tells this content of the file from another content.</param>
    /// <param name="growing">Whether the file still grows.</param>
    public static EntityTagHeaderValue TagOf(string? sha256, long? bytes, long length, string mark, bool growing) =>
        new(
            sha256 is not null && bytes == length ? $"\"{sha256}\""
            : growing ? string.Create(CultureInfo.InvariantCulture, $"\"{mark}-{length}\"")
            : $"\"{mark}\""
        );
}
