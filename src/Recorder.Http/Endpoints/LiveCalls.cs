using Microsoft.AspNetCore.Builder;
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

/// <summary>The calls that change a session while it runs.</summary>
internal static class LiveCalls
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPatch("/api/sessions/{id}", ChangeAsync)
            .Needs(ApiScope.Record)
            .Describe("change", "Add and remove stream targets of a running session",
                "All of them or none. Answers once the change is written down; each target's own state tells what becomes of it.")
            .Answers<SessionAnswer>("The session after the change.")
            .Refuses(400, 404, 409, 413, 415, 503)
            .Takes(RequestSchemas.Targets(), required: true)
            .TakesId(inPath: true);

        routes.MapPost("/api/sessions/{id}/pause", (HttpContext context, EdgeClient edge) => HoldAsync(context, edge, hold: true))
            .Needs(ApiScope.Record)
            .Describe("pause", "Let the record stand still",
                "One file without a gap comes of it; streams are kept alive with the last picture and silence. Pausing again answers the same.")
            .Answers<SessionAnswer>("The record stands still.")
            .Refuses(400, 404, 409, 503)
            .TakesId(inPath: true);

        routes.MapPost("/api/sessions/{id}/resume", (HttpContext context, EdgeClient edge) => HoldAsync(context, edge, hold: false))
            .Needs(ApiScope.Record)
            .Describe("resume", "Let the record go on after a pause", "Its time stamps go on where they stood still. Resuming again answers the same.")
            .Answers<SessionAnswer>("The record goes on.")
            .Refuses(400, 404, 409, 503)
            .TakesId(inPath: true);
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, EdgeClient edge, IOptions<HttpOptions> options)
    {
        var id = IdRequestParser.ParseText(context.Request.RouteValues["id"] as string);
        if (id.Error is not null)
            return EdgeAnswers.Refused(id.Error);
        var change = await BodyReader.ReadAsync(context.Request, options.Value.MaximumBodyBytes, ChangeRequestParser.Parse);
        return change.Error is not null
            ? EdgeAnswers.Refused(change.Error)
            : await edge.AnswerAsync<DetailsFound>(
                new RetargetSession(id.Value, change.Value.Add, change.Value.Remove), context, found => found.Details.Detailed(AccessMiddleware.SeesWholeAddresses(context)));
    }

    private static async Task<IResult> HoldAsync(HttpContext context, EdgeClient edge, bool hold)
    {
        var id = IdRequestParser.ParseText(context.Request.RouteValues["id"] as string);
        return id.Error is not null
            ? EdgeAnswers.Refused(id.Error)
            : await edge.AnswerAsync<DetailsFound>(new HoldSession(id.Value, hold), context, found => found.Details.Detailed(AccessMiddleware.SeesWholeAddresses(context)));
    }
}
