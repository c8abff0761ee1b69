using System.Runtime.Serialization;

using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace Recorder.Cluster.Serialization;

/// <summary>Akka's serializer of its small messages, without those that end an actor: no node of ours sends one to another.</summary>
public sealed class HarmlessMessages : SerializerWithStringManifest
{
    private readonly MiscMessageSerializer _all;

    /// <summary>Makes it for an actor system.</summary>
    /// <param name="system">The actor system.</param>
    public HarmlessMessages(ExtendedActorSystem system)
        : base(system) => _all = new MiscMessageSerializer(system);

    /// <inheritdoc/>
    public override int Identifier => _all.Identifier;

    /// <inheritdoc/>
    public override string Manifest(object o) => _all.Manifest(o);

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => _all.ToBinary(obj);

    /// <inheritdoc/>
    /// <exception cref="SerializationException">The message would end an actor.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        var message = _all.FromBinary(bytes, manifest);
        return message is not (PoisonPill or Kill) ? message : throw new SerializationException($"This node takes {message.GetType().Name} from nobody: actors end by themselves.");
    }
}

/// <summary>Akka's serializer of system messages, with those only by which actors watch each other: no actor of ours has a parent on another node.</summary>
public sealed class WatchMessages : Serializer
{
    private readonly SystemMessageSerializer _all;

    /// <summary>Makes it for an actor system.</summary>
    /// <param name="system">The actor system.</param>
    public WatchMessages(ExtendedActorSystem system)
        : base(system) => _all = new SystemMessageSerializer(system);

    /// <inheritdoc/>
    public override int Identifier => _all.Identifier;

    /// <inheritdoc/>
    public override bool IncludeManifest => _all.IncludeManifest;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => _all.ToBinary(obj);

    /// <inheritdoc/>
    /// <exception cref="SerializationException">The message is another one.</exception>
    public override object FromBinary(byte[] bytes, Type type)
    {
        var message = _all.FromBinary(bytes, type);
        return message is Watch or Unwatch or DeathWatchNotification
            ? message
            : throw new SerializationException($"This node takes the system message {message.GetType().Name} from nobody: its actors are its own.");
    }
}
