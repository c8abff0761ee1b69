using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;

namespace Recorder.Cluster.Serialization;

/// <summary>
/// The one serializer of everything that leaves a process: JSON under the versioned <see cref="WireNames"/>. The
/// serializer is strict. A type without a manifest, an unknown manifest, an unknown field or a missing field is an
/// error, never a guess. Only a property marked <see cref="AddedLaterAttribute"/> may be missing.
/// </summary>
public sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
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
        return WireNames.OfType.TryGetValue(o.GetType(), out var manifest)
            ? manifest
            : throw new ArgumentException($"{o.GetType()} has no wire name; give it a [Wire(…)].", nameof(o));
    }

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return JsonSerializer.SerializeToUtf8Bytes(obj, obj.GetType(), Json);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The manifest is not known to this version.</exception>
    /// <exception cref="JsonException">The payload is not of the manifest's shape.</exception>
    public override object FromBinary(byte[] bytes, string manifest) =>
        WireNames.ToType.TryGetValue(manifest, out var type)
            ? JsonSerializer.Deserialize(bytes, type, Json)
                ?? throw new JsonException($"The payload of {manifest} is null.")
            : throw new ArgumentException(
                $"The manifest {manifest} is not known; was it written by a newer version?",
                nameof(manifest)
            );

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
