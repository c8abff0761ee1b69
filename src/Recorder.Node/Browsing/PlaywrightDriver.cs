using System.Diagnostics;

using Microsoft.Playwright;

namespace Recorder.Node.Browsing;

/// <summary>
/// The one Playwright driver of this node: a process of about 130 MB that speaks DevTools with every browser. It only looks at browsers
/// that live by themselves, so its death costs no session: the next call starts another, and pages attach again.
/// </summary>
internal sealed class PlaywrightDriver(ILogger<PlaywrightDriver> log) : IAsyncDisposable
{
    /// <summary>How long a living driver may take to answer.</summary>
    public static TimeSpan Answer { get; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a driver may take to start. Every session waits for it, so one that hangs must not be waited for.</summary>
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _gate = new(1);
    private IPlaywright? _current;
    private bool _disposed;

    /// <summary>Starts the driver ahead of the first session.</summary>
    public async Task WarmAsync() => await CurrentAsync(instead: null).ConfigureAwait(false);

    /// <summary>Attaches to a browser by the address of its DevTools.</summary>
    /// <exception cref="PlaywrightException">The browser does not answer.</exception>
    /// <exception cref="TimeoutException">The browser does not answer in time, or the driver does not start.</exception>
    public async Task<IBrowser> ConnectAsync(string devTools, TimeSpan limit)
    {
        var playwright = await CurrentAsync(instead: null).ConfigureAwait(false);
        try
        {
            return await ConnectAsync(playwright, devTools, limit).ConfigureAwait(false);
        }
        catch (Exception error) when (error is PlaywrightException or TimeoutException)
        {
            if (await AnswersAsync(playwright).ConfigureAwait(false))
                throw;
            log.LogWarning("The Playwright driver does not answer and is replaced: {Reason}", error.Message);
            playwright = await CurrentAsync(instead: playwright).ConfigureAwait(false);
            return await ConnectAsync(playwright, devTools, limit).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            _current?.Dispose();
            _current = null;
        }
        finally
        {
            _gate.Release();
        }
    }

    private static async Task<IBrowser> ConnectAsync(IPlaywright playwright, string devTools, TimeSpan limit) =>
        await playwright.Chromium
            .ConnectOverCDPAsync(devTools, new BrowserTypeConnectOverCDPOptions { Timeout = (float)limit.TotalMilliseconds })
            .WaitAsync(limit + Answer).ConfigureAwait(false);

    private static async Task<bool> AnswersAsync(IPlaywright playwright)
    {
        try
        {
            var context = await playwright.APIRequest.NewContextAsync().WaitAsync(Answer).ConfigureAwait(false);
            await context.DisposeAsync().AsTask().WaitAsync(Answer).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is PlaywrightException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The driver; a new one when there is none, or when the present one is the one to be replaced.</summary>
    private async Task<IPlaywright> CurrentAsync(IPlaywright? instead)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_current is not null && !ReferenceEquals(_current, instead))
                return _current;
            Discard(_current);
            _current = null;
            var began = Stopwatch.GetTimestamp();
            _current = await Playwright.CreateAsync().WaitAsync(Start).ConfigureAwait(false);
            log.LogDebug("The Playwright driver is up after {Milliseconds:0} ms.", Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            return _current;
        }
        finally
        {
            _gate.Release();
        }
    }

    private void Discard(IPlaywright? driver)
    {
        try
        {
            driver?.Dispose();
        }
        catch (Exception error) when (error is PlaywrightException or IOException or InvalidOperationException)
        {
            log.LogDebug("Leaving the dead driver: {Reason}", error.Message);
        }
    }
}
