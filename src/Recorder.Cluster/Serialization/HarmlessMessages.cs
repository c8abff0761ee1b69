using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace Recorder.Cluster.Serialization;

/// <summary>
/// Akka's serializer of its small messages, with those only that nodes send each other. The manifest decides before
/// anything is read: some of the others end an actor, and a failure (<c>STF</c>) makes an exception of whatever type
/// its sender names.
/// </summary>
public sealed class HarmlessMessages : SerializerWithStringManifest
{
    /// <summary>Identify and its answer, a reference to an actor, the heartbeats of those who watch an actor, and their
    /// answers, and "done".</summary>
    private static readonly string[] Taken = ["ID", "AID", "AR", "RWHB", "RWHR", "STS"];

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
    /// <exception cref="SerializationException">The message is another one.</exception>
    public override object FromBinary(byte[] bytes, string manifest) =>
        Taken.Contains(manifest, StringComparer.Ordinal)
            ? _all.FromBinary(bytes, manifest)
            : throw new SerializationException(
                $"This node takes the message {manifest} of Akka from nobody: no node sends it to another."
            );
}

/// <summary>
/// Akka's serializer of system messages, with those only by which actors watch each other: no actor of ours has a
/// parent on another node. The type decides before anything is read: the others make an exception of whatever type
/// their sender names.
/// </summary>
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
    public override object FromBinary(byte[] bytes, Type type) =>
        type == typeof(Watch) || type == typeof(Unwatch) || type == typeof(DeathWatchNotification)
            ? _all.FromBinary(bytes, type)
            : throw new SerializationException(
                $"This node takes the system message {type?.Name} from nobody: its actors are its own."
            );
}
