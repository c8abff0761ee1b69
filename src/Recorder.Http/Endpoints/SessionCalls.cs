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

/// <summary>The calls that change sessions: start and stop, as the original recorder has them.</summary>
internal static class SessionCalls
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/start", StartAsync)
            .Needs(ApiScope.Record)
            .Describe("start", "Start a session",
                "Answers once the first encoded frame is in the record; of mode stream once a target has accepted the stream; of type rtp once the "
                + "ports are bound, which the answer names. Whatever fails before that is answered as an error, and nothing of it is left running. A caller who hangs up leaves the session to go on.")
            .Answers<StartAnswer>("The session has started.")
            .Refuses(400, 409, 413, 415, 422, 503, 504, 507)
            .Takes(RequestSchemas.Start(), required: true)
            .TakesIdempotencyKey();

        routes.MapPost("/api/stop", StopAsync)
            .Needs(ApiScope.Record)
            .Describe("stop", "Stop a session",
                "Answers once the record is final and playable. Stopping a session that has ended answers the same again.")
            .Answers<StopAnswer>("The session has ended and its records are final.")
            .Refuses(400, 404, 413, 415, 503)
            .Takes(RequestSchemas.SessionId(), required: true);
    }

    private static async Task<IResult> StartAsync(HttpContext context, EdgeClient edge, IOptions<HttpOptions> options)
    {
        var key = IdempotencyKeyParser.Parse(context.Request.Headers[IdempotencyKeyParser.Header]);
        if (key.Error is not null)
            return EdgeAnswers.Refused(key.Error);
        var spec = await BodyReader.ReadAsync(context.Request, options.Value.MaximumBodyBytes, StartRequestParser.Parse);
        return spec.Error is not null
            ? EdgeAnswers.Refused(spec.Error)
            : await edge.AnswerAsync<SessionStarted>(
                new BeginSession(spec.Value, key.Value), context, started => SessionViews.StartedOf(started.Id, started.Endpoint));
    }

    private static async Task<IResult> StopAsync(HttpContext context, EdgeClient edge, IOptions<HttpOptions> options)
    {
        var id = await BodyReader.ReadAsync(context.Request, options.Value.MaximumBodyBytes, IdRequestParser.ParseBody);
        return id.Error is not null
            ? EdgeAnswers.Refused(id.Error)
            : await edge.AnswerAsync<SessionStopped>(new EndSession(id.Value), context, _ => new StopAnswer("stopped"));
    }
}
