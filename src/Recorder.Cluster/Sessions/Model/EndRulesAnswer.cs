using System.Collections.Immutable;
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

    /// <summary>When silence ends the session.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EndSilenceAnswer? Silence { get; init; }

    /// <summary>When a still picture ends the session.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EndStillAnswer? Still { get; init; }

    /// <summary>Which words of the page end the session.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableList<EndPageWord>? Page { get; init; }

    /// <summary>The CSS selector of selector_gone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Selector { get; init; }

    /// <summary>The texts of which each ends the session.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableList<string>? Text { get; init; }

    /// <summary>When too few of an element end the session.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EndAloneAnswer? Alone { get; init; }

    /// <summary>How long a word of the page, or its text, must hold, in seconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Grace { get; init; }

    /// <summary>For how long the sender may be silent, in seconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SenderSilent { get; init; }

    /// <summary>The rules as they are shown; null without rules.</summary>
    /// <param name="rules">The rules, or null.</param>
    public static EndRulesAnswer? Of(EndRules? rules) =>
        rules is null || rules == EndRules.None
            ? null
            : new EndRulesAnswer
            {
                MaxDuration = rules.MaxDuration?.TotalSeconds,
                MaxBytes = rules.MaxBytes,
                Silence = rules.Silence is { } silence
                    ? new EndSilenceAnswer(silence.For.TotalSeconds, silence.BelowDb, silence.NotBefore?.TotalSeconds)
                    : null,
                Still = rules.Still is { } still ? new EndStillAnswer(still.TotalSeconds) : null,
                Page = rules.Page.IsEmpty ? null : rules.Page,
                Selector = rules.Selector,
                Text = rules.Text.IsEmpty ? null : rules.Text,
                Alone = rules.Alone is { } alone
                    ? new EndAloneAnswer(alone.Selector, alone.AtMost, alone.For.TotalSeconds)
                    : null,
                Grace = rules.Grace?.TotalSeconds,
                SenderSilent = rules.SenderSilent?.TotalSeconds,
            };
}

/// <summary>When silence ends a session.</summary>
/// <param name="For">How long there must be no sound, in seconds.</param>
/// <param name="BelowDb">Below which level sound counts as silence, in decibels below full scale.</param>
/// <param name="NotBefore">How many seconds after the beginning silence counts at the earliest; null: from the beginning
/// on.</param>
public sealed record EndSilenceAnswer(double For, int BelowDb, double? NotBefore);

/// <summary>When a still picture ends a session.</summary>
/// <param name="For">How long the picture must stand still, in seconds.</param>
public sealed record EndStillAnswer(double For);

/// <summary>When too few of an element end a session.</summary>
/// <param name="Selector">The CSS selector of the element.</param>
/// <param name="AtMost">How many such elements count as few.</param>
/// <param name="For">How long there must be as few, in seconds.</param>
public sealed record EndAloneAnswer(string Selector, int AtMost, double For);
