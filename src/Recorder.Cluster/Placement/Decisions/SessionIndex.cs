using System.Collections.Immutable;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>The sessions that one node holds.</summary>
/// <param name="Sessions">The ids of the sessions that run on the node, without those that wait for room.</param>
/// <param name="Used">How many slots these sessions take.</param>
internal sealed record NodeSessions(ImmutableSortedSet<int> Sessions, decimal Used)
{
    /// <summary>A node without a session.</summary>
    public static readonly NodeSessions None = new([], 0);
}

/// <summary>What one owner has.</summary>
/// <param name="Sessions">How many sessions have not ended.</param>
/// <param name="PixelRate">The pixels a second of these sessions together.</param>
internal sealed record OwnerSessions(int Sessions, long PixelRate)
{
    /// <summary>An owner without a session.</summary>
    public static readonly OwnerSessions None = new(0, 0);
}

/// <summary>
/// What the placement asks of its list again and again, kept beside the list. A decision reads only the entries that
/// concern the decision, and never walks sessions that have ended. Pure.
/// </summary>
internal sealed record SessionIndex
{
    /// <summary>The index of an empty list.</summary>
    public static readonly SessionIndex Empty = new();

    /// <summary>The sessions that have not ended.</summary>
    public ImmutableSortedSet<int> Running { get; private init; } = [];

    /// <summary>The sessions that wait for room, the longest wait first.</summary>
    public ImmutableSortedSet<(DateTimeOffset Since, int Id)> Waiting { get; private init; } = [];

    /// <summary>The sessions of each node that holds a session.</summary>
    public ImmutableDictionary<string, NodeSessions> Nodes { get; private init; } =
        ImmutableDictionary.Create<string, NodeSessions>(StringComparer.Ordinal);

    /// <summary>What each owner with a session has; by the empty name what nobody owns.</summary>
    public ImmutableDictionary<string, OwnerSessions> Owners { get; private init; } =
        ImmutableDictionary.Create<string, OwnerSessions>(StringComparer.Ordinal);

    /// <summary>
    /// The sessions that left something somewhere which they cannot do there by themselves: a record open, a manifest
    /// or a delivery. By the key of the place (<see cref="RecordHolder.KeyOf"/>).
    /// </summary>
    public ImmutableDictionary<string, ImmutableSortedSet<int>> Left { get; private init; } =
        ImmutableDictionary.Create<string, ImmutableSortedSet<int>>(StringComparer.Ordinal);

    /// <summary>The shards of the sessions that have not ended.</summary>
    public ImmutableSortedSet<int> Shards { get; private init; } = [];

    /// <summary>The number of sessions in each phase; ended sessions are left out.</summary>
    public ImmutableDictionary<SessionPhase, int> Phases { get; private init; } =
        ImmutableDictionary<SessionPhase, int>.Empty;

    /// <summary>The sessions that have ended.</summary>
    public ImmutableSortedSet<int> Ended { get; private init; } = [];

    /// <summary>How many sessions have a shard beyond the first. No farm should have such a shard.</summary>
    private ImmutableDictionary<int, int> Shared { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>The index of a whole list.</summary>
    public static SessionIndex Of(IEnumerable<PlacedSession> sessions) =>
        sessions.Aggregate(Empty, (index, session) => index.Replace(null, session));

    /// <summary>What one node holds.</summary>
    public NodeSessions On(string node) => Nodes.GetValueOrDefault(node, NodeSessions.None);

    /// <summary>What one owner has.</summary>
    public OwnerSessions Of(string owner) => Owners.GetValueOrDefault(owner, OwnerSessions.None);

    /// <summary>The index after a session of the list has changed.</summary>
    /// <param name="before">The session before; null when the session is new.</param>
    /// <param name="after">The session after; null when the session left the list.</param>
    public SessionIndex Replace(PlacedSession? before, PlacedSession? after)
    {
        var (old, now) = (Entry.Of(before), Entry.Of(after));
        return old == now ? this : Remove(old).Add(now);
    }

    /// <summary>The places in which a session left something that it cannot do there by itself.</summary>
    /// <param name="summary">The session.</param>
    public static IEnumerable<string> LeftBy(SessionSummary summary) =>
        summary.Phase
            is SessionPhase.New
                or SessionPhase.Starting
                or SessionPhase.WaitingToBegin
                or SessionPhase.WaitingToEnter
                or SessionPhase.WaitingForRoom
            ? []
            : summary
                .Records.Where(record =>
                    IsOpen(record)
                    && (!summary.Running || record.Node != summary.Node || record.Away is not null)
                )
                .Select(RecordHolder.KeyOf)
                .OfType<string>()
                .Distinct(StringComparer.Ordinal);

    /// <summary>Whether something is left to do for a record: its end, its manifest, a delivery or its
    /// erasing.</summary>
    /// <param name="record">The record.</param>
    public static bool IsOpen(RecordSummary record) =>
        !record.Finished
        || record.ManifestDue
        || record.Erasing is { Done: null }
        || record.Deliveries.Exists(delivery => delivery.Open);

    private SessionIndex Add(Entry? entry)
    {
        if (entry is null)
        {
            return this;
        }
        var left = entry.Left.Aggregate(
            Left,
            (left, node) => left.SetItem(node, left.GetValueOrDefault(node, []).Add(entry.Id))
        );
        if (!entry.Running)
        {
            return this with { Left = left, Ended = Ended.Add(entry.Id) };
        }

        var on = On(entry.Node);
        return this with
        {
            Left = left,
            Running = Running.Add(entry.Id),
            Waiting = entry.Waits ? Waiting.Add((entry.Since, entry.Id)) : Waiting,
            Nodes = entry.Waits
                ? Nodes
                : Nodes.SetItem(entry.Node, new NodeSessions(on.Sessions.Add(entry.Id), on.Used + entry.Cost)),
            Owners = Owners.SetItem(
                entry.Owner,
                new OwnerSessions(Of(entry.Owner).Sessions + 1, Of(entry.Owner).PixelRate + entry.PixelRate)
            ),
            Shards = Shards.Add(entry.Shard),
            Shared = Shards.Contains(entry.Shard)
                ? Shared.SetItem(entry.Shard, Shared.GetValueOrDefault(entry.Shard) + 1)
                : Shared,
            Phases = Phases.SetItem(entry.Phase, Phases.GetValueOrDefault(entry.Phase) + 1),
        };
    }

    private SessionIndex Remove(Entry? entry)
    {
        if (entry is null)
        {
            return this;
        }
        var left = entry.Left.Aggregate(Left, (left, node) => Without(left, node, entry.Id));
        if (!entry.Running)
        {
            return this with { Left = left, Ended = Ended.Remove(entry.Id) };
        }

        var on = On(entry.Node);
        var shared = Shared.GetValueOrDefault(entry.Shard);
        return this with
        {
            Left = left,
            Running = Running.Remove(entry.Id),
            Waiting = entry.Waits ? Waiting.Remove((entry.Since, entry.Id)) : Waiting,
            Nodes =
                entry.Waits ? Nodes
                : on.Sessions.Count == 1 ? Nodes.Remove(entry.Node)
                : Nodes.SetItem(entry.Node, new NodeSessions(on.Sessions.Remove(entry.Id), on.Used - entry.Cost)),
            Owners =
                Of(entry.Owner).Sessions == 1
                    ? Owners.Remove(entry.Owner)
                    : Owners.SetItem(
                        entry.Owner,
                        new OwnerSessions(Of(entry.Owner).Sessions - 1, Of(entry.Owner).PixelRate - entry.PixelRate)
                    ),
            Shards = shared == 0 ? Shards.Remove(entry.Shard) : Shards,
            Shared =
                shared == 0 ? Shared
                : shared == 1 ? Shared.Remove(entry.Shard)
                : Shared.SetItem(entry.Shard, shared - 1),
            Phases =
                Phases[entry.Phase] == 1
                    ? Phases.Remove(entry.Phase)
                    : Phases.SetItem(entry.Phase, Phases[entry.Phase] - 1),
        };
    }

    private static ImmutableDictionary<string, ImmutableSortedSet<int>> Without(
        ImmutableDictionary<string, ImmutableSortedSet<int>> left,
        string node,
        int id
    )
    {
        var rest = left[node].Remove(id);
        return rest.IsEmpty ? left.Remove(node) : left.SetItem(node, rest);
    }

    /// <summary>What the index knows of one session. Two equal entries leave the index as it is.</summary>
    private sealed record Entry(int Id, SessionPhase Phase, DateTimeOffset Since, string Node, int Shard, decimal Cost)
    {
        public bool Running { get; private init; }

        public string Owner { get; private init; } = "";

        public long PixelRate { get; private init; }

        public bool Waits => Phase == SessionPhase.WaitingForRoom;

        /// <summary>Compared by <see cref="Key"/>, since two lists are never equal by themselves.</summary>
        public ImmutableArray<string> Left { get; private init; } = [];

        private string Key { get; init; } = "";

        public static Entry? Of(PlacedSession? session)
        {
            if (session is null)
            {
                return null;
            }
            var summary = session.Summary;
            ImmutableArray<string> left = [.. LeftBy(summary).Order(StringComparer.Ordinal)];

            // Of an ended session, only what is open counts.
            return summary.Running
                ? new Entry(
                    summary.Id.Value,
                    summary.Phase,
                    summary.Phase == SessionPhase.WaitingForRoom ? summary.PhaseSince : default,
                    summary.Node,
                    session.Shard,
                    SessionCost.Of(summary.Spec)
                )
                {
                    Running = true,
                    Owner = summary.Spec.Owner ?? "",
                    PixelRate = SessionCost.PixelRateOf(summary.Spec),
                    Left = left,
                    Key = string.Join(' ', left),
                }
                : new Entry(summary.Id.Value, SessionPhase.Stopped, default, "", 0, 0)
                {
                    Left = left,
                    Key = string.Join(' ', left),
                };
        }

        public bool Equals(Entry? other) =>
            other is not null
            && (Owner, PixelRate) == (other.Owner, other.PixelRate)
            && (Id, Phase, Since, Node, Shard, Cost, Running, Key)
                == (
                    other.Id,
                    other.Phase,
                    other.Since,
                    other.Node,
                    other.Shard,
                    other.Cost,
                    other.Running,
                    other.Key
                );

        public override int GetHashCode() => Id;
    }
}
