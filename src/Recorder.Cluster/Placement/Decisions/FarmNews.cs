using System.Collections.Immutable;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>Whether a node of the farm takes sessions, and what keeps the node from it; the first reason
/// counts.</summary>
internal enum NodeRoom
{
    /// <summary>The node takes sessions.</summary>
    Open,

    /// <summary>The node is leaving the farm.</summary>
    Leaving,

    /// <summary>The node is being drained.</summary>
    Draining,

    /// <summary>The node has closed itself, for want of disk, memory or processors.</summary>
    Closed,

    /// <summary>All slots of the node are taken.</summary>
    Full,
}

/// <summary>What the placement, which this node carries, knows of the farm.</summary>
/// <param name="Sessions">How many sessions of the farm are in each phase; those that have ended are left out.</param>
/// <param name="Nodes">How many recorder nodes take sessions, and how many do not for what reason.</param>
internal sealed record FarmNews(
    ImmutableDictionary<SessionPhase, int> Sessions,
    ImmutableDictionary<NodeRoom, int> Nodes
) : INodeNews
{
    /// <summary>The phases of a session that has not ended.</summary>
    public static readonly ImmutableList<SessionPhase> RunningPhases =
    [
        SessionPhase.Starting,
        SessionPhase.Recording,
        SessionPhase.Resuming,
        SessionPhase.WaitingForRoom,
        SessionPhase.Stopping,
    ];

    /// <summary>Counts what the placement knows.</summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="nodes">The recorder nodes that have reported.</param>
    /// <param name="leaving">The nodes that are on their way out.</param>
    /// <param name="underWay">The hand-overs under way, by session.</param>
    public static FarmNews Of(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        ImmutableHashSet<string> leaving,
        ImmutableDictionary<int, HandOverUnderWay> underWay
    ) =>
        new(
            state.Running.CountBy(session => session.Summary.Phase).ToImmutableDictionary(),
            Admission
                .Measure(state, nodes, leaving, underWay)
                .Nodes.CountBy(node =>
                    leaving.Contains(node.Node) ? NodeRoom.Leaving
                    : state.Draining.Contains(node.Node) ? NodeRoom.Draining
                    : nodes[node.Node].Closed is not null ? NodeRoom.Closed
                    : node.Reason is not null ? NodeRoom.Full
                    : NodeRoom.Open
                )
                .ToImmutableDictionary()
        );
}

/// <summary>This node does not carry the placement any more, or not yet again.</summary>
internal sealed record PlacementLeft : INodeNews
{
    public static readonly PlacementLeft Instance = new();
}
