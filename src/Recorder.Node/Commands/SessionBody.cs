using System.Text.Json;
using System.Text.Json.Nodes;

namespace Recorder.Node.Commands;

/// <summary>Makes the body of a start call from words of the command line. The node checks the values. Pure.</summary>
internal static class SessionBody
{
    /// <summary>The body of a start call.</summary>
    /// <param name="page">The address of the page; null: receive RTP.</param>
    /// <param name="name">A name for the session, or null.</param>
    /// <param name="streams">Stream targets. With targets, the session records and streams, unless a field
    /// <c>mode</c> says otherwise.</param>
    /// <param name="fields">More fields of <c>data</c>, each as <c>FIELD=VALUE</c>.</param>
    /// <exception cref="InvalidDataException">A field has no value, or JSON that cannot be read.</exception>
    public static JsonObject Of(
        string? page,
        string? name,
        IReadOnlyCollection<string> streams,
        IReadOnlyCollection<string> fields
    )
    {
        var data = new JsonObject();
        if (page is not null)
        {
            data["uri"] = page;
        }
        if (name is not null)
        {
            data["name"] = name;
        }
        if (streams.Count > 0)
        {
            data["mode"] = "both";
            data["stream_uris"] = new JsonArray([.. streams.Select(stream => JsonValue.Create(stream))]);
        }
        foreach (var field in fields)
        {
            var (key, value) = Split(field);
            data[key] = ValueOf(key, value);
        }
        return new JsonObject { ["type"] = page is null ? "rtp" : "uri", ["data"] = data };
    }

    private static (string Key, string Value) Split(string field)
    {
        var sign = field.IndexOf('=', StringComparison.Ordinal);
        return sign > 0
            ? (field[..sign], field[(sign + 1)..])
            : throw new InvalidDataException(
                $"\"{field}\" is no field; write FIELD=VALUE, such as width=1280. The fields stand in docs/api.md."
            );
    }

    /// <summary>A number, true, false, an object and a list are JSON; every other word is text.</summary>
    private static JsonNode? ValueOf(string key, string value)
    {
        if (value is not ("true" or "false") && (value.Length == 0 || !"-0123456789[{\"".Contains(value[0])))
        {
            return JsonValue.Create(value);
        }
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException) when (value[0] is not ('[' or '{' or '"'))
        {
            return JsonValue.Create(value);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The value of {key} begins like JSON and is none: {error.Message}", error);
        }
    }
}
