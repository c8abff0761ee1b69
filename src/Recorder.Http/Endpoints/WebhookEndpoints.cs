using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Recorder.Http.Access;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls about receivers of events.</summary>
internal static class WebhookEndpoints
{
    private const string OneWebhook = "/api/webhooks/{id}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapRead("/api/webhooks", (WebhookDesk desk) => desk.ListAsync())
            .Needs(ApiScope.Admin)
            .Describe("webhooks", "List the webhooks", "The receivers of events, without their secrets.")
            .Answers("The webhooks.")
            .Refuses(503);

        routes
            .MapPost(
                "/api/webhooks",
                (Asked<NewWebhookCall> call, WebhookDesk desk, HttpContext context) =>
                    desk.MakeAsync(call.Value, context)
            )
            .Needs(ApiScope.Admin)
            .Describe(
                "make_webhook",
                "Make a webhook",
                "The receiver gets the events from now on, signed as Standard Webhooks says. The answer has the secret; no later answer has."
            )
            .Answers("The webhook, with its secret.")
            .Refuses(400, 409, 413, 415, 503)
            .Takes(RequestSchemas.NewWebhook(), required: true)
            .AnswersOnce();

        routes
            .MapRead(OneWebhook, (Asked<WebhookInPath> path, WebhookDesk desk) => desk.FindAsync(path.Value.Id))
            .Needs(ApiScope.Admin)
            .Describe("webhook", "Tell of a webhook", "The receiver of events, without its secret.")
            .Answers("The webhook.")
            .Refuses(404, 503)
            .TakesWebhook();

        routes
            .MapPatch(OneWebhook, (Asked<ChangeWebhookCall> call, WebhookDesk desk) => desk.ChangeAsync(call.Value))
            .Needs(ApiScope.Admin)
            .Describe(
                "change_webhook",
                "Change a webhook",
                "What the body does not have stays. With another secret, events are signed by both for 24 hours."
            )
            .Answers("The webhook; with its secret where the secret is new.")
            .Refuses(400, 404, 409, 413, 415, 503)
            .Takes(RequestSchemas.ChangedWebhook(), required: true)
            .TakesWebhook();

        routes
            .MapDelete(OneWebhook, (Asked<WebhookInPath> path, WebhookDesk desk) => desk.RemoveAsync(path.Value.Id))
            .Needs(ApiScope.Admin)
            .Describe("delete_webhook", "Take a webhook out", "Its ledger goes with it.")
            .Answers("The webhook is taken out.")
            .Refuses(404, 409, 503)
            .TakesWebhook();

        routes
            .MapRead(
                OneWebhook + "/deliveries",
                (Asked<LedgerCall> call, WebhookDesk desk, HttpContext context) => desk.LedgerAsync(call.Value, context)
            )
            .Needs(ApiScope.Admin)
            .Describe(
                "webhook_deliveries",
                "Tell what became of events",
                "Newest first. The Link header has the address of the next page."
            )
            .Answers("The events, each with how far its sending is.")
            .Refuses(400, 404, 503)
            .TakesWebhook()
            .TakesLedgerFilter();

        routes
            .MapPost(
                OneWebhook + "/deliveries/{event}/redeliver",
                (Asked<WebhookInPath> path, WebhookDesk desk) => desk.RedeliverAsync(path.Value)
            )
            .Needs(ApiScope.Admin)
            .Describe("redeliver", "Send an event again", "Also one that the receiver has, or that was given up.")
            .Answers("The event is to be sent.")
            .Refuses(400, 404, 409, 503)
            .TakesWebhook()
            .TakesEvent()
            .AnswersOnce();

        routes
            .MapPost(
                OneWebhook + "/test",
                (Asked<WebhookInPath> path, WebhookDesk desk, CancellationToken aborted) =>
                    desk.TestAsync(path.Value.Id, aborted)
            )
            .Needs(ApiScope.Admin)
            .Describe("test_webhook", "Send a test event now", "It is sent once, and is in no list of events.")
            .Answers("What the receiver answered.")
            .Refuses(400, 404, 409, 503)
            .TakesWebhook()
            .AnswersOnce();

        routes
            .MapPost(
                OneWebhook + "/replay",
                (Asked<ReplayCall> call, WebhookDesk desk) => desk.ReplayAsync(call.Value)
            )
            .Needs(ApiScope.Admin)
            .Describe(
                "replay",
                "Send the events of the past",
                "The events that the webhook wants, from a place in the stream of events on, in their order; at most 10000 for each call."
            )
            .Answers("How many events are to be sent.")
            .Refuses(400, 404, 409, 413, 415, 503)
            .Takes(RequestSchemas.Replay(), required: true)
            .TakesWebhook()
            .AnswersOnce();
    }
}
