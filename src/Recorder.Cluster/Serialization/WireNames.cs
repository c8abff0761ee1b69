using System.Collections.Frozen;
using System.Reflection;

namespace Recorder.Cluster.Serialization;

/// <summary>The wire name of every type that leaves a process, collected once from the types that carry
/// <see cref="WireAttribute"/>.</summary>
internal static class WireNames
{
    /// <summary>The type of each name.</summary>
    /// <exception cref="TypeInitializationException">Two types have one name.</exception>
    public static readonly FrozenDictionary<string, Type> ToType = Collect(typeof(WireNames).Assembly.GetTypes());

    /// <summary>The name of each type.</summary>
    public static readonly FrozenDictionary<Type, string> OfType = ToType.ToFrozenDictionary(
        entry => entry.Value,
        entry => entry.Key
    );

    /// <summary>The protocol that a name came with.</summary>
    /// <param name="name">A name of <see cref="ToType"/>.</param>
    public static int SinceOf(string name) => Since.GetValueOrDefault(name, 1);

    private static readonly FrozenDictionary<string, int> Since = ToType
        .Select(entry => (entry.Key, entry.Value.GetCustomAttribute<WireAttribute>()!.Since))
        .Where(entry => entry.Since > 1)
        .ToFrozenDictionary(entry => entry.Key, entry => entry.Since, StringComparer.Ordinal);

    /// <summary>Collects the names that types carry.</summary>
    /// <exception cref="InvalidOperationException">Two types have one name; the message names both.</exception>
    public static FrozenDictionary<string, Type> Collect(IEnumerable<Type> types)
    {
        var named = new Dictionary<string, Type>(StringComparer.Ordinal);
        foreach (var type in types)
        {
            if (type.GetCustomAttribute<WireAttribute>() is not { } wire)
            {
                continue;
            }
            if (!named.TryAdd(wire.Name, type))
            {
                throw new InvalidOperationException(
                    $"{named[wire.Name]} and {type} have one wire name, {wire.Name}; give the newer one a name of its own."
                );
            }
        }

        return named.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
