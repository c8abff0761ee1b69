using System.Collections.Immutable;
using System.Text.Json;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Answers;

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

    /// <summary>When silence ends the session.</summary>
    public const string Silence = "silence";

    /// <summary>When a still picture ends the session.</summary>
    public const string Still = "still";

    /// <summary>Which words of the page end the session.</summary>
    public const string Page = "page";

    /// <summary>The CSS selector of selector_gone.</summary>
    public const string Selector = "selector";

    /// <summary>The texts of which each ends the session.</summary>
    public const string Text = "text";

    /// <summary>When too few of an element end the session.</summary>
    public const string Alone = "alone";

    /// <summary>How many elements are too few.</summary>
    public static readonly WholeNumberField AtMost = new(
        "at_most",
        "How many such elements count as alone.",
        0,
        1000,
        EndAlone.DefaultAtMost,
        ""
    );

    /// <summary>How long silence or stillness must last.</summary>
    public static readonly DurationField For = new(
        "for",
        "How long that must last.",
        TimeSpan.FromSeconds(2),
        TimeSpan.FromDays(1)
    );

    /// <summary>Below which level sound is silence.</summary>
    public static readonly WholeNumberField BelowDb = new(
        "below_db",
        "Below which level sound counts as silence, in decibels below full scale.",
        -90,
        -1,
        EndSilence.DefaultBelow,
        "dB"
    );

    /// <summary>When silence counts at the earliest.</summary>
    public static readonly DurationField NotBefore = new(
        "not_before",
        "How long after the beginning silence counts at the earliest, without pauses.",
        TimeSpan.Zero,
        TimeSpan.FromDays(1)
    );

    /// <summary>How long a word of the page must hold.</summary>
    public static readonly DurationField Grace = new(
        "grace",
        "How long a word of page, or a text, must hold before the session ends; not at all when absent.",
        TimeSpan.Zero,
        TimeSpan.FromHours(1)
    );

    /// <summary>For how long the sender may be silent.</summary>
    public static readonly DurationField SenderSilent = new(
        "sender_silent",
        "For how long the sender of a session of type rtp may be silent.",
        TimeSpan.FromSeconds(6),
        TimeSpan.FromDays(1)
    );

    /// <summary>The words of a page.</summary>
    public static readonly ChoiceField<EndPageWord> PageWord = new(
        Page,
        "What of the page ends the session.",
        EndPageWord.EndSignal
    );

    private static readonly string[] SilenceNames = [For.Name, BelowDb.Name, NotBefore.Name];

    private static readonly string[] StillNames = [For.Name];

    private static readonly string[] AloneNames = [Selector, AtMost.Name, For.Name];

    private static readonly ImmutableDictionary<string, EndField> Fields = ImmutableDictionary.CreateRange(
        StringComparer.Ordinal,
        [
            KeyValuePair.Create(MaxDuration.Name, EndField.MaxDuration),
            KeyValuePair.Create(MaxBytes.Name, EndField.MaxBytes),
            KeyValuePair.Create(Silence, EndField.Silence),
            KeyValuePair.Create(Still, EndField.Still),
            KeyValuePair.Create(Page, EndField.Page),
            KeyValuePair.Create(Selector, EndField.Selector),
            KeyValuePair.Create(Text, EndField.Text),
            KeyValuePair.Create(Alone, EndField.Alone),
            KeyValuePair.Create(Grace.Name, EndField.Grace),
            KeyValuePair.Create(SenderSilent.Name, EndField.SenderSilent),
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
        if (rules is null)
        {
            return;
        }
        var rtp = spec is RtpSessionSpec;
        Refuse(Silence, rtp && rules.Silence is not null, "is for type uri: what comes by RTP is not decoded.");
        Refuse(Still, rtp && rules.Still is not null, "is for type uri: what comes by RTP is not decoded.");
        Refuse(
            Still,
            spec is PageSessionSpec { SoundOnly: true } && rules.Still is not null,
            "needs a picture, and data.video is false; use silence instead."
        );
        Refuse(Page, rtp && !rules.Page.IsEmpty, "is for type uri: there is no page.");
        Refuse(Text, rtp && !rules.Text.IsEmpty, "is for type uri: there is no page.");
        Refuse(Alone, rtp && rules.Alone is not null, "is for type uri: there is no page.");
        Refuse(SenderSilent.Name, !rtp && rules.SenderSilent is not null, "is for type rtp: a page has no sender.");
        var gone = rules.Page.Contains(EndPageWord.SelectorGone);
        Refuse(Selector, gone && rules.Selector is null, "is missing; page has selector_gone.");
        Refuse(Selector, !gone && rules.Selector is not null, "is of no use unless page has selector_gone.");
        Refuse(Grace.Name, rules is { Grace: not null, Page.IsEmpty: true, Text.IsEmpty: true }, "is of no use without page or text.");

        void Refuse(string name, bool wrong, string why)
        {
            if (wrong)
            {
                data.Refuse($"{End}.{name}", $"data.{End}.{name} {why}");
            }
        }

        if (rules.MaxBytes is not null && !spec.WritesRecord)
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
        return new EndRules
        {
            MaxDuration = duration,
            MaxBytes = fields.Size(MaxBytes),
            Silence = SilenceIn(fields),
            Still = StillIn(fields),
            Page = WordsIn(fields),
            Selector =
                fields.Kind(Selector) == JsonValueKind.Null ? null : BeginFields.SelectorIn(fields, Selector),
            Text = fields.Kind(Text) == JsonValueKind.Null ? [] : BeginFields.TextsIn(fields, Text),
            Alone = AloneIn(fields),
            Grace = fields.Duration(Grace),
            SenderSilent = fields.Duration(SenderSilent),
        };
    }

    private static EndSilence? SilenceIn(JsonFields fields)
    {
        if (fields.Kind(Silence) == JsonValueKind.Null || fields.OptionalObject(Silence) is not { } silence)
        {
            return null;
        }
        silence.Allow(SilenceNames);
        return new EndSilence(Lasting(silence))
        {
            BelowDb = silence.Whole(BelowDb),
            NotBefore = silence.Duration(NotBefore),
        };
    }

    private static TimeSpan? StillIn(JsonFields fields)
    {
        if (fields.Kind(Still) == JsonValueKind.Null || fields.OptionalObject(Still) is not { } still)
        {
            return null;
        }
        still.Allow(StillNames);
        return Lasting(still);
    }

    private static EndAlone? AloneIn(JsonFields fields)
    {
        if (fields.Kind(Alone) == JsonValueKind.Null || fields.OptionalObject(Alone) is not { } alone)
        {
            return null;
        }
        alone.Allow(AloneNames);
        var selector = BeginFields.SelectorIn(alone, Selector);
        if (!alone.Has(Selector))
        {
            alone.Refuse(Selector, $"{alone.Path(Selector)} is missing: it tells what shows a participant.");
        }
        return new EndAlone(
            selector ?? "",
            alone.Whole(AtMost),
            alone.Duration(For) ?? EndAlone.DefaultFor
        );
    }

    private static TimeSpan Lasting(JsonFields fields)
    {
        var lasting = fields.Duration(For);
        if (lasting is null && fields.Sound(For.Name))
        {
            fields.Refuse(For.Name, $"{fields.Path(For.Name)} is missing.");
        }
        return lasting ?? For.Least;
    }

    private static ImmutableList<EndPageWord> WordsIn(JsonFields fields)
    {
        var words = ImmutableList.CreateBuilder<EndPageWord>();
        if (fields.Kind(Page) == JsonValueKind.Null)
        {
            return [];
        }
        foreach (var (text, index) in fields.Texts(Page, 64, 16).Select((text, index) => (text, index)))
        {
            if (text is null)
            {
                continue;
            }
            if (PageWord.TryParse(text, out var word) && !words.Contains(word))
            {
                words.Add(word);
                continue;
            }
            var at = JsonFields.Item(Page, index);
            fields.Refuse(
                at,
                $"{fields.Path(at)} must be one of {string.Join(", ", PageWord.Words)}, each once; \"{Redaction.Line(text, 64)}\" is not."
            );
        }
        return words.ToImmutable();
    }
}
