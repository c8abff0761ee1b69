using Akka.Actor;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Events;

namespace Recorder.Cluster.ReadModel;

/// <summary>Tells whoever fills the read model how it is with the disk of this node's records folder.</summary>
internal sealed class DiskNewsActor : ReceiveActor, IWithTimers
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "disk-news";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public DiskNewsActor(string node, INodeLimits limits, IActorRef readModel) =>
        Receive<Due>(_ => readModel.Tell(new ReportDisk(node, limits.ClosedBy().Contains(ClosedReason.Disk))));

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Due), new Due(), TimeSpan.Zero, Interval);

    private sealed record Due;
}
