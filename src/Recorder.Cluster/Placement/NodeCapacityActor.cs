using Akka.Actor;

namespace Recorder.Cluster.Placement;

/// <summary>Tells the placement singleton what this node can hold, when it starts and every few seconds.</summary>
internal sealed class NodeCapacityActor : ReceiveActor, IWithTimers
{
    private readonly TimeSpan _interval;

    public NodeCapacityActor(string node, PlacementOptions options, INodeLimits limits, IActorRef placement)
    {
        _interval = options.ReportInterval;
        Receive<ReportDue>(_ => placement.Tell(
            new ReportCapacity(node, limits.Slots.Count, limits.WhyClosed()) { Found = limits.Slots.Found, Load = limits.Load }));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(ReportDue), new ReportDue(), TimeSpan.Zero, _interval);

    private sealed record ReportDue;
}
