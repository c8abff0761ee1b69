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
    private const string Columns = """
        id AS Id, source AS Source, session_id AS SessionId, url AS Url, description AS Description, types AS Types,
        secret AS Secret, earlier_secret AS EarlierSecret, earlier_until AS EarlierUntil, enabled AS Enabled,
        disabled_reason AS DisabledReason, created_at AS CreatedAt, labels AS Labels
        """;

    /// <summary>Every webhook, in the order of their making.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DbException">The database cannot be read.</exception>
    public async Task<ImmutableList<Webhook>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(
                $"SELECT {Columns} FROM webhooks ORDER BY created_at, id",
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
            await connection.QuerySingleOrDefaultAsync<Row>(
                new CommandDefinition(
                    $"SELECT {Columns} FROM webhooks WHERE id = @id",
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
                    disabled_reason, created_at, labels, position)
                SELECT @Id, @Source, @SessionId, @Url, @Description, @Types, @Secret, @EarlierSecret, @EarlierUntil,
                    @Enabled, @DisabledReason, @CreatedAt, @Labels, position FROM event_feed WHERE one = 1
                ON CONFLICT (id) DO UPDATE SET
                    source = excluded.source, session_id = excluded.session_id, url = excluded.url,
                    description = excluded.description, types = excluded.types, secret = excluded.secret,
                    earlier_secret = excluded.earlier_secret, earlier_until = excluded.earlier_until,
                    enabled = excluded.enabled, disabled_reason = excluded.disabled_reason, labels = excluded.labels
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
                },
                cancellationToken: cancellation
            )
        );
    }

    /// <summary>Brings the webhooks of the configuration into the database, and takes out those that the configuration
    /// no longer has.</summary>
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
            await PutAsync(one.Over(known.Find(webhook => webhook.Id == one.Id), at), cancellation);
        }
        foreach (var gone in known.Where(webhook => !configured.Exists(one => one.Id == webhook.Id)))
        {
            await RemoveAsync(gone.Id, cancellation);
        }
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

    private sealed class Row
    {
        public string Id { get; init; } = "";

        public string Source { get; init; } = "";

        public long? SessionId { get; init; }

        public string Url { get; init; } = "";

        public string? Description { get; init; }

        public string Types { get; init; } = "[]";

        public string Secret { get; init; } = "";

        public string? EarlierSecret { get; init; }

        public long? EarlierUntil { get; init; }

        public int Enabled { get; init; }

        public string? DisabledReason { get; init; }

        public long CreatedAt { get; init; }

        public string Labels { get; init; } = "[]";

        public Webhook ToWebhook() =>
            new(
                Id,
                Enum.Parse<WebhookSource>(Source),
                Url,
                JsonSerializer.Deserialize<ImmutableList<string>>(Types) ?? [],
                (int?)SessionId,
                Description,
                Enabled != 0,
                DisabledReason,
                DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
                Secret,
                EarlierSecret,
                EarlierUntil is { } until ? DateTimeOffset.FromUnixTimeMilliseconds(until) : null
            )
            {
                Labels = JsonSerializer.Deserialize<ImmutableList<SessionLabel>>(Labels) ?? [],
            };
    }
}
