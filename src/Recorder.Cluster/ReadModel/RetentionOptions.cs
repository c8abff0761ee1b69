using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.ReadModel;

/// <summary>How long the database keeps what nobody needs any more; section <c>Recorder:Retention</c>.</summary>
[Description("How long the database keeps what nobody needs any more.")]
public sealed class RetentionOptions
{
    /// <summary>How long the events of an ended session are kept. Longer than an idempotency key, so that a repeated
    /// start finds its session.</summary>
    [Description(
        "How long the events of a session are kept after the session has ended and its records are finished and "
            + "delivered. The lists keep the session for ever; they need no events."
    )]
    [Range("25 h", "3650 d")]
    public TimeSpan Journal { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long events are kept for those who read the feed later.</summary>
    [Description(
        "How long events are kept for those who read them later. An event that a webhook is still to get is kept twice "
            + "as long."
    )]
    [Range("1 h", "3650 d")]
    public TimeSpan Events { get; set; } = TimeSpan.FromDays(30);
}
