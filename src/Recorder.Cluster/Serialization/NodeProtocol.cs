using System.Text.Json;
using Akka.Actor;
using Akka.Actor.Setup;

namespace Recorder.Cluster.Serialization;

/// <summary>The protocols of one node, and what its farm has agreed on. One instance for each actor system, safe to
/// use from several threads.</summary>
internal sealed class NodeProtocol : IExtension
{
    private volatile ProtocolGate _gate;

    private NodeProtocol(WireSetup setup)
    {
        Build = setup.Build;
        Json = setup.Json ?? WireSerializer.Json;
        Needs = setup.Needs;
        _gate = new ProtocolGate(setup.Build.Understands);
    }

    /// <summary>The protocols of this node's build.</summary>
    public WireProtocol Build { get; }

    /// <summary>What this node may write. Closed for all newer protocols when the node starts.</summary>
    public ProtocolGate Gate => _gate;

    /// <summary>How messages become JSON.</summary>
    public JsonSerializerOptions Json { get; }

    /// <summary>The protocol that a message needs beside what the message says itself.</summary>
    public Func<IWireMessage, ProtocolGate, int>? Needs { get; }

    /// <summary>The protocols of an actor system's node.</summary>
    public static NodeProtocol Of(ActorSystem system) => system.WithExtension<NodeProtocol, Provider>();

    /// <summary>Opens the gate for a protocol and for all earlier ones. A gate never closes again.</summary>
    /// <param name="protocol">The protocol; one that this build does not speak opens nothing more than what this
    /// build speaks.</param>
    public void Open(int protocol)
    {
        while (_gate is var before && protocol > before.Agreed)
        {
            var opened = new ProtocolGate(Math.Min(protocol, Build.Speaks));
            if (Interlocked.CompareExchange(ref _gate, opened, before) == before || opened.Agreed <= before.Agreed)
            {
                return;
            }
        }
    }

    /// <summary>Makes the extension.</summary>
    public sealed class Provider : ExtensionIdProvider<NodeProtocol>
    {
        /// <inheritdoc/>
        public override NodeProtocol CreateExtension(ExtendedActorSystem system)
        {
            var setup = system.Settings.Setup.Get<WireSetup>();
            return new NodeProtocol(setup.HasValue ? setup.Value : WireSetup.OfThisBuild());
        }
    }
}

/// <summary>The wire of a node's build.</summary>
/// <param name="build">The protocols that the node tells the others.</param>
internal sealed partial class WireSetup(WireProtocol build) : Setup
{
    /// <summary>The protocols that the node tells the others.</summary>
    public WireProtocol Build => build;

    /// <summary>How messages become JSON; null for <see cref="WireSerializer.Json"/>.</summary>
    public JsonSerializerOptions? Json { get; init; }

    /// <summary>See <see cref="NodeProtocol.Needs"/>.</summary>
    public Func<IWireMessage, ProtocolGate, int>? Needs { get; init; }

    /// <summary>The wire of this build.</summary>
    public static WireSetup OfThisBuild()
    {
        var setup = new WireSetup(WireProtocol.OfTheseSources);
        Replace(ref setup);
        return setup;
    }

    /// <summary>Tests build the recorder once more with a body for this method, as a release after this one. The
    /// shipped build has none.</summary>
    static partial void Replace(ref WireSetup setup);
}
