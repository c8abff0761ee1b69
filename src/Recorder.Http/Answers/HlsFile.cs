using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Recorder.Cluster.Sessions;
using Recorder.Http.Edge;
using Recorder.Http.Endpoints;

namespace Recorder.Http.Answers;

/// <summary>One file of a session's HLS output, read from the node that holds it while it may still be written beside.</summary>
internal sealed class HlsFile(HlsStream file, string contentType) : IResult
{
    /// <summary>RFC 8216, section 4.</summary>
    public const string PlaylistType = "application/vnd.apple.mpegurl";

    private const string SegmentType = "video/mp2t";

    /// <summary>The file of that name, of the first of <see cref="RecordsOf"/> that has a playlist. Or why there is none.</summary>
    public static async Task<IResult> OfAsync(SessionSummary session, string name, EdgeClient edge, CancellationToken aborted)
    {
        if (session.Spec is not PageSessionSpec { Hls: true })
            return NoSuchFile($"Session {session.Id} has no HLS output; start a session with \"hls\":true for one.");

        // The name is looked at before it becomes part of a path; the folder is the recorder's own.
        if (!HlsFiles.IsName(name))
            return NoSuchFile($"Session {session.Id} has no such HLS file; play {HlsFiles.Playlist}.");

        foreach (var record in RecordsOf(session))
        {
            var node = record.Node ?? session.Node;
            var ask = new ReadHlsFile(session.Id, Path.GetFileName(record.Path), name, 0, HlsFiles.ChunkBytes);
            switch (await edge.AskAsync(new FindHlsPart(node, ask), aborted))
            {
                case HlsPartFound first:
                    return new HlsFile(
                        new HlsStream(first, (offset, cancelled) => edge.AskAsync(new FindHlsPart(node, ask with { Offset = offset }), cancelled)),
                        name == HlsFiles.Playlist ? PlaylistType : SegmentType);
                case HlsPartMissing { HasPlaylist: true }:
                    return NoSuchFile($"Session {session.Id} has no HLS file {name}; its playlist on node {node} names those it has.");
                case EdgeRefusal refusal:
                    return EdgeAnswers.Refused(refusal);
            }
        }

        return NoSuchFile($"Session {session.Id} has no playlist{(session.Running ? " yet: it appears with the record's first segment, some seconds after its start" : "")}.");
    }

    /// <summary>
    /// The records whose playlist may be served, best first: the one that grows while the session goes on, since the playlist of an earlier one has an end and a player
    /// would stop there; from its stop on all, the newest first.
    /// </summary>
    public static IEnumerable<RecordSummary> RecordsOf(SessionSummary session) => session is { Running: true, Phase: not SessionPhase.Stopping }
        ? session.Records.TakeLast(1).Where(record => !record.Finished)
        : session.Records.Reverse();

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;

        // A playlist changes, and the segments of the next record have the names of the last.
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        try
        {
            await Results.Stream(file, contentType, enableRangeProcessing: true).ExecuteAsync(httpContext);
        }
        catch (HlsCutOffException cut) when (!httpContext.Response.HasStarted)
        {
            httpContext.Response.Clear();
            await EdgeAnswers.Refused(cut.Why).ExecuteAsync(httpContext);
        }
        catch (HlsCutOffException cut)
        {
            // What was sent so far must not pass for the whole.
            httpContext.RequestServices.GetRequiredService<ILogger<HlsFile>>().LogWarning("An HLS file was cut off: {Why}", cut.Message);
            httpContext.Abort();
        }
    }

    private static JsonAnswer NoSuchFile(string message) => JsonAnswer.Of(new ErrorAnswer(message, ErrorCode.NoSuchFile));
}
