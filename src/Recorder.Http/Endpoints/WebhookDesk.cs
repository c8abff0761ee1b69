using System.Collections.Immutable;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Network;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Webhooks;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Requests;

namespace Recorder.Http.Endpoints;

/// <summary>Carries out the calls about webhooks. What is kept is in the database; the node that sends events hears
/// when something has changed.</summary>
internal sealed class WebhookDesk(
    IWebhookBook book,
    AddressGate gate,
    IReadOnlyActorRegistry registry,
    TimeProvider clock,
    ILogger<WebhookDesk> log
)
{
    /// <summary>The most events of one replay.</summary>
    private const int MostReplayed = 10_000;

    private const int ReplayedAtOnce = 500;

    private static readonly TimeSpan ResolveLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan TestLimit = TimeSpan.FromSeconds(25);

    public Task<Answer<IReadOnlyList<WebhookAnswer>>> ListAsync() =>
        ReadableAsync(async () =>
            new Answer<IReadOnlyList<WebhookAnswer>>([
                .. (await book.ListAsync(CancellationToken.None)).Select(WebhookAnswer.Of),
            ])
        );

    public Task<Answer<WebhookAnswer>> FindAsync(string id) =>
        WithAsync<WebhookAnswer>(id, webhook => Task.FromResult<Answer<WebhookAnswer>>(WebhookAnswer.Of(webhook)));

    public Task<Answer<WebhookAnswer>> MakeAsync(NewWebhookCall call, HttpContext context) =>
        ReadableAsync<WebhookAnswer>(async () =>
        {
            if (await RefusalOfAsync(call.Url) is { } refusal)
            {
                return refusal;
            }
            var known = await book.ListAsync(CancellationToken.None);
            if (known.Count(webhook => webhook.Source != WebhookSource.Session) >= Webhook.Most)
            {
                return new EdgeRefusal(
                    FaultCode.NotSupported,
                    $"There are {Webhook.Most} webhooks, the most that a farm has; DELETE those that are not needed."
                );
            }
            var webhook = new Webhook(
                $"whk_{Guid.NewGuid():n}",
                WebhookSource.Api,
                call.Url,
                call.Types,
                call.Session,
                call.Description,
                Enabled: true,
                null,
                clock.GetUtcNow(),
                call.Secret ?? WebhookSecret.New(),
                null,
                null
            )
            {
                Labels = call.Labels,
            };
            await book.PutAsync(webhook, CancellationToken.None);
            CallNotes.NoteDetail(context, webhook.Id);
            Wake();
            return WebhookAnswer.Of(webhook) with { Secret = webhook.Secret };
        });

    /// <summary>Keeps the receivers that a start names, before the session has an id. The session's journal has their
    /// ids alone.</summary>
    /// <param name="calls">The receivers.</param>
    /// <param name="key">The key under which the call may be repeated: the same call gets the same ids.</param>
    /// <returns>The ids, or why the start is refused.</returns>
    public async Task<(ImmutableList<string> Ids, EdgeRefusal? Refusal)> PrepareAsync(
        ImmutableList<SessionWebhookCall> calls,
        string? key
    )
    {
        if (calls.IsEmpty)
        {
            return ([], null);
        }
        if (await RefusalOfAsync(calls) is { } refusal)
        {
            return ([], refusal);
        }
        var at = clock.GetUtcNow();
        var webhooks = calls
            .Select(
                (call, number) =>
                    new Webhook(
                        key is null ? $"whk_{Guid.NewGuid():n}" : IdOf(call, number, key),
                        WebhookSource.Session,
                        call.Url,
                        call.Types,
                        null,
                        null,
                        Enabled: false,
                        null,
                        at,
                        call.Secret,
                        null,
                        null
                    )
            )
            .ToImmutableList();
        try
        {
            await book.PrepareAsync(webhooks, CancellationToken.None);
            return (webhooks.ConvertAll(webhook => webhook.Id), null);
        }
        catch (DbException error)
        {
            log.LogError(error, "The webhooks of a start could not be written to the database");
            return (
                [],
                Unavailable("The database that keeps the webhooks does not answer; try again in a few seconds.")
            );
        }
    }

    /// <summary>Why one of the receivers that a start names is refused; null when none is.</summary>
    /// <param name="calls">The receivers.</param>
    public async Task<EdgeRefusal?> RefusalOfAsync(ImmutableList<SessionWebhookCall> calls)
    {
        foreach (var call in calls)
        {
            if (await RefusalOfAsync(call.Url, call.Field) is { } refusal)
            {
                return refusal;
            }
        }
        return null;
    }

    /// <summary>The ids that the receivers of a start have by its key.</summary>
    /// <param name="calls">The receivers.</param>
    /// <param name="key">The key under which the call may be repeated.</param>
    public static ImmutableList<string> IdsOf(ImmutableList<SessionWebhookCall> calls, string key) =>
        [.. calls.Select((call, number) => IdOf(call, number, key))];

    private static string IdOf(SessionWebhookCall call, int number, string key) =>
        "whk_"
        + Convert.ToHexStringLower(
            SHA256.HashData(
                JsonSerializer.SerializeToUtf8Bytes(
                    new
                    {
                        key,
                        number,
                        call.Url,
                        call.Types,
                        call.Secret,
                    }
                )
            )
        )[..32];

    public Task<Answer<WebhookAnswer>> ChangeAsync(ChangeWebhookCall call) =>
        WithAsync<WebhookAnswer>(
            call.Id,
            async webhook =>
            {
                if (webhook.Source == WebhookSource.Configuration && !OnlyEnables(call))
                {
                    return Configured(webhook);
                }
                if (call.Url is { } url && await RefusalOfAsync(url) is { } refusal)
                {
                    return refusal;
                }
                var secret = call.Secret ?? (call.Rotate ? WebhookSecret.New() : null);
                var changed = await book.ChangeAsync(
                    call.Id,
                    new WebhookChange
                    {
                        Url = call.Url,
                        Types = call.Types,
                        Labels = call.Labels,
                        Description = call.Description,
                        Enabled = call.Enabled,
                        Secret = secret,
                    },
                    clock.GetUtcNow(),
                    CancellationToken.None
                );
                if (changed is null)
                {
                    return await book.FindAsync(call.Id, CancellationToken.None) is null
                        ? NoSuch(call.Id)
                        : new EdgeRefusal(
                            FaultCode.NotSupported,
                            $"The webhook {call.Id} waits for its session to start, and is switched on then."
                        );
                }
                Wake();
                return WebhookAnswer.Of(changed) with { Secret = secret };
            }
        );

    public Task<Answer<WebhookDeletedAnswer>> RemoveAsync(string id) =>
        WithAsync<WebhookDeletedAnswer>(
            id,
            async webhook =>
            {
                if (
                    webhook.Source == WebhookSource.Configuration
                    && webhook.DisabledReason != ConfiguredWebhook.Absent
                )
                {
                    return Configured(webhook);
                }
                await book.RemoveAsync(id, CancellationToken.None);
                return new WebhookDeletedAnswer("deleted");
            }
        );

    public Task<Answer<IReadOnlyList<WebhookDeliveryAnswer>>> LedgerAsync(LedgerCall call, HttpContext context) =>
        WithAsync<IReadOnlyList<WebhookDeliveryAnswer>>(
            call.Id,
            async _ =>
            {
                var page = await book.ReadAsync(
                    call.Id,
                    call.State,
                    call.Before,
                    call.Limit + 1,
                    context.RequestAborted
                );
                if (page.Count > call.Limit)
                {
                    page = page.RemoveAt(call.Limit);
                    context.Response.Headers.Link =
                        $"<{call.NextPage(context.Request.Path, page[^1].Position)}>; rel=\"next\"";
                }
                return new Answer<IReadOnlyList<WebhookDeliveryAnswer>>([.. page.Select(WebhookDeliveryAnswer.Of)]);
            }
        );

    public Task<Answer<WebhookReplayAnswer>> RedeliverAsync(WebhookInPath path) =>
        WithAsync<WebhookReplayAnswer>(
            path.Id,
            async _ =>
            {
                if (await book.FindEventAsync(path.Event ?? "", CancellationToken.None) is not { } told)
                {
                    return new EdgeRefusal(
                        ErrorCode.NoSuchEvent,
                        "There is no such event, or it is no longer kept (Retention:Events)."
                    );
                }
                await book.SendAgainAsync(path.Id, [told], clock.GetUtcNow(), CancellationToken.None);
                Wake();
                return new WebhookReplayAnswer(1, false, told.Position);
            }
        );

    public Task<Answer<WebhookReplayAnswer>> ReplayAsync(ReplayCall call) =>
        WithAsync<WebhookReplayAnswer>(
            call.Id,
            async webhook =>
            {
                var filter = webhook.Filter;
                var (after, sent) = (call.After, 0);
                while (true)
                {
                    var part = await book.AfterAsync(after, filter, ReplayedAtOnce, CancellationToken.None);
                    await book.SendAgainAsync(call.Id, part.Events, clock.GetUtcNow(), CancellationToken.None);
                    (after, sent) = (part.ReadTo, sent + part.Events.Count);
                    if (!part.More || sent >= MostReplayed)
                    {
                        Wake();
                        return new WebhookReplayAnswer(sent, part.More, after);
                    }
                }
            }
        );

    public Task<Answer<WebhookTestAnswer>> TestAsync(string id, CancellationToken aborted) =>
        WithAsync<WebhookTestAnswer>(
            id,
            async _ =>
            {
                if (!registry.TryGet<WebhookSender>(out var sender))
                {
                    return Unavailable("The node is still starting; try again in a few seconds.");
                }
                try
                {
                    var tested = await sender.Ask<WebhookTested>(new TestWebhook(id), TestLimit, aborted);
                    return new WebhookTestAnswer(
                        tested.Error is null,
                        tested.Status,
                        tested.Error,
                        tested.Took.TotalMilliseconds
                    );
                }
                catch (AskTimeoutException)
                {
                    return Unavailable("The node that sends events did not answer; try again in a few seconds.");
                }
            }
        );

    private static bool OnlyEnables(ChangeWebhookCall call) =>
        call is { Url: null, Types: null, Labels: null, Description: null, Secret: null, Rotate: false };

    private static EdgeRefusal Configured(Webhook webhook) =>
        new(
            FaultCode.NotSupported,
            $"The webhook {webhook.Id} is in the configuration (Webhooks), and can only be changed there."
        );

    private static EdgeRefusal NoSuch(string id) =>
        new(
            ErrorCode.NoSuchWebhook,
            $"There is no webhook {Redaction.Line(id, 64)}; GET /api/webhooks lists the webhooks."
        );

    private static EdgeRefusal Unavailable(string message) =>
        new(FaultCode.Unavailable, message) { RetryAfter = TimeSpan.FromSeconds(5) };

    private async Task<EdgeRefusal?> RefusalOfAsync(string url, string field = WebhookFields.Url) =>
        await gate.WhyRefusedAsync(new Uri(url), ResolveLimit) is { } why
            ? new EdgeRefusal(ErrorCode.AddressNotAllowed, $"{field}: {why}") { Field = field }
            : null;

    private void Wake()
    {
        if (registry.TryGet<WebhookSender>(out var sender))
        {
            sender.Tell(new WebhooksChanged());
        }
    }

    private Task<Answer<T>> WithAsync<T>(string id, Func<Webhook, Task<Answer<T>>> answer) =>
        ReadableAsync(async () =>
            await book.FindAsync(id, CancellationToken.None) is { } webhook
                ? await answer(webhook)
                : NoSuch(id)
        );

    private async Task<Answer<T>> ReadableAsync<T>(Func<Task<Answer<T>>> answer)
    {
        try
        {
            return await answer();
        }
        catch (DbException error)
        {
            log.LogError(error, "The webhooks could not be read from the database, or written");
            return Unavailable(
                "The database that keeps the webhooks does not answer; try again in a few seconds, and see the node's log if that does not help."
            );
        }
    }
}
