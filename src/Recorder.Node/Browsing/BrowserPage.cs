using Akka.Event;

using Microsoft.Playwright;

namespace Recorder.Node.Browsing;

/// <summary>How a page answered the question whether it is alive.</summary>
internal enum PageSign
{
    /// <summary>It answered.</summary>
    Alive,

    /// <summary>It did not answer within the limit.</summary>
    Silent,

    /// <summary>There is nothing to ask any more: the page, the browser or the driver is gone.</summary>
    Gone,
}

/// <summary>The one page of a session, seen through the driver. Dialogs are answered and other windows closed by themselves.</summary>
internal sealed class BrowserPage
{
    private const string TwoPaints = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))";

    private readonly IPage _page;
    private readonly ILoggingAdapter _log;

    private BrowserPage(IPage page, ILoggingAdapter log, Action crashed)
    {
        _page = page;
        _log = log;
        page.Crash += (_, _) => crashed();
        page.Dialog += (_, dialog) => _ = AnswerAsync(dialog);
        page.Context.Page += (_, other) => _ = CloseOtherAsync(other);
        page.Download += (_, download) => _ = CancelAsync(download);
    }

    /// <summary>Attaches to the page of a browser.</summary>
    /// <exception cref="PlaywrightException">The browser does not answer.</exception>
    /// <exception cref="TimeoutException">The browser does not answer in time.</exception>
    public static async Task<BrowserPage> AttachAsync(PlaywrightDriver driver, string devTools, TimeSpan limit, ILoggingAdapter log, Action crashed)
    {
        var browser = await driver.ConnectAsync(devTools, limit).ConfigureAwait(false);
        var context = browser.Contexts[0];
        var page = context.Pages.Count > 0 ? context.Pages[0] : await context.NewPageAsync().WaitAsync(limit).ConfigureAwait(false);
        // Refused by the browser itself, a download shows nothing; cancelled by us, it has shown its bubble before.
        var session = await browser.NewBrowserCDPSessionAsync().WaitAsync(limit).ConfigureAwait(false);
        await session.SendAsync("Browser.setDownloadBehavior", new Dictionary<string, object> { ["behavior"] = "deny" })
            .WaitAsync(limit).ConfigureAwait(false);
        // No security key is there, so what asks for one is refused without the dialog that would cover the page.
        var target = await context.NewCDPSessionAsync(page).WaitAsync(limit).ConfigureAwait(false);
        await target.SendAsync("WebAuthn.enable").WaitAsync(limit).ConfigureAwait(false);
        return new BrowserPage(page, log, crashed);
    }

    /// <summary>
    /// Shows an address: until its document is there, then for a while until everything it refers to is there too, since one hanging image must
    /// not keep a recording from beginning.
    /// </summary>
    /// <exception cref="PageFailedException">It did not load.</exception>
    /// <exception cref="TimeoutException">The driver did not even tell that the limit had passed.</exception>
    public async Task OpenAsync(Uri address, TimeSpan limit, TimeSpan settle)
    {
        // The limit is kept by the driver, which may itself stand still.
        var going = _page.GotoAsync(
            address.OriginalString, new PageGotoOptions { WaitUntil = WaitUntilState.DOMContentLoaded, Timeout = (float)limit.TotalMilliseconds });
        IResponse? response;
        try
        {
            response = await going.WaitAsync(limit + PlaywrightDriver.Answer).ConfigureAwait(false);
        }
        catch (TimeoutException) when (going.IsCompleted)
        {
            throw new PageFailedException(PageFailure.OfSilence(address, limit));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(PageFailure.OfDriver(address, limit + PlaywrightDriver.Answer));
        }
        catch (PlaywrightException error)
        {
            throw new PageFailedException(PageFailure.OfBrowser(address, error.Message));
        }

        if (response is not null && PageFailure.OfStatus(address, response.Status, response.StatusText) is { } failure)
            throw new PageFailedException(failure);
        await SettleAsync(settle).ConfigureAwait(false);
    }

    /// <summary>Asks the page whether it is alive.</summary>
    public async Task<PageSign> ProbeAsync(TimeSpan limit)
    {
        try
        {
            await _page.EvaluateAsync<int>("1").WaitAsync(limit).ConfigureAwait(false);
            return PageSign.Alive;
        }
        catch (TimeoutException)
        {
            return PageSign.Silent;
        }
        catch (PlaywrightException error) when (IsNavigation(error.Message))
        {
            return PageSign.Alive;
        }
        catch (PlaywrightException error)
        {
            _log.Debug("The page does not answer: {0}", error.Message);
            return PageSign.Gone;
        }
    }

    /// <summary>Whether an evaluation failed only because the page was going to another document, which takes life.</summary>
    public static bool IsNavigation(string message) =>
        message.Contains("Execution context was destroyed", StringComparison.Ordinal)
        || message.Contains("because of a navigation", StringComparison.Ordinal)
        || message.Contains("frame got detached", StringComparison.OrdinalIgnoreCase);

    private async Task SettleAsync(TimeSpan limit)
    {
        try
        {
            await _page.WaitForLoadStateAsync(LoadState.Load, new PageWaitForLoadStateOptions { Timeout = (float)limit.TotalMilliseconds })
                .WaitAsync(limit + PlaywrightDriver.Answer).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _log.Info("The page is still loading after {0} s; recording begins.", limit.TotalSeconds);
        }

        try
        {
            // Else the first pictures show the empty window.
            await _page.EvaluateAsync<int>(TwoPaints).WaitAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or PlaywrightException)
        {
            _log.Debug("The page has not painted yet: {0}", error.Message);
        }
    }

    private async Task AnswerAsync(IDialog dialog)
    {
        try
        {
            _log.Info("The page shows a dialog ({0}), which is dismissed.", dialog.Type);
            if (dialog.Type == DialogType.BeforeUnload)
                // Dismissing it would keep the page from going where it wants to go.
                await dialog.AcceptAsync().ConfigureAwait(false);
            else
                await dialog.DismissAsync().ConfigureAwait(false);
        }
        catch (PlaywrightException error)
        {
            _log.Debug("The dialog was gone: {0}", error.Message);
        }
    }

    private async Task CloseOtherAsync(IPage other)
    {
        try
        {
            _log.Info("The page opens another window, which is closed.");
            await other.CloseAsync().ConfigureAwait(false);
        }
        catch (PlaywrightException error)
        {
            _log.Debug("The other window was gone: {0}", error.Message);
        }
    }

    private async Task CancelAsync(IDownload download)
    {
        try
        {
            _log.Info("The page begins a download, which is cancelled.");
            await download.CancelAsync().ConfigureAwait(false);
        }
        catch (PlaywrightException error)
        {
            _log.Debug("The download was gone: {0}", error.Message);
        }
    }
}
