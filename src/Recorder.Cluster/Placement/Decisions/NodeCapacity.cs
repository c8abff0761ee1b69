using Recorder.Cluster.Capacity;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>What a node last told of itself.</summary>
/// <param name="Slots">How many sessions it can hold.</param>
/// <param name="Closed">Why it takes none just now, or null.</param>
/// <param name="At">When it told.</param>
internal sealed record NodeCapacity(int Slots, string? Closed, DateTimeOffset At)
{
    /// <summary>How its slots were found out.</summary>
    public string? Found { get; init; }

    /// <summary>What is used of it.</summary>
    public NodeLoad? Load { get; init; }
}
