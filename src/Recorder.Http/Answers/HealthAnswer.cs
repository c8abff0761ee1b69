using System.Text.Json.Serialization;

namespace Recorder.Http.Answers;

/// <summary>The health of the node.</summary>
/// <param name="Status">live, ready, or not_ready.</param>
internal sealed record HealthAnswer(string Status)
{
    /// <summary>What is amiss on a node that can be called, in sentences; absent when nothing is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}
