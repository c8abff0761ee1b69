using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;

namespace Recorder.Cluster.Serialization;

/// <summary>
/// The one serializer of everything that leaves a process: JSON under the versioned <see cref="WireNames"/>. A type
/// without a manifest, an unknown manifest or a missing field is an error, never a guess. Only a property marked
/// <see cref="AddedLaterAttribute"/> may be missing. A field that this build does not know comes from a newer build and
/// is passed over, unless the manifest says that the reader must know more (<see cref="WireManifest"/>).
/// </summary>
public sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private readonly NodeProtocol _protocol = NodeProtocol.Of(system);

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RequireEveryProperty } },
    };

    /// <inheritdoc/>
    public override int Identifier => 4001;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The type has no manifest.</exception>
    public override string Manifest(object o)
    {
        ArgumentNullException.ThrowIfNull(o);
        return new WireManifest(NameOf(o), NeedsOf((IWireMessage)o)).ToString();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Not every node of the farm understands the message.</exception>
    public override byte[] ToBinary(object obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        var (gate, least) = (_protocol.Gate, Math.Max(WireNames.SinceOf(NameOf(obj)), NeedsOf((IWireMessage)obj)));
        if (!gate.Allows(least))
        {
            throw new InvalidOperationException(
                $"{NameOf(obj)} was to be written in the form of protocol {least}, and the nodes of this farm have agreed on protocol {gate.Agreed}. "
                    + "The part that writes the message must ask the protocol gate first. Please report this error."
            );
        }
        return JsonSerializer.SerializeToUtf8Bytes(obj, obj.GetType(), _protocol.Json);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The manifest is not known to this build, or needs a newer one.</exception>
    /// <exception cref="JsonException">The payload is not of the manifest's shape.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        var read = WireManifest.Read(manifest);
        if (read.Needs > _protocol.Build.Speaks)
        {
            throw new ArgumentException(
                $"The message {manifest} holds something that a build must know, and this build speaks {_protocol.Build}. "
                    + "A newer build wrote the message. Install the newer build on this node.",
                nameof(manifest)
            );
        }
        return WireNames.ToType.TryGetValue(read.Name, out var type)
            ? JsonSerializer.Deserialize(bytes, type, _protocol.Json)
                ?? throw new JsonException($"The payload of {manifest} is null.")
            : throw new ArgumentException(
                $"The message {manifest} is not known to this build, which speaks {_protocol.Build}. "
                    + "Was the message written by a newer build? Then install the newer build on this node.",
                nameof(manifest)
            );
    }

    private static string NameOf(object message) =>
        WireNames.OfType.TryGetValue(message.GetType(), out var name)
            ? name
            : throw new ArgumentException(
                $"{message.GetType()} has no wire name; give it a [Wire(…)].",
                nameof(message)
            );

    private int NeedsOf(IWireMessage message) =>
        Math.Max(message.NeedsProtocol, _protocol.Needs?.Invoke(message, _protocol.Gate) ?? 1);

    // Without this rule, a missing property with a default would get that default, and would accept null in a type
    // with a constructor.
    private static void RequireEveryProperty(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.Set is not { } set)
            {
                continue;
            }
            if (property.AttributeProvider?.IsDefined(typeof(AddedLaterAttribute), inherit: true) == true)
            {
                // An answer of the API may require the property; a payload from before the property lacks the property.
                property.IsRequired = false;
                property.ShouldSerialize = (_, value) => value is not (null or false or 0 or ICollection { Count: 0 });
            }
            else
            {
                property.IsRequired = true;
            }

            if (property.IsSetNullable)
            {
                continue;
            }
            var name = property.Name;
            property.Set = (target, value) =>
                set(target, value ?? throw new JsonException($"{name} must not be null."));
        }
    }
}
