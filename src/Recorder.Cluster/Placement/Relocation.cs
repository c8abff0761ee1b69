using System.Collections.Immutable;

using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Placement;

/// <summary>What is to become of sessions that have no node. Pure.</summary>
internal static class Relocation
{
    /// <summary>
    /// Moves and waits of the sessions whose node is gone, or that wait already, oldest first, each to the node that has the most room
    /// after those before it. Only those that have to change are named.
    /// </summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="nodes">The recorder nodes that have reported.</param>
    /// <param name="farm">The recorder nodes of the cluster.</param>
    /// <param name="isLost">Whether a session's node is gone for good.</param>
    /// <param name="overfill">Whether survivors take what they have no room for, rather than let it wait.</param>
    /// <param name="now">The time.</param>
    public static ImmutableList<IPlacementEvent> Decide(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        FarmRoster farm,
        Func<PlacedSession, bool> isLost,
        bool overfill,
        DateTimeOffset now)
    {
        ImmutableList<IPlacementEvent> decided = [];
        foreach (var session in state.Running.Where(session => session.Summary.Phase == SessionPhase.WaitingForRoom || isLost(session)).ToList())
        {
            IPlacementEvent? next = Target(state, nodes, farm, session, overfill) is { } node
                ? new SessionMoved(session.Summary.Id, session.Slot, node, now)
                : session.Summary.Phase == SessionPhase.WaitingForRoom ? null : new SessionWaiting(session.Summary.Id, now);
            if (next is null) continue;
            decided = decided.Add(next);
            state = state.Apply(next);
        }

        return decided;
    }

    private static string? Target(
        PlacementState state, ImmutableSortedDictionary<string, NodeCapacity> nodes, FarmRoster farm, PlacedSession session, bool overfill)
    {
        var pressure = Admission.Measure(state, nodes, farm.Leaving);
        if (Admission.Roomiest(pressure, SessionCost.Of(session.Summary.Spec)) is { } roomiest) return roomiest.Node;

        // One that only has to be brought to its end records nothing: it needs a place, not room.
        var anywhere = overfill || session.Summary.Phase is SessionPhase.Starting or SessionPhase.Stopping;
        return anywhere ? pressure.Nodes.Where(node => !farm.Leaving.Contains(node.Node)).MaxBy(node => node.Slots - (node.Used ?? 0))?.Node : null;
    }

    /// <summary>
    /// The sessions, each with the node, that left records open on a node which is there, and that cannot see to it by themselves: they
    /// have ended, or run elsewhere.
    /// </summary>
    public static ImmutableList<(PlacedSession Session, string Node)> Repairable(PlacementState state, ImmutableSortedDictionary<string, NodeCapacity> nodes) =>
    [
        .. from session in state.Sessions.Values
           let summary = session.Summary
           where summary.Phase is not (SessionPhase.New or SessionPhase.Starting or SessionPhase.WaitingForRoom)
           from node in summary.Records
               .Where(record => !record.Finished && record.Node is not null && (!summary.Running || record.Node != summary.Node))
               .Select(record => record.Node!)
               .Distinct()
           where nodes.ContainsKey(node)
           select (session, node),
    ];
}
