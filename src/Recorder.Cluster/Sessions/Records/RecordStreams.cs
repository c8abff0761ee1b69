using Akka.Actor;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>The streams of this node's records, for the edge of the same node. One instance for each actor
/// system.</summary>
internal sealed class RecordStreams : IExtension
{
    /// <summary>Sends the records; null on a node without records.</summary>
    public RecordStreamServer? Server { get; set; }

    /// <summary>The streams of an actor system's node.</summary>
    public static RecordStreams Of(ActorSystem system) => system.WithExtension<RecordStreams, Provider>();

    /// <summary>Makes the extension.</summary>
    public sealed class Provider : ExtensionIdProvider<RecordStreams>
    {
        /// <inheritdoc/>
        public override RecordStreams CreateExtension(ExtendedActorSystem system) => new();
    }
}
