namespace Recorder.Cluster.Placement;

/// <summary>What the placement's decisions are set to: the placement's options, and what depends on the farm and on its
/// sessions.</summary>
/// <param name="Shards">The number of shards of the farm.</param>
/// <param name="OverfillOnNodeLoss">Whether the nodes that are left take the sessions of a lost one beyond their
/// slots.</param>
/// <param name="ReportInterval">How often a node tells its capacity.</param>
/// <param name="SilenceLimit">How long a running session may not be heard of before it is asked to resume.</param>
/// <param name="RejoinGrace">
/// How long after the whole farm's start a session's node may take to come back before its session goes on elsewhere;
/// zero on a farm of one.
/// </param>
/// <param name="ResumeWindow">For how long a session may be away and still be resumed.</param>
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
    /// <param name="alone">Whether the farm has one node for ever.</param>
    /// <param name="resumeWindow">For how long a session may be away and still be resumed.</param>
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
