using System.Text.Json;
using Akka.Event;
using PuppeteerSharp;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>How a page answered the question whether it is alive.</summary>
internal enum PageSign
{
    /// <summary>It answered.</summary>
    Alive,

    /// <summary>It did not answer within the limit. The browser answers.</summary>
    Busy,

    /// <summary>Neither it nor the browser answered within the limit.</summary>
    Silent,

    /// <summary>There is nothing to ask any more: the page or the browser is gone.</summary>
    Gone,
}

/// <summary>The one page of a session. Dialogs are answered, downloads refused and other windows closed by
/// themselves.</summary>
internal sealed class BrowserPage
{
    /// <summary>How long a living browser may take to answer what costs it nothing.</summary>
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    /// <summary>How long a question waits for its answer at all: a page may stand still for hours, and the question is
    /// asked once.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>How long a page that has been shown may take to say what it shows now.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(2);

    private const string Blank = "about:blank";

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILoggingAdapter _log;
    private readonly Action<PageEvent> _tell;
    private BrowserConnection? _connection;
    private MainFrame _frame = new("");
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<JsonElement>? _asked;
    private Task<JsonElement>? _browserAsked;

    private BrowserPage(ILoggingAdapter log, Action<PageEvent> tell)
    {
        _log = log;
        _tell = tell;
    }

    private BrowserConnection Connection =>
        _connection ?? throw new InvalidOperationException("The page is not attached to yet.");

    /// <summary>Attaches to the page of a browser that has just been started.</summary>
    /// <param name="process">The browser.</param>
    /// <param name="limit">How long this may take.</param>
    /// <param name="log">The log.</param>
    /// <param name="tell">Is told what happens to the page, from no particular thread.</param>
    /// <exception cref="ProcessStartException">The browser exited, or did not take commands within the
    /// limit.</exception>
    public static async Task<BrowserPage> AttachAsync(
        LaunchedProcess process,
        TimeSpan limit,
        ILoggingAdapter log,
        Action<PageEvent> tell
    )
    {
        var page = new BrowserPage(log, tell);
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

            // No security key is there, so what asks for one is refused without the dialog that would cover the page.
            await page._connection.AskPageAsync("WebAuthn.enable", limit);

            // The pointer that every display has points at nothing; and the page has the focus, as the one that a
            // person looks at.
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
    /// Shows an address: until its server has answered, then for a while until everything the document refers to is
    /// there too, since one hanging image or script must not keep a recording from beginning.
    /// </summary>
    /// <exception cref="PageFailedException">It did not load, or gave way to a page that did not.</exception>
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

        // By now a script may have sent it elsewhere. One that is busy is no failure any more: the page was there.
        await JudgeAsync(address, new Deadline(SecondLook));
    }

    /// <summary>Asks the page whether it is alive. To be called again only after it has answered.</summary>
    public async Task<PageSign> ProbeAsync(TimeSpan limit)
    {
        try
        {
            // A question that is not answered yet is not asked again: a page that stands still for an hour would be
            // left with a thousand.
            _asked ??= EvaluateAsync(PageScripts.CountDialogs, Longest);
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

    /// <summary>Whether an evaluation failed only because the page was going to another document, which takes
    /// life.</summary>
    public static bool IsNavigation(string message) =>
        message.Contains("Execution context was destroyed", StringComparison.OrdinalIgnoreCase)
        || message.Contains("Cannot find default execution context", StringComparison.OrdinalIgnoreCase)
        || message.Contains("Inspected target navigated", StringComparison.OrdinalIgnoreCase)
        || message.Contains("Promise was collected", StringComparison.OrdinalIgnoreCase);

    /// <summary>Why what is shown now is not what anybody wants to record, a sentence; null: nothing is wrong with it,
    /// or it does not say.</summary>
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
    /// Closes the page as a user does: its <c>pagehide</c> and <c>unload</c> run, and its connections are closed.
    /// Throws nothing: a page that is gone has nothing to say.
    /// </summary>
    /// <param name="limit">How long that may take.</param>
    public async Task LeaveAsync(TimeSpan limit)
    {
        try
        {
            // Not answered by every browser: the page that would answer is going.
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
            var answer = await Connection.AskPageAsync("Page.navigate", until.Left, ("url", address.OriginalString));
            if (TextOf(answer, "errorText") is { Length: > 0 } error && !PageFailure.IsOfStatus(error))
            {
                var download =
                    answer.TryGetProperty("isDownload", out var value) && value.ValueKind == JsonValueKind.True;
                throw new PageFailedException(
                    download ? PageFailure.OfDownload(address) : PageFailure.OfBrowser(address, error)
                );
            }

            // The answer has come; the document takes the place of the empty one a moment later.
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

    /// <summary>Throws when what is shown is no page. Tells whether it answered.</summary>
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
                // It has gone to another document meanwhile, which takes life. Some do so without end.
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

    /// <summary>Throws when a frame shows what is no page.</summary>
    private async Task WhyFailedAsync(MainFrame frame, Uri address, Deadline until)
    {
        var status = await EvaluateAsync(PageScripts.Status, until.Left);
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
            throw new PageFailedException(PageFailure.OfBrowser(NameOf(frame, address), await ErrorWordAsync()));
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
                // Else the first pictures show the empty window.
                await EvaluateAsync(PageScripts.TwoPaints, TimeSpan.FromSeconds(1), awaitPromise: true);
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
            var word = await EvaluateAsync(PageScripts.ErrorWord, Answer, awaitPromise: true);
            return word.ValueKind == JsonValueKind.String && word.GetString() is { Length: > 0 } text
                ? "net::" + text
                : "";
        }
        catch (Exception error) when (error is TimeoutException or PuppeteerException)
        {
            return "";
        }
    }

    /// <summary>Tells a browser that stands still from a page that does.</summary>
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

    /// <summary>Evaluates in the page's own world, without the user's gesture that would let it open windows.</summary>
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
                _tell(new PageEvent.Crashed());
                break;
            case "Inspector.targetCrashed":
                _tell(new PageEvent.Crashed());
                break;
            case "Browser.downloadWillBegin":
                _tell(new PageEvent.Asked(PageRequest.Download));
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
    }

    private async Task AnswerAsync(string type)
    {
        try
        {
            _tell(new PageEvent.Asked(PageRequest.Dialog));
            // To dismiss the question whether to leave would keep the page from going where it wants to go.
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
