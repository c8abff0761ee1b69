using System.Collections.Immutable;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Sessions.Model;

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

/// <summary>Which sessions of drained nodes are to be handed over next. Pure.</summary>
internal static class HandOverPlan
{
    /// <summary>
    /// The next session of each drained node that has no other one's next record begun just now, oldest first, with its
    /// next node: two browsers that start at once take pictures from each other. A session that finds no room is passed
    /// over; the room that one is given here is not given to the next.
    /// </summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="nodes">The recorder nodes that have reported.</param>
    /// <param name="leaving">The nodes that are on their way out.</param>
    /// <param name="underWay">The hand-overs under way, by session.</param>
    /// <param name="freeShards">How many shards are neither taken nor needed by what is under way; a session needs a
    /// second one until it has arrived.</param>
    /// <param name="mayTry">Whether a session may be handed over to this node now: where it was refused it has to
    /// wait.</param>
    /// <param name="until">When what is planned counts as failed.</param>
    public static ImmutableList<(PlacedSession Session, HandOverUnderWay HandOver)> Next(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        ImmutableHashSet<string> leaving,
        ImmutableDictionary<int, HandOverUnderWay> underWay,
        int freeShards,
        Func<int, string, bool> mayTry,
        DateTimeOffset until
    )
    {
        ImmutableList<(PlacedSession, HandOverUnderWay)> next = [];
        foreach (var node in state.Draining.Where(nodes.ContainsKey).Order(StringComparer.Ordinal))
        {
            if (freeShards <= 0 || underWay.Values.Any(one => one.From == node && !one.Begun))
            {
                continue;
            }
            var pressure = Admission.Measure(state, nodes, leaving, underWay);
            foreach (
                var session in state.Running.Where(session =>
                    session.Summary.Node == node && IsMovable(session.Summary)
                )
            )
            {
                var (id, cost) = (session.Summary.Id.Value, SessionCost.Of(session.Summary.Spec));
                if (underWay.ContainsKey(id))
                {
                    continue;
                }
                var open = pressure with { Nodes = pressure.Nodes.FindAll(target => mayTry(id, target.Node)) };
                if (Admission.Roomiest(open, cost) is not { } target)
                {
                    continue;
                }
                var handOver = new HandOverUnderWay(node, target.Node, cost, until);
                underWay = underWay.SetItem(id, handOver);
                next = next.Add((session, handOver));
                freeShards--;
                break;
            }
        }

        return next;
    }

    private static bool IsMovable(SessionSummary session) =>
        session is { Phase: SessionPhase.Recording, Spec: PageSessionSpec };
}
