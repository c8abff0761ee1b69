using Akka.Actor;
using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Telemetry;

/// <summary>Brings the news of this node to the meter, one after the other.</summary>
internal sealed class TelemetryActor : ReceiveActor
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "telemetry";

    /// <param name="meter">Receives all news.</param>
    public TelemetryActor(RecorderMeter meter) => Receive<INodeNews>(meter.Hear);

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(INodeNews));

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}
