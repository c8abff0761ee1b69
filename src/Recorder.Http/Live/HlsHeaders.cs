using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Recorder.Http.Access;

namespace Recorder.Http.Live;

/// <summary>The headers of HLS answers for caches.</summary>
internal static class HlsHeaders
{
    private const string ForEver = "max-age=31536000, immutable";

    /// <summary>Sets the headers.</summary>
    /// <param name="context">The call.</param>
    /// <param name="lasting">Whether the address stands for this content for ever.</param>
    public static void Set(HttpContext context, bool lasting)
    {
        var headers = context.Response.Headers;

        // A shared cache must not give away content that this node gives only for a key (RFC 9111, section 3.5).
        var openToAll = context.RequestServices.GetRequiredService<KeyWatch>().Current.Keyless;
        headers.CacheControl = lasting ? $"{(openToAll ? "public" : "private")}, {ForEver}" : "no-cache";
        headers.XContentTypeOptions = "nosniff";

        // An answer cached for a caller without an origin lacks the headers that a page of another origin needs.
        if (!context.RequestServices.GetRequiredService<AllowedOrigins>().IsEmpty)
        {
            headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        }
    }
}
