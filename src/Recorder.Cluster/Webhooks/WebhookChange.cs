using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Webhooks;

/// <summary>What is changed of a webhook. What is null stays as it is, whatever happens to the webhook
/// meanwhile.</summary>
public sealed record WebhookChange
{
    /// <summary>Where events are sent to.</summary>
    public string? Url { get; init; }

    /// <summary>The types of events; none: every type.</summary>
    public ImmutableList<string>? Types { get; init; }

    /// <summary>Only events of sessions with all these labels.</summary>
    public ImmutableList<SessionLabel>? Labels { get; init; }

    /// <summary>What people wrote about the webhook.</summary>
    public string? Description { get; init; }

    /// <summary>Whether events are sent. A webhook that waits for its session cannot be switched on.</summary>
    public bool? Enabled { get; init; }

    /// <summary>A new secret. The one before stays valid beside the new one for <see cref="Webhook.Overlap"/>.</summary>
    public string? Secret { get; init; }

    /// <summary>Why no events are sent, when a caller of the API has switched the webhook off.</summary>
    public const string SwitchedOff = "A caller of the API has switched it off.";

    // Records print their members, and a log must not have the secret.
    /// <inheritdoc/>
    public override string ToString() => "a change of a webhook";
}
