using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>Limits and intervals of sessions; section <c>Recorder:Sessions</c> of the configuration.</summary>
[Description("Limits and intervals of sessions.")]
public sealed class SessionOptions
{
    /// <summary>The time to the first written frame: of a start, which is undone then, and of a later record, whose
    /// media set is replaced then.</summary>
    [Description("How long a start may take until its first frame is written; then it is undone.")]
    [Range("1 s", "10 min")]
    public TimeSpan StartLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest absence after which a session goes on by itself. A longer one closes it as
    /// <c>interrupted</c>.</summary>
    [Description(
        "How long a session may be away, counted from the last evidence of a growing record, and still go on by itself after a restart. "
            + "A longer absence closes it as interrupted."
    )]
    [Range("0 s", "7 d")]
    public TimeSpan ResumeWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The time from one evidence of a growing record in the journal to the next.</summary>
    [Description("How often a growing record is confirmed in the database.")]
    [Range("100 ms", "1 min")]
    public TimeSpan EvidenceInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The first wait before a failed media set is tried again.</summary>
    [Description("The wait before failed media are started again; it doubles up to RetryDelayLimit.")]
    [Range("10 ms", "1 min")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before a failed media set is tried again.</summary>
    [Description("The longest wait before failed media are started again.")]
    [Range("10 ms", "1 h")]
    public TimeSpan RetryDelayLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time that an answer waits for the farm's list of sessions.</summary>
    [Description("How long an answer waits for the farm's list of sessions to have the news.")]
    [Range("100 ms", "1 min")]
    public TimeSpan ReportLimit { get; set; } = TimeSpan.FromSeconds(3);
}
