using System.Data.Common;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Pictures;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Live;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls that show a session: its present picture, and its live playlist.</summary>
internal static class PictureCalls
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapRead("/api/sessions/{id}/thumbnail.jpg", ThumbnailAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "thumbnail",
                "The picture of a session now",
                "At most one second old. It is made when it is asked for and costs nothing otherwise."
            )
            .AnswersFile("image/jpeg", "The picture.")
            .Refuses(400, 404, 409, 503)
            .TakesId(inPath: true);

        routes
            .MapRead("/api/sessions/{id}/join.jpg", JoinAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "joinPicture",
                "What a page showed that could not be entered",
                "Of a session that ended with join_failed. It is kept for 24 hours."
            )
            .AnswersFile("image/jpeg", "The picture.")
            .Refuses(400, 404, 503)
            .TakesId(inPath: true);

        routes
            .MapRead("/api/sessions/{id}/hls/{file}", HlsAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "hls",
                "The live playlist of a session and its segments",
                $"Of a session with hls: play {HlsFiles.Playlist}, whose segments stand beside it. It grows while the session runs, over all its records, and stays when it has "
                    + "ended. Every edge serves it, whichever nodes hold the records; 503 names the node when that cannot be reached."
            )
            .AnswersFile(HlsPlaylistAnswer.PlaylistType, "The playlist, or a segment (video/mp2t).")
            .Refuses(400, 404, 503)
            .TakesId(inPath: true)
            .TakesFileName()
            .MayBePlayed();
    }

    private static Task<Answer<BytesAnswer>> ThumbnailAsync(
        Asked<SessionInPath> session,
        EdgeClient edge,
        CancellationToken aborted
    ) =>
        edge.AnswerAsync(
            new GetPicture(session.Value.Id),
            found => new BytesAnswer(found.Jpeg, "image/jpeg", found.At),
            aborted
        );

    private static async Task<Answer<IResult>> JoinAsync(
        Asked<SessionInPath> session,
        EdgeClient edge,
        TimeProvider time,
        HttpContext context
    )
    {
        var id = session.Value.Id;
        switch (await edge.AskAsync(new FindSummary(id), context.RequestAborted))
        {
            case EdgeRefusal refusal:
                return refusal;
            default:
                try
                {
                    var book = context.RequestServices.GetRequiredService<JoinPictureBook>();
                    return await book.FindAsync(id, time.GetUtcNow(), context.RequestAborted) is { } found
                        ? new Answer<IResult>(new BytesAnswer(found.Jpeg, "image/jpeg", found.At))
                        : new EdgeRefusal(
                            ErrorCode.NoSuchFile,
                            $"There is no picture of a page of session {id} that could not be entered. Such a picture is kept for a day."
                        );
                }
                catch (DbException error)
                {
                    return new EdgeRefusal(FaultCode.Unavailable, $"The farm's database does not answer: {error.Message}");
                }
        }
    }

    private static async Task<Answer<IResult>> HlsAsync(
        Asked<SessionInPath> session,
        EdgeClient edge,
        HlsPlaylists playlists,
        HttpContext context
    )
    {
        var id = session.Value.Id;
        var name = context.Request.RouteValues["file"] as string ?? "";
        return await edge.AskAsync(new FindSummary(id), context.RequestAborted) switch
        {
            SessionFound found => await HlsFile.OfAsync(found.Session, name, edge, playlists, context.RequestAborted),

            // For some seconds, the farm may have lost the node that knows its sessions.
            EdgeRefusal { Code: FaultCode.Unavailable }
                when name == HlsFiles.Playlist && playlists.Last(id, edge.Only) is { } last => new Answer<IResult>(
                new HlsPlaylistAnswer(last)
            ),
            EdgeRefusal refusal => refusal,
            var other => throw new InvalidOperationException(
                $"The edge actor answered {nameof(FindSummary)} with {other.GetType().Name}."
            ),
        };
    }
}
