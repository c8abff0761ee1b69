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
    /// <param name="most">The most events to decide. The next ones are decided from the farm after these.</param>
    public static ImmutableList<IPlacementEvent> Decide(FarmView view, int most = int.MaxValue) =>
        [
            .. Decide(
                    view,
                    view.LostNodes.SelectMany(node => view.List.Index.On(node).Sessions).Concat(view.Stranded).Order()
                )
                .Take(most),
        ];

    /// <summary>
    /// The move or the wait of one session that has left its node and cannot go to its target. Sessions that wait
    /// already come before it. Null when the session can only stay.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <param name="id">The session. Its earlier node may be alive.</param>
    public static IPlacementEvent? DecideFor(FarmView view, SessionId id) =>
        Decide(view, [id.Value])
            .FirstOrDefault(decided =>
                decided is SessionMoved moved ? moved.Id == id : decided is SessionWaiting waiting && waiting.Id == id
            );

    /// <summary>The decisions one after the other, each made in the farm after the one before.</summary>
    private static IEnumerable<IPlacementEvent> Decide(FarmView view, IEnumerable<int> lost)
    {
        var waiting = view.List.Index.Waiting;
        var sessions = view.List.Sessions;

        // A session that costs as much as an earlier one that found no room finds none either.
        var hopeless = decimal.MaxValue;
        foreach (
            var id in waiting
                .Select(one => one.Id)
                .Concat(lost.Where(id => sessions[id].Summary.Phase != SessionPhase.WaitingForRoom))
        )
        {
            var session = view.List.Sessions[id];
            var (phase, cost) = (session.Summary.Phase, SessionCost.Of(session.Summary.Spec));
            var promised = view.HandOvers.ContainsKey(id);
            var target = cost >= hopeless && !promised && !Ends(session) ? null : Target(view, session, cost);
            if (target is null && !promised)
            {
                hopeless = Math.Min(hopeless, cost);
            }

            IPlacementEvent? next =
                target is not null
                    ? new SessionMoved(session.Summary.Id, ShardChoice.Keep(view, session, target), target, view.Now)
                : phase == SessionPhase.WaitingForRoom ? null
                : new SessionWaiting(session.Summary.Id, view.Now);
            if (next is null)
            {
                continue;
            }
            yield return next;
            view = view.Apply(next);
        }
    }

    /// <summary>
    /// The sessions whose wait is to be written down again. Time spent waiting in a living farm does not count for
    /// the resume window. A waiting session without such an event for longer than the window was away together with
    /// the whole farm. That session ends as interrupted when it finds room. What this placement has written itself is
    /// counted by the monotonic clock.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <returns>Null when there are none.</returns>
    public static SessionsStillWaiting? StillWaiting(FarmView view)
    {
        ImmutableList<SessionId> ids =
        [
            .. from one in view.List.Index.Waiting
            let session = view.List.Sessions[one.Id]
            let said = view.Heard.TryGetValue(one.Id, out var heard) ? (TimeSpan?)(view.Age - heard) : null
            let unsaid = said ?? view.Now - (session.WaitedUntil ?? session.Summary.PhaseSince)
            where unsaid >= WaitInterval && (said is not null || unsaid <= view.Settings.ResumeWindow)
            select session.Summary.Id,
        ];
        return ids.IsEmpty ? null : new SessionsStillWaiting(ids, view.Now);
    }

    private static string? Target(FarmView view, PlacedSession session, decimal cost)
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

        view = view with { HandOvers = view.HandOvers.Remove(id) };
        if (Admission.Roomiest(view, cost) is { } roomiest)
        {
            return roomiest;
        }
        var ends = Ends(session);
        if (!ends && !view.Settings.OverfillOnNodeLoss)
        {
            return null;
        }

        var coming = Admission.Coming(view);
        var open = Least(node => Admission.IsOpen(view, node.Key, node.Value));
        return open is null && ends ? Least(node => !leaving.Contains(node.Key)) : open;

        string? Least(Func<KeyValuePair<string, NodeCapacity>, bool> taken) =>
            view
                .Nodes.Where(node => !view.IsLost(node.Key) && taken(node))
                .Select(node => (Node: (string?)node.Key, Room: node.Value.Slots - Used(node.Key)))
                .DefaultIfEmpty()
                .MaxBy(node => node.Room)
                .Node;

        decimal Used(string node) => view.List.Index.On(node).Used + coming.GetValueOrDefault(node).Cost;
    }

    /// <summary>Whether a session only has to be ended. Such a session records nothing: it needs a node, but no
    /// room.</summary>
    private static bool Ends(PlacedSession session) =>
        session.Summary.Phase is SessionPhase.Starting or SessionPhase.Stopping;

    /// <summary>
    /// Gives another shard to a session whose shard is on the wrong node: a question put the shard there while the
    /// session's own node was away. Such a session would resume on the wrong node, even if that node is full. Null
    /// when the session keeps its shard.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <param name="session">A session that does not run.</param>
    public static SessionMoved? Misplaced(FarmView view, PlacedSession session)
    {
        var node = session.Summary.Node;
        var shard = view.Nodes.ContainsKey(node) ? ShardChoice.Keep(view, session, node) : session.Shard;
        return shard == session.Shard ? null : new SessionMoved(session.Summary.Id, shard, node, view.Now);
    }

    /// <summary>The node on which a session that has ended is woken: one that holds a record of the session, else any;
    /// null when no node has reported.</summary>
    /// <param name="view">The farm.</param>
    /// <param name="session">The session.</param>
    public static string? NodeForRecalled(FarmView view, SessionSummary session) =>
        view
            .Nodes.OrderByDescending(node =>
                session.Records.Exists(record => RecordHolder.IsOn(record, node.Key, node.Value))
            )
            .ThenBy(node => node.Key, StringComparer.Ordinal)
            .Select(node => node.Key)
            .FirstOrDefault();

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
    /// <param name="view">The farm.</param>
    /// <param name="among">The nodes asked about; null for all.</param>
    public static IEnumerable<(PlacedSession Session, string Node)> Repairable(
        FarmView view,
        IEnumerable<string>? among = null
    ) =>
        from node in among ?? view.Nodes.Keys
        where view.Nodes.ContainsKey(node)
        from id in LeftOn(view, node)
        select (view.List.Sessions[id], node);

    /// <summary>The sessions that left something on a node, by the folders that the node has now.</summary>
    /// <param name="view">The farm.</param>
    /// <param name="node">A node that has reported.</param>
    internal static IEnumerable<int> LeftOn(FarmView view, string node) =>
        RecordHolder
            .KeysOf(node, view.Nodes[node])
            .SelectMany(key => view.List.Index.Left.GetValueOrDefault(key, []))
            .Distinct();

    /// <summary>Whether a session left something on a node that is there.</summary>
    /// <param name="view">The farm.</param>
    /// <param name="id">The session.</param>
    /// <param name="node">A node that has reported.</param>
    internal static bool IsLeftOn(FarmView view, int id, string node) =>
        RecordHolder
            .KeysOf(node, view.Nodes[node])
            .Any(key => view.List.Index.Left.GetValueOrDefault(key, []).Contains(id));
}
