using System.Collections.Immutable;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>What is to become of sessions that have no node. Pure.</summary>
internal static class Relocation
{
    /// <summary>How often it is written down that a session still waits.</summary>
    private static readonly TimeSpan WaitInterval = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Moves and waits of the sessions whose node is gone, or that wait already: those that have waited longest first,
    /// then the others, oldest first, each to the node that has the most room after those before it. Only those that
    /// have to change are named.
    /// </summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="nodes">The recorder nodes that have reported.</param>
    /// <param name="farm">The recorder nodes of the cluster.</param>
    /// <param name="isLost">Whether a session's node is gone for good.</param>
    /// <param name="overfill">Whether survivors take what they have no room for, rather than let it wait.</param>
    /// <param name="shardCount">The number of shards of the farm.</param>
    /// <param name="homeOf">The node that holds a shard, in use or idle, or null.</param>
    /// <param name="now">The time.</param>
    /// <param name="underWay">
    /// The hand-overs under way, by session: one that lost its node in the middle goes on where it was being handed
    /// over to, since its next record may have begun there.
    /// </param>
    public static ImmutableList<IPlacementEvent> Decide(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        FarmRoster farm,
        Func<PlacedSession, bool> isLost,
        bool overfill,
        int shardCount,
        Func<int, string?> homeOf,
        DateTimeOffset now,
        ImmutableDictionary<int, HandOverUnderWay>? underWay = null
    )
    {
        underWay ??= ImmutableDictionary<int, HandOverUnderWay>.Empty;
        ImmutableList<IPlacementEvent> decided = [];
        var waiting = state
            .Running.Where(session => session.Summary.Phase == SessionPhase.WaitingForRoom)
            .OrderBy(session => session.Summary.PhaseSince);
        var lost = state.Running.Where(session =>
            session.Summary.Phase != SessionPhase.WaitingForRoom && isLost(session)
        );
        foreach (var session in waiting.Concat(lost).ToList())
        {
            IPlacementEvent? next =
                Target(state, nodes, farm, session, overfill, underWay) is { } node
                    ? new SessionMoved(
                        session.Summary.Id,
                        ShardOn(state, nodes, node, session.Shard, shardCount, homeOf),
                        node,
                        now
                    )
                : session.Summary.Phase == SessionPhase.WaitingForRoom ? null
                : new SessionWaiting(session.Summary.Id, now);
            if (next is null)
            {
                continue;
            }
            decided = decided.Add(next);
            state = state.Apply(next);
        }

        return decided;
    }

    /// <summary>
    /// The sessions of which it is time to write down that they still wait: no time spent waiting in a living farm
    /// counts for the resume window. One that nobody has said it of for longer than that was away, with the whole farm;
    /// it ends as interrupted when it finds room.
    /// </summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="resumeWindow">For how long a session may be away and still be resumed.</param>
    /// <param name="now">The time.</param>
    public static ImmutableList<SessionWaiting> StillWaiting(
        PlacementState state,
        TimeSpan resumeWindow,
        DateTimeOffset now
    ) =>
        [
            .. from session in state.Running
            where session.Summary.Phase == SessionPhase.WaitingForRoom
            let unsaid = now - (session.WaitedUntil ?? session.Summary.PhaseSince)
            where unsaid >= WaitInterval && unsaid <= resumeWindow
            select new SessionWaiting(session.Summary.Id, now),
        ];

    private static string? Target(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        FarmRoster farm,
        PlacedSession session,
        bool overfill,
        ImmutableDictionary<int, HandOverUnderWay> underWay
    )
    {
        var id = session.Summary.Id.Value;
        if (
            underWay.TryGetValue(id, out var handOver)
            && nodes.ContainsKey(handOver.Target)
            && !farm.Leaving.Contains(handOver.Target)
        )
        {
            return handOver.Target;
        }
        var pressure = Admission.Measure(state, nodes, farm.Leaving, underWay.Remove(id));
        if (Admission.Roomiest(pressure, SessionCost.Of(session.Summary.Spec)) is { } roomiest)
        {
            return roomiest.Node;
        }

        // One that only has to be brought to its end records nothing: it needs a place, not room.
        var ends = session.Summary.Phase is SessionPhase.Starting or SessionPhase.Stopping;
        if (!ends && !overfill)
        {
            return null;
        }
        var staying = pressure.Nodes.FindAll(node => !farm.Leaving.Contains(node.Node));
        var open = staying.FindAll(node => !state.Draining.Contains(node.Node) && nodes[node.Node].Closed is null);
        return (ends && open.IsEmpty ? staying : open).MaxBy(node => node.Slots - (node.Used ?? 0))?.Node;
    }

    /// <summary>
    /// Other shards for sessions whose shard is on another node than they are: a question to a session whose node was
    /// still to come back has put it there, and it would go on there, whatever that node holds.
    /// </summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="sessions">Sessions that do not run.</param>
    /// <param name="nodes">The recorder nodes that have reported.</param>
    /// <param name="shardCount">The number of shards of the farm.</param>
    /// <param name="homeOf">The node that holds a shard, in use or idle, or null.</param>
    /// <param name="now">The time.</param>
    public static ImmutableList<SessionMoved> Misplaced(
        PlacementState state,
        IEnumerable<PlacedSession> sessions,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        int shardCount,
        Func<int, string?> homeOf,
        DateTimeOffset now
    )
    {
        ImmutableList<SessionMoved> decided = [];
        foreach (var session in sessions.Where(session => nodes.ContainsKey(session.Summary.Node)))
        {
            var shard = ShardOn(state, nodes, session.Summary.Node, session.Shard, shardCount, homeOf);
            if (shard == session.Shard)
            {
                continue;
            }
            var moved = new SessionMoved(session.Summary.Id, shard, session.Summary.Node, now);
            decided = decided.Add(moved);
            state = state.Apply(moved);
        }

        return decided;
    }

    /// <summary>
    /// The session's own shard, unless a living node holds it that is not its next one: a question to a session that
    /// has no node makes sharding put its shard somewhere, and it would go on there.
    /// </summary>
    private static int ShardOn(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        string node,
        int shard,
        int shardCount,
        Func<int, string?> homeOf
    ) =>
        homeOf(shard) is { } home && home != node && nodes.ContainsKey(home)
            ? ShardChoice.Free(shardCount, state.Running.Select(session => session.Shard).ToHashSet(), homeOf, node)
                ?? shard
            : shard;

    /// <summary>Whether a session left a record open on a node; else only manifests and deliveries may be missing
    /// there.</summary>
    public static bool HasOpen(PlacedSession session, string node) =>
        session.Summary.Records.Exists(record => !record.Finished && record.Node == node);

    /// <summary>
    /// The sessions, each with the node, that left records open, without their manifest, or undelivered, on a node
    /// which is there, and that cannot see to it by themselves: they have ended, or run elsewhere.
    /// </summary>
    public static ImmutableList<(PlacedSession Session, string Node)> Repairable(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes
    ) =>
        [
            .. from session in state.Sessions.Values
            let summary = session.Summary
            where summary.Phase is not (SessionPhase.New or SessionPhase.Starting or SessionPhase.WaitingForRoom)
            from node in summary
                .Records.Where(record =>
                    (!record.Finished || record.ManifestDue || record.Deliveries.Exists(delivery => delivery.Open))
                    && record.Node is not null
                    && (!summary.Running || record.Node != summary.Node)
                )
                .Select(record => record.Node!)
                .Distinct()
            where nodes.ContainsKey(node)
            select (session, node),
        ];
}
