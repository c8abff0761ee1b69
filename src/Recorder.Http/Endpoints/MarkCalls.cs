using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls about marked moments of a session.</summary>
internal static class MarkCalls
{
    private const string All = "/api/sessions/{id}/marks";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapRead(All, ListAsync)
            .Needs(ApiScope.Read)
            .Describe("marks", "List the marked moments of a session", "In the order in which they were given.")
            .Answers("The marks.")
            .Refuses(400, 404, 503)
            .TakesId(inPath: true);

        routes
            .MapPost(All, MarkAsync)
            .Needs(ApiScope.Record)
            .Describe(
                "mark",
                "Mark this moment of a session",
                "The moment becomes a chapter of the record, exact to a frame. In a pause, that is where the record stands still. Where nothing is recorded, that is the beginning of the next record, and record and at are null until then."
            )
            .Answers("The mark.")
            .Refuses(400, 404, 409, 413, 415, 503)
            .Takes(RequestSchemas.Mark(), required: true)
            .TakesId(inPath: true);
    }

    private static Task<Answer<IReadOnlyList<MarkAnswer>>> ListAsync(
        Asked<SessionInPath> session,
        EdgeClient edge,
        HttpContext context
    ) =>
        edge.AnswerAsync(
            new GetDetails(session.Value.Id),
            found => MarkAnswer.ListOf(found.Details.Summary),
            context.RequestAborted
        );

    private static Task<Answer<MarkAnswer>> MarkAsync(Asked<MarkCall> call, EdgeClient edge, HttpContext context) =>
        edge.AnswerAsync(
            new MarkMoment(call.Value.Id, call.Value.Title),
            found => MarkAnswer.Of(found.Session, found.Mark),
            context.RequestAborted
        );
}
