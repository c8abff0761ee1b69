using System.Collections.Immutable;

using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Placement;

/// <summary>A hand-over that has been asked for.</summary>
/// <param name="From">The node that is drained.</param>
/// <param name="Target">The node it goes on on.</param>
/// <param name="Cost">What it will take there.</param>
/// <param name="At">When it was asked for.</param>
internal sealed record HandOverUnderWay(string From, string Target, decimal Cost, DateTimeOffset At);

/// <summary>Which sessions of drained nodes are to be handed over next. Pure.</summary>
internal static class HandOverPlan
{
    /// <summary>
    /// The next session of each drained node that hands none over just now, oldest first, with its next node. A session that finds no room is
    /// passed over.
    /// </summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="nodes">The recorder nodes that have reported.</param>
    /// <param name="leaving">The nodes that are on their way out.</param>
    /// <param name="underWay">The hand-overs under way, by session.</param>
    /// <param name="mayTry">Whether a session may be tried now: one that was refused has to wait.</param>
    public static ImmutableList<(PlacedSession Session, string Target)> Next(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        ImmutableHashSet<string> leaving,
        ImmutableDictionary<int, HandOverUnderWay> underWay,
        Func<int, bool> mayTry)
    {
        var open = Promise(Admission.Measure(state, nodes, leaving), underWay);
        ImmutableList<(PlacedSession, string)> next = [];
        foreach (var node in state.Draining.Where(node => nodes.ContainsKey(node) && !underWay.Values.Any(one => one.From == node)))
        {
            var found = state.Running
                .Where(session => session.Summary is { Phase: SessionPhase.Recording, Spec: PageSessionSpec } && session.Summary.Node == node && mayTry(session.Summary.Id.Value))
                .Select(session => (Session: session, Admission.Roomiest(open, SessionCost.Of(session.Summary.Spec))?.Node))
                .FirstOrDefault(found => found.Node is not null);
            if (found.Node is not null) next = next.Add((found.Session, found.Node));
        }

        return next;
    }

    /// <summary>How full the nodes are with the sessions that are on their way to them.</summary>
    public static Pressure Promise(Pressure pressure, ImmutableDictionary<int, HandOverUnderWay> underWay) => pressure with
    {
        Nodes = pressure.Nodes.ConvertAll(node => node with { Used = node.Used + underWay.Values.Where(one => one.Target == node.Node).Sum(one => one.Cost) }),
    };
}
