using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;

namespace Recorder.Cluster.Webhooks;

/// <summary>The webhooks of the farm and their ledger, for those who ask and change. Everything throws
/// <see cref="DbException"/> while the database is away.</summary>
public interface IWebhookBook
{
    /// <summary>Every webhook, in the order of their making.</summary>
    Task<ImmutableList<Webhook>> ListAsync(CancellationToken cancellation);

    /// <summary>One webhook; null when there is none of this id.</summary>
    Task<Webhook?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>Adds a webhook, or changes the one of its id.</summary>
    Task PutAsync(Webhook webhook, CancellationToken cancellation);

    /// <summary>Changes what is named of a webhook, and nothing else.</summary>
    /// <returns>The webhook as it is now; null when there is none of this id, or when a webhook that waits for its
    /// session was to be switched on.</returns>
    Task<Webhook?> ChangeAsync(
        string id,
        WebhookChange change,
        DateTimeOffset now,
        CancellationToken cancellation
    );

    /// <summary>Keeps the receivers that the start of a session names. Those that are there already stay.</summary>
    Task PrepareAsync(ImmutableList<Webhook> webhooks, CancellationToken cancellation);

    /// <summary>Takes a webhook out, with its ledger.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> RemoveAsync(string id, CancellationToken cancellation);

    /// <summary>The ledger of a webhook, newest events first.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="state">Only events in this state; null: all.</param>
    /// <param name="before">Only events before this place.</param>
    /// <param name="most">The most events.</param>
    /// <param name="cancellation">Ends the reading.</param>
    Task<ImmutableList<WebhookDelivery>> ReadAsync(
        string webhook,
        WebhookDeliveryState? state,
        long before,
        int most,
        CancellationToken cancellation
    );

    /// <summary>The events after a place, as <see cref="IEventFeed.AfterAsync"/>.</summary>
    Task<FeedPart> AfterAsync(long after, EventFilter filter, int most, CancellationToken cancellation);

    /// <summary>One event; null when there is none of this id.</summary>
    Task<FarmEvent?> FindEventAsync(string id, CancellationToken cancellation);

    /// <summary>Sends events to a webhook, also those that it had already. An event that is on its way stays as it
    /// is.</summary>
    Task SendAgainAsync(
        string webhook,
        ImmutableList<FarmEvent> told,
        DateTimeOffset now,
        CancellationToken cancellation
    );
}

/// <summary>The webhooks in the database of the farm.</summary>
public sealed class WebhookBook : IWebhookBook
{
    private readonly FarmDatabase _database;
    private readonly WebhookStore _store;
    private readonly WebhookLedger _ledger;
    private readonly EventFeed _feed;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="database">The database.</param>
    public WebhookBook(FarmDatabase database)
    {
        _database = database;
        _store = new WebhookStore(database);
        _ledger = new WebhookLedger(database);
        _feed = new EventFeed(database);
    }

    /// <inheritdoc/>
    public Task<ImmutableList<Webhook>> ListAsync(CancellationToken cancellation) => _store.ListAsync(cancellation);

    /// <inheritdoc/>
    public Task<Webhook?> FindAsync(string id, CancellationToken cancellation) => _store.FindAsync(id, cancellation);

    /// <inheritdoc/>
    public Task PutAsync(Webhook webhook, CancellationToken cancellation) => _store.PutAsync(webhook, cancellation);

    /// <inheritdoc/>
    public Task<Webhook?> ChangeAsync(
        string id,
        WebhookChange change,
        DateTimeOffset now,
        CancellationToken cancellation
    ) => _store.ChangeAsync(id, change, now, cancellation);

    /// <inheritdoc/>
    public Task PrepareAsync(ImmutableList<Webhook> webhooks, CancellationToken cancellation) =>
        _store.PrepareAsync(webhooks, cancellation);

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string id, CancellationToken cancellation) => _store.RemoveAsync(id, cancellation);

    /// <inheritdoc/>
    public Task<ImmutableList<WebhookDelivery>> ReadAsync(
        string webhook,
        WebhookDeliveryState? state,
        long before,
        int most,
        CancellationToken cancellation
    ) => _ledger.ReadAsync(webhook, state, before, most, cancellation);

    /// <inheritdoc/>
    public Task<FeedPart> AfterAsync(long after, EventFilter filter, int most, CancellationToken cancellation) =>
        _feed.AfterAsync(after, filter, most, cancellation);

    /// <inheritdoc/>
    public async Task<FarmEvent?> FindEventAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await _database.OpenAsync(cancellation);
        var place = await connection.ExecuteScalarAsync<long?>(
            new CommandDefinition(
                "SELECT position FROM events WHERE id = @id",
                new { id },
                cancellationToken: cancellation
            )
        );
        return place is { } position
            ? (await _feed.AfterAsync(position - 1, EventFilter.Everything, 1, cancellation)).Events.Find(told =>
                told.Id == id
            )
            : null;
    }

    /// <inheritdoc/>
    public Task SendAgainAsync(
        string webhook,
        ImmutableList<FarmEvent> told,
        DateTimeOffset now,
        CancellationToken cancellation
    ) => _ledger.SendAgainAsync(webhook, told, now, cancellation);
}
