using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace Recorder.Cluster.Membership;

/// <summary>
/// Akka's failure detector of one node, which can also be told that the node is gone. A given-up member is removed
/// only once it counts as unreachable, which takes seconds by its heartbeats alone.
/// </summary>
/// <remarks>Akka makes one detector for each watched node. Each detector announces itself on the event stream, so
/// that the witness knows it.</remarks>
internal sealed class WitnessedFailureDetector : PhiAccrualFailureDetector
{
    private long _heardAt;
    private volatile bool _gone;

    /// <summary>Called by Akka.Cluster.</summary>
    public WitnessedFailureDetector(Config configuration, EventStream events)
        : base(configuration, events) => events.Publish(new Made(this));

    /// <inheritdoc/>
    public override bool IsAvailable => !_gone && base.IsAvailable;

    /// <summary>When the newest heartbeat arrived, as <see cref="TimeProvider.GetTimestamp"/> of the system counts; null
    /// before the first. Akka makes the detector, so that the detector has no other clock.</summary>
    public long? HeardAt => Interlocked.Read(ref _heardAt) is var at and not 0 ? at : null;

    /// <inheritdoc/>
    public override void HeartBeat()
    {
        Interlocked.Exchange(ref _heardAt, TimeProvider.System.GetTimestamp());
        base.HeartBeat();
    }

    /// <summary>From here on the node counts as unreachable, whatever its heartbeats say.</summary>
    public void Condemn() => _gone = true;

    /// <summary>A detector exists.</summary>
    public sealed record Made(WitnessedFailureDetector Detector) : INoSerializationVerificationNeeded;
}
