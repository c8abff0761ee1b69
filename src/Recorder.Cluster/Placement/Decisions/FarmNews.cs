using System.Collections.Immutable;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>Whether a node of the farm takes sessions; if not, the first reason that applies, in this
/// order.</summary>
internal enum NodeRoom
{
    /// <summary>The node takes sessions.</summary>
    Open,

    /// <summary>The node is leaving the farm.</summary>
    Leaving,

    /// <summary>The node is being drained.</summary>
    Draining,

    /// <summary>The node has closed itself, because disk, memory or processors are short.</summary>
    Closed,

    /// <summary>All slots of the node are taken.</summary>
    Full,
}

/// <summary>What the placement on this node knows of the farm.</summary>
/// <param name="Sessions">How many sessions of the farm are in each phase; ended sessions are left out.</param>
/// <param name="Nodes">How many recorder nodes take sessions, and how many do not, by reason.</param>
internal sealed record FarmNews(
    ImmutableDictionary<SessionPhase, int> Sessions,
    ImmutableDictionary<NodeRoom, int> Nodes
) : INodeNews
{
    /// <summary>How many sessions have ended and are still in the placement's list.</summary>
    public int Ended { get; init; }

    /// <summary>The phases of a session that has not ended.</summary>
    public static readonly ImmutableList<SessionPhase> RunningPhases =
    [
        SessionPhase.Starting,
        SessionPhase.WaitingToBegin,
        SessionPhase.WaitingToEnter,
        SessionPhase.Recording,
        SessionPhase.Resuming,
        SessionPhase.WaitingForRoom,
        SessionPhase.Stopping,
    ];

    /// <summary>Counts what the placement knows.</summary>
    /// <param name="view">The farm.</param>
    public static FarmNews Of(FarmView view) =>
        new(
            view.List.Index.Phases,
            Admission
                .Measure(view)
                .Nodes.CountBy(node =>
                    view.Roster.Leaving.Contains(node.Node) ? NodeRoom.Leaving
                    : view.List.Draining.Contains(node.Node) ? NodeRoom.Draining
                    : view.Nodes[node.Node].Closed is not null ? NodeRoom.Closed
                    : node.Reason is not null ? NodeRoom.Full
                    : NodeRoom.Open
                )
                .ToImmutableDictionary()
        )
        {
            Ended = view.List.Sessions.Count - view.List.Index.Running.Count,
        };
}

/// <summary>The placement has decided on a start.</summary>
/// <param name="Took">How long the decision took, without its write.</param>
internal sealed record StartDecided(TimeSpan Took) : INodeNews;

/// <summary>The placement has left this node: the node carries no placement until the placement begins there
/// again.</summary>
internal sealed record PlacementLeft : INodeNews
{
    public static readonly PlacementLeft Instance = new();
}
