using System.Collections.Immutable;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>Decides where sessions without a node go. Pure.</summary>
internal static class Relocation
{
    /// <summary>How often the placement writes that a session still waits.</summary>
    private static readonly TimeSpan WaitInterval = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Moves and waits of the sessions whose node is gone, or that wait already. Waiting sessions come first, the
    /// longest wait first; then the others, oldest first. Each session goes to the node with the most room left by
    /// the sessions before it. Only sessions that have to change are named.
    /// </summary>
    /// <param name="view">
    /// The farm. A session that lost its node during a hand-over goes to the target of that hand-over, since its next
    /// record may have begun there.
    /// </param>
    public static ImmutableList<IPlacementEvent> Decide(FarmView view) => Decide(view, view.IsLost);

    /// <summary>
    /// The move or the wait of one session that has left its node and cannot go to its target. Sessions that wait
    /// already come before it. Null when the session can only stay.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <param name="id">The session. Its earlier node may be alive.</param>
    public static IPlacementEvent? DecideFor(FarmView view, SessionId id) =>
        Decide(view, session => session.Summary.Id == id)
            .Find(decided =>
                decided is SessionMoved moved ? moved.Id == id : decided is SessionWaiting waiting && waiting.Id == id
            );

    private static ImmutableList<IPlacementEvent> Decide(FarmView view, Func<PlacedSession, bool> isLost)
    {
        ImmutableList<IPlacementEvent> decided = [];
        var running = view.List.Running.ToLookup(session => session.Summary.Phase == SessionPhase.WaitingForRoom);
        foreach (
            var session in running[true]
                .OrderBy(session => session.Summary.PhaseSince)
                .Concat(running[false].Where(isLost))
                .ToList()
        )
        {
            IPlacementEvent? next =
                Target(view, session) is { } node
                    ? new SessionMoved(session.Summary.Id, ShardChoice.Keep(view, session, node), node, view.Now)
                : session.Summary.Phase == SessionPhase.WaitingForRoom ? null
                : new SessionWaiting(session.Summary.Id, view.Now);
            if (next is null)
            {
                continue;
            }
            decided = decided.Add(next);
            view = view.Apply(next);
        }

        return decided;
    }

    /// <summary>
    /// The sessions whose wait is to be written down again. Time spent waiting in a living farm does not count for
    /// the resume window. A waiting session without such an event for longer than the window was away together with
    /// the whole farm. That session ends as interrupted when it finds room.
    /// </summary>
    /// <param name="view">The farm.</param>
    public static ImmutableList<SessionWaiting> StillWaiting(FarmView view) =>
        [
            .. from session in view.List.Running
            where session.Summary.Phase == SessionPhase.WaitingForRoom
            let unsaid = view.Now - (session.WaitedUntil ?? session.Summary.PhaseSince)
            where unsaid >= WaitInterval && unsaid <= view.Settings.ResumeWindow
            select new SessionWaiting(session.Summary.Id, view.Now),
        ];

    private static string? Target(FarmView view, PlacedSession session)
    {
        var (id, leaving) = (session.Summary.Id.Value, view.Roster.Leaving);
        if (
            view.HandOvers.TryGetValue(id, out var handOver)
            && view.Nodes.ContainsKey(handOver.Target)
            && !leaving.Contains(handOver.Target)
        )
        {
            return handOver.Target;
        }

        var pressure = Admission.Measure(view with { HandOvers = view.HandOvers.Remove(id) });
        if (Admission.Roomiest(pressure, SessionCost.Of(session.Summary.Spec)) is { } roomiest)
        {
            return roomiest.Node;
        }

        // A session that only has to be ended records nothing: it needs a node, but no room.
        var ends = session.Summary.Phase is SessionPhase.Starting or SessionPhase.Stopping;
        if (!ends && !view.Settings.OverfillOnNodeLoss)
        {
            return null;
        }
        var staying = pressure.Nodes.FindAll(node => !leaving.Contains(node.Node));
        var open = staying.FindAll(node =>
            !view.List.Draining.Contains(node.Node) && view.Nodes[node.Node].Closed is null
        );
        return (ends && open.IsEmpty ? staying : open).MaxBy(node => node.Slots - (node.Used ?? 0))?.Node;
    }

    /// <summary>
    /// Gives another shard to sessions whose shard is on the wrong node: a question put the shard there while the
    /// session's own node was away. Such a session would resume on the wrong node, even if that node is full.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <param name="sessions">Sessions that do not run.</param>
    public static ImmutableList<SessionMoved> Misplaced(FarmView view, IEnumerable<PlacedSession> sessions)
    {
        ImmutableList<SessionMoved> decided = [];
        foreach (var session in sessions.Where(session => view.Nodes.ContainsKey(session.Summary.Node)))
        {
            var shard = ShardChoice.Keep(view, session, session.Summary.Node);
            if (shard == session.Shard)
            {
                continue;
            }
            var moved = new SessionMoved(session.Summary.Id, shard, session.Summary.Node, view.Now);
            decided = decided.Add(moved);
            view = view.Apply(moved);
        }

        return decided;
    }

    /// <summary>Whether a session left a record open on a node, and nothing has hindered the repair yet. If not, only
    /// manifests and deliveries may be missing there, or records that could not be looked for.</summary>
    public static bool HasOpen(FarmView view, PlacedSession session, string node) =>
        view.Nodes.TryGetValue(node, out var capacity)
        && session.Summary.Records.Exists(record =>
            record is { Finished: false, Away: null } && RecordHolder.IsOn(record, node, capacity)
        );

    /// <summary>
    /// The sessions that left records on a node open, without their manifest, or undelivered, each with that node.
    /// The node is there, but the session cannot repair them by itself: it has ended, or runs elsewhere.
    /// </summary>
    public static ImmutableList<(PlacedSession Session, string Node)> Repairable(FarmView view) =>
        [
            .. from session in view.List.Sessions.Values
            let summary = session.Summary
            where summary.Phase is not (SessionPhase.New or SessionPhase.Starting or SessionPhase.WaitingForRoom)
            let left = summary.Records.FindAll(record =>
                (!record.Finished || record.ManifestDue || record.Deliveries.Exists(delivery => delivery.Open))
                && (!summary.Running || record.Node != summary.Node || record.Away is not null)
            )
            where !left.IsEmpty
            from node in view.Nodes
            where left.Exists(record => RecordHolder.IsOn(record, node.Key, node.Value))
            select (session, node.Key),
        ];
}
