using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls that change sessions: start and stop, in the form of the original recorder.</summary>
internal static class SessionCalls
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/api/start", StartAsync)
            .Needs(ApiScope.Record)
            .Describe(
                "start",
                "Start a session",
                "Answers once the first encoded frame is in the record; of mode stream once a target has accepted the stream; of type rtp once the "
                    + "ports are bound, which the answer names. Whatever fails before that is answered as an error, and nothing of it is left running. A caller who hangs up leaves the session to go on."
            )
            .Answers("The session has started.")
            .AnswersAccepted<StartAnswer>(
                "With wait=false: the session has its place and is starting. With begin, when the page has not begun in the time of a call: the session goes on waiting. The Location header has the session's address. With start_at: the address of the schedule that starts the session then."
            )
            .Refuses(400, 409, 413, 415, 422, 503, 504, 507)
            .Takes(RequestSchemas.Start(), required: true)
            .TakesIdempotencyKey(
                "Printable ASCII. The same key answers the same session; with another body it is a conflict. Keys are the caller's own."
            )
            .TakesWait();

        routes
            .MapPost("/api/stop", StopAsync)
            .Needs(ApiScope.Record)
            .Describe(
                "stop",
                "Stop a session",
                "Answers once the record is final and playable. Stopping a session that has ended answers the same again."
            )
            .Answers("The session has ended and its records are final.")
            .Refuses(400, 404, 413, 415, 503)
            .Takes(RequestSchemas.SessionId(), required: true);
    }

    private static async Task<Answer<StartAnswer>> StartAsync(
        Asked<StartCall> call,
        EdgeClient edge,
        WebhookDesk webhooks,
        AddressDesk addresses,
        CallLimits limits,
        HttpContext context,
        CancellationToken aborted
    )
    {
        CallStanding.MarkRead(context);
        if (call.Value.StartAt is { } at)
        {
            var schedules = context.RequestServices.GetRequiredService<ScheduleDesk>();
            return await schedules.StartLaterAsync(
                call.Value,
                at,
                OneAnswer.OfCaller(context, call.Value.IdempotencyKey),
                context
            );
        }
        if (StartRules.RefusalOf(call.Value.Spec, Caller.Of(context), limits) is { } notNow)
        {
            return notNow;
        }
        var key = OneAnswer.OfCaller(context, call.Value.IdempotencyKey);
        var refusal = await addresses.RefusalOfAsync(call.Value.Spec);
        var prepared = ImmutableList<string>.Empty;
        if (refusal is null)
        {
            (prepared, refusal) = await webhooks.PrepareAsync(call.Value.Webhooks, key);
        }
        if (refusal is not null)
        {
            if (key is null)
            {
                return refusal;
            }
            prepared = WebhookDesk.IdsOf(call.Value.Webhooks, key);
        }
        var begin = new BeginSession(
            call.Value.Spec with
            {
                Webhooks = prepared,
                Owner = Caller.Of(context).Owner,
                KeyDuration = StartRules.DurationOf(Caller.Of(context)),
            },
            key,
            call.Value.Wait
        )
        {
            Limits = StartRules.OwnersLimitsOf(Caller.Of(context)),
            // What was started before is answered from its key, though its addresses are refused by now.
            OnlyRepeat = refusal is not null,
        };
        return await edge.AskAsync(begin, aborted) switch
        {
            SessionStarted started => new Answer<StartAnswer>(SessionViews.StartedOf(started.Id, started.Endpoint)),
            SessionBegun begun => Answer<StartAnswer>.Accepted(
                SessionViews.StartingOf(begun.Id, (begun as SessionStarting)?.Phase ?? SessionPhase.Starting),
                $"/api/sessions/{begun.Id}"
            ),
            EdgeRefusal { Session: null, Code: not ErrorCode.IdempotencyConflict } when refusal is not null => refusal,
            EdgeRefusal failed => failed,
            var other => throw new InvalidOperationException(
                $"The edge actor answered {nameof(BeginSession)} with {other.GetType().Name}."
            ),
        };
    }

    private static Task<Answer<StopAnswer>> StopAsync(
        Asked<SessionInBody> session,
        EdgeClient edge,
        HttpContext context,
        CancellationToken aborted
    )
    {
        CallStanding.MarkRead(context);
        return edge.AnswerAsync(new EndSession(session.Value.Id), _ => new StopAnswer("stopped"), aborted);
    }
}
