using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>How a page is entered and shown, as the API and the manifests show that. Values, scripts and style sheets
/// are not shown, since they may grant access.</summary>
public sealed record PageSettingsAnswer
{
    /// <summary>The profile that made the settings; left out where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Profile { get; init; }

    /// <summary>The names of the layouts that the page can be given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableList<string>? Layouts { get; init; }

    /// <summary>The layout that the page was given at the start.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Layout { get; init; }

    /// <summary>The names of the headers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableList<string>? Headers { get; init; }

    /// <summary>The names of the cookies.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableList<string>? Cookies { get; init; }

    /// <summary>The keys of the local storage by origin.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, ImmutableList<string>>? LocalStorage { get; init; }

    /// <summary>Whether the page gets a user and a password.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool BasicAuth { get; init; }

    /// <summary>What the browser says to be.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UserAgent { get; init; }

    /// <summary>The language.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Locale { get; init; }

    /// <summary>The time zone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Timezone { get; init; }

    /// <summary>The colours that the page is asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PageColorScheme? ColorScheme { get; init; }

    /// <summary>How many pixels of the picture a pixel of the page takes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Scale { get; init; }

    /// <summary>Whether a style sheet is added.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Css { get; init; }

    /// <summary>Whether a script of the caller runs in the page.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Script { get; init; }

    /// <summary>Which camera and microphone the page gets.</summary>
    public PageDevices Devices { get; init; }

    /// <summary>The hosts whose certificates need not be trusted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableList<string>? IgnoreTlsErrorsFor { get; init; }

    /// <summary>The steps: what is done, and with which element.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableList<PageStepAnswer>? Steps { get; init; }

    /// <summary>The settings as they are shown; null without settings.</summary>
    /// <param name="page">The settings, or null.</param>
    public static PageSettingsAnswer? Of(PageSettings? page) =>
        page is null
            ? null
            : new PageSettingsAnswer
            {
                Profile = page.Profile,
                Layouts = page.Layouts?.ConvertAll(layout => layout.Name),
                Layout = page.Layout,
                Headers = Some(page.Headers.ConvertAll(header => header.Name)),
                Cookies = Some(page.Cookies.ConvertAll(cookie => cookie.Name)),
                LocalStorage = page.LocalStorage.IsEmpty
                    ? null
                    : page.LocalStorage.GroupBy(entry => entry.Origin)
                        .ToImmutableSortedDictionary(
                            entries => entries.Key,
                            entries => entries.Select(entry => entry.Key).ToImmutableList(),
                            StringComparer.Ordinal
                        ),
                BasicAuth = page.BasicAuth is not null,
                UserAgent = page.UserAgent,
                Locale = page.Locale,
                Timezone = page.TimeZone,
                ColorScheme = page.ColorScheme,
                Scale = page.Scale,
                Css = page.Css is not null,
                Script = page.Script is not null,
                Devices = page.Devices,
                IgnoreTlsErrorsFor = Some(page.IgnoreTlsErrorsFor),
                Steps = page.Steps.IsEmpty
                    ? null
                    : page.Steps.ConvertAll(step => new PageStepAnswer(step.Kind, step.Element, step.Optional)),
            };

    private static ImmutableList<string>? Some(ImmutableList<string> names) => names.IsEmpty ? null : names;
}

/// <summary>A step of entering a page.</summary>
/// <param name="Do">What the step does.</param>
/// <param name="Selector">The element; null for a step without an element.</param>
/// <param name="Optional">Whether the page is entered although the step fails.</param>
public sealed record PageStepAnswer(PageStepKind Do, string? Selector, bool Optional);
