using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Recorder.Cluster.Serialization;

namespace Recorder.NextBuild;

/// <summary>
/// The wire of a release after this one, as far as today's builds can tell. Every object of every message and event has
/// a field that today's builds do not know. Messages and events need the next protocol as soon as the gate allows that
/// protocol.
/// </summary>
internal static class NextWire
{
    /// <summary>The field that every object has.</summary>
    public const string Field = "cameWithTheNextBuild";

    /// <summary>The protocols of that release.</summary>
    public static WireProtocol Protocol { get; } =
        new(WireProtocol.OfTheseSources.Speaks + 1, WireProtocol.OfTheseSources.Speaks);

    /// <summary>Makes the wire of one node.</summary>
    public static WireSetup Create() =>
        new(Protocol)
        {
            Json = new JsonSerializerOptions(WireSerializer.Json)
            {
                TypeInfoResolver = WireSerializer.Json.TypeInfoResolver!.WithAddedModifier(AddField),
            },
            Needs = (_, gate) => gate.Allows(Protocol.Speaks) ? Protocol.Speaks : 1,
        };

    private static void AddField(JsonTypeInfo type)
    {
        if (
            type.Kind != JsonTypeInfoKind.Object
            || type.Type.Assembly.GetName().Name?.StartsWith("Recorder.", StringComparison.Ordinal) != true
        )
        {
            return;
        }
        var field = type.CreateJsonPropertyInfo(typeof(string[]), Field);
        field.Get = _ => new[] { "what today's builds pass over" };
        type.Properties.Add(field);
    }
}
