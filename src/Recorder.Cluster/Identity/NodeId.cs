using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recorder.Cluster.Identity;

/// <summary>
/// The id of a node. The id is kept in the data folder and stays the same when the node gets another address. Another
/// host that gets the node's address has another id.
/// </summary>
/// <param name="Value">The id itself.</param>
[JsonConverter(typeof(NodeIdJsonConverter))]
public readonly record struct NodeId(Guid Value)
{
    /// <summary>A new id.</summary>
    public static NodeId New() => new(Guid.NewGuid());

    /// <summary>The id in 36 characters.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>Writes a <see cref="NodeId"/> as a text of 36 characters.</summary>
public sealed class NodeIdJsonConverter : JsonConverter<NodeId>
{
    /// <inheritdoc/>
    public override NodeId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetGuid());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, NodeId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}
