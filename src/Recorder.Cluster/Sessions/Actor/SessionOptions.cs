namespace Recorder.Cluster.Sessions.Actor;

/// <summary>Limits and intervals of sessions; section <c>Recorder:Sessions</c> of the configuration.</summary>
public sealed class SessionOptions
{
    /// <summary>How long a start, or a later record of a session, may take until its first frame is written; then the start is undone, the
    /// media set of the later record replaced. Default 30 seconds.</summary>
    public TimeSpan StartLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a session may be away, counted from the last evidence of a growing record, and still be resumed.
    /// A longer absence closes it as <c>interrupted</c>. Default 10 minutes.
    /// </summary>
    public TimeSpan ResumeWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often a growing record is confirmed in the journal. Default 5 seconds.</summary>
    public TimeSpan EvidenceInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The first wait before a failed media set is tried again; it doubles up to <see cref="RetryDelayLimit"/>. Default 1 second.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before a failed media set is tried again. Default 30 seconds.</summary>
    public TimeSpan RetryDelayLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an answer waits for the farm's list of sessions to have the news. Default 3 seconds.</summary>
    public TimeSpan ReportLimit { get; set; } = TimeSpan.FromSeconds(3);
}
