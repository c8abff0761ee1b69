using Akka.Actor;
using Akka.Cluster.Sharding;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Leases;
using Recorder.Cluster.Membership;

namespace Recorder.Cluster.Placement.Nodes;

/// <summary>
/// Reports this node's capacity to the placement singleton, at the start and every few seconds. The first report
/// waits until the coordinator of the shards knows the node: until then sharding would put the node's sessions
/// elsewhere. Before the first report, the actor calls the node back from a drain of its earlier life: when a whole
/// farm is stopped, no node is left to end that drain.
/// </summary>
internal sealed class NodeCapacityActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(200);

    private readonly TimeSpan _interval;
    private FarmRoster _farm = FarmRoster.Empty;

    public NodeCapacityActor(
        Address node,
        PlacementOptions options,
        INodeLimits limits,
        IActorRef sessions,
        IActorRef placement,
        NodeIdentity identity,
        NodeLife life
    )
    {
        _interval = options.ReportInterval;
        Receive<FarmRoster>(OnFarm);
        Receive<LeaseNews>(_ => Self.Tell(ReportDue.Instance));
        Receive<ReportDue>(_ =>
        {
            Timers.StartSingleTimer(nameof(ReportDue), ReportDue.Instance, _interval);
            sessions.Ask<CurrentRegions>(GetCurrentRegions.Instance, AskLimit).PipeTo(Self);
        });
        Receive<CurrentRegions>(known =>
        {
            if (!known.Regions.Contains(node))
            {
                Timers.StartSingleTimer(nameof(ReportDue), ReportDue.Instance, AskInterval);
                return;
            }

            if (!life.CalledBack)
            {
                placement.Tell(new DrainNode(node.ToString(), false));
            }
            placement.Tell(
                new ReportCapacity(node.ToString(), limits.Slots.Count, limits.WhyClosed())
                {
                    Found = limits.Slots.Found,
                    Shards = options.Shards,
                    Load = limits.Load,
                    NoDatabase = limits.ClosedBy().Contains(ClosedReason.Database),
                    Id = identity.Node,
                    Folders = identity.Records?.Standing.Ids ?? [],
                }
            );
        });
        Receive<DrainState>(_ => life.CalledBack = true);

        // There is no coordinator yet, or no coordinator any more.
        Receive<Status.Failure>(_ => Timers.StartSingleTimer(nameof(ReportDue), ReportDue.Instance, AskInterval));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The actor, which calls the node back once, also when the actor is restarted: an operator may have
    /// drained the node since.</summary>
    /// <param name="node">The node's cluster address.</param>
    /// <param name="options">The placement's options.</param>
    /// <param name="limits">What the node can hold.</param>
    /// <param name="sessions">The shard region of the sessions.</param>
    /// <param name="placement">The placement singleton.</param>
    /// <param name="identity">The ids of the node and of its records folder.</param>
    public static Props PropsFor(
        Address node,
        PlacementOptions options,
        INodeLimits limits,
        IActorRef sessions,
        IActorRef placement,
        NodeIdentity identity
    )
    {
        var life = new NodeLife();
        return Props.Create(() => new NodeCapacityActor(node, options, limits, sessions, placement, identity, life));
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FarmRoster));
        Context.System.EventStream.Subscribe(Self, typeof(LeaseNews));
        Self.Tell(ReportDue.Instance);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    /// <summary>A placement that begins after its node has left or died knows no capacities, so this node reports at
    /// once. A node that joins moves no placement.</summary>
    private void OnFarm(FarmRoster farm)
    {
        if (!farm.Leaving.SetEquals(_farm.Leaving) || !farm.Removed.SequenceEqual(_farm.Removed))
        {
            Self.Tell(ReportDue.Instance);
        }
        _farm = farm;
    }

    /// <summary>What is known of the node for as long as its process lives.</summary>
    internal sealed class NodeLife
    {
        public bool CalledBack { get; set; }
    }

    private sealed record ReportDue
    {
        public static readonly ReportDue Instance = new();
    }
}
