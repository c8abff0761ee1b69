using Akka.Actor;
using Akka.Cluster.Sharding;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Membership;

namespace Recorder.Cluster.Placement.Nodes;

/// <summary>
/// Tells the placement singleton what this node can hold, when it starts and every few seconds, once the coordinator of
/// the shards knows the node: a session that was given to it before would be put elsewhere. Before the first report it
/// is called back, should its earlier life have been drained: on the way out of a farm that is stopped as a whole
/// nobody is left to do so.
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
        IActorRef placement
    )
    {
        _interval = options.ReportInterval;

        // A placement that begins after the death of its node knows nothing yet.
        Receive<FarmRoster>(_ => Self.Tell(ReportDue.Instance));
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
                }
            );
        });
        Receive<DrainState>(_ => _calledBack = true);

        // There is no coordinator yet, or none any more.
        Receive<Status.Failure>(_ => Timers.StartSingleTimer(nameof(ReportDue), ReportDue.Instance, AskInterval));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FarmRoster));
        Self.Tell(ReportDue.Instance);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private sealed record ReportDue
    {
        public static readonly ReportDue Instance = new();
    }
}
