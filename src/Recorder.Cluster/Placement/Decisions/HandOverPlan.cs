using System.Collections.Immutable;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>Which sessions of drained nodes are to be handed over, and what is known of hand-overs under way.
/// Pure.</summary>
internal static class HandOverPlan
{
    /// <summary>How long a hand-over may take before it counts as failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>How long a report of kept media counts; the node repeats the report every second.</summary>
    private static readonly TimeSpan KeptPatience = TimeSpan.FromSeconds(5);

    /// <summary>How long a node that refused a session is not asked again for that session.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Picks at most one session per drained node, oldest first, and a target node for it. One at a time, because two
    /// browsers that start together lose frames. A session without room is skipped; room promised here is not promised
    /// twice.
    /// </summary>
    /// <param name="view">The farm, after <see cref="Tidy"/>.</param>
    public static ImmutableList<(PlacedSession Session, HandOverUnderWay HandOver)> Next(FarmView view)
    {
        ImmutableList<(PlacedSession, HandOverUnderWay)> next = [];
        if (view.Warmth == Warmth.Gathering)
        {
            return next;
        }
        foreach (var node in view.List.Draining.Where(view.Nodes.ContainsKey).Order(StringComparer.Ordinal))
        {
            if (view.SpareShards <= 0 || view.HandOvers.Values.Any(one => one.From == node && !one.Begun))
            {
                continue;
            }
            foreach (var session in view.List.On(node).Where(session => IsMovable(session.Summary)))
            {
                var (id, cost) = (session.Summary.Id.Value, SessionCost.Of(session.Summary.Spec));
                if (view.HandOvers.ContainsKey(id))
                {
                    continue;
                }
                var (farm, refused) = (view, view.Refusals);
                if (
                    Admission.Roomiest(farm, cost, target => refused.ContainsKey((id, target)))
                    is not { } target
                )
                {
                    continue;
                }
                var handOver = new HandOverUnderWay(node, target, cost, view.Age + Patience);
                next = next.Add((session, handOver));
                view = Begin(view, id, handOver);
                break;
            }
        }

        return next;
    }

    /// <summary>The view without hand-overs that are over, and without refusals old enough for the node to be asked
    /// again.</summary>
    public static FarmView Tidy(FarmView view) =>
        view with
        {
            HandOvers = view.HandOvers.RemoveRange(
                view.HandOvers.Where(one => IsOver(view, one.Key, one.Value)).Select(one => one.Key)
            ),
            Refusals = view.Refusals.RemoveRange(
                view.Refusals.Where(one => view.Age - one.Value > RetryInterval).Select(one => one.Key)
            ),
        };

    /// <summary>The view after a session was asked to hand over.</summary>
    public static FarmView Begin(FarmView view, int session, HandOverUnderWay handOver) =>
        view with
        {
            HandOvers = view.HandOvers.SetItem(session, handOver),
        };

    /// <summary>The view after a session's next record has begun on the target; null when no such hand-over is
    /// known.</summary>
    public static FarmView? Begun(FarmView view, SessionId id, string target) =>
        view.HandOvers.TryGetValue(id.Value, out var known) && known.Target == target
            ? Begin(view, id.Value, known with { Begun = true })
            : null;

    /// <summary>The view after a session's hand-over to a node was refused.</summary>
    public static FarmView Refused(FarmView view, SessionId id, string target) =>
        view with
        {
            Refusals = view.Refusals.SetItem((id.Value, target), view.Age),
            HandOvers =
                view.HandOvers.TryGetValue(id.Value, out var known) && known.Target == target
                    ? view.HandOvers.Remove(id.Value)
                    : view.HandOvers,
        };

    /// <summary>The view after a node has reported that it keeps media for a session. A placement that has just begun
    /// learns of the hand-over from this report.</summary>
    public static FarmView Kept(FarmView view, SessionId id, string node)
    {
        if (
            !view.List.Sessions.TryGetValue(id.Value, out var session)
            || !session.Summary.Running
            || session.Summary.Node == node
        )
        {
            return view;
        }
        var until = view.Age + KeptPatience;
        return !view.HandOvers.TryGetValue(id.Value, out var known) || known.Target != node
                ? Begin(
                    view,
                    id.Value,
                    new HandOverUnderWay(session.Summary.Node, node, SessionCost.Of(session.Summary.Spec), until)
                )
            : known.Until < until ? Begin(view, id.Value, known with { Until = until })
            : view;
    }

    /// <summary>
    /// The event that sends a handed-over session to its next node. If that node is gone meanwhile, the session moves
    /// to another node or waits. Null when no shard is free.
    /// </summary>
    /// <param name="view">The farm, with the session's last report.</param>
    /// <param name="id">The session.</param>
    /// <param name="target">The node that the session was handed over to.</param>
    public static IPlacementEvent? Arrival(FarmView view, SessionId id, string target)
    {
        if (view.Roster.Removed.Contains(target))
        {
            return Relocation.DecideFor(view, id);
        }
        return ShardChoice.Free(view, target) is { } shard
            ? new SessionMoved(id, shard, target, view.Now) { HandedOver = true }
            : null;
    }

    /// <summary>How far the drain of a node has come.</summary>
    public static DrainState StateOf(FarmView view, string node)
    {
        var there = view.List.On(node).ToList();
        return new DrainState(node, view.List.Draining.Contains(node), [.. there.Select(session => session.Summary.Id)])
        {
            // A session that starts or resumes can be handed over as soon as it records.
            Moving =
                view.HandOvers.Values.Any(one => one.From == node || one.Target == node)
                || there.Exists(session => session.Summary.Phase is SessionPhase.Starting or SessionPhase.Resuming)
                || ((view.Relocating || view.Warmth == Warmth.Gathering) && there.Count > 0),
        };
    }

    /// <summary>Whether a hand-over is over: it is too old, its session has ended or is elsewhere, or the next node
    /// is gone.</summary>
    private static bool IsOver(FarmView view, int id, HandOverUnderWay one) =>
        view.Age > one.Until
        || view.Roster.Removed.Contains(one.Target)
        || !view.List.Sessions.TryGetValue(id, out var session)
        || !session.Summary.Running
        || session.Summary.Node != one.From;

    private static bool IsMovable(SessionSummary session) =>
        session
            is
        {
            Phase: SessionPhase.Recording or SessionPhase.WaitingToBegin or SessionPhase.WaitingToEnter,
            Spec: PageSessionSpec
        };
}
