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

    /// <summary>The session ends when there is no sound for some time; null: silence ends nothing.</summary>
    [AddedLater]
    public EndSilence? Silence { get; init; }

    /// <summary>The session ends when the picture stands still for this long, more than zero; null: a still picture
    /// ends nothing.</summary>
    [AddedLater]
    public TimeSpan? Still { get; init; }

    /// <summary>Which words of the page end the session.</summary>
    [AddedLater]
    public ImmutableList<EndPageWord> Page { get; init; } = [];

    /// <summary>The CSS selector of <see cref="EndPageWord.SelectorGone"/>; otherwise null.</summary>
    [AddedLater]
    public string? Selector { get; init; }

    /// <summary>The texts of which each alone ends the session as soon as the page shows that text. Capitals and white
    /// space do not count.</summary>
    [AddedLater]
    public ImmutableList<string> Text { get; init; } = [];

    /// <summary>The session ends when the page shows few of an element for some time; null: that ends
    /// nothing.</summary>
    [AddedLater]
    public EndAlone? Alone { get; init; }

    /// <summary>How long a word of the page, or its text, must hold before the session ends; null: not at
    /// all.</summary>
    [AddedLater]
    public TimeSpan? Grace { get; init; }

    /// <summary>The session ends when the sender of an RTP session is silent for this long; null: a silent sender ends
    /// nothing.</summary>
    [AddedLater]
    public TimeSpan? SenderSilent { get; init; }

    /// <summary>Whether a rule is about what the page says or shows.</summary>
    [JsonIgnore]
    public bool NeedsPage => !Page.IsEmpty || !Text.IsEmpty || Alone is not null;

    /// <inheritdoc/>
    public bool Equals(EndRules? other) =>
        other is not null
        && (MaxDuration, MaxBytes, Silence, Still, Selector, Alone, Grace, SenderSilent)
            == (
                other.MaxDuration,
                other.MaxBytes,
                other.Silence,
                other.Still,
                other.Selector,
                other.Alone,
                other.Grace,
                other.SenderSilent
            )
        && Page.SequenceEqual(other.Page)
        && Text.SequenceEqual(other.Text);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(MaxDuration, MaxBytes, Silence, Still, Page.Count, Text.Count, Alone);

    /// <summary>How long a condition must hold before the session ends; null: the condition ends nothing.</summary>
    /// <param name="reason">One of <see cref="EndReason"/>.</param>
    public TimeSpan? PatienceOf(string reason) =>
        reason switch
        {
            EndReason.Silence => Silence?.For,
            EndReason.Still => Still,
            EndReason.SenderSilent => SenderSilent,
            EndReason.Alone => Alone?.For,
            EndReason.Text when !Text.IsEmpty => Grace ?? TimeSpan.Zero,
            EndReason.EndSignal when Page.Contains(EndPageWord.EndSignal) => Grace ?? TimeSpan.Zero,
            EndReason.Closed when Page.Contains(EndPageWord.Closed) => Grace ?? TimeSpan.Zero,
            EndReason.NavigatedAway when Page.Contains(EndPageWord.NavigatedAway) => Grace ?? TimeSpan.Zero,
            EndReason.SelectorGone when Page.Contains(EndPageWord.SelectorGone) => Grace ?? TimeSpan.Zero,
            _ => null,
        };

    /// <summary>Whether a condition means the same by these rules as by others. How long the condition must hold may
    /// differ.</summary>
    /// <param name="reason">One of <see cref="EndReason"/>.</param>
    /// <param name="other">The other rules.</param>
    public bool HasSame(string reason, EndRules other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return PatienceOf(reason) is not null
            && reason switch
            {
                EndReason.Silence => Silence?.BelowDb == other.Silence?.BelowDb,
                EndReason.SelectorGone => Selector == other.Selector,
                EndReason.Text => Text.SequenceEqual(other.Text),
                EndReason.Alone => (Alone?.Selector, Alone?.AtMost) == (other.Alone?.Selector, other.Alone?.AtMost),
                _ => true,
            };
    }

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
                    EndField.Silence => rules with { Silence = change.Values.Silence },
                    EndField.Still => rules with { Still = change.Values.Still },
                    EndField.Page => rules with { Page = change.Values.Page },
                    EndField.Selector => rules with { Selector = change.Values.Selector },
                    EndField.Text => rules with { Text = change.Values.Text },
                    EndField.Alone => rules with { Alone = change.Values.Alone },
                    EndField.Grace => rules with { Grace = change.Values.Grace },
                    EndField.SenderSilent => rules with { SenderSilent = change.Values.SenderSilent },
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

    /// <summary><see cref="EndRules.Silence"/>.</summary>
    Silence,

    /// <summary><see cref="EndRules.Still"/>.</summary>
    Still,

    /// <summary><see cref="EndRules.Page"/>.</summary>
    Page,

    /// <summary><see cref="EndRules.Selector"/>.</summary>
    Selector,

    /// <summary><see cref="EndRules.Grace"/>.</summary>
    Grace,

    /// <summary><see cref="EndRules.SenderSilent"/>.</summary>
    SenderSilent,

    /// <summary><see cref="EndRules.Text"/>.</summary>
    Text,

    /// <summary><see cref="EndRules.Alone"/>.</summary>
    Alone,
}

/// <summary>When silence ends a session.</summary>
/// <param name="For">How long there must be no sound.</param>
public sealed record EndSilence(TimeSpan For)
{
    /// <summary>The level below which sound counts as silence, unless the caller says otherwise.</summary>
    public const int DefaultBelow = -50;

    /// <summary>Below which level sound counts as silence, in decibels below full scale.</summary>
    public int BelowDb { get; init; } = DefaultBelow;

    /// <summary>How long after the beginning silence counts at the earliest, without pauses; null: from the beginning
    /// on.</summary>
    [AddedLater]
    public TimeSpan? NotBefore { get; init; }
}

/// <summary>When a page that shows few of an element ends its session: nobody else is in the meeting.</summary>
/// <param name="Selector">The CSS selector of the element, such as that of a participant.</param>
/// <param name="AtMost">How many such elements count as few, 0 at least.</param>
/// <param name="For">How long there must be as few, more than zero.</param>
public sealed record EndAlone(string Selector, int AtMost, TimeSpan For)
{
    /// <summary>How many elements count as few, unless the caller says otherwise: the recorder itself.</summary>
    public const int DefaultAtMost = 1;

    /// <summary>How long there must be as few, unless the caller says otherwise.</summary>
    public static readonly TimeSpan DefaultFor = TimeSpan.FromMinutes(2);
}

/// <summary>Words of a page that end its session.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<EndPageWord>))]
public enum EndPageWord
{
    /// <summary>The page says so: END_RECORDING on its console, or recorder.end().</summary>
    EndSignal,

    /// <summary>The page closes itself.</summary>
    Closed,

    /// <summary>The page goes to another address.</summary>
    NavigatedAway,

    /// <summary>An element that was shown is not shown any more.</summary>
    SelectorGone,
}

/// <summary>A condition that ends the session if the condition holds for long enough.</summary>
/// <param name="Reason">One of <see cref="EndReason"/>.</param>
/// <param name="Since">Since when the condition holds, later by each pause in between.</param>
public sealed record HeldCondition(string Reason, DateTimeOffset Since);

/// <summary>A change of the rules of a running session.</summary>
/// <param name="Values">The rules, of which those in <paramref name="Fields"/> count. A rule that is null there is
/// taken away.</param>
/// <param name="Fields">Which rules change.</param>
public sealed record EndChange(EndRules Values, ImmutableList<EndField> Fields);
