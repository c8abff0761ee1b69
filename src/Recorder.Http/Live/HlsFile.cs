using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Live;

/// <summary>One segment of a session's HLS output, read from the node that holds the segment.</summary>
/// <param name="file">The segment's content.</param>
/// <param name="lasting">Whether the segment's name stands for this content for ever.</param>
internal sealed class HlsFile(HlsStream file, bool lasting) : IResult
{
    private const string SegmentType = "video/mp2t";

    /// <summary>Finds the file with a name, or the reason why there is none.</summary>
    public static async Task<Answer<IResult>> OfAsync(
        SessionSummary session,
        string name,
        EdgeClient edge,
        HlsPlaylists playlists,
        CancellationToken aborted
    )
    {
        if (session.Spec is not PageSessionSpec { Hls: true })
        {
            return NoSuchFile($"Session {session.Id} has no HLS output; start a session with \"hls\":true for one.");
        }
        if (name == HlsFiles.Playlist)
        {
            return await playlists.OfAsync(session, aborted) switch
            {
                ({ } text, _) => new Answer<IResult>(new HlsPlaylistAnswer(text)),
                (_, { } refusal) => refusal,
                _ => NoSuchFile(
                    $"Session {session.Id} has no playlist{(session.Running ? " yet: it appears with the record's first segment, some seconds after its start" : "")}."
                ),
            };
        }

        // The name is checked before it becomes part of a path; the folder is the recorder's own.
        var served = HlsFiles.Served(name);
        if (served is null && !HlsFiles.IsName(name))
        {
            return NoSuchFile($"Session {session.Id} has no such HLS file; play {HlsFiles.Playlist}.");
        }

        foreach (
            var record in served is { } segment
                ? session.Records.Where(record => HlsFiles.MarkOf(Path.GetFileName(record.Path)) == segment.Mark)
                : RecordsOf(session)
        )
        {
            var node = record.Node ?? session.Node;
            var ask = new ReadHlsFile(
                session.Id,
                Path.GetFileName(record.Path),
                served?.Segment ?? name,
                0,
                HlsFiles.ChunkBytes
            )
            {
                Folder = record.Folder,
            };
            switch (await edge.AskAsync(new GetHlsPart(node, ask), aborted))
            {
                case HlsPartFound first:
                    var stream = new HlsStream(
                        first,
                        (offset, cancelled) =>
                            edge.AskAsync(new GetHlsPart(node, ask with { Offset = offset }), cancelled)
                    );
                    return new Answer<IResult>(new HlsFile(stream, lasting: served is not null));
                case HlsPartMissing { HasPlaylist: true }:
                    return NoSuchFile(
                        $"Session {session.Id} has no HLS file {name}; its playlist on node {node} names those it has."
                    );
                case EdgeRefusal refusal:
                    return refusal;
            }
        }

        return NoSuchFile($"Session {session.Id} has no HLS file {name}; its playlist names those it has.");
    }

    /// <summary>
    /// The records that may contain a segment whose name does not tell its record, as segments in the records folder
    /// are named. The best match is first. While the session goes on, the growing record is the only match. From the
    /// session's stop on, all records match, the newest first.
    /// </summary>
    public static IEnumerable<RecordSummary> RecordsOf(SessionSummary session) =>
        session is { Running: true, Phase: not SessionPhase.Stopping }
            ? session.Records.TakeLast(1).Where(record => !record.Finished)
            : session.Records.Reverse().Where(record => record.Erasing is null);

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HlsHeaders.Set(httpContext, lasting);
        try
        {
            await Results.Stream(file, SegmentType, enableRangeProcessing: true).ExecuteAsync(httpContext);
        }
        catch (HlsCutOffException cut) when (!httpContext.Response.HasStarted)
        {
            httpContext.Response.Clear();
            await new Answer<IResult>(cut.Why).ExecuteAsync(httpContext);
        }
        catch (HlsCutOffException cut)
        {
            // The part sent so far must not look like the whole file.
            httpContext
                .RequestServices.GetRequiredService<ILogger<HlsFile>>()
                .LogWarning("An HLS file was cut off: {Why}", cut.Message);
            httpContext.Abort();
        }
    }

    private static EdgeRefusal NoSuchFile(string message) => new(ErrorCode.NoSuchFile, message);
}
