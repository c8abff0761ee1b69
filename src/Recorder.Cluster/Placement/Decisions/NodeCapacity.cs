using System.Collections.Immutable;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Identity;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>What a node last reported of itself.</summary>
/// <param name="Slots">How many slots the node has.</param>
/// <param name="Closed">Why the node takes no session at present, or null.</param>
/// <param name="At">The <see cref="FarmView.Age"/> at which the node reported.</param>
internal sealed record NodeCapacity(int Slots, string? Closed, TimeSpan At)
{
    /// <summary>How the node's slots were found out.</summary>
    public string? Found { get; init; }

    /// <summary>How many shards the farm has, as the node is configured; 0 when the node did not tell.</summary>
    public int Shards { get; init; }

    /// <summary>Whether the node has lost its way to the database.</summary>
    public bool NoDatabase { get; init; }

    /// <summary>How much of the node is used.</summary>
    public NodeLoad? Load { get; init; }

    /// <summary>The node's id; null from an earlier version, which does not tell of its folder.</summary>
    public NodeId? Id { get; init; }

    /// <summary>The ids of the node's records folder; empty while the folder is away.</summary>
    public ImmutableList<FolderId> Folders { get; init; } = [];
}
