using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Webhooks;

/// <summary>A webhook was made or changed, or events are to be sent again. To the node that sends events.</summary>
[Wire("webhook/changed:1")]
public sealed record WebhooksChanged : IWireMessage;

/// <summary>Send a test event to a webhook now. Answered by <see cref="WebhookTested"/>.</summary>
/// <param name="Webhook">The webhook's id.</param>
[Wire("webhook/test:1")]
public sealed record TestWebhook(string Webhook) : IWireMessage;

/// <summary>What became of a test event.</summary>
/// <param name="Webhook">The webhook's id.</param>
/// <param name="Status">What the receiver answered; null without an answer.</param>
/// <param name="Error">What went wrong, or null.</param>
/// <param name="Took">How long the call took.</param>
[Wire("webhook/tested:1")]
public sealed record WebhookTested(string Webhook, int? Status, string? Error, TimeSpan Took) : IWireMessage;
