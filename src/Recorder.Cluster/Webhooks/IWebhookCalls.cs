using System.Collections.Immutable;

namespace Recorder.Cluster.Webhooks;

/// <summary>An event on its way to a receiver.</summary>
/// <param name="Url">The receiver.</param>
/// <param name="EventId">The id of the event.</param>
/// <param name="Body">The event.</param>
/// <param name="Secrets">The secrets that the event is signed by.</param>
public sealed record WebhookCall(string Url, string EventId, string Body, ImmutableList<string> Secrets)
{
    // Records print their members, and a log must not have the secrets.
    /// <inheritdoc/>
    public override string ToString() => $"the call of a webhook with event {EventId}";
}

/// <summary>Calls receivers of events.</summary>
public interface IWebhookCalls
{
    /// <summary>Sends an event once. Ends within 15 s and never fails: what goes wrong is the outcome.</summary>
    /// <param name="call">The event.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task<CallOutcome> SendAsync(WebhookCall call, CancellationToken cancellation);
}
