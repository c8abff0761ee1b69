using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Reads the steps by which a page is entered. Pure.</summary>
internal static class PageStepFields
{
    public const string Value = "value";
    public const string Selector = "selector";
    public const string Optional = "optional";

    /// <summary>How long a step may take.</summary>
    public static readonly DurationField Timeout = new(
        "timeout",
        "How long the step may take.",
        TimeSpan.FromSeconds(0.1),
        TimeSpan.FromMinutes(5)
    );

    /// <summary>The words of the steps, each with what the step does.</summary>
    public static readonly IReadOnlyList<KeyValuePair<string, PageStepKind>> Kinds =
    [
        KeyValuePair.Create("click", PageStepKind.Click),
        KeyValuePair.Create("fill", PageStepKind.Fill),
        KeyValuePair.Create("press", PageStepKind.Press),
        KeyValuePair.Create("select", PageStepKind.Select),
        KeyValuePair.Create("wait_for", PageStepKind.WaitFor),
        KeyValuePair.Create("wait_gone", PageStepKind.WaitGone),
        KeyValuePair.Create("goto", PageStepKind.Goto),
        KeyValuePair.Create("eval", PageStepKind.Eval),
    ];

    /// <summary>The names of all fields of a step.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        .. Kinds.Select(kind => kind.Key),
        Value,
        Selector,
        Timeout.Name,
        Optional,
    ];

    /// <summary>The keys that a step may press, besides single characters: names of UI Events.</summary>
    public static readonly IReadOnlyList<string> Keys =
    [
        "Enter",
        "Tab",
        "Escape",
        "Backspace",
        "Delete",
        "Space",
        "ArrowUp",
        "ArrowDown",
        "ArrowLeft",
        "ArrowRight",
        "Home",
        "End",
        "PageUp",
        "PageDown",
    ];

    /// <summary>Reads the steps.</summary>
    /// <param name="page">The fields of <c>page</c>.</param>
    /// <param name="secrets">The secrets that may be named.</param>
    public static ImmutableList<PageStep> Read(JsonFields page, SecretFiles secrets)
    {
        var steps = ImmutableList.CreateBuilder<PageStep>();
        foreach (var fields in page.Objects(PageFields.Steps, SpecLimits.MaximumSteps))
        {
            fields.Allow(Names);
            var given = Kinds.Where(kind => fields.Has(kind.Key)).ToList();
            if (given.Count != 1)
            {
                fields.Refuse(
                    given.Count == 0 ? "click" : given[1].Key,
                    $"A step does one thing: {string.Join(", ", Kinds.Select(kind => kind.Key))}."
                );
                continue;
            }
            if (Step(fields, given[0].Key, given[0].Value, secrets) is { } step)
            {
                steps.Add(step);
            }
        }
        return steps.ToImmutable();
    }

    private static PageStep? Step(JsonFields fields, string word, PageStepKind kind, SecretFiles secrets)
    {
        var target = kind switch
        {
            PageStepKind.Press => Key(fields, word),
            PageStepKind.Goto => Address(fields, word),
            PageStepKind.Eval => Script(fields, word),
            _ => BeginFields.SelectorIn(fields, word),
        };
        var takes = kind is PageStepKind.Fill or PageStepKind.Select;
        Refuse(Value, !takes && fields.Has(Value), "is for fill and select.");
        Refuse(Selector, kind != PageStepKind.Press && fields.Has(Selector), "is for press; the others name their element.");
        var selector = kind == PageStepKind.Press ? BeginFields.SelectorIn(fields, Selector) : null;
        var value = takes ? PageFields.TextOrSecret(fields, Value, secrets) : null;
        return target is null || (takes && value is null)
            ? null
            : new PageStep(kind, target)
            {
                Selector = selector,
                Value = value,
                Timeout = fields.Duration(Timeout) ?? PageStep.DefaultTimeout,
                Optional = fields.Flag(Optional),
            };

        void Refuse(string name, bool wrong, string why)
        {
            if (wrong)
            {
                fields.Refuse(name, $"{fields.Path(name)} {why}");
            }
        }
    }

    private static string? Key(JsonFields fields, string name)
    {
        var key = fields.Text(name, 16, required: true);
        if (key is not null && !Keys.Contains(key) && (key.Length != 1 || char.IsControl(key[0])))
        {
            fields.Refuse(
                name,
                $"{fields.Path(name)} must be one character or one of {string.Join(", ", Keys)}; \"{Redaction.Line(key, 16)}\" is not."
            );
        }
        return key;
    }

    private static string? Address(JsonFields fields, string name)
    {
        if (fields.Text(name, SpecLimits.MaximumUriLength, required: true) is not { } text)
        {
            return null;
        }
        if (WebAddress.TryParse(text, WebAddress.PageSchemes, out var address, out var reason))
        {
            return address.OriginalString;
        }
        fields.Refuse(name, $"{fields.Path(name)} {reason}");
        return null;
    }

    private static string? Script(JsonFields fields, string name)
    {
        var text = fields.Text(name, SpecLimits.MaximumScriptLength, required: true);
        if (text is not null && string.IsNullOrWhiteSpace(text))
        {
            fields.Refuse(name, $"{fields.Path(name)} is empty.");
        }
        return text;
    }
}
