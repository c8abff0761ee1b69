using System.Text.Json;
using Akka.Event;
using PuppeteerSharp;
using Recorder.Node.Gateway;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>A page's reaction to the question whether the page is alive.</summary>
internal enum PageSign
{
    /// <summary>The page answered.</summary>
    Alive,

    /// <summary>The page did not answer within the limit, but the browser did.</summary>
    Busy,

    /// <summary>Neither the page nor the browser answered within the limit.</summary>
    Silent,

    /// <summary>The page or the browser is gone.</summary>
    Gone,
}

/// <summary>The one page of a session. The class itself answers dialogs, refuses downloads and closes other
/// windows.</summary>
internal sealed partial class BrowserPage
{
    /// <summary>How long a living browser may take to answer a question that costs the browser nothing.</summary>
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    /// <summary>How long a question waits for its answer at most. The question is asked once, and a page may stand
    /// still for hours.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>How long a shown page may take to say what the page shows now.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(2);

    /// <summary>How long the news of a crash may come after the end of the page's loading.</summary>
    private static readonly TimeSpan CrashNews = TimeSpan.FromMilliseconds(300);

    private const string Blank = "about:blank";

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _crashed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RoadTroubles _troubles;
    private readonly ILoggingAdapter _log;
    private readonly Action<PageEvent> _tell;
    private BrowserConnection? _connection;
    private MainFrame _frame = new("");
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<JsonElement>? _asked;
    private Task<JsonElement>? _browserAsked;

    private BrowserPage(RoadTroubles troubles, ILoggingAdapter log, Action<PageEvent> tell)
    {
        _troubles = troubles;
        _log = log;
        _tell = tell;
    }

    private BrowserConnection Connection =>
        _connection ?? throw new InvalidOperationException("The page is not attached to yet.");

    /// <summary>Attaches to the page of a browser that has just been started.</summary>
    /// <param name="process">The browser.</param>
    /// <param name="limit">How long attaching may take.</param>
    /// <param name="troubles">Why servers could not be reached.</param>
    /// <param name="log">The log.</param>
    /// <param name="tell">Receives the events of the page, from no particular thread.</param>
    /// <param name="hearsWords">Whether the words of the page are heard.</param>
    /// <exception cref="ProcessStartException">The browser exited, or did not take commands within the
    /// limit.</exception>
    public static async Task<BrowserPage> AttachAsync(
        LaunchedProcess process,
        TimeSpan limit,
        RoadTroubles troubles,
        ILoggingAdapter log,
        Action<PageEvent> tell,
        bool hearsWords = false
    )
    {
        var page = new BrowserPage(troubles, log, tell);
        try
        {
            page._connection = await BrowserConnection.OpenAsync(process, limit, page.Hear);
            lock (page._lock)
            {
                page._frame = page._frame.Id.Length > 0 ? page._frame : new MainFrame(page._connection.Target);
            }
            await page._connection.AskPageAsync(
                "Page.addScriptToEvaluateOnNewDocument",
                limit,
                ("source", PageScripts.DismissDialogs)
            );

            if (hearsWords)
            {
                await page._connection.AskPageAsync(
                    "Page.addScriptToEvaluateOnNewDocument",
                    limit,
                    ("source", PageWords.Hear)
                );
            }

            // There is no security key. This command refuses requests for a key without the dialog that would cover the
            // page.
            await page._connection.AskPageAsync("WebAuthn.enable", limit);

            // Every display has a pointer; it must not point at anything on the page. The page has the focus, as a page
            // that a person looks at.
            await page._connection.AskPageAsync("Input.setIgnoreInputEvents", limit, ("ignore", true));
            await page._connection.AskPageAsync("Page.bringToFront", limit);
            return page;
        }
        catch (Exception error) when (error is PuppeteerException or TimeoutException)
        {
            throw new ProcessStartException($"Chromium's page does not take commands: {error.Message}", error);
        }
    }

    /// <summary>
    /// Shows an address. Waits until the server has answered, then for a limited time until everything that the
    /// document refers to is there too. The second wait is limited, because one hanging image or script must not keep a
    /// recording from beginning.
    /// </summary>
    /// <exception cref="PageFailedException">The page did not load, or was replaced by a page that did not
    /// load.</exception>
    /// <exception cref="TimeoutException">The browser stands still.</exception>
    public async Task OpenAsync(Uri address, TimeSpan limit, TimeSpan settle)
    {
        var until = new Deadline(limit);
        await GoAsync(address, until);
        if (!await JudgeAsync(address, until))
        {
            await StandsStillAsync(address);
            throw new PageFailedException(PageFailure.OfBusyScript(address, limit));
        }

        await SettleAsync(settle);

        // A script may have sent the page elsewhere by now. A busy page is no longer a failure, because the page was
        // shown.
        await JudgeAsync(address, new Deadline(SecondLook));
    }

    /// <summary>Asks the page whether the page is alive. Call this again only after the previous call has
    /// completed.</summary>
    public async Task<PageSign> ProbeAsync(TimeSpan limit)
    {
        try
        {
            // An unanswered question is not asked again. Otherwise a page that stands still for an hour would collect a
            // thousand questions.
            _asked ??= EvaluateAsync(PageReply.Value(PageScripts.CountDialogs), Longest);
            var answer = await _asked.WaitAsync(limit);
            _asked = null;
            if (answer.ValueKind == JsonValueKind.Number && answer.TryGetInt32(out var dialogs))
            {
                _tell(new PageEvent.DialogsCounted(dialogs));
            }
            return PageSign.Alive;
        }
        catch (TimeoutException)
        {
            return await BrowserAnswersAsync(limit) ? PageSign.Busy : PageSign.Silent;
        }
        catch (MessageException error) when (IsNavigation(error.Message))
        {
            _asked = null;
            return PageSign.Alive;
        }
        catch (Exception error) when (error is PuppeteerException or NullReferenceException or ObjectDisposedException)
        {
            _log.Debug("The page does not answer: {0}", error.Message);
            return PageSign.Gone;
        }
    }

    /// <summary>Whether an evaluation failed only because the page was going to another document. Only a living page
    /// does that.</summary>
    public static bool IsNavigation(string message) =>
        message.Contains("Execution context was destroyed", StringComparison.OrdinalIgnoreCase)
        || message.Contains("Cannot find default execution context", StringComparison.OrdinalIgnoreCase)
        || message.Contains("Cannot find context with specified id", StringComparison.OrdinalIgnoreCase)
        || message.Contains("Inspected target navigated", StringComparison.OrdinalIgnoreCase)
        || message.Contains("Promise was collected", StringComparison.OrdinalIgnoreCase);

    /// <summary>Why the present content of the page is not worth recording, as a sentence. Null when nothing is wrong,
    /// or when the page does not say.</summary>
    public async Task<string?> WhyWrongAsync()
    {
        try
        {
            var frame = _frame;
            await WhyFailedAsync(frame, new Uri(Blank), new Deadline(Answer));
            return null;
        }
        catch (PageFailedException error)
        {
            return error.Message;
        }
        catch (Exception error) when (error is PuppeteerException or TimeoutException)
        {
            _log.Debug("The page does not say what it shows: {0}", error.Message);
            return null;
        }
    }

    /// <summary>
    /// Closes the page as a user does: its <c>pagehide</c> and <c>unload</c> handlers run, and its connections are
    /// closed. Throws nothing, because a page that is gone needs no good-bye.
    /// </summary>
    /// <param name="limit">How long closing may take.</param>
    public async Task LeaveAsync(TimeSpan limit)
    {
        try
        {
            // Not every browser answers this command, because the page that would answer is closing.
            await Connection.SendToPageAsync("Page.close");
            await _closed.Task.WaitAsync(limit);
        }
        catch (Exception error)
            when (error is PuppeteerException or TimeoutException or NullReferenceException or ObjectDisposedException)
        {
            _log.Debug("The page's good-bye was cut short: {0}", error.Message);
        }
    }

    private async Task<bool> BrowserAnswersAsync(TimeSpan limit)
    {
        try
        {
            _browserAsked ??= Connection.AskBrowserAsync("Browser.getVersion", Longest);
            await _browserAsked.WaitAsync(limit);
            _browserAsked = null;
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task GoAsync(Uri address, Deadline until)
    {
        try
        {
            var before = _frame.Loader;
            _troubles.Forget();
            var answer = await Connection.AskPageAsync("Page.navigate", until.Left, ("url", address.OriginalString));
            if (TextOf(answer, "errorText") is { Length: > 0 } error && !PageFailure.IsOfStatus(error))
            {
                var download =
                    answer.TryGetProperty("isDownload", out var value) && value.ValueKind == JsonValueKind.True;
                if (!download)
                {
                    // A renderer that dies while the page loads ends the loading too, and is the reason.
                    await Task.WhenAny(_crashed.Task, Task.Delay(CrashNews));
                }
                throw new PageFailedException(
                    download
                        ? PageFailure.OfDownload(address)
                        : PageFailure.OfBrowser(
                            address,
                            PageFailure.IsOfRoad(error) ? _troubles.Latest ?? error : error
                        )
                );
            }

            // The server has answered. A moment later, the document replaces the empty one.
            await WaitForAsync(frame => frame.Loader != before, until);
        }
        catch (TimeoutException)
        {
            await StandsStillAsync(address);
            throw new PageFailedException(PageFailure.OfSilence(address, until.Limit));
        }
        catch (MessageException error)
        {
            throw new PageFailedException(PageFailure.OfBrowser(address, error.Message));
        }
    }

    /// <summary>Throws when an error is shown instead of a page. Returns whether the page answered.</summary>
    private async Task<bool> JudgeAsync(Uri address, Deadline until)
    {
        while (true)
        {
            var frame = _frame;
            try
            {
                await WhyFailedAsync(frame, address, until);
                if (frame.Loader == _frame.Loader)
                {
                    return true;
                }
            }
            catch (MessageException error) when (IsNavigation(error.Message))
            {
                // The page has gone to another document meanwhile, so the page is alive. Some pages do so without end.
                if (until.Passed)
                {
                    return true;
                }
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    /// <summary>Throws when a frame shows an error instead of a page.</summary>
    private async Task WhyFailedAsync(MainFrame frame, Uri address, Deadline until)
    {
        var status = await EvaluateAsync(PageReply.Value(PageScripts.Status), until.Left);
        if (
            status.ValueKind == JsonValueKind.Number
            && status.TryGetInt32(out var number)
            && PageFailure.OfStatus(NameOf(frame, address), number) is { } failure
        )
        {
            throw new PageFailedException(failure);
        }
        if (frame.IsErrorPage)
        {
            var shown = NameOf(frame, address);
            var word = await ErrorWordAsync();
            throw new PageFailedException(
                PageFailure.OfBrowser(
                    shown,
                    PageFailure.IsOfRoad(word) ? _troubles.Find(shown.IdnHost, shown.Port) ?? word : word
                )
            );
        }
    }

    private async Task SettleAsync(TimeSpan limit)
    {
        var until = new Deadline(limit);
        do
        {
            try
            {
                await WaitForAsync(frame => !frame.Loading, until);
            }
            catch (TimeoutException)
            {
                _log.Info("The page is still loading after {0} s; recording begins.", limit.TotalSeconds);
            }

            try
            {
                // Without this wait, the first pictures would show the empty window.
                await EvaluateAsync(
                    PageReply.Value(PageScripts.TwoPaints, awaits: true),
                    TimeSpan.FromSeconds(1),
                    awaitPromise: true
                );
            }
            catch (Exception error) when (error is TimeoutException or MessageException)
            {
                _log.Debug("The page has not painted yet: {0}", error.Message);
            }
        } while (_frame.Loading && !until.Passed);
    }

    private async Task<string> ErrorWordAsync()
    {
        try
        {
            var word = await EvaluateAsync(
                PageReply.Value(PageScripts.ErrorWord, awaits: true),
                Answer,
                awaitPromise: true
            );
            return word.ValueKind == JsonValueKind.String && word.GetString() is { Length: > 0 } text
                ? "net::" + text
                : "";
        }
        catch (Exception error) when (error is TimeoutException or PuppeteerException)
        {
            return "";
        }
    }

    private void OnCrashed()
    {
        _tell(new PageEvent.Crashed());
        _crashed.TrySetResult();
    }

    /// <summary>Throws when the browser stands still too, and not only the page.</summary>
    private async Task StandsStillAsync(Uri address)
    {
        try
        {
            await Connection.AskBrowserAsync("Browser.getVersion", Answer);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(PageFailure.OfStandstill(address));
        }
        catch (PuppeteerException error)
        {
            _log.Debug("The browser is gone: {0}", error.Message);
        }
    }

    /// <summary>Evaluates a script in the page's own world, without the user gesture that would let the script open
    /// windows. The script is one of <see cref="PageReply"/>, or answers nothing.</summary>
    private async Task<JsonElement> EvaluateAsync(string expression, TimeSpan limit, bool awaitPromise = false)
    {
        var answer = await Connection.AskPageAsync(
            "Runtime.evaluate",
            limit,
            ("expression", expression),
            ("returnByValue", true),
            ("awaitPromise", awaitPromise),
            ("silent", true)
        );
        return
            answer.ValueKind == JsonValueKind.Object
            && answer.TryGetProperty("result", out var result)
            && result.TryGetProperty("value", out var value)
            ? value
            : default;
    }

    private async Task WaitForAsync(Func<MainFrame, bool> reached, Deadline until)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (reached(_frame))
                {
                    return;
                }
                changed = _changed.Task;
            }

            if (until.Passed)
            {
                throw new TimeoutException();
            }

            await changed.WaitAsync(until.Left);
        }
    }

    private void Hear(string method, JsonElement data)
    {
        switch (method)
        {
            case "Page.javascriptDialogOpening":
                _ = AnswerAsync(TextOf(data, "type"));
                break;
            case "Target.targetCreated"
                when _connection is { } connection && CreatedTarget(data) is var other && other != connection.Target:
                _ = CloseOtherAsync(connection, other);
                break;
            case "Target.targetDestroyed" when TextOf(data, "targetId") == _connection?.Target:
                _closed.TrySetResult();
                _tell(new PageEvent.Closed());
                break;
            case "Target.targetCrashed" when _connection is null || TextOf(data, "targetId") == _connection.Target:
                OnCrashed();
                break;
            case "Inspector.targetCrashed":
                OnCrashed();
                break;
            case "Browser.downloadWillBegin":
                _tell(new PageEvent.Asked(PageRequest.Download));
                break;
            case "Fetch.authRequired":
                _ = AuthenticateAsync(data);
                break;
            case "Fetch.requestPaused":
                _ = PassAsync(data);
                break;
            case "Page.windowOpen":
                _tell(new PageEvent.Asked(PageRequest.Window));
                break;
            default:
                Follow(method, data);
                break;
        }
    }

    private void Follow(string method, JsonElement data)
    {
        var before = _frame;
        var next = before.After(method, data);
        if (ReferenceEquals(next, before))
        {
            return;
        }
        lock (_lock)
        {
            _frame = next;
            var changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.SetResult();
        }

        if (next.Loader != before.Loader)
        {
            _tell(new PageEvent.Went());
        }
        else if (next.Address != before.Address)
        {
            _tell(new PageEvent.Moved());
        }
    }

    private async Task AnswerAsync(string type)
    {
        try
        {
            _tell(new PageEvent.Asked(PageRequest.Dialog));
            // Dismissing the question "Leave this page?" would keep the page from going to its next document.
            await Connection.AskPageAsync("Page.handleJavaScriptDialog", Answer, ("accept", type == "beforeunload"));
        }
        catch (Exception error) when (error is PuppeteerException or TimeoutException or InvalidOperationException)
        {
            _log.Debug("The dialog was gone: {0}", error.Message);
        }
    }

    private async Task CloseOtherAsync(BrowserConnection connection, string target)
    {
        try
        {
            _tell(new PageEvent.Asked(PageRequest.Window));
            await connection.AskBrowserAsync("Target.closeTarget", Answer, ("targetId", target));
        }
        catch (Exception error) when (error is PuppeteerException or TimeoutException)
        {
            _log.Debug("The other window was gone: {0}", error.Message);
        }
    }

    private static Uri NameOf(MainFrame frame, Uri address) =>
        Uri.TryCreate(frame.Address, UriKind.Absolute, out var shown) ? shown : address;

    private static string CreatedTarget(JsonElement data) =>
        data.TryGetProperty("targetInfo", out var target) ? TextOf(target, "targetId") : "";

    private static string TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";
}
