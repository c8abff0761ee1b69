using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>Limits and intervals of sessions; section <c>Recorder:Sessions</c> of the configuration.</summary>
[Description("Limits and intervals of sessions.")]
public sealed class SessionOptions
{
    /// <summary>How long the first written frame may take. After that limit a start is undone, and the media set of a
    /// later record is replaced.</summary>
    [Description("How long a start may take until its first frame is written; then it is undone.")]
    [Range("1 s", "10 min")]
    public TimeSpan StartLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest absence after which a session resumes by itself. A longer absence closes the session as
    /// <c>interrupted</c>.</summary>
    [Description(
        "How long a session may be away, counted from the last evidence of a growing record, and still go on by itself after a restart. "
            + "A longer absence closes it as interrupted."
    )]
    [Range("0 s", "7 d")]
    public TimeSpan ResumeWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The time between two evidences of a growing record in the journal.</summary>
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

    /// <summary>How long an answer waits for the farm's list of sessions.</summary>
    [Description("How long an answer waits for the farm's list of sessions to have the news.")]
    [Range("100 ms", "1 min")]
    public TimeSpan ReportLimit { get; set; } = TimeSpan.FromSeconds(3);
}
