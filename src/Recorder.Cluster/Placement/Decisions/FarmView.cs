using System.Collections.Immutable;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>All that the placement knows at one moment. Every decision of the placement is a function of one
/// view.</summary>
/// <param name="Settings">What the decisions are set to.</param>
/// <param name="Now">The time. Only what is written down has this time; whatever is counted has
/// <see cref="Age"/>.</param>
internal sealed record FarmView(PlacementSettings Settings, DateTimeOffset Now)
{
    /// <summary>How long nodes have to report their capacity and the media they keep.</summary>
    public static readonly TimeSpan GatheringLimit = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long sessions have to report where they run. A session repeats an unconfirmed report every two seconds, so
    /// the second try comes within this time.
    /// </summary>
    private static readonly TimeSpan HearingLimit = TimeSpan.FromSeconds(4);

    /// <summary>How long an admission is held until the first node has reported its capacity and the coordinator has
    /// reported where shards are.</summary>
    private static readonly TimeSpan HoldLimit = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long the placement has been on this node, by the monotonic clock. All spans of time are counted from this
    /// age, so that a step of the node's clock neither drops a node nor makes a session silent.
    /// </summary>
    public TimeSpan Age { get; init; }

    /// <summary>The farm's list of sessions.</summary>
    public PlacementState List { get; init; } = new();

    /// <summary>The recorder nodes that have reported, by address.</summary>
    public ImmutableSortedDictionary<string, NodeCapacity> Nodes { get; init; } =
        ImmutableSortedDictionary.Create<string, NodeCapacity>(StringComparer.Ordinal);

    /// <summary>The recorder nodes of the cluster.</summary>
    public FarmRoster Roster { get; init; } = FarmRoster.Empty;

    /// <summary>Where the shards are.</summary>
    public ShardMap Shards { get; init; } = ShardMap.Empty;

    /// <summary>
    /// The hand-overs under way, by session: decided here, or reported by the node that keeps the media. No other
    /// session gets their room.
    /// </summary>
    public ImmutableDictionary<int, HandOverUnderWay> HandOvers { get; init; } =
        ImmutableDictionary<int, HandOverUnderWay>.Empty;

    /// <summary>The <see cref="Age"/> at which a session's hand-over to a node was last refused.</summary>
    public ImmutableDictionary<(int Session, string Target), TimeSpan> Refusals { get; init; } =
        ImmutableDictionary<(int Session, string Target), TimeSpan>.Empty;

    /// <summary>The <see cref="Age"/> at which a running session was last heard of, or asked to resume.</summary>
    public ImmutableDictionary<int, TimeSpan> Heard { get; init; } = ImmutableDictionary<int, TimeSpan>.Empty;

    /// <summary>The <see cref="Age"/> at which a session was last asked to repair the records that it left on a
    /// node.</summary>
    public ImmutableDictionary<(int Session, string Node), TimeSpan> RepairsAsked { get; init; } =
        ImmutableDictionary<(int Session, string Node), TimeSpan>.Empty;

    /// <summary>The places that schedules need soon, as they were last told.</summary>
    public ImmutableList<PromisedPlace> Promises { get; init; } = [];

    /// <summary>The <see cref="Age"/> at which the promises were told.</summary>
    public TimeSpan PromisedAt { get; init; }

    /// <summary>Whether a node was being drained when the placement began: a node may then keep media for a session
    /// whose own node is gone.</summary>
    public bool DrainedAtBegin { get; init; }

    /// <summary>Whether relocations are decided and not yet written.</summary>
    public bool Relocating { get; init; }

    /// <summary>How much is known of the farm.</summary>
    public Warmth Warmth =>
        Age < GatheringLimit && (DrainedAtBegin || !Roster.Members.IsSubsetOf(Nodes.Keys)) ? Warmth.Gathering
        : Age < HearingLimit ? Warmth.Hearing
        : Warmth.Ready;

    /// <summary>Whether the node of every shard is known. On a farm of one, that node holds all shards.</summary>
    public bool KnowsShards => Settings.RejoinGrace == TimeSpan.Zero || Shards.Known;

    /// <summary>
    /// How long an admission still has to wait; zero when it is decided at once. Without a node there is no room yet.
    /// Until the coordinator has reported where idle shards live, a free-looking shard may sit on another node. A
    /// session given that shard would start there.
    /// </summary>
    public TimeSpan AdmissionHold
    {
        get
        {
            var left = HoldLimit - Age;
            return (Nodes.IsEmpty || !KnowsShards) && left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>The shards of the sessions that have not ended.</summary>
    public ImmutableSortedSet<int> TakenShards => List.Index.Shards;

    /// <summary>How many shards the farm has: the highest number that a node is configured with. Raised node by node,
    /// the number counts as soon as the first node has it.</summary>
    public int ShardCount => Nodes.Values.Aggregate(Settings.Shards, (most, node) => Math.Max(most, node.Shards));

    /// <summary>How many shards are neither taken nor needed by a hand-over. Until a session has arrived, its
    /// hand-over needs a second shard.</summary>
    public int SpareShards => ShardCount - TakenShards.Count - HandOvers.Count;

    /// <summary>The nodes with sessions that are gone for good (<see cref="IsLost(string)"/>).</summary>
    public IEnumerable<string> LostNodes => List.Index.Nodes.Keys.Where(IsLost);

    /// <summary>The sessions that cannot begin where they were placed (<see cref="IsStranded"/>).</summary>
    public IEnumerable<int> Stranded =>
        Nodes
            .Where(node => node.Value.NoDatabase && !IsLost(node.Key))
            .SelectMany(node => List.Index.On(node.Key).Sessions)
            .Where(id => IsStranded(List.Sessions[id]));

    /// <summary>Whether a session was placed on a node that has lost its way to the database, and has not reported
    /// since. Nothing of it can be in the journal or in a file, so it begins elsewhere.</summary>
    public bool IsStranded(PlacedSession session) =>
        session is { Version: 0, Summary.Phase: SessionPhase.Starting }
        && Nodes.TryGetValue(session.Summary.Node, out var node)
        && node.NoDatabase;

    /// <summary>Whether a session's node is gone for good.</summary>
    public bool IsLost(PlacedSession session) => IsLost(session.Summary.Node);

    /// <summary>Whether a node is gone for good, judged by the members of the farm.</summary>
    /// <param name="node">The node's cluster address.</param>
    public bool IsLost(string node) =>
        !Roster.Members.Contains(node)
        && (Roster.Removed.Contains(node) || (!Roster.Members.IsEmpty && Age >= Settings.RejoinGrace));

    /// <summary>
    /// Whether a session's node may still come back after the start of the whole farm. Until the coordinator knows
    /// that node, a message to the session would send the session's shard to another node. The first node to be back
    /// would then get all sessions.
    /// </summary>
    public bool IsAwaited(PlacedSession session) =>
        session.Summary.Running
        && session.Summary.Phase != SessionPhase.WaitingForRoom
        && IsAwaited(session.Summary.Node);

    /// <summary>Whether a node with sessions may still come back after the start of the whole farm.</summary>
    /// <param name="node">The node's cluster address.</param>
    public bool IsAwaited(string node) => Age < Settings.RejoinGrace && !Nodes.ContainsKey(node) && !IsLost(node);

    /// <summary>The view after an event of the list. That a session waits counts as a word from the session.</summary>
    public FarmView Apply(IPlacementEvent happened)
    {
        var after = this with { List = List.Apply(happened) };
        return happened switch
        {
            SessionWaiting waiting => after.Hear(waiting.Id),
            SessionsStillWaiting waiting => waiting.Ids.Aggregate(after, (view, id) => view.Hear(id)),
            _ => after,
        };
    }

    /// <summary>The view after a session was heard of, or was asked to resume. Only running sessions are
    /// kept.</summary>
    public FarmView Hear(SessionId id) =>
        this with
        {
            Heard = List.Index.Running.Contains(id.Value) ? Heard.SetItem(id.Value, Age) : Heard.Remove(id.Value),
        };

    /// <summary>The view without the nodes that have not reported their capacity for four report intervals.</summary>
    public FarmView WithoutSilentNodes() =>
        Nodes.Values.Any(IsSilent)
            ? this with
            {
                Nodes = Nodes.RemoveRange(Nodes.Where(node => IsSilent(node.Value)).Select(node => node.Key)),
            }
            : this;

    private bool IsSilent(NodeCapacity node) => Age - node.At > Settings.ReportInterval * 4;
}
