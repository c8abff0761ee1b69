using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
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
internal sealed record DueDelivery(string Webhook, long Position, int Attempts, WebhookCall? Call)
{
    /// <summary>The host and port that are called.</summary>
    public string Host { get; init; } = "";

    /// <summary>When the event came into the ledger; null when that is not known.</summary>
    public DateTimeOffset? AddedAt { get; init; }
}

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
internal sealed partial class WebhookLedger(FarmDatabase database)
{
    /// <summary>The most events that are taken from the feed in one step.</summary>
    public const int MostTaken = 500;

    /// <summary>The most rows that are forgotten in one step.</summary>
    public const int MostForgotten = 1_000;

    /// <summary>How long a claim lasts. Longer than a call may take, so that an event is sent by one sender at a
    /// time.</summary>
    public static readonly TimeSpan ClaimLength = TimeSpan.FromSeconds(30);

    /// <summary>Why a receiver is switched off that has answered 410.</summary>
    public const string Gone = "The receiver answered 410: it wants no events any more.";

    private const string Open = "state IN ('pending', 'waiting')";

    /// <summary>Takes new events for every receiver that wants them. A receiver that is switched off stays at its place
    /// in the feed, so that its ledger keeps no event from being deleted.</summary>
    /// <returns>Whether there were more than one step takes.</returns>
    public async Task<bool> TakeNewAsync(DateTimeOffset now, CancellationToken cancellation)
    {
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
            var held = await HoldAsync(transaction, place);

            // The webhook decides as the row is now: since the places were read, somebody may have changed the webhook.
            var moved = (
                await connection.QueryAsync<WebhookRow>(
                    $"""
                    UPDATE webhooks SET position = @ReadTo
                    WHERE id {Among(connection)} AND position = @Before AND enabled = 1
                    RETURNING {WebhookRow.Columns}
                    """,
                    new
                    {
                        part.ReadTo,
                        ids = held.ToArray(),
                        Before = place.Key,
                    },
                    transaction
                )
            ).Select(row => row.ToWebhook());
            await AddAsync(
                transaction,
                moved.SelectMany(webhook => part.Events.Where(webhook.Wants).Select(told => (webhook.Id, told))),
                now
            );
            await transaction.CommitAsync(cancellation);
        }
        return more;
    }

    /// <summary>Claims what is due. Nobody else sends it until the claim lapses.</summary>
    /// <param name="room">How many calls may begin.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the step; nothing is claimed then.</param>
    public async Task<ImmutableList<DueDelivery>> ClaimAsync(
        CallRoom room,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var parameters = new DynamicParameters(
            new
            {
                at = now.ToUnixTimeMilliseconds(),
                room.MostOfOne,
                room.MostOfHost,
                room.Most,
            }
        );
        var rows = (
            await connection.QueryAsync<DueRow>(
                new CommandDefinition(
                    $"""
                    SELECT d.webhook_id AS Webhook, d.position AS Position, d.event_id AS EventId,
                        d.attempts AS Attempts, d.next_at AS NextAt, d.added_at AS AddedAt, d.host AS Host,
                        w.url AS Url, w.secret AS Secret, w.earlier_secret AS EarlierSecret, w.earlier_until AS EarlierUntil, e.body AS Body
                    FROM (
                        SELECT d.*, ROW_NUMBER() OVER (PARTITION BY d.host ORDER BY d.next_at, d.position) AS place_of_host
                        FROM (
                            SELECT d.webhook_id, d.position, d.event_id, d.attempts, d.next_at, d.added_at,
                                COALESCE(h.host, h.id) AS host,
                                ROW_NUMBER() OVER (PARTITION BY d.webhook_id ORDER BY d.next_at, d.position) AS place
                            FROM webhook_deliveries d JOIN webhooks h ON h.id = d.webhook_id AND h.enabled = 1
                            WHERE d.state = 'pending' AND d.next_at <= @at
                        ) d
                        WHERE d.place <= @MostOfOne - {UnderWay("d.webhook_id", room.UnderWay, parameters)}
                    ) d
                    JOIN webhooks w ON w.id = d.webhook_id AND w.enabled = 1
                    LEFT JOIN events e ON e.position = d.position
                    WHERE d.place_of_host <= @MostOfHost - {UnderWay("d.host", room.UnderWayByHost, parameters)}
                    ORDER BY d.next_at, d.position LIMIT @Most
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
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var held = await HoldAsync(transaction, rows.Select(row => row.Webhook));
        var wanted = rows.FindAll(row => held.Contains(row.Webhook));
        var claimed = (
            await connection.QueryAsync<(string Webhook, long Position)>(
                $"""
                UPDATE webhook_deliveries SET next_at = @until, attempts = attempts + 1
                FROM {JsonRows.Table(connection, "rows", "r", ("webhook", "text"), ("position", "bigint"), ("nextAt", "bigint"))}
                WHERE webhook_deliveries.webhook_id = r.webhook AND webhook_deliveries.position = r.position
                    AND webhook_deliveries.state = 'pending' AND webhook_deliveries.next_at = r."nextAt"
                RETURNING webhook_deliveries.webhook_id, webhook_deliveries.position
                """,
                new
                {
                    until = (now + ClaimLength).ToUnixTimeMilliseconds(),
                    rows = JsonSerializer.Serialize(
                        wanted.Select(row => new
                        {
                            webhook = row.Webhook,
                            position = row.Position,
                            nextAt = row.NextAt,
                        })
                    ),
                },
                transaction
            )
        ).ToHashSet();
        await transaction.CommitAsync(cancellation);
        return [.. wanted.Where(row => claimed.Contains((row.Webhook, row.Position))).Select(row => row.ToDue(now))];
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
        var written = settled.Where(one => held.Contains(one.Delivery.Webhook)).ToList();
        var ended = await connection.QueryAsync<(string Webhook, long Session, string State)>(
            $"""
            UPDATE webhook_deliveries SET state = r.state, next_at = r."nextAt", updated_at = @at,
                status = r.status, error = r.error, took_ms = r.took
            FROM {JsonRows.Table(
                connection,
                "rows",
                "r",
                ("webhook", "text"),
                ("position", "bigint"),
                ("attempts", "integer"),
                ("state", "text"),
                ("nextAt", "bigint"),
                ("status", "integer"),
                ("error", "text"),
                ("took", "bigint")
            )}
            WHERE webhook_deliveries.webhook_id = r.webhook AND webhook_deliveries.position = r.position
                AND webhook_deliveries.state = 'pending' AND webhook_deliveries.attempts = r.attempts
            RETURNING webhook_deliveries.webhook_id, webhook_deliveries.session_id, webhook_deliveries.state
            """,
            new
            {
                at = now.ToUnixTimeMilliseconds(),
                rows = JsonSerializer.Serialize(written.Select(one => RowOf(one, now))),
            },
            transaction
        );
        var off = written.Where(one => one.After is AfterCall.Gone).Select(one => one.Delivery.Webhook).Distinct();
        foreach (var gone in off)
        {
            await connection.ExecuteAsync(
                "UPDATE webhooks SET enabled = 0, disabled_reason = @reason WHERE id = @gone AND enabled = 1",
                new { reason = Gone, gone },
                transaction
            );
        }
        await PromoteAsync(
            transaction,
            ended.Where(row => row.State != "pending").Select(row => (row.Webhook, row.Session)),
            now
        );
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>When the next event is due; null when none is.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var next = await connection.ExecuteScalarAsync<long?>(
            new CommandDefinition(
                """
                SELECT d.next_at FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id AND w.enabled = 1
                WHERE d.state = 'pending' ORDER BY d.next_at LIMIT 1
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
            await AddAsync(transaction, told.Select(one => (webhook, one)), now);
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

    /// <summary>How many calls of the webhook or host of a row are under way, in SQL.</summary>
    private static string UnderWay(
        string column,
        IReadOnlyDictionary<string, int> calls,
        DynamicParameters parameters
    )
    {
        var sql = new StringBuilder();
        foreach (var (called, count) in calls)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"busy{column.Length}_{sql.Length}");
            parameters.Add(name, called);
            sql.Append(CultureInfo.InvariantCulture, $" WHEN @{name} THEN {count}");
        }
        return sql.Length == 0 ? "0" : $"CASE {column}{sql} ELSE 0 END";
    }

    /// <summary>
    /// Holds webhooks to the end of the transaction, before any row of their ledgers is read or written. Whoever
    /// settles an event and whoever adds the next event of its session come one after the other that way, so that the
    /// later one sees what the earlier one wrote. All hold webhooks in one order.
    /// </summary>
    /// <returns>The webhooks that there are.</returns>
    private static async Task<ImmutableHashSet<string>> HoldAsync(DbTransaction within, IEnumerable<string> webhooks)
    {
        // On SQLite the transaction lets nobody else write, from its beginning.
        var connection = within.Connection!;
        var hold = connection is NpgsqlConnection ? " ORDER BY id FOR UPDATE" : "";
        return
        [
            .. await connection.QueryAsync<string>(
                $"SELECT id FROM webhooks WHERE id {Among(connection)}{hold}",
                new { ids = webhooks.Distinct().ToArray() },
                within
            ),
        ];
    }

    private static string NameOf(WebhookDeliveryState state) => state.ToString().ToLowerInvariant();

    /// <summary>The condition that a column is one of the parameter <c>ids</c>.</summary>
    private static string Among(DbConnection connection) => connection is NpgsqlConnection ? "= ANY(@ids)" : "IN @ids";

    private static object RowOf(SettledDelivery one, DateTimeOffset now) =>
        new
        {
            webhook = one.Delivery.Webhook,
            position = one.Delivery.Position,
            attempts = one.Delivery.Attempts,
            state = one.After switch
            {
                AfterCall.Delivered => "delivered",
                AfterCall.Retry or AfterCall.Gone => "pending",
                _ => "dead",
            },
            nextAt = one.After switch
            {
                AfterCall.Retry retry => (now + retry.Wait).ToUnixTimeMilliseconds(),

                // Sent again once somebody switches the receiver on.
                AfterCall.Gone => now.ToUnixTimeMilliseconds(),
                _ => (long?)null,
            },
            status = one.Outcome.Status,
            error = one.Outcome.Error,
            took = (long)one.Outcome.Took.TotalMilliseconds,
        };

    private static async Task AddAsync(
        DbTransaction within,
        IEnumerable<(string Webhook, FarmEvent Told)> added,
        DateTimeOffset now
    )
    {
        var rows = added
            .Select(one => new
            {
                webhook = one.Webhook,
                position = one.Told.Position,
                @event = one.Told.Id,
                session = (long)(one.Told.Session ?? EventTables.Farm),
                type = one.Told.Type,
            })
            .ToList();
        if (rows.Count == 0)
        {
            return;
        }
        var connection = within.Connection!;

        // SQLite takes ON behind a table for a join, unless a condition stands between.
        await connection.ExecuteAsync(
            $"""
            INSERT INTO webhook_deliveries
                (webhook_id, position, event_id, session_id, type, state, attempts, updated_at, added_at)
            SELECT r.webhook, r.position, r.event, r.session, r.type, 'waiting', 0, @at, @at
            FROM {JsonRows.Table(
                connection,
                "rows",
                "r",
                ("webhook", "text"),
                ("position", "bigint"),
                ("event", "text"),
                ("session", "bigint"),
                ("type", "text")
            )}
            WHERE true
            ON CONFLICT (webhook_id, position) DO UPDATE SET
                state = 'waiting', attempts = 0, next_at = NULL, updated_at = excluded.updated_at,
                added_at = excluded.added_at
            WHERE NOT (webhook_deliveries.{Open})
            """,
            new { rows = JsonSerializer.Serialize(rows), at = now.ToUnixTimeMilliseconds() },
            within
        );
        await PromoteAsync(within, rows.Select(row => (row.webhook, row.session)), now);
    }

    /// <summary>Makes the first waiting event of each session pending, unless one is.</summary>
    private static async Task PromoteAsync(
        DbTransaction within,
        IEnumerable<(string Webhook, long Session)> sessions,
        DateTimeOffset now
    )
    {
        var rows = sessions.Distinct().Select(one => new { webhook = one.Webhook, session = one.Session }).ToList();
        if (rows.Count == 0)
        {
            return;
        }
        var connection = within.Connection!;
        await connection.ExecuteAsync(
            $"""
            UPDATE webhook_deliveries SET state = 'pending', next_at = @at
            FROM (
                SELECT r.webhook, (
                    SELECT MIN(o.position) FROM webhook_deliveries o
                    WHERE o.webhook_id = r.webhook AND o.session_id = r.session AND o.{Open}
                ) AS first
                FROM {JsonRows.Table(connection, "rows", "r", ("webhook", "text"), ("session", "bigint"))}
                WHERE NOT EXISTS (
                    SELECT 1 FROM webhook_deliveries p
                    WHERE p.webhook_id = r.webhook AND p.session_id = r.session AND p.state = 'pending'
                )
            ) AS n
            WHERE webhook_deliveries.webhook_id = n.webhook AND webhook_deliveries.position = n.first
                AND webhook_deliveries.state = 'waiting'
            """,
            new { rows = JsonSerializer.Serialize(rows), at = now.ToUnixTimeMilliseconds() },
            within
        );
    }
}
