using System.Collections.Immutable;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>All that the placement knows at one moment. Every decision of the placement is a function of one
/// view.</summary>
/// <param name="Settings">What the decisions are set to.</param>
/// <param name="Began">When the placement began its life on this node.</param>
internal sealed record FarmView(PlacementSettings Settings, DateTimeOffset Began)
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

    /// <summary>The time.</summary>
    public DateTimeOffset Now { get; init; } = Began;

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

    /// <summary>When a session's hand-over to a node was last refused.</summary>
    public ImmutableDictionary<(int Session, string Target), DateTimeOffset> Refusals { get; init; } =
        ImmutableDictionary<(int Session, string Target), DateTimeOffset>.Empty;

    /// <summary>When a session was last heard of, or asked to resume, in this life of the placement.</summary>
    public ImmutableDictionary<int, DateTimeOffset> Heard { get; init; } =
        ImmutableDictionary<int, DateTimeOffset>.Empty;

    /// <summary>When a session was last asked to repair the records that it left on a node.</summary>
    public ImmutableDictionary<(int Session, string Node), DateTimeOffset> RepairsAsked { get; init; } =
        ImmutableDictionary<(int Session, string Node), DateTimeOffset>.Empty;

    /// <summary>Whether a node was being drained when the placement began: a node may then keep media for a session
    /// whose own node is gone.</summary>
    public bool DrainedAtBegin { get; init; }

    /// <summary>Whether relocations are decided and not yet written.</summary>
    public bool Relocating { get; init; }

    /// <summary>How much is known of the farm.</summary>
    public Warmth Warmth =>
        Now - Began < GatheringLimit && (DrainedAtBegin || !Roster.Members.IsSubsetOf(Nodes.Keys)) ? Warmth.Gathering
        : Now - Began < HearingLimit ? Warmth.Hearing
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
            var left = Began + HoldLimit - Now;
            return (Nodes.IsEmpty || !KnowsShards) && left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>The shards of the sessions that have not ended.</summary>
    public HashSet<int> TakenShards => [.. List.Running.Select(session => session.Shard)];

    /// <summary>How many shards are neither taken nor needed by a hand-over. Until a session has arrived, its
    /// hand-over needs a second shard.</summary>
    public int SpareShards => Settings.Shards - TakenShards.Count - HandOvers.Count;

    /// <summary>Whether a session's node is gone for good, judged by the members of the farm.</summary>
    public bool IsLost(PlacedSession session)
    {
        var node = session.Summary.Node;
        return Roster.Removed.Contains(node)
            || (!Roster.Members.IsEmpty && !Roster.Members.Contains(node) && Now - Began >= Settings.RejoinGrace);
    }

    /// <summary>
    /// Whether a session's node may still come back after the start of the whole farm. Until the coordinator knows
    /// that node, a message to the session would send the session's shard to another node. The first node to be back
    /// would then get all sessions.
    /// </summary>
    public bool IsAwaited(PlacedSession session) =>
        session.Summary.Running
        && session.Summary.Phase != SessionPhase.WaitingForRoom
        && !Nodes.ContainsKey(session.Summary.Node)
        && !IsLost(session)
        && Now - Began < Settings.RejoinGrace;

    /// <summary>The view after an event of the list.</summary>
    public FarmView Apply(IPlacementEvent happened) => this with { List = List.Apply(happened) };

    /// <summary>The view after a session was heard of, or was asked to resume.</summary>
    public FarmView Hear(SessionId id, DateTimeOffset at) => this with { Heard = Heard.SetItem(id.Value, at) };

    /// <summary>The view without the nodes that have not reported their capacity for four report intervals.</summary>
    public FarmView WithoutSilentNodes() =>
        this with
        {
            Nodes = Nodes.RemoveRange(
                Nodes.Where(node => Now - node.Value.At > Settings.ReportInterval * 4).Select(node => node.Key)
            ),
        };
}
