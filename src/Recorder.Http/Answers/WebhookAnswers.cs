using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Webhooks;

namespace Recorder.Http.Answers;

/// <summary>A receiver of events.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where events are sent to.</param>
/// <param name="Types">The types of events; none: every type.</param>
/// <param name="Session">The session whose events it gets; null: all events.</param>
/// <param name="Description">What people wrote about it, or null.</param>
/// <param name="Enabled">Whether events are sent.</param>
/// <param name="DisabledReason">Why no events are sent, or null.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Configured">Whether the configuration has it, which alone can change it then.</param>
/// <param name="SecretHint">The last characters of the secret.</param>
/// <param name="EarlierSecretUntil">Until when events are signed by the secret before too, or null.</param>
/// <param name="Labels">The labels that a session must have for its events to be sent; none: any session, and events of
/// the farm.</param>
/// <param name="Secret">The secret, whole; only in the answer that made it, and absent otherwise.</param>
public sealed record WebhookAnswer(
    string Id,
    string Url,
    IReadOnlyList<string> Types,
    int? Session,
    string? Description,
    bool Enabled,
    string? DisabledReason,
    DateTimeOffset CreatedAt,
    bool Configured,
    string SecretHint,
    DateTimeOffset? EarlierSecretUntil,
    IReadOnlyDictionary<string, string> Labels,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret = null
)
{
    // Records print their members, and a log must not have the secret.
    /// <inheritdoc/>
    public override string ToString() => $"webhook {Id}";

    /// <summary>A webhook without its secret.</summary>
    internal static WebhookAnswer Of(Webhook webhook) =>
        new(
            webhook.Id,
            webhook.Url,
            webhook.Types,
            webhook.Session,
            webhook.Description,
            webhook.Enabled,
            webhook.DisabledReason,
            webhook.CreatedAt,
            webhook.Source == WebhookSource.Configuration,
            WebhookSecret.Hint(webhook.Secret),
            webhook.EarlierUntil,
            webhook.Labels.ToImmutableSortedDictionary(
                label => label.Key,
                label => label.Value,
                StringComparer.Ordinal
            )
        );
}

/// <summary>What became of an event for one webhook.</summary>
/// <param name="Event">The event's id.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Session">The session, or null.</param>
/// <param name="Position">The event's place in the stream of events.</param>
/// <param name="State">waiting: for an earlier event of its session; pending; delivered; dead: given up.</param>
/// <param name="Attempts">How often the event was sent.</param>
/// <param name="NextAt">When it is sent next, or null.</param>
/// <param name="UpdatedAt">When this last changed.</param>
/// <param name="Status">What the receiver answered last, or null.</param>
/// <param name="Error">What went wrong last, or null.</param>
/// <param name="TookMs">How long the last call took, in milliseconds, or null.</param>
public sealed record WebhookDeliveryAnswer(
    string Event,
    string Type,
    int? Session,
    long Position,
    string State,
    int Attempts,
    DateTimeOffset? NextAt,
    DateTimeOffset UpdatedAt,
    int? Status,
    string? Error,
    double? TookMs
)
{
    /// <summary>A row of the ledger.</summary>
    internal static WebhookDeliveryAnswer Of(WebhookDelivery delivery) =>
        new(
            delivery.Event,
            delivery.Type,
            delivery.Session,
            delivery.Position,
            delivery.State.ToString().ToLowerInvariant(),
            delivery.Attempts,
            delivery.NextAt,
            delivery.UpdatedAt,
            delivery.Status,
            delivery.Error,
            delivery.Took?.TotalMilliseconds
        );
}

/// <summary>What became of a test event.</summary>
/// <param name="Delivered">Whether the receiver took it.</param>
/// <param name="Status">What the receiver answered, or null.</param>
/// <param name="Error">What went wrong, or null.</param>
/// <param name="TookMs">How long the call took, in milliseconds.</param>
public sealed record WebhookTestAnswer(bool Delivered, int? Status, string? Error, double TookMs);

/// <summary>How many events are sent again.</summary>
/// <param name="Events">The number of events.</param>
/// <param name="More">Whether there are more; ask again with after.</param>
/// <param name="After">The place of the last event that was taken.</param>
public sealed record WebhookReplayAnswer(int Events, bool More, long After);

/// <summary>A webhook was taken out.</summary>
/// <param name="Status">Always deleted.</param>
public sealed record WebhookDeletedAnswer(string Status);
