using System.Collections.Immutable;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>A receiver of a session's events that the start names.</summary>
/// <param name="Field">The place of the address in the body, for refusals.</param>
/// <param name="Url">Where events are sent to.</param>
/// <param name="Types">The types of events; none: every type.</param>
/// <param name="Secret">The secret.</param>
internal sealed record SessionWebhookCall(string Field, string Url, ImmutableList<string> Types, string Secret)
{
    /// <summary>The receivers as a schedule keeps them.</summary>
    public static ImmutableList<ScheduledWebhook> Scheduled(ImmutableList<SessionWebhookCall> calls) =>
        calls.ConvertAll(call => new ScheduledWebhook(call.Url, call.Types, call.Secret));

    // Records print their members, and a log must not have the secret.
    /// <inheritdoc/>
    public override string ToString() => Field;
}

/// <summary>Reads the receivers of a session's events: <c>data.webhooks</c> of a start. Pure.</summary>
internal static class SessionWebhookParser
{
    private static readonly string[] Names = [WebhookFields.Url, WebhookFields.Secret, WebhookFields.Types];

    /// <summary>Reads the receivers; none when the field is absent.</summary>
    /// <param name="data">The object that holds the field.</param>
    public static ImmutableList<SessionWebhookCall> Parse(JsonFields data)
    {
        var webhooks = ImmutableList.CreateBuilder<SessionWebhookCall>();
        foreach (var fields in data.Objects(StartFields.Webhooks, SpecLimits.MaximumWebhooks))
        {
            fields.Allow(Names);
            var url = WebhookFields.ReadUrl(fields, required: true);
            var secret = WebhookFields.ReadSecret(fields, required: true);
            var types = WebhookFields.ReadTypes(fields) ?? [];
            if (url is not null && secret is not null)
            {
                webhooks.Add(new SessionWebhookCall(fields.Path(WebhookFields.Url), url, types, secret));
            }
        }
        return webhooks.ToImmutable();
    }
}
