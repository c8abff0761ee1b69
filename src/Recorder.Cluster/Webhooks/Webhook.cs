using System.Collections.Immutable;
using System.Globalization;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Webhooks;

/// <summary>A receiver of events.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Source">Who made it.</param>
/// <param name="Url">Where events are sent to.</param>
/// <param name="Types">The types of events, as in <see cref="Events.EventFilter"/>; none: every type.</param>
/// <param name="Session">The session whose events it gets; null: all events.</param>
/// <param name="Description">What people wrote about it, or null.</param>
/// <param name="Enabled">Whether events are sent. Events of the time without wait.</param>
/// <param name="DisabledReason">Why no events are sent, or null.</param>
/// <param name="CreatedAt">When it was made. Earlier events are not sent, unless they are asked for.</param>
/// <param name="Secret">The secret. Never shown whole after the webhook was made.</param>
/// <param name="EarlierSecret">The secret before, or null.</param>
/// <param name="EarlierUntil">Until when events are signed by the secret before too, or null.</param>
public sealed record Webhook(
    string Id,
    WebhookSource Source,
    string Url,
    ImmutableList<string> Types,
    int? Session,
    string? Description,
    bool Enabled,
    string? DisabledReason,
    DateTimeOffset CreatedAt,
    string Secret,
    string? EarlierSecret,
    DateTimeOffset? EarlierUntil
)
{
    /// <summary>How long the secret before stays valid beside a new one.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary>How far the clocks of two nodes may differ.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>The most webhooks of a farm.</summary>
    public const int Most = 1_000;

    /// <summary>Only events of sessions with all these labels; none: of every session, and of the farm.</summary>
    public ImmutableList<SessionLabel> Labels { get; init; } = [];

    /// <summary>Which events the receiver gets.</summary>
    public EventFilter Filter => new(Types, Session) { Labels = Labels };

    /// <summary>Whether the receiver gets an event by itself. An event from before the webhook was made may still come
    /// into the feed, as when an old journal is read for the first time.</summary>
    /// <param name="told">The event.</param>
    public bool Wants(FarmEvent told)
    {
        ArgumentNullException.ThrowIfNull(told);
        return told.At > CreatedAt - Margin && Filter.Wants(told);
    }

    /// <summary>The secrets that are valid at a time, the newest first.</summary>
    /// <param name="at">The time.</param>
    public ImmutableList<string> SecretsAt(DateTimeOffset at) =>
        EarlierSecret is { } earlier && at < EarlierUntil ? [Secret, earlier] : [Secret];

    /// <summary>The webhook with another secret.</summary>
    /// <param name="secret">The new secret.</param>
    /// <param name="at">When it was changed.</param>
    public Webhook WithSecret(string secret, DateTimeOffset at) =>
        this with
        {
            Secret = secret,
            EarlierSecret = Secret,
            EarlierUntil = at + Overlap,
        };

    /// <summary>The host and port of the receiver. All receivers there share what one host may take.</summary>
    internal string Host => HostOf(Url);

    /// <summary>The host and port of an address.</summary>
    /// <param name="url">The address.</param>
    internal static string HostOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
            ? string.Create(CultureInfo.InvariantCulture, $"{address.IdnHost.ToLowerInvariant()}:{address.Port}")
            : url;

    // Records print their members, and a log must not have the secrets.
    /// <inheritdoc/>
    public override string ToString() => $"webhook {Id}";
}

/// <summary>Who made a webhook.</summary>
public enum WebhookSource
{
    /// <summary>A caller of the API.</summary>
    Api,

    /// <summary>The configuration; the API cannot change it.</summary>
    Configuration,

    /// <summary>The start of a session. Gone when the session has nothing left to do and each event is
    /// delivered or given up.</summary>
    Session,
}

/// <summary>What became of an event for one webhook.</summary>
/// <param name="Position">The event's place in the feed.</param>
/// <param name="Event">The event's id.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Session">The session, or null.</param>
/// <param name="State">How far it is.</param>
/// <param name="Attempts">How often the event was sent.</param>
/// <param name="NextAt">When it is sent next, or null.</param>
/// <param name="UpdatedAt">When this last changed.</param>
/// <param name="Status">The receiver's last answer, or null.</param>
/// <param name="Error">What went wrong last, or null.</param>
/// <param name="Took">How long the last call took, or null.</param>
public sealed record WebhookDelivery(
    long Position,
    string Event,
    string Type,
    int? Session,
    WebhookDeliveryState State,
    int Attempts,
    DateTimeOffset? NextAt,
    DateTimeOffset UpdatedAt,
    int? Status,
    string? Error,
    TimeSpan? Took
);

/// <summary>How far the sending of an event to a webhook is.</summary>
public enum WebhookDeliveryState
{
    /// <summary>Waits for an earlier event of its session.</summary>
    Waiting,

    /// <summary>Is sent next, or again.</summary>
    Pending,

    /// <summary>The receiver has it.</summary>
    Delivered,

    /// <summary>Was given up.</summary>
    Dead,
}
