using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace Recorder.Cluster.Membership;

/// <summary>
/// Akka's failure detector of one node, which can also be told that the node is gone: a member given up is removed only
/// once it counts as unreachable, and by its heartbeats alone that takes seconds.
/// </summary>
/// <remarks>Akka makes one for each node it watches. Each tells the event stream that it is there, so that the witness
/// knows it.</remarks>
internal sealed class WitnessedFailureDetector : PhiAccrualFailureDetector
{
    private volatile bool _gone;

    /// <summary>Made by Akka.Cluster.</summary>
    public WitnessedFailureDetector(Config configuration, EventStream events)
        : base(configuration, events) => events.Publish(new Made(this));

    /// <inheritdoc/>
    public override bool IsAvailable => !_gone && base.IsAvailable;

    /// <summary>From here on the node counts as unreachable, whatever its heartbeats say.</summary>
    public void Condemn() => _gone = true;

    /// <summary>A detector is there.</summary>
    public sealed record Made(WitnessedFailureDetector Detector) : INoSerializationVerificationNeeded;
}
