using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Text;
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
internal sealed partial class WebhookLedger(FarmDatabase database, WebhookStore webhooks)
{
    /// <summary>The most events that are taken from the feed in one step.</summary>
    public const int MostTaken = 200;

    /// <summary>The most rows that are forgotten in one step.</summary>
    public const int MostForgotten = 1_000;

    /// <summary>How long a claim lasts. Longer than a call may take, so that an event is sent by one sender at a
    /// time.</summary>
    public static readonly TimeSpan ClaimLength = TimeSpan.FromSeconds(30);

    private const string Open = "state IN ('pending', 'waiting')";

    /// <summary>Takes new events for every receiver that wants them. A receiver that is switched off stays at its place
    /// in the feed, so that its ledger keeps no event from being deleted.</summary>
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
                    """
                    SELECT id, position FROM webhooks
                    WHERE enabled = 1 AND position < (SELECT position FROM event_feed)
                    """,
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
            foreach (
                var webhook in all.Where(webhook => place.Contains(webhook.Id))
                    .OrderBy(webhook => webhook.Id, StringComparer.Ordinal)
            )
            {
                var moved = await connection.ExecuteAsync(
                    "UPDATE webhooks SET position = @ReadTo WHERE id = @Id AND position = @Before AND enabled = 1",
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
    /// <param name="underWay">How many calls of each receiver are under way.</param>
    /// <param name="mostOfOne">The most calls of one receiver at once, those under way included.</param>
    /// <param name="most">The most events.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the step; nothing is claimed then.</param>
    public async Task<ImmutableList<DueDelivery>> ClaimAsync(
        IReadOnlyDictionary<string, int> underWay,
        int mostOfOne,
        int most,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var parameters = new DynamicParameters(new { at = now.ToUnixTimeMilliseconds(), mostOfOne, most });
        var rows = (
            await connection.QueryAsync<DueRow>(
                new CommandDefinition(
                    $"""
                    SELECT d.webhook_id AS Webhook, d.position AS Position, d.event_id AS EventId,
                        d.attempts AS Attempts, d.next_at AS NextAt, w.url AS Url, w.secret AS Secret,
                        w.earlier_secret AS EarlierSecret, w.earlier_until AS EarlierUntil, e.body AS Body
                    FROM (
                        SELECT webhook_id, position, event_id, attempts, next_at,
                            ROW_NUMBER() OVER (PARTITION BY webhook_id ORDER BY next_at, position) AS place
                        FROM webhook_deliveries WHERE state = 'pending' AND next_at <= @at
                    ) d
                    JOIN webhooks w ON w.id = d.webhook_id AND w.enabled = 1
                    LEFT JOIN events e ON e.position = d.position
                    WHERE d.place <= @mostOfOne - {UnderWay(underWay, parameters)}
                    ORDER BY d.next_at, d.position LIMIT @most
                    """,
                    parameters,
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
        var held = await HoldAsync(transaction, rows.Select(row => row.Webhook));
        foreach (var row in rows.Where(row => held.Contains(row.Webhook)))
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
        var held = await HoldAsync(transaction, settled.Select(one => one.Delivery.Webhook));
        foreach (
            var one in settled
                .Where(one => held.Contains(one.Delivery.Webhook))
                .OrderBy(one => one.Delivery.Webhook, StringComparer.Ordinal)
                .ThenBy(one => one.Delivery.Position)
        )
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
        if (!(await HoldAsync(transaction, [webhook])).IsEmpty)
        {
            await AddAsync(transaction, webhook, told, now);
        }
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

    /// <summary>Forgets some of what has been settled for long.</summary>
    /// <returns>How many rows were forgotten; when they are <see cref="MostForgotten"/>, there may be more.</returns>
    public async Task<int> ForgetAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);

        // A row that somebody sends again at this moment is passed over, so that neither waits for the other.
        var passing = connection is NpgsqlConnection ? " FOR UPDATE SKIP LOCKED" : "";
        return await connection.ExecuteAsync(
            new CommandDefinition(
                $"""
                WITH old AS MATERIALIZED (
                    SELECT webhook_id, position FROM webhook_deliveries
                    WHERE updated_at < @before AND state IN ('delivered', 'dead')
                    ORDER BY updated_at LIMIT @MostForgotten{passing}
                )
                DELETE FROM webhook_deliveries
                WHERE (webhook_id, position) IN (SELECT webhook_id, position FROM old)
                """,
                new { before = before.ToUnixTimeMilliseconds(), MostForgotten },
                cancellationToken: cancellation
            )
        );
    }

    /// <summary>How many calls of the webhook of a row are under way, in SQL.</summary>
    private static string UnderWay(IReadOnlyDictionary<string, int> calls, DynamicParameters parameters)
    {
        var sql = new StringBuilder();
        foreach (var (webhook, count) in calls)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"busy{sql.Length}");
            parameters.Add(name, webhook);
            sql.Append(CultureInfo.InvariantCulture, $" WHEN @{name} THEN {count}");
        }
        return sql.Length == 0 ? "0" : $"CASE d.webhook_id{sql} ELSE 0 END";
    }

    /// <summary>
    /// Holds webhooks to the end of the transaction, before any row of their ledgers is read or written. Whoever
    /// settles an event and whoever adds the next event of its session come one after the other that way, so that the
    /// later one sees what the earlier one wrote. All hold webhooks in one order.
    /// </summary>
    /// <returns>The webhooks that there are.</returns>
    private static async Task<ImmutableHashSet<string>> HoldAsync(DbTransaction within, IEnumerable<string> webhooks)
    {
        var held = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var id in webhooks.Distinct().Order(StringComparer.Ordinal))
        {
            var there = await within.Connection!.ExecuteAsync(
                "UPDATE webhooks SET position = position WHERE id = @id",
                new { id },
                within
            );
            if (there == 1)
            {
                held.Add(id);
            }
        }
        return held.ToImmutable();
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
}
