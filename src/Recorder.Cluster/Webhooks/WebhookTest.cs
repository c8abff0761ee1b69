using System.Text.Json;

namespace Recorder.Cluster.Webhooks;

/// <summary>The event by which people try whether a receiver takes events. It is in no feed.</summary>
internal static class WebhookTest
{
    /// <summary>The type of a test event.</summary>
    public const string Type = "webhook.test";

    /// <summary>A call with a test event.</summary>
    /// <param name="webhook">The receiver.</param>
    /// <param name="at">The time.</param>
    public static WebhookCall Of(Webhook webhook, DateTimeOffset at)
    {
        var id = $"evt_test-{Guid.NewGuid():n}";
        return new WebhookCall(
            webhook.Url,
            id,
            JsonSerializer.Serialize(
                new
                {
                    id,
                    type = Type,
                    timestamp = at.ToUniversalTime(),
                    data = new { webhook = webhook.Id },
                }
            ),
            webhook.SecretsAt(at)
        );
    }
}
