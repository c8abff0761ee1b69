using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>When a session ends by itself. Each rule alone ends the session; a rule that is null or empty is not
/// there. The farm's own limit, <c>Sessions:MaxDuration</c>, applies besides.</summary>
public sealed record EndRules
{
    /// <summary>No rules.</summary>
    public static EndRules None { get; } = new();

    /// <summary>How long the session may last, from its first frame, more than zero. Pauses do not count; gaps
    /// do.</summary>
    [AddedLater]
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>How many bytes all records of the session may have together, more than zero. The last record ends a
    /// little above.</summary>
    [AddedLater]
    public long? MaxBytes { get; init; }

    /// <summary>These rules with the changed ones in place of their own.</summary>
    /// <param name="change">The change.</param>
    public EndRules With(EndChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return change.Fields.Aggregate(
            this,
            (rules, field) =>
                field switch
                {
                    EndField.MaxDuration => rules with { MaxDuration = change.Values.MaxDuration },
                    EndField.MaxBytes => rules with { MaxBytes = change.Values.MaxBytes },
                    _ => throw new ArgumentOutOfRangeException(nameof(change), field, "No such rule."),
                }
        );
    }
}

/// <summary>The rules by which a session ends by itself.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<EndField>))]
public enum EndField
{
    /// <summary><see cref="EndRules.MaxDuration"/>.</summary>
    MaxDuration,

    /// <summary><see cref="EndRules.MaxBytes"/>.</summary>
    MaxBytes,
}

/// <summary>A change of the rules of a running session.</summary>
/// <param name="Values">The rules, of which those in <paramref name="Fields"/> count. A rule that is null there is
/// taken away.</param>
/// <param name="Fields">Which rules change.</param>
public sealed record EndChange(EndRules Values, ImmutableList<EndField> Fields);
