using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>What is to be done just now so that every session that should be running is, somewhere, and that records
/// left open are repaired.</summary>
/// <param name="ToResume">The sessions that are asked to resume where they are.</param>
/// <param name="Relocations">The events by which sessions get another node or shard, or wait; to be written in this
/// order.</param>
/// <param name="Repairs">The sessions that are asked to see to what they left on a node, each with that node.</param>
internal sealed record UpkeepStep(
    ImmutableList<PlacedSession> ToResume,
    ImmutableList<IPlacementEvent> Relocations,
    ImmutableList<(PlacedSession Session, string Node)> Repairs
);

/// <summary>How the placement keeps the sessions of the farm going. Pure.</summary>
internal static class Upkeep
{
    /// <summary>How often a session is asked to repair a record.</summary>
    private static readonly TimeSpan RepairInterval = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often a session is asked to write a manifest. Each try may read the whole record again, so this is longer
    /// than <see cref="RepairInterval"/>.
    /// </summary>
    private static readonly TimeSpan ManifestInterval = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gives sessions without a node another one, and asks sessions that should run and have not been heard of to
    /// resume. After a restart of the placement that is every session. Has records repaired that a node left open.
    /// </summary>
    /// <param name="view">The farm, after <see cref="FarmView.WithoutSilentNodes"/>.</param>
    public static UpkeepStep Next(FarmView view)
    {
        var unheard = view.List.Running.Where(session => IsMissed(view, session)).ToImmutableList();
        var misplaced = Relocation.Misplaced(
            view,
            unheard.FindAll(session => !view.Heard.ContainsKey(session.Summary.Id.Value))
        );
        return new UpkeepStep(
            unheard.RemoveAll(session => misplaced.Exists(moved => moved.Id == session.Summary.Id)),
            view.Warmth switch
            {
                Warmth.Gathering => [],
                Warmth.Hearing => Relocations(view, []),
                _ => Relocations(view, misplaced),
            },
            [.. Relocation.Repairable(view).Where(left => IsDue(view, left.Session, left.Node))]
        );
    }

    /// <summary>
    /// The view after the repairs of a step were asked for. What was asked of a node that is away is forgotten, so that
    /// the node is asked as soon as it is back.
    /// </summary>
    public static FarmView AfterRepairs(FarmView view, UpkeepStep step) =>
        view with
        {
            RepairsAsked = view
                .RepairsAsked.RemoveRange(view.RepairsAsked.Keys.Where(asked => !view.Nodes.ContainsKey(asked.Node)))
                .SetItems(
                    step.Repairs.Select(left =>
                        KeyValuePair.Create((left.Session.Summary.Id.Value, left.Node), view.Now)
                    )
                ),
        };

    /// <summary>
    /// Whether a session should run and is not heard of. A session of a node on its way out is at its end there: asked
    /// now, it would go on wherever its shard happens to go.
    /// </summary>
    private static bool IsMissed(FarmView view, PlacedSession session) =>
        session.Summary.Phase != SessionPhase.WaitingForRoom
        && !view.IsLost(session)
        && !view.IsAwaited(session)
        && !view.Roster.Leaving.Contains(session.Summary.Node)
        && !(
            view.Heard.TryGetValue(session.Summary.Id.Value, out var heard)
            && view.Now - heard < view.Settings.SilenceLimit
        );

    private static ImmutableList<IPlacementEvent> Relocations(FarmView view, ImmutableList<SessionMoved> misplaced)
    {
        var after = misplaced.Aggregate(view, (after, moved) => after.Apply(moved));
        return [.. misplaced, .. Relocation.StillWaiting(after), .. Relocation.Decide(after)];
    }

    private static bool IsDue(FarmView view, PlacedSession session, string node) =>
        !view.IsAwaited(session)
        && !(
            view.RepairsAsked.TryGetValue((session.Summary.Id.Value, node), out var asked)
            && view.Now - asked < (Relocation.HasOpen(session, node) ? RepairInterval : ManifestInterval)
        );
}
