using Akka.Actor;

namespace Recorder.Cluster.Placement;

/// <summary>What limits this node besides its slots. The product's looks at the disk of the records folder.</summary>
public interface INodeLimits
{
    /// <summary>Why this node takes no session just now, as one sentence, or null. Must not block.</summary>
    string? WhyClosed();
}

/// <summary>Tells the placement singleton what this node can hold, when it starts and every few seconds.</summary>
internal sealed class NodeCapacityActor : ReceiveActor, IWithTimers
{
    private readonly TimeSpan _interval;

    public NodeCapacityActor(string node, PlacementOptions options, INodeLimits limits, IActorRef placement)
    {
        _interval = options.ReportInterval;
        var slots = options.Sessions > 0 ? options.Sessions : Environment.ProcessorCount;
        Receive<ReportDue>(_ => placement.Tell(new ReportCapacity(node, slots, limits.WhyClosed())));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(ReportDue), new ReportDue(), TimeSpan.Zero, _interval);

    private sealed record ReportDue;
}
