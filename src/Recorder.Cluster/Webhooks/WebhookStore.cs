using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Webhooks;

/// <summary>The receivers of events, in the database of the farm.</summary>
public sealed class WebhookStore(FarmDatabase database)
{
    /// <summary>How long the first event of a session may take after its start was asked for.</summary>
    private static readonly TimeSpan LongestStart = TimeSpan.FromHours(1);

    /// <summary>Whether the journal has the beginning of a session that the read model has not come to, in SQL. After
    /// an outage that session may be the one that a receiver waits for.</summary>
    private const string Unprojected = """
        EXISTS (
            SELECT 1 FROM journal j WHERE j.sequence_number = 1 AND j.persistence_id LIKE 'session-%'
                AND j.ordering > COALESCE((SELECT p.ordering FROM projections p WHERE p.name = 'sessions'), 0)
        )
        """;

    /// <summary>Every webhook, in the order of their making.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DbException">The database cannot be read.</exception>
    public async Task<ImmutableList<Webhook>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<WebhookRow>(
            new CommandDefinition(
                $"SELECT {WebhookRow.Columns} FROM webhooks ORDER BY created_at, id",
                cancellationToken: cancellation
            )
        );
        return [.. rows.Select(row => row.ToWebhook())];
    }

    /// <summary>One webhook; null when there is none of this id.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DbException">The database cannot be read.</exception>
    public async Task<Webhook?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (
            await connection.QuerySingleOrDefaultAsync<WebhookRow>(
                new CommandDefinition(
                    $"SELECT {WebhookRow.Columns} FROM webhooks WHERE id = @id",
                    new { id },
                    cancellationToken: cancellation
                )
            )
        )?.ToWebhook();
    }

    /// <summary>Adds a webhook, or changes the one of its id. A new one gets the events from now on.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <exception cref="DbException">The database cannot be written.</exception>
    public async Task PutAsync(Webhook webhook, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        await using var connection = await database.OpenAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                """
                INSERT INTO webhooks
                    (id, source, session_id, url, description, types, secret, earlier_secret, earlier_until, enabled,
                    disabled_reason, created_at, labels, host, position)
                SELECT @Id, @Source, @SessionId, @Url, @Description, @Types, @Secret, @EarlierSecret, @EarlierUntil,
                    @Enabled, @DisabledReason, @CreatedAt, @Labels, @Host, position FROM event_feed WHERE one = 1
                ON CONFLICT (id) DO UPDATE SET
                    source = excluded.source, session_id = excluded.session_id, url = excluded.url,
                    description = excluded.description, types = excluded.types, secret = excluded.secret,
                    earlier_secret = excluded.earlier_secret, earlier_until = excluded.earlier_until,
                    enabled = excluded.enabled, disabled_reason = excluded.disabled_reason, labels = excluded.labels,
                    host = excluded.host, absent_since = NULL
                """,
                new
                {
                    webhook.Id,
                    Source = webhook.Source.ToString(),
                    SessionId = (long?)webhook.Session,
                    webhook.Url,
                    webhook.Description,
                    Types = JsonSerializer.Serialize(webhook.Types),
                    webhook.Secret,
                    webhook.EarlierSecret,
                    EarlierUntil = webhook.EarlierUntil?.ToUnixTimeMilliseconds(),
                    Enabled = webhook.Enabled ? 1 : 0,
                    webhook.DisabledReason,
                    CreatedAt = webhook.CreatedAt.ToUnixTimeMilliseconds(),
                    Labels = JsonSerializer.Serialize(webhook.Labels),
                    webhook.Host,
                },
                cancellationToken: cancellation
            )
        );
    }

    /// <summary>Changes what is named of a webhook, and nothing else: its session, its place and what a receiver has
    /// answered meanwhile stay.</summary>
    /// <param name="id">The webhook.</param>
    /// <param name="change">What is changed.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>The webhook as it is now; null when there is none of this id, or when a webhook that waits for its
    /// session was to be switched on.</returns>
    /// <exception cref="DbException">The database cannot be written.</exception>
    public async Task<Webhook?> ChangeAsync(
        string id,
        WebhookChange change,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(change);
        List<string> set = [];
        Set(change.Url, "url = @Url, host = @Host");
        Set(change.Types, "types = @Types");
        Set(change.Labels, "labels = @Labels");
        Set(change.Description, "description = @Description");
        Set(change.Enabled, "enabled = @Enabled, disabled_reason = @Reason");
        Set(change.Secret, "earlier_secret = secret, earlier_until = @Until, secret = @Secret");
        if (set.Count == 0)
        {
            return await FindAsync(id, cancellation);
        }
        await using var connection = await database.OpenAsync(cancellation);
        return (
            await connection.QuerySingleOrDefaultAsync<WebhookRow>(
                new CommandDefinition(
                    $"""
                    UPDATE webhooks SET {string.Join(", ", set)}
                    WHERE id = @id{(change.Enabled is true ? " AND (source <> 'Session' OR session_id IS NOT NULL)" : "")}
                    RETURNING {WebhookRow.Columns}
                    """,
                    new
                    {
                        id,
                        change.Url,
                        Host = change.Url is { } url ? Webhook.HostOf(url) : null,
                        Types = JsonSerializer.Serialize(change.Types),
                        Labels = JsonSerializer.Serialize(change.Labels),
                        change.Description,
                        Enabled = change.Enabled is true ? 1 : 0,
                        Reason = change.Enabled is true ? null : WebhookChange.SwitchedOff,
                        Until = (now + Webhook.Overlap).ToUnixTimeMilliseconds(),
                        change.Secret,
                    },
                    cancellationToken: cancellation
                )
            )
        )?.ToWebhook();

        void Set(object? value, string column)
        {
            if (value is not null)
            {
                set.Add(column);
            }
        }
    }

    /// <summary>Keeps the receivers that the start of a session names, before the session has an id. Those that are
    /// there already stay as they are. They get no events until <see cref="AttachAsync"/>.</summary>
    /// <param name="webhooks">The receivers.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <exception cref="DbException">The database cannot be written.</exception>
    public async Task PrepareAsync(ImmutableList<Webhook> webhooks, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(webhooks);
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(
            """
            INSERT INTO webhooks
                (id, source, session_id, url, description, types, secret, enabled, created_at, host, position)
            VALUES (@Id, @Source, NULL, @Url, @Description, @Types, @Secret, 0, @CreatedAt, @Host, 0)
            ON CONFLICT (id) DO NOTHING
            """,
            webhooks.Select(webhook => new
            {
                webhook.Id,
                Source = nameof(WebhookSource.Session),
                webhook.Url,
                webhook.Description,
                Types = JsonSerializer.Serialize(webhook.Types),
                webhook.Secret,
                CreatedAt = webhook.CreatedAt.ToUnixTimeMilliseconds(),
                webhook.Host,
            }),
            transaction
        );
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Lets the receivers that a session's start has named get the session's events from the first one on. The
    /// transaction is that in which events come into the feed. What is prepared becomes the session's own under another
    /// id. So a start that is repeated under its key, since the first session failed, prepares its receivers
    /// anew.</summary>
    /// <param name="within">The transaction.</param>
    /// <param name="session">The session.</param>
    /// <param name="webhooks">The receivers, under the ids of the start.</param>
    internal static Task<int> AttachAsync(DbTransaction within, SessionId session, ImmutableList<string> webhooks) =>
        within.Connection!.ExecuteAsync(
            """
            UPDATE webhooks SET id = @own, session_id = @session, enabled = 1,
                position = (SELECT COALESCE(MIN(events.position), 1) FROM events WHERE events.session_id = @session) - 1
            WHERE id = @id AND source = 'Session' AND session_id IS NULL
                AND NOT EXISTS (SELECT 1 FROM webhooks w WHERE w.id = @own)
            """,
            webhooks
                .Order(StringComparer.Ordinal)
                .Select(id => new
                {
                    id,
                    own = IdOf(id, session),
                    session = (long)session.Value,
                }),
            within
        );

    /// <summary>The id of a receiver once it belongs to a session.</summary>
    /// <param name="prepared">The id of the start.</param>
    /// <param name="session">The session.</param>
    internal static string IdOf(string prepared, SessionId session) => $"{prepared}-{session}";

    /// <summary>Takes the receivers of sessions out that are done: the session has nothing left to do, and each event
    /// is delivered or given up, or the receiver answered 410. And when the session ended long ago or is not there, or
    /// the start came to nothing. And webhooks that the configuration has not had for long.</summary>
    /// <param name="now">The time.</param>
    /// <param name="kept">How long the events of an ended session are kept.</param>
    /// <param name="cancellation">Ends the step.</param>
    /// <returns>The webhooks that were taken out.</returns>
    /// <exception cref="DbException">The database cannot be written.</exception>
    public async Task<DoneWebhooks> RemoveDoneAsync(
        DateTimeOffset now,
        TimeSpan kept,
        CancellationToken cancellation
    )
    {
        const string Session = nameof(WebhookSource.Session);
        ImmutableList<(string Id, string Source, long? Session)> done;
        await using (var connection = await database.OpenAsync(cancellation))
        {
            done =
            [
                .. await connection.QueryAsync<(string, string, long?)>(
                    new CommandDefinition(
                        $"""
                        SELECT w.id, w.source, w.session_id FROM webhooks w LEFT JOIN sessions s ON s.id = w.session_id
                        WHERE w.source = 'Session' AND (
                            (w.session_id IS NULL AND w.created_at < @forlorn AND NOT {Unprojected})
                            OR s.ended_at < @before
                            OR (w.session_id IS NOT NULL AND s.id IS NULL AND w.created_at < @forlorn)
                            OR (
                                s.settled AND s.sequence_nr > 0
                                AND (
                                    (w.enabled = 0 AND w.disabled_reason = @Gone)
                                    OR (
                                        w.position >= (
                                            SELECT COALESCE(MAX(e.position), 0) FROM events e
                                            WHERE e.session_id = w.session_id
                                        )
                                        AND NOT EXISTS (
                                            SELECT 1 FROM webhook_deliveries d
                                            WHERE d.webhook_id = w.id AND d.state IN ('pending', 'waiting')
                                        )
                                    )
                                )
                            )
                        )
                        OR (w.source = 'Configuration' AND w.absent_since < @before)
                        ORDER BY w.id
                        """,
                        new
                        {
                            forlorn = (now - LongestStart).ToUnixTimeMilliseconds(),
                            before = (now - kept).ToUnixTimeMilliseconds(),
                            WebhookLedger.Gone,
                        },
                        cancellationToken: cancellation
                    )
                ),
            ];
        }
        foreach (var (id, _, _) in done)
        {
            await RemoveAsync(id, cancellation);
        }
        return new DoneWebhooks(
            [.. done.Where(one => one.Session is not null).Select(one => one.Id)],
            [.. done.Where(one => one.Session is null && one.Source == Session).Select(one => one.Id)],
            [.. done.Where(one => one.Source != Session).Select(one => one.Id)]
        );
    }

    /// <summary>Brings the webhooks of the configuration into the database, and switches off those that the
    /// configuration no longer has. They keep their place and their ledger for a while: the next configuration may have
    /// them again. Of those that are known, only what the configuration has changed is written: somebody may be
    /// changing the rest.</summary>
    /// <param name="configured">The webhooks of the configuration.</param>
    /// <param name="at">The time.</param>
    /// <param name="cancellation">Ends the step.</param>
    /// <exception cref="DbException">The database cannot be written.</exception>
    public async Task TakeConfiguredAsync(
        ImmutableList<ConfiguredWebhook> configured,
        DateTimeOffset at,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(configured);
        var known = (await ListAsync(cancellation)).FindAll(webhook => webhook.Source == WebhookSource.Configuration);
        foreach (var one in configured)
        {
            if (known.Find(webhook => webhook.Id == one.Id) is not { } kept)
            {
                await PutAsync(one.New(at), cancellation);
            }
            else if (one.Over(kept) is { } change)
            {
                await ChangeAsync(one.Id, change, at, cancellation);
            }
        }
        await using var connection = await database.OpenAsync(cancellation);
        await connection.ExecuteAsync(
            "UPDATE webhooks SET absent_since = NULL WHERE id = @Id AND absent_since IS NOT NULL",
            configured.Select(one => new { one.Id })
        );
        await connection.ExecuteAsync(
            """
            UPDATE webhooks SET disabled_reason = CASE WHEN enabled = 1 THEN @Absent ELSE disabled_reason END,
                enabled = 0, absent_since = COALESCE(absent_since, @at)
            WHERE id = @Id AND source = 'Configuration'
            """,
            known
                .Where(webhook => !configured.Exists(one => one.Id == webhook.Id))
                .Select(webhook => new
                {
                    webhook.Id,
                    ConfiguredWebhook.Absent,
                    at = at.ToUnixTimeMilliseconds(),
                })
        );
    }

    /// <summary>Takes a webhook out, with its ledger.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="DbException">The database cannot be written.</exception>
    public async Task<bool> RemoveAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var removed = await connection.ExecuteAsync("DELETE FROM webhooks WHERE id = @id", new { id }, transaction);
        await connection.ExecuteAsync("DELETE FROM webhook_deliveries WHERE webhook_id = @id", new { id }, transaction);
        await transaction.CommitAsync(cancellation);
        return removed > 0;
    }
}

/// <summary>The webhooks that were taken out.</summary>
/// <param name="Attached">Those whose sessions are done.</param>
/// <param name="Prepared">Those that no session has taken.</param>
/// <param name="Absent">Those that the configuration has not had for long.</param>
public sealed record DoneWebhooks(
    ImmutableList<string> Attached,
    ImmutableList<string> Prepared,
    ImmutableList<string> Absent
);
