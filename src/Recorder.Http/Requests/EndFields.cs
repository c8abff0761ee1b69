using System.Collections.Immutable;
using System.Text.Json;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;

namespace Recorder.Http.Requests;

/// <summary>Reads when a session ends by itself: <c>end</c> of a start and of a change. Pure.</summary>
internal static class EndFields
{
    /// <summary>The field of a start and of a change.</summary>
    public const string End = "end";

    /// <summary>How long the session may last.</summary>
    public static readonly DurationField MaxDuration = new(
        "max_duration",
        "How long the session may last, from its first frame and without its pauses.",
        TimeSpan.FromSeconds(1),
        TimeSpan.FromDays(3650)
    );

    /// <summary>How many bytes the records may have together.</summary>
    public static readonly SizeField MaxBytes = new(
        "max_bytes",
        "How many bytes all records of the session may have together. The last record ends a little above.",
        100_000,
        1_000_000_000_000_000
    );

    private static readonly ImmutableDictionary<string, EndField> Fields = ImmutableDictionary.CreateRange(
        StringComparer.Ordinal,
        [
            KeyValuePair.Create(MaxDuration.Name, EndField.MaxDuration),
            KeyValuePair.Create(MaxBytes.Name, EndField.MaxBytes),
        ]
    );

    private static readonly ImmutableList<string> Names = [.. Fields.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Reads the rules of a start; null without rules.</summary>
    /// <param name="data">The fields of the start.</param>
    /// <param name="longest">How long a session of the farm may last.</param>
    public static EndRules? Read(JsonFields data, TimeSpan longest) =>
        data.Has(End) && data.OptionalObject(End) is { } fields && Values(fields, longest) is var rules
        && rules != EndRules.None
            ? rules
            : null;

    /// <summary>Reads which rules a change sets and takes away: a rule that is null is taken away. Null when the body
    /// changes no rule.</summary>
    /// <param name="body">The fields of the change.</param>
    /// <param name="longest">How long a session of the farm may last.</param>
    public static EndChange? ReadChange(JsonFields body, TimeSpan longest)
    {
        if (body.Kind(End) == JsonValueKind.Null)
        {
            return new EndChange(EndRules.None, [.. Fields.Values.Order()]);
        }
        return body.OptionalObject(End) is { } fields
            ? new EndChange(
                Values(fields, longest),
                [.. Fields.Where(field => fields.Has(field.Key)).Select(field => field.Value).Order()]
            )
            : null;
    }

    /// <summary>Refuses rules that need a record, for a session that makes none.</summary>
    /// <param name="data">The fields of the start.</param>
    /// <param name="rules">The rules, or null.</param>
    /// <param name="spec">What to record.</param>
    public static void Fit(JsonFields data, EndRules? rules, SessionSpec spec)
    {
        if (rules?.MaxBytes is not null && !spec.WritesRecord)
        {
            data.Refuse(
                $"{End}.{MaxBytes.Name}",
                $"data.{End}.{MaxBytes.Name} needs a record, and mode stream makes none; set data.mode to record or both."
            );
        }
    }

    private static EndRules Values(JsonFields fields, TimeSpan longest)
    {
        fields.Allow(Names);
        var duration = fields.Duration(MaxDuration);
        if (duration > longest)
        {
            fields.Refuse(
                MaxDuration.Name,
                $"{fields.Path(MaxDuration.Name)} is {Duration.Format(duration.Value)}, and no session of this farm may last longer than {Duration.Format(longest)} (Sessions:MaxDuration)."
            );
        }
        return new EndRules { MaxDuration = duration, MaxBytes = fields.Size(MaxBytes) };
    }
}
