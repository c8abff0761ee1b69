namespace Recorder.Cluster.Placement.Decisions;

/// <summary>A hand-over that has been asked for, or that a node keeps media for.</summary>
/// <param name="From">The node that is drained.</param>
/// <param name="Target">The node it goes on on.</param>
/// <param name="Cost">What it will take there.</param>
/// <param name="Until">When it counts as failed, unless it is heard of again.</param>
internal sealed record HandOverUnderWay(string From, string Target, decimal Cost, DateTimeOffset Until)
{
    /// <summary>Whether the next record is written there, so that only the earlier one's finalising is waited
    /// for.</summary>
    public bool Begun { get; init; }
}
