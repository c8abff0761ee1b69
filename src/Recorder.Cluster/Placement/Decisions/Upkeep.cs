using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>One step of upkeep: what keeps every session running somewhere, and gets open records repaired.</summary>
/// <param name="ToResume">The sessions that are asked to resume where they are.</param>
/// <param name="Relocations">The events by which sessions get another node or shard, or wait; to be written in this
/// order.</param>
/// <param name="Repairs">The sessions that are asked to repair records that they left on a node, each with that
/// node.</param>
internal sealed record UpkeepStep(
    ImmutableList<PlacedSession> ToResume,
    ImmutableList<IPlacementEvent> Relocations,
    ImmutableList<(PlacedSession Session, string Node)> Repairs
);

/// <summary>Decides how the placement keeps the sessions of the farm running. Pure.</summary>
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
    /// Gives sessions without a node another node. Asks sessions that should run and have not been heard of to
    /// resume; after a restart of the placement, those are all sessions. Has records repaired that were left open on
    /// a node.
    /// </summary>
    /// <param name="view">The farm, after <see cref="FarmView.WithoutSilentNodes"/>.</param>
    public static UpkeepStep Next(FarmView view)
    {
        var unheard = view.List.Running.Where(session => IsMissed(view, session)).ToImmutableList();
        var misplaced = Relocation.Misplaced(view, unheard);
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
    /// The view after the repairs of a step were asked for. Requests to a node that is away, or whose records folder is
    /// away, are forgotten, so that the node is asked as soon as it is back.
    /// </summary>
    public static FarmView AfterRepairs(FarmView view, UpkeepStep step) =>
        view with
        {
            RepairsAsked = view
                .RepairsAsked.RemoveRange(view.RepairsAsked.Keys.Where(asked => IsAway(view, asked.Node)))
                .SetItems(
                    step.Repairs.Select(left =>
                        KeyValuePair.Create((left.Session.Summary.Id.Value, left.Node), view.Now)
                    )
                ),
        };

    /// <summary>
    /// Whether a session should run and is not heard of. A session on a leaving node is excluded: it is ending there,
    /// and a request now would make it resume wherever its shard happens to go.
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

    private static bool IsAway(FarmView view, string node) =>
        !view.Nodes.TryGetValue(node, out var capacity) || capacity is { Id: not null, Folders.IsEmpty: true };

    private static bool IsDue(FarmView view, PlacedSession session, string node) =>
        !view.IsAwaited(session)
        && !(
            view.RepairsAsked.TryGetValue((session.Summary.Id.Value, node), out var asked)
            && view.Now - asked < (Relocation.HasOpen(view, session, node) ? RepairInterval : ManifestInterval)
        );
}
