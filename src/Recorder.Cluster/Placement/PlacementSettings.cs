namespace Recorder.Cluster.Placement;

/// <summary>The settings of the placement's decisions: the placement's options, and values that depend on the farm
/// and on its sessions.</summary>
/// <param name="Shards">The number of shards of the farm.</param>
/// <param name="OverfillOnNodeLoss">Whether the remaining nodes take the sessions of a lost node beyond their
/// slots.</param>
/// <param name="ReportInterval">How often a node reports its capacity.</param>
/// <param name="SilenceLimit">How long a running session may be silent before it is asked to resume.</param>
/// <param name="RejoinGrace">
/// How long after the whole farm's start a session's node may take to come back before its session resumes elsewhere;
/// zero on a farm of one.
/// </param>
/// <param name="ResumeWindow">How long a session may be away and still be resumed.</param>
internal sealed record PlacementSettings(
    int Shards,
    bool OverfillOnNodeLoss,
    TimeSpan ReportInterval,
    TimeSpan SilenceLimit,
    TimeSpan RejoinGrace,
    TimeSpan ResumeWindow
)
{
    /// <summary>The settings that follow from a node's options.</summary>
    /// <param name="options">The placement's options.</param>
    /// <param name="alone">Whether the farm always has exactly one node.</param>
    /// <param name="resumeWindow">How long a session may be away and still be resumed.</param>
    public static PlacementSettings Of(PlacementOptions options, bool alone, TimeSpan resumeWindow) =>
        new(
            options.Shards,
            options.OverfillOnNodeLoss,
            options.ReportInterval,
            options.SilenceLimit,
            alone ? TimeSpan.Zero : options.RejoinGrace,
            resumeWindow
        );
}
