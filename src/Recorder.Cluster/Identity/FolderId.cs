using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recorder.Cluster.Identity;

/// <summary>
/// The id of a records folder. The id is kept in the folder, so the id moves with the folder's disk to another path,
/// another address or another host.
/// </summary>
/// <param name="Value">The id itself.</param>
[JsonConverter(typeof(FolderIdJsonConverter))]
public readonly record struct FolderId(Guid Value)
{
    /// <summary>A new id.</summary>
    public static FolderId New() => new(Guid.NewGuid());

    /// <summary>The id in 36 characters.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>Writes a <see cref="FolderId"/> as a text of 36 characters.</summary>
public sealed class FolderIdJsonConverter : JsonConverter<FolderId>
{
    /// <inheritdoc/>
    public override FolderId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetGuid());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, FolderId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}
