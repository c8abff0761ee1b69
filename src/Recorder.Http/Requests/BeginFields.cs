using System.Collections.Immutable;
using System.Text.Json;
using AngleSharp.Css.Parser;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Reads when the record of a page begins: <c>begin</c> of a start. Pure.</summary>
internal static class BeginFields
{
    /// <summary>The field of a start.</summary>
    public const string Begin = "begin";

    /// <summary>The CSS selector of an element.</summary>
    public const string Selector = "selector";

    /// <summary>The caller's script.</summary>
    public const string Script = "script";

    /// <summary>What only a lobby shows.</summary>
    public const string Unless = "unless";

    /// <summary>Texts of a lobby.</summary>
    public const string Text = "text";

    /// <summary>What begins the record.</summary>
    public static readonly ChoiceField<BeginWhen> When = new("when", "What begins the record.", BeginWhen.Painted);

    /// <summary>What happens when nothing has begun the record in time.</summary>
    public static readonly ChoiceField<BeginOtherwise> Otherwise = new(
        "otherwise",
        "What happens when timeout has passed: the session fails, or the record begins all the same.",
        BeginOtherwise.Fail
    );

    /// <summary>How long the page may take.</summary>
    public static readonly DurationField Timeout = new(
        "timeout",
        "How long the page may take to begin, from the moment at which the page is shown and without its time in a lobby; 60 s when absent.",
        TimeSpan.FromSeconds(1),
        TimeSpan.FromDays(1)
    );

    /// <summary>How long the page may stay in its lobby.</summary>
    public static readonly DurationField LobbyTimeout = new(
        "lobby_timeout",
        "How long the page may show its lobby; 15 min when absent.",
        TimeSpan.FromSeconds(1),
        TimeSpan.FromDays(1)
    );

    private static readonly string[] Names =
    [
        When.Name,
        Selector,
        Script,
        Unless,
        Timeout.Name,
        LobbyTimeout.Name,
        Otherwise.Name,
    ];

    private static readonly string[] UnlessNames = [Selector, Text];

    /// <summary>Reads the rule; null when the record begins as soon as the page is shown.</summary>
    /// <param name="data">The fields of the start.</param>
    public static BeginRule? Read(JsonFields data)
    {
        if (data.OptionalObject(Begin) is not { } fields)
        {
            return null;
        }
        fields.Allow(Names);
        var when = fields.Choice(When);
        var (selector, texts) = Lobby(fields);
        var rule = new BeginRule
        {
            When = when,
            Selector = Only(fields, Selector, when == BeginWhen.Selector, SelectorIn),
            Script = Only(fields, Script, when == BeginWhen.Script, ScriptIn),
            LobbySelector = selector,
            LobbyTexts = texts,
            Timeout = fields.Duration(Timeout) ?? BeginRule.DefaultTimeout,
            LobbyTimeout = fields.Duration(LobbyTimeout) ?? BeginRule.DefaultLobbyTimeout,
            Otherwise = fields.Choice(Otherwise),
        };
        if (fields.Has(LobbyTimeout.Name) && !fields.Has(Unless))
        {
            fields.Refuse(
                LobbyTimeout.Name,
                $"{fields.Path(LobbyTimeout.Name)} is of no use without {fields.Path(Unless)}, which tells what a lobby shows."
            );
        }
        return rule is { When: BeginWhen.Painted, KnowsLobby: false } ? null : rule;
    }

    /// <summary>Reads a CSS selector; null when the field is absent or refused.</summary>
    /// <param name="fields">The object that holds the field.</param>
    /// <param name="name">The field.</param>
    public static string? SelectorIn(JsonFields fields, string name)
    {
        var text = fields.Text(name, SpecLimits.MaximumSelectorLength, required: false);
        if (text is not null && !IsSelector(text))
        {
            fields.Refuse(name, $"{fields.Path(name)} is no CSS selector: \"{Redaction.Line(text, 64)}\".");
        }
        return text;
    }

    /// <summary>Reads a list of texts, or one text.</summary>
    /// <param name="fields">The object that holds the field.</param>
    /// <param name="name">The field.</param>
    public static ImmutableList<string> TextsIn(JsonFields fields, string name)
    {
        var texts =
            fields.Kind(name) == JsonValueKind.String
                ? [fields.Text(name, SpecLimits.MaximumTextLength, required: false)]
                : fields.Texts(name, SpecLimits.MaximumTextLength, SpecLimits.MaximumTexts);
        if (texts.Any(string.IsNullOrWhiteSpace) && fields.Sound(name))
        {
            fields.Refuse(name, $"{fields.Path(name)} has an empty text, which every page shows.");
        }
        return [.. texts.OfType<string>()];
    }

    private static bool IsSelector(string text)
    {
        try
        {
            // The parser takes these, and no browser does.
            return !string.IsNullOrWhiteSpace(text)
                && !text.Contains(":contains(", StringComparison.OrdinalIgnoreCase)
                && !text.Contains(":matches(", StringComparison.OrdinalIgnoreCase)
                && new CssSelectorParser().ParseSelector(text) is not null;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private static string? ScriptIn(JsonFields fields, string name)
    {
        var text = fields.Text(name, SpecLimits.MaximumScriptLength, required: false);
        if (string.IsNullOrWhiteSpace(text) && text is not null)
        {
            fields.Refuse(name, $"{fields.Path(name)} is empty.");
        }
        return text;
    }

    private static string? Only(
        JsonFields fields,
        string name,
        bool wanted,
        Func<JsonFields, string, string?> read
    )
    {
        var word = When.Name;
        if (wanted && !fields.Has(name))
        {
            fields.Refuse(name, $"{fields.Path(name)} is missing; {fields.Path(word)} is {name}.");
            return null;
        }
        if (!wanted && fields.Has(name) && fields.Sound(word))
        {
            fields.Refuse(name, $"{fields.Path(name)} is of no use unless {fields.Path(word)} is {name}.");
            return null;
        }
        return wanted ? read(fields, name) : null;
    }

    private static (string? Selector, ImmutableList<string> Texts) Lobby(JsonFields fields)
    {
        if (fields.OptionalObject(Unless) is not { } unless)
        {
            return (null, []);
        }
        unless.Allow(UnlessNames);
        var lobby = (SelectorIn(unless, Selector), TextsIn(unless, Text));
        if (!unless.Has(Selector) && !unless.Has(Text))
        {
            fields.Refuse(Unless, $"{fields.Path(Unless)} needs {Selector} or {Text}, which only a lobby shows.");
        }
        return lobby;
    }
}
