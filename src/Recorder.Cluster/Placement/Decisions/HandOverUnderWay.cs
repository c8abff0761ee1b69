namespace Recorder.Cluster.Placement.Decisions;

/// <summary>A hand-over that has been asked for, or that a node keeps media for.</summary>
/// <param name="From">The node that is drained.</param>
/// <param name="Target">The node that the session is handed over to.</param>
/// <param name="Cost">The slots that the session will take on that node.</param>
/// <param name="Until">The <see cref="FarmView.Age"/> from which on the hand-over counts as failed, unless another
/// report of it arrives before.</param>
internal sealed record HandOverUnderWay(string From, string Target, decimal Cost, TimeSpan Until)
{
    /// <summary>Whether the next record is being written on the target. Then only the finalising of the earlier
    /// record is missing.</summary>
    public bool Begun { get; init; }
}
