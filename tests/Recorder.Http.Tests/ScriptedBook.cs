using System.Collections.Concurrent;
using System.Collections.Immutable;
using Recorder.Cluster.Events;
using Recorder.Cluster.Webhooks;

namespace Recorder.Http.Tests;

/// <summary>Webhooks in memory.</summary>
internal sealed class ScriptedBook(ScriptedFeed feed) : IWebhookBook
{
    public ConcurrentDictionary<string, Webhook> Webhooks { get; } = new();

    /// <summary>What was to be sent again, by webhook and event.</summary>
    public ConcurrentQueue<(string Webhook, string Event)> SentAgain { get; } = new();

    /// <summary>What the next writes wait for; null: nothing.</summary>
    public TaskCompletionSource? Hold { get; set; }

    /// <summary>Done once a write waits.</summary>
    public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ImmutableList<WebhookDelivery> Ledger { get; set; } = [];

    public Task<ImmutableList<Webhook>> ListAsync(CancellationToken cancellation) =>
        Task.FromResult<ImmutableList<Webhook>>([.. Webhooks.Values.OrderBy(webhook => webhook.CreatedAt)]);

    public Task<Webhook?> FindAsync(string id, CancellationToken cancellation) =>
        Task.FromResult(Webhooks.GetValueOrDefault(id));

    public async Task PutAsync(Webhook webhook, CancellationToken cancellation)
    {
        if (Hold is { } hold)
        {
            Held.TrySetResult();
            await hold.Task;
        }
        Webhooks[webhook.Id] = webhook;
    }

    public Task<Webhook?> ChangeAsync(
        string id,
        WebhookChange change,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (
            !Webhooks.TryGetValue(id, out var webhook)
            || (change.Enabled is true && webhook is { Source: WebhookSource.Session, Session: null })
        )
        {
            return Task.FromResult<Webhook?>(null);
        }
        var changed = webhook with
        {
            Url = change.Url ?? webhook.Url,
            Types = change.Types ?? webhook.Types,
            Labels = change.Labels ?? webhook.Labels,
            Description = change.Description ?? webhook.Description,
            Enabled = change.Enabled ?? webhook.Enabled,
        };
        Webhooks[id] = change.Secret is { } secret ? changed.WithSecret(secret, now) : changed;
        return Task.FromResult<Webhook?>(Webhooks[id]);
    }

    public Task PrepareAsync(ImmutableList<Webhook> webhooks, CancellationToken cancellation)
    {
        webhooks.ForEach(webhook => Webhooks.TryAdd(webhook.Id, webhook));
        return Task.CompletedTask;
    }

    public Task<bool> RemoveAsync(string id, CancellationToken cancellation) =>
        Task.FromResult(Webhooks.TryRemove(id, out _));

    public Task<ImmutableList<WebhookDelivery>> ReadAsync(
        string webhook,
        WebhookDeliveryState? state,
        long before,
        int most,
        CancellationToken cancellation
    ) =>
        Task.FromResult<ImmutableList<WebhookDelivery>>([
            .. Ledger
                .Where(one => one.Position < before && (state is null || one.State == state))
                .OrderByDescending(one => one.Position)
                .Take(most),
        ]);

    public Task<FeedPart> AfterAsync(long after, EventFilter filter, int most, CancellationToken cancellation) =>
        feed.AfterAsync(after, filter, most, cancellation);

    public async Task<FarmEvent?> FindEventAsync(string id, CancellationToken cancellation) =>
        (await feed.AfterAsync(0, EventFilter.Everything, 10_000, cancellation)).Events.Find(told => told.Id == id);

    public Task SendAgainAsync(
        string webhook,
        ImmutableList<FarmEvent> told,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        told.ForEach(one => SentAgain.Enqueue((webhook, one.Id)));
        return Task.CompletedTask;
    }
}
