using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Tests.Serialization;

/// <summary>
/// A short text for each wire name, which changes exactly when the wire does. It is made from the shape behind the
/// name. The names of types and properties in the code have no part in it.
/// </summary>
internal static class WireShapes
{
    /// <summary>The lines of a set of wire names: the name, and 16 hexadecimal digits for its shape.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyDictionary<string, Type> names) =>
        [
            .. names
                .OrderBy(name => name.Key, StringComparer.Ordinal)
                .Select(name =>
                    $"{name.Key} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ShapeOf(name.Value, []))))[..16]}"
                ),
        ];

    /// <summary>The form of a type on the wire. A type nested in itself is written as the number of levels up to its
    /// outer occurrence.</summary>
    private static string ShapeOf(Type type, List<Type> around)
    {
        if (type.HasElementType)
        {
            return $"[{ShapeOf(type.GetElementType()!, around)}]";
        }
        if (type.IsGenericType)
        {
            return $"{type.Name}<{string.Join(',', type.GetGenericArguments().Select(argument => ShapeOf(argument, around)))}>";
        }
        if (type.IsEnum)
        {
            return $"({string.Join('|', Enum.GetNames(type))})";
        }
        if (!type.Assembly.GetName().Name!.StartsWith("Recorder.", StringComparison.Ordinal))
        {
            return type.Name;
        }
        if (around.LastIndexOf(type) is >= 0 and var known)
        {
            return $"^{around.Count - known}";
        }

        around.Add(type);
        var fields = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .Select(property =>
                $"{NameOf(property)}{(property.IsDefined(typeof(AddedLaterAttribute)) ? "?" : "")}:{ShapeOf(property.PropertyType, around)}"
            )
            .Order(StringComparer.Ordinal);
        var kinds = type.GetCustomAttributes<JsonDerivedTypeAttribute>()
            .Select(kind =>
                $"{type.GetCustomAttribute<JsonPolymorphicAttribute>()?.TypeDiscriminatorPropertyName}.{kind.TypeDiscriminator}={ShapeOf(kind.DerivedType, around)}"
            )
            .Order(StringComparer.Ordinal);
        var shape = $"{{{string.Join(',', fields.Concat(kinds))}}}";
        around.RemoveAt(around.Count - 1);
        return shape;
    }

    private static string NameOf(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
        ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
}
