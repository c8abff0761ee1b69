using System.Text.Json;
using PuppeteerSharp;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Node.Browsing;

/// <summary>How a page gets what its session has set for it, before its first document.</summary>
internal sealed partial class BrowserPage
{
    private PagePreparation? _prepared;
    private string? _styleScript;

    /// <summary>Sets what the session has set for its page. Call this before the first address.</summary>
    /// <param name="prepared">The settings and their secrets.</param>
    /// <param name="limit">How long each command may take.</param>
    /// <exception cref="JoinFailedException">The browser refuses a setting.</exception>
    public async Task PrepareAsync(PagePreparation prepared, TimeSpan limit)
    {
        _prepared = prepared;
        var settings = prepared.Settings;
        await SetLanguageAsync(settings, limit);
        if (settings.ColorScheme is { } scheme)
        {
            var features = new[] { new { name = "prefers-color-scheme", value = scheme.ToString().ToLowerInvariant() } };
            await Connection.AskPageAsync("Emulation.setEmulatedMedia", limit, ("features", features));
        }
        await SetCookiesAsync(prepared, limit);
        if (prepared.StorageScript() is { } storage)
        {
            await AddScriptAsync(storage, limit, PagePreparation.World);
        }
        if (settings.WholeCss is { Length: > 0 } css)
        {
            await StyleAsync(css, limit);
        }
        if (settings.Script is { } script)
        {
            var whole = PagePreparation.CallersScript(script);
            await CheckScriptAsync(whole, "page.script", limit);
            await AddScriptAsync(whole, limit);
        }
        await SetOriginAsync(prepared, limit);
    }

    /// <summary>Keeps settings whose style sheet or layout has changed, for the next document.</summary>
    /// <param name="settings">The settings.</param>
    public void Keep(PageSettings settings) => _prepared = _prepared?.With(settings);

    /// <summary>Goes to another address, with the same settings.</summary>
    /// <param name="page">The address.</param>
    /// <param name="limit">How long the page may take to answer.</param>
    /// <param name="settle">How long the page may take to be there whole.</param>
    /// <exception cref="PageFailedException">The page did not load.</exception>
    /// <exception cref="TimeoutException">The browser stands still.</exception>
    public async Task GoElsewhereAsync(Uri page, TimeSpan limit, TimeSpan settle)
    {
        if (_prepared is { } before)
        {
            _prepared = before.For(page);
            await SetOriginAsync(_prepared, Answer);
        }
        await OpenAsync(_prepared?.Address ?? page, limit, settle);
        await LayOutAsync(_prepared?.Settings, Answer);
    }

    /// <summary>Sets what the page's own origin gets, and nobody else.</summary>
    private async Task SetOriginAsync(PagePreparation prepared, TimeSpan limit)
    {
        var settings = prepared.Settings;
        if (FakeDevices.PermissionsFor(settings.Devices) is { Length: > 0 } permissions)
        {
            await Connection.AskBrowserAsync(
                "Browser.grantPermissions",
                limit,
                ("origin", prepared.Origin),
                ("permissions", permissions)
            );
        }
        if (!settings.Headers.IsEmpty || prepared.Credentials is not null)
        {
            await Connection.AskPageAsync(
                "Fetch.enable",
                limit,
                ("patterns", new[] { new { urlPattern = prepared.Origin + "/*" } }),
                ("handleAuthRequests", prepared.Credentials is not null)
            );
        }
    }

    /// <summary>Adds a style sheet to the page and to its next documents, in place of the one before.</summary>
    /// <param name="css">The style sheet; empty takes the sheet away.</param>
    /// <param name="limit">How long each command may take.</param>
    public async Task StyleAsync(string css, TimeSpan limit)
    {
        var script = PagePreparation.StyleScript(css);
        var before = _styleScript;
        _styleScript = await AddScriptAsync(script, limit);
        if (before is not null)
        {
            await Connection.AskPageAsync("Page.removeScriptToEvaluateOnNewDocument", limit, ("identifier", before));
        }
        await EvaluateAsync(PageReply.Value(script), limit);
    }

    /// <summary>Gives the page the layout of its settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="limit">How long the layout's script may take.</param>
    /// <exception cref="JoinFailedException">The layout's script threw, or did not end.</exception>
    public async Task LayOutAsync(PageSettings? settings, TimeSpan limit)
    {
        if (settings?.PresentLayout is not { Script: { } script, Name: var name })
        {
            return;
        }
        try
        {
            var answer = await Connection.AskPageAsync(
                "Runtime.evaluate",
                limit,
                ("expression", PagePreparation.LayoutScript(script)),
                ("awaitPromise", true),
                ("userGesture", true),
                ("silent", true)
            );
            if (answer.TryGetProperty("exceptionDetails", out var details))
            {
                throw new JoinFailedException($"The script of the layout {name} threw {ThrownIn(details)}.");
            }
        }
        catch (TimeoutException)
        {
            throw new JoinFailedException($"The script of the layout {name} did not end.");
        }
    }

    /// <summary>What the caller's script has thrown in the present document; null when it threw nothing, or when the
    /// page does not say.</summary>
    /// <param name="limit">How long the page may take.</param>
    public async Task<string?> FailureOfScriptAsync(TimeSpan limit)
    {
        if (_prepared?.Settings.Script is null)
        {
            return null;
        }
        try
        {
            var failure = await EvaluateAsync(PageReply.Value(PagePreparation.FailureOfScript), limit);
            return failure.ValueKind == JsonValueKind.String && failure.GetString() is { Length: > 0 } text
                ? text[..Math.Min(text.Length, 200)]
                : null;
        }
        catch (Exception error) when (error is PuppeteerException or TimeoutException)
        {
            return null;
        }
    }

    private async Task SetLanguageAsync(PageSettings settings, TimeSpan limit)
    {
        if (settings.UserAgent is null && settings.Locale is null)
        {
            return;
        }
        var version = await Connection.AskBrowserAsync("Browser.getVersion", limit);
        var agent = settings.UserAgent ?? TextOf(version, "userAgent");
        if (settings.Locale is not { } locale)
        {
            await Connection.AskPageAsync("Emulation.setUserAgentOverride", limit, ("userAgent", agent));
            return;
        }
        var language = locale.Split('-')[0];
        await Connection.AskPageAsync(
            "Emulation.setUserAgentOverride",
            limit,
            ("userAgent", agent),
            ("acceptLanguage", language == locale ? locale : $"{locale},{language}")
        );
        await Connection.AskPageAsync("Emulation.setLocaleOverride", limit, ("locale", locale.Replace('-', '_')));
    }

    private async Task SetCookiesAsync(PagePreparation prepared, TimeSpan limit)
    {
        if (prepared.Settings.Cookies.IsEmpty)
        {
            return;
        }
        var cookies = prepared.Settings.Cookies.ConvertAll(cookie =>
        {
            var given = new Dictionary<string, object>
            {
                ["name"] = cookie.Name,
                ["value"] = prepared.TextOf(cookie.Value),
                ["url"] = prepared.Origin + "/",
                ["path"] = cookie.Path,
                ["secure"] = cookie.Secure,
                ["httpOnly"] = cookie.HttpOnly,
            };
            if (cookie.Domain is { } domain)
            {
                given["domain"] = domain;
            }
            if (cookie.SameSite is { } site)
            {
                given["sameSite"] = site.ToString();
            }
            return given;
        });
        try
        {
            await Connection.AskPageAsync("Network.setCookies", limit, ("cookies", cookies));
        }
        catch (MessageException error)
        {
            throw new JoinFailedException($"The browser refuses a cookie of page.cookies: {error.Message}");
        }
    }

    private async Task<string> AddScriptAsync(string script, TimeSpan limit, string? world = null)
    {
        var answer = await Connection.AskPageAsync(
            "Page.addScriptToEvaluateOnNewDocument",
            limit,
            world is null ? [("source", script)] : [("source", script), ("worldName", world)]
        );
        return TextOf(answer, "identifier");
    }

    /// <summary>A script that the browser cannot read would be passed over without a word.</summary>
    private async Task CheckScriptAsync(string script, string name, TimeSpan limit)
    {
        // Switched on, the domain tells every line of the console. The page is still empty here.
        await Connection.AskPageAsync("Runtime.enable", limit);
        var answer = await Connection.AskPageAsync(
            "Runtime.compileScript",
            limit,
            ("expression", script),
            ("sourceURL", ""),
            ("persistScript", false)
        );
        await Connection.AskPageAsync("Runtime.disable", limit);
        if (answer.TryGetProperty("exceptionDetails", out var details))
        {
            throw new JoinFailedException($"{name} is no JavaScript: {ThrownIn(details)}.");
        }
    }

    private static string ThrownIn(JsonElement details)
    {
        var text =
            details.TryGetProperty("exception", out var thrown) && TextOf(thrown, "description") is { Length: > 0 } said
                ? said
                : TextOf(details, "text");
        return ShortOf(text);
    }

    private static string ShortOf(string thrown)
    {
        var line = thrown.Split('\n')[0];
        return line[..Math.Min(line.Length, 200)];
    }
}
