using System.Collections.Immutable;

using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Placement;

/// <summary>A hand-over that has been asked for.</summary>
/// <param name="From">The node that is drained.</param>
/// <param name="Target">The node it goes on on.</param>
/// <param name="Cost">What it will take there.</param>
/// <param name="At">When it was asked for.</param>
internal sealed record HandOverUnderWay(string From, string Target, decimal Cost, DateTimeOffset At)
{
    /// <summary>The hand-over of a session.</summary>
    public static HandOverUnderWay Of(PlacedSession session, string target, DateTimeOffset at) =>
        new(session.Summary.Node, target, SessionCost.Of(session.Summary.Spec), at);
}

/// <summary>Which sessions of drained nodes are to be handed over next. Pure.</summary>
internal static class HandOverPlan
{
    /// <summary>How long nothing need be heard of a hand-over.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>The hand-overs that can still come about: a session that has ended, or has lost its node meanwhile, needs no room kept for it.</summary>
    /// <param name="underWay">The hand-overs under way, by session.</param>
    /// <param name="state">The farm's list.</param>
    /// <param name="nodes">The recorder nodes that have reported.</param>
    /// <param name="now">The time.</param>
    public static ImmutableDictionary<int, HandOverUnderWay> Standing(
        ImmutableDictionary<int, HandOverUnderWay> underWay,
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        DateTimeOffset now) => underWay.RemoveRange(underWay
            .Where(one => now - one.Value.At > Patience
                || !state.Sessions[one.Key].Summary.Running
                || state.Sessions[one.Key].Summary.Node != one.Value.From
                || !nodes.ContainsKey(one.Value.From))
            .Select(one => one.Key));

    /// <summary>
    /// The next hand-over of each drained node that hands none over just now, oldest session first. A session that finds no room beside those
    /// that are on their way is passed over.
    /// </summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="nodes">The recorder nodes that have reported.</param>
    /// <param name="leaving">The nodes that are on their way out.</param>
    /// <param name="underWay">The hand-overs under way, by session.</param>
    /// <param name="mayTry">Whether a session may be tried now: one that was refused has to wait.</param>
    /// <param name="now">The time.</param>
    public static ImmutableList<(PlacedSession Session, HandOverUnderWay HandOver)> Next(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        ImmutableHashSet<string> leaving,
        ImmutableDictionary<int, HandOverUnderWay> underWay,
        Func<int, bool> mayTry,
        DateTimeOffset now)
    {
        ImmutableList<(PlacedSession, HandOverUnderWay)> next = [];
        foreach (var node in state.Draining.Where(node => nodes.ContainsKey(node) && !underWay.Values.Any(one => one.From == node)).Order(StringComparer.Ordinal))
        {
            var open = Admission.Measure(state, nodes, leaving, underWay);
            var found = state.Running
                .Where(session => session.Summary is { Phase: SessionPhase.Recording, Spec: PageSessionSpec } && session.Summary.Node == node && mayTry(session.Summary.Id.Value))
                .Select(session => (Session: session, Admission.Roomiest(open, SessionCost.Of(session.Summary.Spec))?.Node))
                .FirstOrDefault(found => found.Node is not null);
            if (found.Node is null) continue;
            var handOver = HandOverUnderWay.Of(found.Session, found.Node, now);
            next = next.Add((found.Session, handOver));
            underWay = underWay.SetItem(found.Session.Summary.Id.Value, handOver);
        }

        return next;
    }
}
