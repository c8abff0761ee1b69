using System.Text.Json;

namespace Recorder.Cluster.Telemetry;

/// <summary>Makes labels of metrics.</summary>
internal static class Labels
{
    /// <summary>A label.</summary>
    public static KeyValuePair<string, object?> Of(string label, string value) => new(label, value);

    /// <summary>A label whose value is one word of a closed set, in the same form as in answers.</summary>
    public static KeyValuePair<string, object?> Of<T>(string label, T value)
        where T : struct, Enum => Of(label, WordOf(value.ToString()));

    /// <summary>A word in the form used in answers: <c>WaitingForRoom</c> is <c>waiting_for_room</c>.</summary>
    public static string WordOf(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
