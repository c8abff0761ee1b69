using Recorder.Cluster.Events;

namespace Recorder.Cluster.Webhooks;

/// <summary>The rows of the ledger.</summary>
internal sealed partial class WebhookLedger
{
    private sealed class DueRow
    {
        public string Webhook { get; init; } = "";

        public long Position { get; init; }

        public string EventId { get; init; } = "";

        public int Attempts { get; init; }

        public long NextAt { get; init; }

        public long AddedAt { get; init; }

        public string Host { get; init; } = "";

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
            )
            {
                Host = Host,
                AddedAt = AddedAt > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(AddedAt) : null,
            };
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
