using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace Recorder.Cluster.Serialization;

/// <summary>
/// Akka's serializer of its small messages, restricted to the messages that nodes send each other. The manifest
/// decides before anything is read. Some other messages end an actor, and a failure (<c>STF</c>) makes an exception
/// of any type that its sender names.
/// </summary>
public sealed class HarmlessMessages : SerializerWithStringManifest
{
    /// <summary>Identify and its answer, a reference to an actor, the heartbeats of actors that watch an actor with
    /// their answers, and "done".</summary>
    private static readonly string[] Taken = ["ID", "AID", "AR", "RWHB", "RWHR", "STS"];

    private readonly MiscMessageSerializer _all;

    /// <summary>Makes the serializer for an actor system.</summary>
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
    /// <exception cref="SerializationException">The message is not one of these.</exception>
    public override object FromBinary(byte[] bytes, string manifest) =>
        Taken.Contains(manifest, StringComparer.Ordinal)
            ? _all.FromBinary(bytes, manifest)
            : throw new SerializationException(
                $"This node takes the message {manifest} of Akka from nobody: no node sends it to another."
            );
}

/// <summary>
/// Akka's serializer of system messages, restricted to the messages by which actors watch each other. No actor of
/// ours has a parent on another node, so no other message is needed. The type decides before anything is read: other
/// messages make an exception of any type that their sender names.
/// </summary>
public sealed class WatchMessages : Serializer
{
    private readonly SystemMessageSerializer _all;

    /// <summary>Makes the serializer for an actor system.</summary>
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
    /// <exception cref="SerializationException">The message is not one of these.</exception>
    public override object FromBinary(byte[] bytes, Type type) =>
        type == typeof(Watch) || type == typeof(Unwatch) || type == typeof(DeathWatchNotification)
            ? _all.FromBinary(bytes, type)
            : throw new SerializationException(
                $"This node takes the system message {type?.Name} from nobody: its actors are its own."
            );
}
