using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Recorder.Cluster.Serialization;

/// <summary>
/// A short text that is the same for two builds exactly when they understand each other: made from all manifests and the
/// shapes behind them, since the serializer takes no field it does not know.
/// </summary>
internal static class WireFingerprint
{
    /// <summary>The fingerprint of this build, 16 hexadecimal digits.</summary>
    public static string OfThisBuild() => Of(Manifests.ToType);

    /// <summary>The fingerprint of a set of manifests.</summary>
    public static string Of(IReadOnlyDictionary<string, Type> manifests)
    {
        var shapes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (manifest, type) in manifests)
        {
            shapes[manifest] = type.ToString();
            Describe(type, shapes);
        }

        var text = string.Join('\n', shapes.Select(shape => $"{shape.Key} {shape.Value}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    private static void Describe(Type type, SortedDictionary<string, string> shapes)
    {
        if (type.HasElementType) Describe(type.GetElementType()!, shapes);
        foreach (var argument in type.GetGenericArguments()) Describe(argument, shapes);
        if (type.Assembly != typeof(WireFingerprint).Assembly || shapes.ContainsKey(type.ToString())) return;
        if (type.IsEnum)
        {
            shapes[type.ToString()] = string.Join(',', Enum.GetNames(type));
            return;
        }

        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(property => property.Name, StringComparer.Ordinal).ToList();
        var derived = type.GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => attribute.DerivedType).ToList();
        shapes[type.ToString()] = string.Join(',', properties.Select(property => $"{property.Name}:{property.PropertyType}").Concat(derived.Select(one => one.ToString())));
        foreach (var part in properties.Select(property => property.PropertyType).Concat(derived)) Describe(part, shapes);
    }
}
