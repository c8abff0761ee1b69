using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls that look at sessions: the original's status and get_records, and all that is known about each.</summary>
internal static class SessionQueries
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/api/status", StatusAsync)
            .Needs(ApiScope.Read)
            .Describe("status", "List the sessions in short",
                "Every session that has recorded or may yet, by id, with the paths of its finished records.")
            .Answers<IReadOnlyList<StatusEntry>>("The sessions; an empty list where there are none.")
            .Refuses(503);

        routes.MapRead("/api/get_records", RecordsAsync)
            .Needs(ApiScope.Read)
            .Describe("get_records", "List the finished records of a session",
                "The id is given either in the address or, as the original has it, in a JSON body of the GET.")
            .Answers<IReadOnlyList<string>>("The paths of the session's finished records, oldest first; empty while the first one grows.")
            .Refuses(400, 404, 413, 415, 503)
            .Takes(RequestSchemas.SessionId(), required: false)
            .TakesId(inPath: false);

        routes.MapRead("/api/sessions", SessionsAsync)
            .Needs(ApiScope.Read)
            .Describe("sessions", "List the sessions in full", "Every session the farm has ever admitted, failed starts included, by id.")
            .Answers<IReadOnlyList<SessionAnswer>>("The sessions.")
            .Refuses(400, 503)
            .TakesFilter();

        routes.MapRead("/api/sessions/{id}", SessionAsync)
            .Needs(ApiScope.Read)
            .Describe("session", "Tell all that is known about a session", "State and since when, node, spec, outputs, records, gaps and faults; of a running session its live figures too.")
            .Answers<SessionAnswer>("The session.")
            .Refuses(400, 404, 503)
            .TakesId(inPath: true);
    }

    private static Task<IResult> StatusAsync(HttpContext context, EdgeClient edge) =>
        edge.AnswerAsync<SessionsFound>(new FindSessions(), context, found => SessionViews.StatusOf(found.Sessions));

    private static async Task<IResult> RecordsAsync(HttpContext context, EdgeClient edge, IOptions<HttpOptions> options)
    {
        var body = await BodyReader.ReadAsync(context.Request, options.Value.MaximumBodyBytes, required: false);
        if (body.Error is not null)
            return EdgeAnswers.Refused(body.Error);
        var id = IdRequestParser.ParseQueryOrBody(context.Request.Query["id"], body.Value);
        return id.Error is not null
            ? EdgeAnswers.Refused(id.Error)
            : await edge.AnswerAsync<SessionFound>(new FindSession(id.Value), context, found => found.Session.FinishedRecords());
    }

    private static async Task<IResult> SessionsAsync(HttpContext context, EdgeClient edge)
    {
        var query = context.Request.Query;
        var filter = SessionFilter.Parse(query["state"], query["limit"], query["after"]);
        return filter.Error is not null
            ? EdgeAnswers.Refused(filter.Error)
            : await edge.AnswerAsync<SessionsFound>(
                new FindSessions(), context, found => filter.Value.Of(found.Sessions).Select(session => session.Detailed(AccessMiddleware.SeesWholeAddresses(context))).ToList());
    }

    private static async Task<IResult> SessionAsync(HttpContext context, EdgeClient edge)
    {
        var id = IdRequestParser.ParseText(context.Request.RouteValues["id"] as string);
        return id.Error is not null
            ? EdgeAnswers.Refused(id.Error)
            : await edge.AnswerAsync<DetailsFound>(new FindDetails(id.Value), context, found => found.Details.Detailed(AccessMiddleware.SeesWholeAddresses(context)));
    }
}
