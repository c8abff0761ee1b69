using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Recorder.Cluster.Serialization;

/// <summary>
/// Replaces a serializer of Akka that none of our nodes needs and that would make any object its sender names. Every
/// payload is refused. The sender names the serializer by its number, so a number without a serializer would be
/// refused too; this serializer gives the reason.
/// </summary>
/// <param name="system">The actor system.</param>
/// <param name="identifier">The number of the replaced serializer.</param>
/// <param name="what">What the replaced serializer would have read.</param>
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

/// <summary>Replaces Newtonsoft.Json, which makes an object of any type that the sender names.</summary>
/// <param name="system">The actor system.</param>
/// <param name="settings">Akka's settings for the replaced serializer.</param>
public sealed class RefusedObjects(ExtendedActorSystem system, Config settings)
    : RefusedSerializer(system, 1, "objects of types that have no serializer of their own")
{
    /// <summary>The settings, which are not used.</summary>
    public Config Settings { get; } = settings;
}

/// <summary>Replaces remote deployment, by which a sender has an actor of any class made here.</summary>
/// <param name="system">The actor system.</param>
public sealed class RefusedDeployment(ExtendedActorSystem system) : RefusedSerializer(system, 3, "actors to make");

/// <summary>Replaces Akka's reader of Protobuf messages, which makes an object of any type that the sender names.
/// Akka's own messages have separate readers.</summary>
/// <param name="system">The actor system.</param>
public sealed class RefusedProtobuf(ExtendedActorSystem system)
    : RefusedSerializer(system, 2, "Protobuf messages of types that have no serializer of their own");
