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
    /// <summary>How long nodes have to tell what they hold and keep.</summary>
    public static readonly TimeSpan GatheringLimit = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long sessions have to tell where they run. A session repeats every two seconds what the placement has not
    /// confirmed, so the second try comes within this time.
    /// </summary>
    private static readonly TimeSpan HearingLimit = TimeSpan.FromSeconds(4);

    /// <summary>How long an admission is held for the first node to tell its capacity, and for the coordinator to tell
    /// where shards are.</summary>
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
    /// The hand-overs under way, by session: decided here, or told by the node that keeps the media. Their room is
    /// given to nobody else.
    /// </summary>
    public ImmutableDictionary<int, HandOverUnderWay> HandOvers { get; init; } =
        ImmutableDictionary<int, HandOverUnderWay>.Empty;

    /// <summary>When a session's hand-over to a node was refused last.</summary>
    public ImmutableDictionary<(int Session, string Target), DateTimeOffset> Refusals { get; init; } =
        ImmutableDictionary<(int Session, string Target), DateTimeOffset>.Empty;

    /// <summary>When a session was last heard of, or asked to resume, in this life of the placement.</summary>
    public ImmutableDictionary<int, DateTimeOffset> Heard { get; init; } =
        ImmutableDictionary<int, DateTimeOffset>.Empty;

    /// <summary>When a session was last asked to see to the records that it left on a node.</summary>
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

    /// <summary>Whether it is known which node holds which shard; on a farm of one that node holds all.</summary>
    public bool KnowsShards => Settings.RejoinGrace == TimeSpan.Zero || Shards.Known;

    /// <summary>
    /// How long an admission still has to wait, zero when it is decided at once. Without a node there is no room yet.
    /// Until the coordinator has told where idle shards are, a shard that looks free may be on another node, and a
    /// session would start there.
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

    /// <summary>How many shards are neither taken nor needed by a hand-over: until a session has arrived it needs a
    /// second one.</summary>
    public int SpareShards => Settings.Shards - TakenShards.Count - HandOvers.Count;

    /// <summary>Whether a session's node is gone for good, as far as the members of the farm tell.</summary>
    public bool IsLost(PlacedSession session)
    {
        var node = session.Summary.Node;
        return Roster.Removed.Contains(node)
            || (!Roster.Members.IsEmpty && !Roster.Members.Contains(node) && Now - Began >= Settings.RejoinGrace);
    }

    /// <summary>
    /// Whether a session's node may still come back after the whole farm's start. A message to the session would send
    /// its shard to another node as long as the coordinator does not know that node, and the first node to be back
    /// would get all sessions.
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

    /// <summary>The view without the nodes that have not told their capacity for four report intervals.</summary>
    public FarmView WithoutSilentNodes() =>
        this with
        {
            Nodes = Nodes.RemoveRange(
                Nodes.Where(node => Now - node.Value.At > Settings.ReportInterval * 4).Select(node => node.Key)
            ),
        };
}
