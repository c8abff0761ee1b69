using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Recorder.Cluster.Serialization;

/// <summary>
/// Stands where Akka would have a serializer that no node of ours needs and that makes what the sender says: whatever
/// comes for it is refused. The sender names the serializer by its number, so a number without one would be refused
/// too; this one says why.
/// </summary>
/// <param name="system">The actor system.</param>
/// <param name="identifier">The number of the serializer it stands for.</param>
/// <param name="what">What that one would have read.</param>
public abstract class RefusedSerializer(ExtendedActorSystem system, int identifier, string what) : Serializer(system)
{
    /// <inheritdoc/>
    public override int Identifier => identifier;

    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    /// <exception cref="SerializationException">Always.</exception>
    public override byte[] ToBinary(object obj) =>
        throw new SerializationException($"{obj?.GetType()} does not leave this process: nodes send {what} to nobody.");

    /// <inheritdoc/>
    /// <exception cref="SerializationException">Always.</exception>
    public override object FromBinary(byte[] bytes, Type type) =>
        throw new SerializationException($"This node takes {what} from nobody.");
}

/// <summary>In place of Newtonsoft.Json, which makes an object of whatever type the sender names.</summary>
/// <param name="system">The actor system.</param>
/// <param name="settings">What Akka has to say to the serializer it stands for.</param>
public sealed class RefusedObjects(ExtendedActorSystem system, Config settings)
    : RefusedSerializer(system, 1, "objects of types that have no serializer of their own")
{
    /// <summary>The settings, which nothing here goes by.</summary>
    public Config Settings { get; } = settings;
}

/// <summary>In place of remote deployment, by which a sender has an actor of a class of its choice made here.</summary>
/// <param name="system">The actor system.</param>
public sealed class RefusedDeployment(ExtendedActorSystem system) : RefusedSerializer(system, 3, "actors to make");

/// <summary>In place of Akka's reader of Protobuf messages, which makes an object of whatever type the sender names.
/// What Akka itself sends has readers of its own.</summary>
/// <param name="system">The actor system.</param>
public sealed class RefusedProtobuf(ExtendedActorSystem system)
    : RefusedSerializer(system, 2, "Protobuf messages of types that have no serializer of their own");
