using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>Limits and intervals of sessions; section <c>Recorder:Sessions</c> of the configuration.</summary>
[Description("Limits and intervals of sessions.")]
public sealed class SessionOptions
{
    /// <summary>How long the first written frame may take. After that limit a start is undone, and the media set of a
    /// later record is replaced.</summary>
    [Description("How long a start may take until its first frame is written. After this time, the start is undone.")]
    [Range("1 s", "10 min")]
    public TimeSpan StartLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest absence after which a session resumes by itself. A longer absence closes the session as
    /// <c>interrupted</c>.</summary>
    [Description(
        "How long a session may be away and still go on by itself after a restart. The time counts from the "
            + "last evidence of a growing record. A longer absence closes the session as interrupted."
    )]
    [Range("0 s", "7 d")]
    public TimeSpan ResumeWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long any session may last, with its pauses. Starts that ask for more are refused.</summary>
    [Description(
        "The longest that a session may last, from its first frame and with its pauses. Then the session is "
            + "stopped, as end.max_duration of the session would do. A start that asks for more is refused."
    )]
    [Range("1 min", "3650 d")]
    public TimeSpan MaxDuration { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The time between two evidences of a growing record in the journal.</summary>
    [Description("How often the database receives evidence of a growing record.")]
    [Range("100 ms", "1 min")]
    public TimeSpan EvidenceInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The first wait before a failed media set is tried again.</summary>
    [Description(
        "The first wait before failed media are started again. The wait doubles with each try, up to "
            + "RetryDelayLimit."
    )]
    [Range("10 ms", "1 min")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before a failed media set is tried again.</summary>
    [Description("The longest wait before failed media are started again.")]
    [Range("10 ms", "1 h")]
    public TimeSpan RetryDelayLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an answer waits for the farm's list of sessions.</summary>
    [Description("How long an answer waits until the farm's list of sessions has the news.")]
    [Range("100 ms", "1 min")]
    public TimeSpan ReportLimit { get; set; } = TimeSpan.FromSeconds(3);
}
