using Microsoft.AspNetCore.Http;

namespace Recorder.Http.Answers;

/// <summary>An answer of bytes that are true only at this moment, and that caches must not keep.</summary>
internal sealed class BytesAnswer(byte[] bytes, string contentType, DateTimeOffset at) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = contentType;
        response.ContentLength = bytes.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.GetTypedHeaders().LastModified = at;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
        }
    }
}
