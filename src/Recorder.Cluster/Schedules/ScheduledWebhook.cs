using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Schedules;

/// <summary>A receiver of the events of each session that a schedule starts.</summary>
/// <param name="Url">Where events are sent to.</param>
/// <param name="Types">The types of events; none: every type.</param>
/// <param name="Secret">The secret.</param>
public sealed record ScheduledWebhook(string Url, ImmutableList<string> Types, string Secret)
{
    // Records print their members, and a log must not have the secret.
    /// <inheritdoc/>
    public override string ToString() => "webhook of a schedule";

    /// <summary>The ids under which the receivers of one time are prepared. The same for the same start.</summary>
    /// <param name="key">The key of the start.</param>
    /// <param name="count">How many receivers there are.</param>
    internal static ImmutableList<string> IdsOf(string key, int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(number =>
                    "whk_"
                    + Convert.ToHexStringLower(
                        SHA256.HashData(
                            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{key}\n{number}"))
                        )
                    )[..32]
                ),
        ];

    /// <summary>The receiver as it is prepared for one session.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="now">The time.</param>
    internal Webhook Prepared(string id, DateTimeOffset now) =>
        new(id, WebhookSource.Session, Url, Types, null, null, Enabled: false, null, now, Secret, null, null);
}
