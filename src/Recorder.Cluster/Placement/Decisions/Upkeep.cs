using System.Collections.Immutable;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>One step of upkeep: what keeps every session running somewhere, and gets open records repaired.</summary>
/// <param name="ToResume">The sessions that are asked to resume where they are.</param>
/// <param name="Relocations">The events by which sessions get another node or shard, or wait; to be written in this
/// order.</param>
/// <param name="Repairs">The sessions that are asked to repair records that they left on a node, each with that
/// node.</param>
/// <param name="Rest">What a further step is due for at once, because this one was full.</param>
internal sealed record UpkeepStep(
    ImmutableList<PlacedSession> ToResume,
    ImmutableList<IPlacementEvent> Relocations,
    ImmutableList<(PlacedSession Session, string Node)> Repairs,
    UpkeepParts Rest
)
{
    /// <summary>Whether a further step is due at once.</summary>
    public bool More => Rest != UpkeepParts.None;
}

/// <summary>What a step of upkeep looks for.</summary>
[Flags]
internal enum UpkeepParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Sessions that have not been heard of. All running sessions are looked at.</summary>
    Silent = 1,

    /// <summary>Sessions without a node.</summary>
    Homeless = 2,

    /// <summary>What sessions left open on a node.</summary>
    Left = 4,

    /// <summary>Everything.</summary>
    All = Silent | Homeless | Left,
}

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
    /// <param name="most">The most entries of each list of the step. A full step is followed by another.</param>
    /// <param name="nodes">The nodes whose sessions and records are looked at; null for all. Sessions without a node
    /// are always looked at.</param>
    /// <param name="parts">What is looked for. A step that goes on with the one before looks only for the
    /// <see cref="UpkeepStep.Rest"/>.</param>
    public static UpkeepStep Next(
        FarmView view,
        int most = int.MaxValue,
        IReadOnlyCollection<string>? nodes = null,
        UpkeepParts parts = UpkeepParts.All
    )
    {
        var toResume = ImmutableList.CreateBuilder<PlacedSession>();
        var relocations = ImmutableList.CreateBuilder<IPlacementEvent>();
        var after = view;
        var rest = UpkeepParts.None;
        foreach (var session in parts.HasFlag(UpkeepParts.Silent) ? Missed(view, nodes) : [])
        {
            if (toResume.Count == most || relocations.Count == most)
            {
                rest |= UpkeepParts.Silent;
                break;
            }
            if (Relocation.Misplaced(after, session) is { } misplaced)
            {
                after = after.Apply(misplaced);
                if (view.Warmth == Warmth.Ready)
                {
                    relocations.Add(misplaced);
                }
                continue;
            }
            toResume.Add(session);
        }

        if (view.Warmth != Warmth.Gathering && parts.HasFlag(UpkeepParts.Homeless))
        {
            var settled = view.Warmth == Warmth.Ready ? after : view;
            if (Relocation.StillWaiting(settled) is { } waiting)
            {
                relocations.Add(waiting);
            }
            relocations.AddRange(Relocation.Decide(settled, Math.Max(0, most - relocations.Count)));
            if (relocations.Count >= most)
            {
                rest |= UpkeepParts.Homeless;
            }
        }
        ImmutableList<(PlacedSession, string)> repairs = parts.HasFlag(UpkeepParts.Left)
            ?
            [
                .. Relocation
                    .Repairable(view, nodes)
                    .Where(left => IsDue(view, left.Session, left.Node))
                    .Concat((nodes is null ? Wakings.Rescues(view) : []).Where(left => IsRescueDue(view, left)))
                    .DistinctBy(left => (left.Session.Summary.Id, left.Node))
                    .Take(most),
            ]
            : [];
        if (repairs.Count == most)
        {
            rest |= UpkeepParts.Left;
        }
        return new UpkeepStep(toResume.ToImmutable(), relocations.ToImmutable(), repairs, rest);
    }

    /// <summary>The records that one session, which has ended, left on nodes that are there, each with that
    /// node.</summary>
    /// <param name="view">The farm.</param>
    /// <param name="session">The session.</param>
    public static ImmutableList<(PlacedSession Session, string Node)> RepairsOf(FarmView view, PlacedSession session) =>
        [
            .. from key in SessionIndex.LeftBy(session.Summary)
            from node in view.Nodes
            where RecordHolder.KeysOf(node.Key, node.Value).Contains(key) && IsDue(view, session, node.Key)
            select (session, node.Key),
        ];

    /// <summary>
    /// The view after repairs were asked for. Requests to a node that is away, or whose records folder is away, are
    /// forgotten, so that the node is asked as soon as it is back. Requests for what has been repaired are forgotten
    /// too.
    /// </summary>
    public static FarmView AfterRepairs(
        FarmView view,
        ImmutableList<(PlacedSession Session, string Node)> repairs
    ) =>
        view with
        {
            RepairsAsked = view
                .RepairsAsked.RemoveRange(
                    view.RepairsAsked.Keys.Where(asked =>
                        IsAway(view, asked.Node)
                        || !(
                            Relocation.IsLeftOn(view, asked.Session, asked.Node)
                            || Wakings.NeedsRescue(view, asked.Session)
                        )
                    )
                )
                .SetItems(
                    repairs.Select(left => KeyValuePair.Create((left.Session.Summary.Id.Value, left.Node), view.Age))
                ),
        };

    /// <summary>
    /// The sessions that should run and are not heard of. Sessions on a leaving node are excluded: they are ending
    /// there, and a request now would make them resume wherever their shards happen to go.
    /// </summary>
    private static IEnumerable<PlacedSession> Missed(FarmView view, IEnumerable<string>? among) =>
        from node in among ?? view.List.Index.Nodes.Keys
        where !view.IsLost(node) && !view.IsAwaited(node) && !view.Roster.Leaving.Contains(node)
        from id in view.List.Index.On(node).Sessions
        where !(view.Heard.TryGetValue(id, out var heard) && view.Age - heard < view.Settings.SilenceLimit)
        select view.List.Sessions[id];

    private static bool IsAway(FarmView view, string node) =>
        !view.Nodes.TryGetValue(node, out var capacity) || capacity is { Id: not null, Folders.IsEmpty: true };

    private static bool IsRescueDue(FarmView view, (PlacedSession Session, string Node) left) =>
        !view.IsAwaited(left.Session)
        && !(
            view.RepairsAsked.TryGetValue((left.Session.Summary.Id.Value, left.Node), out var asked)
            && view.Age - asked < ManifestInterval
        );

    private static bool IsDue(FarmView view, PlacedSession session, string node) =>
        // A node whose folder is away cannot look, and its requests are forgotten: it would be asked without end.
        !IsAway(view, node)
        && !view.IsAwaited(session)
        && IsDue(
            view,
            session,
            node,
            view.RepairsAsked.TryGetValue((session.Summary.Id.Value, node), out var asked) ? asked : null
        );

    private static bool IsDue(FarmView view, PlacedSession session, string node, TimeSpan? asked)
    {
        var since = view.Age - asked;
        if (!Wakings.HasMore(view, session.Summary, node))
        {
            return Wakings.IsAttemptDue(view, session.Summary, node, view.Now - since)
                || (since >= ManifestInterval && Wakings.HasWaiting(view, session.Summary, node));
        }
        return since is null
            || since >= (Relocation.HasOpen(view, session, node) ? RepairInterval : ManifestInterval)
            || Wakings.IsAttemptDue(view, session.Summary, node, view.Now - since);
    }
}
