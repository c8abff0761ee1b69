using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>How a page is entered and shown: <c>data.page</c> of a start. All of it is applied again when the browser
/// is started again inside a record.</summary>
public sealed record PageSettings
{
    /// <summary>Headers of HTTP that go to the page's own origin only; no name twice.</summary>
    public ImmutableList<PageHeader> Headers { get; init; } = [];

    /// <summary>Cookies that the browser has from the start.</summary>
    public ImmutableList<PageCookie> Cookies { get; init; } = [];

    /// <summary>What the local storage of origins holds from the start.</summary>
    public ImmutableList<PageStorage> LocalStorage { get; init; } = [];

    /// <summary>The user and the password for the page's own origin; null: none.</summary>
    public PageCredentials? BasicAuth { get; init; }

    /// <summary>What the browser says to be; null: what the browser is.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The language, such as <c>de-DE</c>; null: the browser's own.</summary>
    public string? Locale { get; init; }

    /// <summary>The time zone by its IANA name, such as <c>Europe/Oslo</c>; null: the node's own.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The colours that the page is asked for; null: the browser's own.</summary>
    public PageColorScheme? ColorScheme { get; init; }

    /// <summary>How many pixels of the picture a pixel of the page takes, 0.25 to 5; null: 1.</summary>
    public double? Scale { get; init; }

    /// <summary>A style sheet that is added to the page; null: none.</summary>
    public string? Css { get; init; }

    /// <summary>JavaScript that runs in the page before the page's own; null: none.</summary>
    public string? Script { get; init; }

    /// <summary>Which camera and microphone the page gets.</summary>
    public PageDevices Devices { get; init; }

    /// <summary>The hosts, as <c>host:port</c>, whose certificates need not be trusted.</summary>
    public ImmutableList<string> IgnoreTlsErrorsFor { get; init; } = [];

    /// <summary>What is done in the page before its record begins, in order.</summary>
    public ImmutableList<PageStep> Steps { get; init; } = [];

    /// <summary>The profile that the settings were made by; null: none. Nothing is written for null, so that the marks
    /// of starts stay as they were.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Profile { get; init; }

    /// <summary>The layouts that the page can be given while its session runs; null: none. Nothing is written for
    /// null.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableList<PageLayout>? Layouts { get; init; }

    /// <summary>The name of the layout that the page is given; null: as the page is.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Layout { get; init; }

    /// <summary>The layout that the page is given; null: as the page is.</summary>
    [JsonIgnore]
    public PageLayout? PresentLayout => Layout is null ? null : Layouts?.Find(known => known.Name == Layout);

    /// <summary>The style sheets of the settings and of the layout together; empty: none.</summary>
    [JsonIgnore]
    public string WholeCss => string.Join('\n', new[] { Css, PresentLayout?.Css }.OfType<string>());

    /// <summary>What goes to the page's own origin.</summary>
    [JsonIgnore]
    public IEnumerable<PageText> OfOwnOrigin =>
        Headers
            .Select(header => header.Value)
            .Concat(Cookies.Select(cookie => cookie.Value))
            .Concat(BasicAuth is { } auth ? [auth.User, auth.Password] : []);

    /// <summary>The names of the secrets that the settings need.</summary>
    [JsonIgnore]
    public IEnumerable<string> Secrets =>
        OfOwnOrigin
            .Concat(LocalStorage.Select(entry => entry.Value))
            .Concat(Steps.Select(step => step.Value).OfType<PageText>())
            .Select(text => text.Secret)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal);

    /// <summary>How long all steps may take together.</summary>
    [JsonIgnore]
    public TimeSpan StepsTime => Steps.Aggregate(TimeSpan.Zero, (time, step) => time + step.Timeout);

    /// <summary>The settings without the texts that may grant access. What refers to a secret stays.</summary>
    public PageSettings WithoutTexts() =>
        this with
        {
            Headers = Headers.ConvertAll(header => header with { Value = header.Value.Bare() }),
            Cookies = Cookies.ConvertAll(cookie => cookie with { Value = cookie.Value.Bare() }),
            LocalStorage = LocalStorage.ConvertAll(entry => entry with { Value = entry.Value.Bare() }),
            BasicAuth = BasicAuth is { } auth ? new PageCredentials(auth.User.Bare(), auth.Password.Bare()) : null,
            Script = Script is null ? null : "",
            Layouts = Layouts?.ConvertAll(layout => layout with { Script = layout.Script is null ? null : "" }),
            Steps = Steps.ConvertAll(step =>
                step with
                {
                    Target = step.Kind is PageStepKind.Eval or PageStepKind.Goto ? "" : step.Target,
                    Value = step.Value?.Bare(),
                }
            ),
        };

    /// <inheritdoc/>
    public bool Equals(PageSettings? other) =>
        other is not null
        && (BasicAuth, UserAgent, Locale, TimeZone) == (other.BasicAuth, other.UserAgent, other.Locale, other.TimeZone)
        && (ColorScheme, Scale, Css, Script, Devices)
            == (other.ColorScheme, other.Scale, other.Css, other.Script, other.Devices)
        && (Profile, Layout) == (other.Profile, other.Layout)
        && (Layouts ?? []).SequenceEqual(other.Layouts ?? [])
        && Headers.SequenceEqual(other.Headers)
        && Cookies.SequenceEqual(other.Cookies)
        && LocalStorage.SequenceEqual(other.LocalStorage)
        && IgnoreTlsErrorsFor.SequenceEqual(other.IgnoreTlsErrorsFor)
        && Steps.SequenceEqual(other.Steps);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(UserAgent, Locale, TimeZone, Css, Script, Steps.Count);
}

/// <summary>A way to show a page, which a session can change to while it runs.</summary>
/// <param name="Name">The name, one line.</param>
public sealed record PageLayout(string Name)
{
    /// <summary>A style sheet that is added to the page's own settings; null: none.</summary>
    public string? Css { get; init; }

    /// <summary>JavaScript that runs in the page once the page has been entered, and at each change to the layout;
    /// null:
    /// none.</summary>
    public string? Script { get; init; }
}

/// <summary>A text of a caller, or the name of a secret of the nodes in its place.</summary>
public sealed record PageText
{
    /// <summary>The text; null for a secret.</summary>
    public string? Text { get; init; }

    /// <summary>The name of the secret; null for a text.</summary>
    public string? Secret { get; init; }

    /// <summary>A text.</summary>
    /// <param name="text">The text.</param>
    public static PageText Of(string text) => new() { Text = text };

    /// <summary>The same without the text, which may grant access.</summary>
    public PageText Bare() => Secret is null ? Of("") : this;

    /// <summary>No text is shown, since a text may grant access.</summary>
    public override string ToString() => Secret is null ? "…" : $"secret {Secret}";
}

/// <summary>A header of HTTP.</summary>
/// <param name="Name">The name, as the caller writes it.</param>
/// <param name="Value">The value.</param>
public sealed record PageHeader(string Name, PageText Value);

/// <summary>A cookie.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value.</param>
public sealed record PageCookie(string Name, PageText Value)
{
    /// <summary>The domain; null: the page's host alone.</summary>
    public string? Domain { get; init; }

    /// <summary>The path.</summary>
    public string Path { get; init; } = "/";

    /// <summary>Whether the cookie goes by https only.</summary>
    public bool Secure { get; init; }

    /// <summary>Whether scripts do not see the cookie.</summary>
    public bool HttpOnly { get; init; }

    /// <summary>Whether the cookie goes along with requests of other sites; null: as the browser does.</summary>
    public PageSameSite? SameSite { get; init; }
}

/// <summary>An entry of a local storage.</summary>
/// <param name="Origin">The origin, such as <c>https://host:8443</c>.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
public sealed record PageStorage(string Origin, string Key, PageText Value);

/// <summary>A user and a password.</summary>
/// <param name="User">The user.</param>
/// <param name="Password">The password.</param>
public sealed record PageCredentials(PageText User, PageText Password);

/// <summary>One step of entering a page.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Target">A CSS selector; for <see cref="PageStepKind.Press"/> a key, for <see cref="PageStepKind.Goto"/>
/// an address, for <see cref="PageStepKind.Eval"/> JavaScript.</param>
public sealed record PageStep(PageStepKind Kind, string Target)
{
    /// <summary>How long a step may take, unless the caller says otherwise.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>With <see cref="PageStepKind.Press"/>, the element that gets the key; null: the element with the
    /// focus.</summary>
    public string? Selector { get; init; }

    /// <summary>What is filled in or selected; otherwise null.</summary>
    public PageText? Value { get; init; }

    /// <summary>How long the step may take.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Whether the page is entered although the step fails.</summary>
    public bool Optional { get; init; }

    /// <summary>The selector of the step for people; null for a step without a selector.</summary>
    [JsonIgnore]
    public string? Element =>
        Kind switch
        {
            PageStepKind.Press => Selector,
            PageStepKind.Goto or PageStepKind.Eval => null,
            _ => Target,
        };
}

/// <summary>What a step does.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<PageStepKind>))]
public enum PageStepKind
{
    /// <summary>Clicks an element.</summary>
    Click,

    /// <summary>Fills a field.</summary>
    Fill,

    /// <summary>Presses a key.</summary>
    Press,

    /// <summary>Selects an option of a list.</summary>
    Select,

    /// <summary>Waits until an element is shown.</summary>
    WaitFor,

    /// <summary>Waits until no such element is shown.</summary>
    WaitGone,

    /// <summary>Goes to an address.</summary>
    Goto,

    /// <summary>Runs JavaScript.</summary>
    Eval,
}

/// <summary>Which camera and microphone a page gets.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<PageDevices>))]
public enum PageDevices
{
    /// <summary>None: the page learns that there are none.</summary>
    None,

    /// <summary>A black camera and a silent microphone.</summary>
    Fake,

    /// <summary>A silent microphone.</summary>
    Silent,
}

/// <summary>The colours that a page is asked for.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<PageColorScheme>))]
public enum PageColorScheme
{
    /// <summary>Dark on light.</summary>
    Light,

    /// <summary>Light on dark.</summary>
    Dark,
}

/// <summary>Whether a cookie goes along with requests of other sites (RFC 6265bis).</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<PageSameSite>))]
public enum PageSameSite
{
    /// <summary>Never.</summary>
    Strict,

    /// <summary>When a person goes to the page.</summary>
    Lax,

    /// <summary>Always.</summary>
    None,
}
