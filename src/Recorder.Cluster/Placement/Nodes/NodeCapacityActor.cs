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
    private bool _calledBack;

    public NodeCapacityActor(
        Address node,
        PlacementOptions options,
        INodeLimits limits,
        IActorRef sessions,
        IActorRef placement,
        NodeIdentity identity
    )
    {
        _interval = options.ReportInterval;

        // A placement that begins after the death of its node knows no capacities, so this node reports at once.
        Receive<FarmRoster>(_ => Self.Tell(ReportDue.Instance));
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

            if (!_calledBack)
            {
                placement.Tell(new DrainNode(node.ToString(), false));
            }
            placement.Tell(
                new ReportCapacity(node.ToString(), limits.Slots.Count, limits.WhyClosed())
                {
                    Found = limits.Slots.Found,
                    Load = limits.Load,
                    NoDatabase = limits.ClosedBy().Contains(ClosedReason.Database),
                    Id = identity.Node,
                    Folders = identity.Records?.Standing.Ids ?? [],
                }
            );
        });
        Receive<DrainState>(_ => _calledBack = true);

        // There is no coordinator yet, or no coordinator any more.
        Receive<Status.Failure>(_ => Timers.StartSingleTimer(nameof(ReportDue), ReportDue.Instance, AskInterval));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FarmRoster));
        Context.System.EventStream.Subscribe(Self, typeof(LeaseNews));
        Self.Tell(ReportDue.Instance);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private sealed record ReportDue
    {
        public static readonly ReportDue Instance = new();
    }
}
