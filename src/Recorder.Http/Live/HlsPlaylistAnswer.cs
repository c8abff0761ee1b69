using System.Text;
using Microsoft.AspNetCore.Http;

namespace Recorder.Http.Live;

/// <summary>A session's present playlist.</summary>
internal sealed class HlsPlaylistAnswer(string text) : IResult
{
    /// <summary>The media type of a playlist: RFC 8216, section 4.</summary>
    public const string PlaylistType = "application/vnd.apple.mpegurl";

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        HlsHeaders.Set(httpContext, lasting: false);
        return Results
            .Bytes(Encoding.UTF8.GetBytes(text), PlaylistType, enableRangeProcessing: true)
            .ExecuteAsync(httpContext);
    }
}
