using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>The number of a session: a whole number from 1, never used twice in the life of a farm.</summary>
/// <param name="Value">The number itself, at least 1.</param>
[JsonConverter(typeof(SessionIdJsonConverter))]
public readonly record struct SessionId(int Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Writes a <see cref="SessionId"/> as a plain number, and reads whole numbers from 1.</summary>
public sealed class SessionIdJsonConverter : JsonConverter<SessionId>
{
    /// <inheritdoc/>
    public override SessionId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var value = reader.GetInt32();
        return value >= 1
            ? new SessionId(value)
            : throw new JsonException($"{value} is no session's id; ids are whole numbers from 1.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SessionId value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
