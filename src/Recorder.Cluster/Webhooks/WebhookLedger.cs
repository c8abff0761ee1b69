using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Npgsql;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;

namespace Recorder.Cluster.Webhooks;

/// <summary>An event that is to be sent now.</summary>
/// <param name="Webhook">The receiver's id.</param>
/// <param name="Position">The event's place.</param>
/// <param name="Attempts">How often it was sent, this time included.</param>
/// <param name="Call">What is sent; null when the event is no longer kept.</param>
internal sealed record DueDelivery(string Webhook, long Position, int Attempts, WebhookCall? Call);

/// <summary>What became of a sending.</summary>
/// <param name="Delivery">The sending.</param>
/// <param name="Outcome">How the call ended.</param>
/// <param name="After">What follows.</param>
internal sealed record SettledDelivery(DueDelivery Delivery, CallOutcome Outcome, AfterCall After);

/// <summary>
/// Which event is sent to which receiver, in the database, so that the death of the sender loses nothing. Of a session
/// and a receiver at most one event is pending, and later ones wait. So events come in order within a session, and an
/// event that fails holds up only its own session.
/// </summary>
internal sealed class WebhookLedger(FarmDatabase database, WebhookStore webhooks)
{
    /// <summary>The most events that are taken from the feed in one step.</summary>
    public const int MostTaken = 200;

    /// <summary>How long a claim lasts. Longer than a call may take, so that an event is sent by one sender at a
    /// time.</summary>
    public static readonly TimeSpan ClaimLength = TimeSpan.FromSeconds(30);

    private const string Open = "state IN ('pending', 'waiting')";

    /// <summary>Takes new events for every receiver that wants them.</summary>
    /// <returns>Whether there were more than one step takes.</returns>
    public async Task<bool> TakeNewAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var all = await webhooks.ListAsync(cancellation);
        if (all.IsEmpty)
        {
            return false;
        }
        var feed = new EventFeed(database);
        await using var connection = await database.OpenAsync(cancellation);
        var places = (
            await connection.QueryAsync<(string Id, long Position)>(
                new CommandDefinition(
                    "SELECT id, position FROM webhooks WHERE position < (SELECT position FROM event_feed)",
                    cancellationToken: cancellation
                )
            )
        ).ToLookup(row => row.Position, row => row.Id);
        var more = false;
        foreach (var place in places.OrderBy(place => place.Key))
        {
            var part = await feed.AfterAsync(place.Key, EventFilter.Everything, MostTaken, cancellation);
            more |= part.More;
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            foreach (var webhook in all.Where(webhook => place.Contains(webhook.Id)))
            {
                var moved = await connection.ExecuteAsync(
                    "UPDATE webhooks SET position = @ReadTo WHERE id = @Id AND position = @Before",
                    new
                    {
                        part.ReadTo,
                        webhook.Id,
                        Before = place.Key,
                    },
                    transaction
                );
                if (moved == 1)
                {
                    await AddAsync(transaction, webhook.Id, part.Events.FindAll(webhook.Wants), now);
                }
            }
            await transaction.CommitAsync(cancellation);
        }
        return more;
    }

    /// <summary>Claims what is due. Nobody else sends it until the claim lapses.</summary>
    /// <param name="full">Receivers that are called as often as they may be just now.</param>
    /// <param name="most">The most events.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the step; nothing is claimed then.</param>
    public async Task<ImmutableList<DueDelivery>> ClaimAsync(
        IReadOnlyCollection<string> full,
        int most,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var among = connection is NpgsqlConnection ? "<> ALL(@full)" : "NOT IN @full";
        var rows = (
            await connection.QueryAsync<DueRow>(
                new CommandDefinition(
                    $"""
                    SELECT d.webhook_id AS Webhook, d.position AS Position, d.event_id AS EventId,
                        d.attempts AS Attempts, d.next_at AS NextAt, w.url AS Url, w.secret AS Secret,
                        w.earlier_secret AS EarlierSecret, w.earlier_until AS EarlierUntil, e.body AS Body
                    FROM webhook_deliveries d
                    JOIN webhooks w ON w.id = d.webhook_id AND w.enabled = 1
                    LEFT JOIN events e ON e.position = d.position
                    WHERE d.state = 'pending' AND d.next_at <= @at AND d.webhook_id {among}
                    ORDER BY d.next_at, d.position LIMIT @most
                    """,
                    new
                    {
                        at = now.ToUnixTimeMilliseconds(),
                        full = full.Append("").ToArray(),
                        most,
                    },
                    cancellationToken: cancellation
                )
            )
        ).AsList();
        if (rows.Count == 0)
        {
            return [];
        }
        var claimed = ImmutableList.CreateBuilder<DueDelivery>();
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        foreach (var row in rows)
        {
            var taken = await connection.ExecuteAsync(
                """
                UPDATE webhook_deliveries SET next_at = @until, attempts = attempts + 1
                WHERE webhook_id = @Webhook AND position = @Position AND state = 'pending' AND next_at = @NextAt
                """,
                new
                {
                    until = (now + ClaimLength).ToUnixTimeMilliseconds(),
                    row.Webhook,
                    row.Position,
                    row.NextAt,
                },
                transaction
            );
            if (taken == 1)
            {
                claimed.Add(row.ToDue(now));
            }
        }
        await transaction.CommitAsync(cancellation);
        return claimed.ToImmutable();
    }

    /// <summary>Writes what became of calls.</summary>
    public async Task SettleAsync(
        IReadOnlyCollection<SettledDelivery> settled,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (settled.Count == 0)
        {
            return;
        }
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        foreach (var one in settled)
        {
            var retry = one.After as AfterCall.Retry;
            await connection.ExecuteAsync(
                """
                UPDATE webhook_deliveries SET state = @state, next_at = @nextAt, updated_at = @now, status = @Status,
                    error = @Error, took_ms = @took
                WHERE webhook_id = @Webhook AND position = @Position AND state = 'pending' AND attempts = @Attempts
                """,
                new
                {
                    state = one.After switch
                    {
                        AfterCall.Delivered => "delivered",
                        AfterCall.Retry => "pending",
                        _ => "dead",
                    },
                    nextAt = retry is null ? (long?)null : (now + retry.Wait).ToUnixTimeMilliseconds(),
                    now = now.ToUnixTimeMilliseconds(),
                    one.Outcome.Status,
                    one.Outcome.Error,
                    took = (long)one.Outcome.Took.TotalMilliseconds,
                    one.Delivery.Webhook,
                    one.Delivery.Position,
                    one.Delivery.Attempts,
                },
                transaction
            );
            if (one.After is AfterCall.Gone)
            {
                await connection.ExecuteAsync(
                    "UPDATE webhooks SET enabled = 0, disabled_reason = @reason WHERE id = @Webhook AND enabled = 1",
                    new { reason = "The receiver answered 410: it wants no events any more.", one.Delivery.Webhook },
                    transaction
                );
            }
            if (retry is null)
            {
                var session = await connection.ExecuteScalarAsync<long?>(
                    "SELECT session_id FROM webhook_deliveries WHERE webhook_id = @Webhook AND position = @Position",
                    new { one.Delivery.Webhook, one.Delivery.Position },
                    transaction
                );
                if (session is { } id)
                {
                    await PromoteAsync(transaction, one.Delivery.Webhook, id, now);
                }
            }
        }
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>When the next event is due; null when none is.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var next = await connection.ExecuteScalarAsync<long?>(
            new CommandDefinition(
                """
                SELECT MIN(d.next_at) FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id AND w.enabled = 1
                WHERE d.state = 'pending'
                """,
                cancellationToken: cancellation
            )
        );
        return next is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
    }

    /// <summary>Sends events again, in their order: those of the ledger, and those that the webhook has not
    /// had.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="told">The events.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    public async Task SendAgainAsync(
        string webhook,
        ImmutableList<FarmEvent> told,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await AddAsync(transaction, webhook, told, now);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The ledger of a webhook, newest events first.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="state">Only events in this state; null: all.</param>
    /// <param name="before">Only events before this place.</param>
    /// <param name="most">The most events.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<ImmutableList<WebhookDelivery>> ReadAsync(
        string webhook,
        WebhookDeliveryState? state,
        long before,
        int most,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<LedgerRow>(
            new CommandDefinition(
                $"""
                SELECT position AS Position, event_id AS Event, type AS Type, session_id AS SessionId, state AS State,
                    attempts AS Attempts, next_at AS NextAt, updated_at AS UpdatedAt, status AS Status,
                    error AS Error, took_ms AS TookMs
                FROM webhook_deliveries
                WHERE webhook_id = @webhook AND position < @before{(state is null ? "" : " AND state = @state")}
                ORDER BY position DESC LIMIT @most
                """,
                new
                {
                    webhook,
                    before,
                    state = state is { } one ? NameOf(one) : null,
                    most,
                },
                cancellationToken: cancellation
            )
        );
        return [.. rows.Select(row => row.ToDelivery())];
    }

    /// <summary>Forgets what has been settled for long.</summary>
    public async Task ForgetAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                $"DELETE FROM webhook_deliveries WHERE updated_at < @before AND NOT ({Open})",
                new { before = before.ToUnixTimeMilliseconds() },
                cancellationToken: cancellation
            )
        );
    }

    private static string NameOf(WebhookDeliveryState state) => state.ToString().ToLowerInvariant();

    private static async Task AddAsync(
        DbTransaction within,
        string webhook,
        ImmutableList<FarmEvent> told,
        DateTimeOffset now
    )
    {
        if (told.IsEmpty)
        {
            return;
        }
        await within.Connection!.ExecuteAsync(
            $"""
            INSERT INTO webhook_deliveries
                (webhook_id, position, event_id, session_id, type, state, attempts, updated_at)
            VALUES (@webhook, @Position, @Id, @Session, @Type, 'waiting', 0, @at)
            ON CONFLICT (webhook_id, position) DO UPDATE SET
                state = 'waiting', attempts = 0, next_at = NULL, updated_at = excluded.updated_at
            WHERE NOT (webhook_deliveries.{Open})
            """,
            told.Select(one => new
            {
                webhook,
                one.Position,
                one.Id,
                Session = (long)(one.Session ?? EventTables.Farm),
                one.Type,
                at = now.ToUnixTimeMilliseconds(),
            }),
            within
        );
        foreach (var session in told.Select(one => one.Session ?? EventTables.Farm).Distinct())
        {
            await PromoteAsync(within, webhook, session, now);
        }
    }

    /// <summary>Makes the first waiting event of a session pending, unless one is.</summary>
    private static Task<int> PromoteAsync(DbTransaction within, string webhook, long session, DateTimeOffset now) =>
        within.Connection!.ExecuteAsync(
            """
            UPDATE webhook_deliveries SET state = 'pending', next_at = @at
            WHERE webhook_id = @webhook AND state = 'waiting' AND position = (
                SELECT MIN(position) FROM webhook_deliveries
                WHERE webhook_id = @webhook AND session_id = @session AND state IN ('pending', 'waiting')
            )
            AND NOT EXISTS (
                SELECT 1 FROM webhook_deliveries
                WHERE webhook_id = @webhook AND session_id = @session AND state = 'pending'
            )
            """,
            new
            {
                webhook,
                session,
                at = now.ToUnixTimeMilliseconds(),
            },
            within
        );

    private sealed class DueRow
    {
        public string Webhook { get; init; } = "";

        public long Position { get; init; }

        public string EventId { get; init; } = "";

        public int Attempts { get; init; }

        public long NextAt { get; init; }

        public string Url { get; init; } = "";

        public string Secret { get; init; } = "";

        public string? EarlierSecret { get; init; }

        public long? EarlierUntil { get; init; }

        public string? Body { get; init; }

        public DueDelivery ToDue(DateTimeOffset now) =>
            new(
                Webhook,
                Position,
                Attempts + 1,
                Body is null
                    ? null
                    : new WebhookCall(
                        Url,
                        EventId,
                        Body,
                        EarlierSecret is { } earlier && now.ToUnixTimeMilliseconds() < EarlierUntil
                            ? [Secret, earlier]
                            : [Secret]
                    )
            );
    }

    private sealed class LedgerRow
    {
        public long Position { get; init; }

        public string Event { get; init; } = "";

        public string Type { get; init; } = "";

        public long SessionId { get; init; }

        public string State { get; init; } = "";

        public int Attempts { get; init; }

        public long? NextAt { get; init; }

        public long UpdatedAt { get; init; }

        public int? Status { get; init; }

        public string? Error { get; init; }

        public long? TookMs { get; init; }

        public WebhookDelivery ToDelivery() =>
            new(
                Position,
                Event,
                Type,
                SessionId == EventTables.Farm ? null : (int)SessionId,
                Enum.Parse<WebhookDeliveryState>(State, ignoreCase: true),
                Attempts,
                NextAt is { } next ? DateTimeOffset.FromUnixTimeMilliseconds(next) : null,
                DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt),
                Status,
                Error,
                TookMs is { } took ? TimeSpan.FromMilliseconds(took) : null
            );
    }
}
