using System.Text.Json;
using Akka.Event;
using PuppeteerSharp;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Node.Browsing;

/// <summary>How a page gets what its session has set for it, before its first document.</summary>
internal sealed partial class BrowserPage
{
    /// <summary>The pause before an element is looked for again.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private PagePreparation? _prepared;
    private string? _styleScript;

    /// <summary>The request that was given the credentials last. A server that asks again does not take them.</summary>
    private string? _authenticated;

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
        if (settings.Css is { } css)
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
            // A redirect may take a request, and with it the headers, to any other address.
            var pattern = settings.Headers.IsEmpty ? prepared.Origin + "/*" : "*";
            await Connection.AskPageAsync(
                "Fetch.enable",
                limit,
                ("patterns", new[] { new { urlPattern = pattern } }),
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
        await EvaluateAsync(script, limit);
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
            var failure = await EvaluateAsync(PagePreparation.FailureOfScript, limit);
            return failure.ValueKind == JsonValueKind.String && failure.GetString() is { Length: > 0 } text
                ? text[..Math.Min(text.Length, 200)]
                : null;
        }
        catch (Exception error) when (error is PuppeteerException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Does the steps by which the page is entered, one after the other.</summary>
    /// <param name="limit">How long each navigation of a step may take.</param>
    /// <param name="told">Receives a sentence for each optional step that failed.</param>
    /// <param name="ended">Ends the steps.</param>
    /// <exception cref="JoinFailedException">A step failed that is not optional.</exception>
    /// <exception cref="PageFailedException">A page that a step goes to does not load.</exception>
    public async Task DoStepsAsync(TimeSpan limit, Action<string> told, CancellationToken ended)
    {
        if (_prepared is not { } prepared || prepared.Settings.Steps.IsEmpty)
        {
            return;
        }
        // Events of real input are ignored otherwise, because the display's pointer stands over the page.
        await Connection.AskPageAsync("Input.setIgnoreInputEvents", Answer, ("ignore", false));
        var number = 0;
        foreach (var step in prepared.Settings.Steps)
        {
            number++;
            ended.ThrowIfCancellationRequested();
            try
            {
                if (await DoAsync(step, prepared, limit, ended) is { } why)
                {
                    throw new JoinFailedException(
                        FormattableString.Invariant(
                            $"The page could not be entered: {PageStepScript.NameOf(step, number)}, was not done within {step.Timeout.TotalSeconds:0.#} s: {why}."
                        )
                    );
                }
            }
            catch (Exception error) when (error is JoinFailedException or PageFailedException && step.Optional)
            {
                told(error.Message);
            }
        }
        await Connection.AskPageAsync("Input.setIgnoreInputEvents", Answer, ("ignore", true));
    }

    /// <summary>Does one step. Returns why the step was not done, or null.</summary>
    private async Task<string?> DoAsync(PageStep step, PagePreparation prepared, TimeSpan limit, CancellationToken ended)
    {
        if (step.Kind == PageStepKind.Goto)
        {
            await OpenAsync(new Uri(step.Target), limit, step.Timeout);
            return null;
        }
        var script = PageStepScript.For(step, step.Value is { } value ? prepared.TextOf(value) : null);
        var until = new Deadline(step.Timeout);
        var why = "the page did not answer";
        while (!until.Passed)
        {
            try
            {
                var (answer, thrown) = await RunAsync(script, until.Left);
                if (thrown is not null)
                {
                    // A script of the caller's that throws once would throw again, or do twice what it did before.
                    return step.Kind == PageStepKind.Eval ? $"the script threw {thrown}" : thrown;
                }
                if (answer.Done)
                {
                    if (step.Kind == PageStepKind.Press)
                    {
                        await PressAsync(step.Target);
                    }
                    return null;
                }
                why = answer.Why;
            }
            catch (MessageException error) when (IsNavigation(error.Message))
            {
                // A click may lead to the next document before the click's own answer. So may what a script does.
                if (step.Kind is PageStepKind.Click or PageStepKind.Eval)
                {
                    return null;
                }
                why = "the page was going to another document";
            }
            catch (TimeoutException)
            {
                return step.Kind == PageStepKind.Eval ? "the script did not end" : why;
            }
            await Task.Delay(LookAgain, ended);
        }
        return why;
    }

    private async Task<(StepAnswer Answer, string? Thrown)> RunAsync(string script, TimeSpan limit)
    {
        var answer = await Connection.AskPageAsync(
            "Runtime.evaluate",
            limit,
            ("expression", script),
            ("returnByValue", true),
            ("awaitPromise", true),
            ("userGesture", true),
            ("silent", true)
        );
        if (answer.TryGetProperty("exceptionDetails", out var details))
        {
            return (new StepAnswer(false, ""), ThrownIn(details));
        }
        return (
            PageStepScript.Read(
                answer.TryGetProperty("result", out var result) && result.TryGetProperty("value", out var value)
                    ? value
                    : default
            ),
            null
        );
    }

    private async Task PressAsync(string key)
    {
        var text = key switch
        {
            "Enter" => "\r",
            "Space" => " ",
            { Length: 1 } => key,
            _ => "",
        };
        var named = key == "Space" ? " " : key;
        await Connection.AskPageAsync("Input.dispatchKeyEvent", Answer, Event(text.Length > 0 ? "keyDown" : "rawKeyDown"));
        await Connection.AskPageAsync("Input.dispatchKeyEvent", Answer, Event("keyUp"));

        (string, object)[] Event(string type) =>
        [
            ("type", type),
            ("key", named),
            ("code", key.Length == 1 ? "" : key),
            ("windowsVirtualKeyCode", PressedKey.CodeOf(key)),
            .. type == "keyDown" ? new (string, object)[] { ("text", text) } : [],
        ];
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
        var line = text.Split('\n')[0];
        return line[..Math.Min(line.Length, 200)];
    }

    /// <summary>Answers a server that asks for a user and a password: with those of the session once, if the server is
    /// the page's own.</summary>
    private async Task AuthenticateAsync(JsonElement asked)
    {
        try
        {
            var id = TextOf(asked, "requestId");
            var own =
                asked.TryGetProperty("authChallenge", out var challenge)
                && TextOf(challenge, "source") != "Proxy"
                && TextOf(challenge, "origin") == _prepared?.Origin;
            object answer =
                own && _prepared?.Credentials is { } known && id != _authenticated
                    ? new
                    {
                        response = "ProvideCredentials",
                        username = known.User,
                        password = known.Password,
                    }
                    : new { response = "CancelAuth" };
            _authenticated = id;
            await Connection.AskPageAsync(
                "Fetch.continueWithAuth",
                Answer,
                ("requestId", id),
                ("authChallengeResponse", answer)
            );
        }
        catch (Exception error) when (error is PuppeteerException or TimeoutException or InvalidOperationException)
        {
            _log.Debug("A request of the page was gone: {0}", error.Message);
        }
    }

    /// <summary>Lets a request go on, with the session's headers if the request is for the page's own origin. A redirect
    /// to another origin would otherwise take the headers along.</summary>
    private async Task PassAsync(JsonElement paused)
    {
        try
        {
            var id = TextOf(paused, "requestId");
            if (_prepared is not { } prepared || !paused.TryGetProperty("request", out var request))
            {
                return;
            }
            var own =
                Uri.TryCreate(TextOf(request, "url"), UriKind.Absolute, out var address)
                && PagePreparation.OriginOf(address) == prepared.Origin;
            if (!own && TextOf(paused, "redirectedRequestId").Length == 0)
            {
                await Connection.AskPageAsync("Fetch.continueRequest", Answer, ("requestId", id));
                return;
            }
            var headers = new List<object>();
            foreach (var header in request.GetProperty("headers").EnumerateObject())
            {
                if (!prepared.Settings.Headers.Exists(ours => IsSame(ours.Name, header.Name)))
                {
                    headers.Add(new { name = header.Name, value = header.Value.GetString() });
                }
            }
            if (own)
            {
                headers.AddRange(
                    prepared.Settings.Headers.Select(ours => new { name = ours.Name, value = prepared.TextOf(ours.Value) })
                );
            }
            await Connection.AskPageAsync("Fetch.continueRequest", Answer, ("requestId", id), ("headers", headers));
        }
        catch (Exception error)
            when (error is PuppeteerException or TimeoutException or InvalidOperationException or KeyNotFoundException)
        {
            _log.Debug("A request of the page was gone: {0}", error.Message);
        }

        static bool IsSame(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
    }
}
