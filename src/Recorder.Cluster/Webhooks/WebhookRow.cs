using System.Collections.Immutable;
using System.Text.Json;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Webhooks;

/// <summary>A row of the table of webhooks.</summary>
internal sealed class WebhookRow
{
    /// <summary>The columns, for a SELECT or a RETURNING.</summary>
    public const string Columns = """
        id AS Id, source AS Source, session_id AS SessionId, url AS Url, description AS Description, types AS Types,
        secret AS Secret, earlier_secret AS EarlierSecret, earlier_until AS EarlierUntil, enabled AS Enabled,
        disabled_reason AS DisabledReason, created_at AS CreatedAt, labels AS Labels
        """;

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
