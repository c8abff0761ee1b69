using System.Text.Json.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>When a session ends by itself, as the API and the manifests show that. Only the rules that there are are
/// shown.</summary>
public sealed record EndRulesAnswer
{
    /// <summary>How long the session may last, in seconds without its pauses.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MaxDuration { get; init; }

    /// <summary>How many bytes the records may have together.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MaxBytes { get; init; }

    /// <summary>The rules as they are shown; null without rules.</summary>
    /// <param name="rules">The rules, or null.</param>
    public static EndRulesAnswer? Of(EndRules? rules) =>
        rules is null || rules == EndRules.None
            ? null
            : new EndRulesAnswer { MaxDuration = rules.MaxDuration?.TotalSeconds, MaxBytes = rules.MaxBytes };
}
