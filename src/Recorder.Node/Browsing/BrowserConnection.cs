using System.Text.Json;
using PuppeteerSharp;
using PuppeteerSharp.Transport;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>
/// The DevTools connection to one browser, over two pipes that no other process has. There is no port. Of
/// PuppeteerSharp, only the connection and its sessions are used. Its page objects would switch on events that nobody
/// here listens to: console, log, network, every frame's contexts. A page can send such events without end.
/// </summary>
internal sealed class BrowserConnection
{
    private readonly ICDPSession _browser;

    private BrowserConnection(ICDPSession browser, ICDPSession page, string target)
    {
        _browser = browser;
        Page = page;
        Target = target;
    }

    /// <summary>The browser's one page.</summary>
    public ICDPSession Page { get; }

    /// <summary>The id of the page as a target, which is also the id of the page's main frame.</summary>
    public string Target { get; }

    /// <summary>Connects and attaches to the page, and switches on only the page's <c>Page</c> domain.</summary>
    /// <param name="process">The browser.</param>
    /// <param name="limit">How long the connection may take.</param>
    /// <param name="heard">Called for each event of the browser's targets and of the page, one after the other, from no
    /// particular thread. Must not throw.</param>
    /// <exception cref="ProcessStartException">The browser exited, or did not take commands within the
    /// limit.</exception>
    public static async Task<BrowserConnection> OpenAsync(
        LaunchedProcess process,
        TimeSpan limit,
        Action<string, JsonElement> heard
    )
    {
        try
        {
            var opening = OpenAsync(process, (int)limit.TotalMilliseconds, heard);
            await Task.WhenAny(opening, process.Exited).WaitAsync(limit);
            if (!process.Exited.IsCompleted)
            {
                return await opening;
            }
        }
        catch (Exception error) when (error is TimeoutException || error.InnerException is TimeoutException)
        {
            throw new ProcessStartException(
                $"Chromium did not take commands within {limit.TotalSeconds:0.#} s. {process.LogTail}",
                error
            );
        }
        catch (Exception error)
            when (error
                    is PuppeteerException
                        or ProcessException
                        or JsonException
                        or InvalidOperationException
                        or NullReferenceException
                        or KeyNotFoundException
            )
        {
            // The browser's pipes close a moment before its exit is known.
            await Task.WhenAny(process.Exited, Task.Delay(TimeSpan.FromSeconds(1)));
            if (!process.Exited.IsCompleted)
            {
                throw new ProcessStartException(
                    $"Chromium refused to be attached to: {(error.InnerException ?? error).Message}. {process.LogTail}",
                    error
                );
            }
        }

        var exit = await process.Exited;
        throw new ProcessStartException($"Chromium {exit.Description}. {exit.LogTail}");
    }

    /// <summary>Sends a command to the browser itself, which answers even when its page does not.</summary>
    /// <exception cref="TimeoutException">The browser did not answer within the limit.</exception>
    /// <exception cref="PuppeteerException">The browser refused the command, or is gone.</exception>
    public Task<JsonElement> AskBrowserAsync(
        string method,
        TimeSpan limit,
        params ReadOnlySpan<(string Name, object Value)> arguments
    ) => AskAsync(_browser, method, limit, arguments);

    /// <summary>Sends a command to the page.</summary>
    /// <inheritdoc cref="AskBrowserAsync"/>
    public Task<JsonElement> AskPageAsync(
        string method,
        TimeSpan limit,
        params ReadOnlySpan<(string Name, object Value)> arguments
    ) => AskAsync(Page, method, limit, arguments);

    /// <summary>Sends a command to the page without waiting for the answer.</summary>
    /// <exception cref="PuppeteerException">The page is gone.</exception>
    public Task SendToPageAsync(string method) => Page.SendAsync(method, waitForCallback: false);

    private static Task<JsonElement> AskAsync(
        ICDPSession session,
        string method,
        TimeSpan limit,
        params ReadOnlySpan<(string Name, object Value)> arguments
    )
    {
        var named = new Dictionary<string, object>(arguments.Length);
        foreach (var (name, value) in arguments)
        {
            named.Add(name, value);
        }
        return AnswerAsync();

        async Task<JsonElement> AnswerAsync() =>
            await session.SendAsync(
                method,
                named,
                options: new CommandOptions { Timeout = (int)limit.TotalMilliseconds }
            ) ?? default;
    }

    private static async Task<BrowserConnection> OpenAsync(
        LaunchedProcess process,
        int limit,
        Action<string, JsonElement> heard
    )
    {
        var connected = await Puppeteer.ConnectAsync(
            new ConnectOptions
            {
                // The address only has to be well-formed; the transport ignores the address.
                BrowserWSEndpoint = "ws://pipe/",
                TransportFactory = (_, _, _) =>
                {
                    var transport = new PipeTransport(process.PipeToIt, process.PipeFromIt);
                    transport.Start();
                    return Task.FromResult<IConnectionTransport>(transport);
                },
                ProtocolTimeout = limit,
                DefaultViewport = null,
                NetworkEnabled = false,
                IssuesEnabled = false,
                TargetFilter = _ => false,
            }
        );
        var browser = await connected.CreateCDPSessionAsync();
        var pageThere = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var attached = new TaskCompletionSource<ICDPSession>(TaskCreationOptions.RunContinuationsAsynchronously);
        browser.MessageReceived += (_, message) =>
        {
            // The browser may take commands before the browser has a window.
            if (message.MessageID == "Target.targetCreated")
            {
                pageThere.TrySetResult(
                    message.MessageData.GetProperty("targetInfo").GetProperty("targetId").GetString()!
                );
            }
            heard(message.MessageID, message.MessageData);
        };
        browser.SessionAttached += (_, session) =>
        {
            // This runs before the session's first command, so no event is missed.
            if (session.Session is ICDPSession page && attached.TrySetResult(page))
            {
                page.MessageReceived += (_, message) => heard(message.MessageID, message.MessageData);
            }
        };
        var time = TimeSpan.FromMilliseconds(limit);

        // A download that the browser itself refuses shows nothing. A download that we cancel would show its bubble
        // first.
        await AskAsync(browser, "Browser.setDownloadBehavior", time, ("behavior", "deny"), ("eventsEnabled", true));
        await AskAsync(
            browser,
            "Target.setDiscoverTargets",
            time,
            ("discover", true),
            ("filter", new[] { new Dictionary<string, object> { ["type"] = "page" } })
        );
        var target = await pageThere.Task;
        await AskAsync(browser, "Target.attachToTarget", time, ("targetId", target), ("flatten", true));
        var page = await attached.Task;

        // This reports a renderer that died earlier. Such a renderer never answers a command.
        await page.SendAsync("Inspector.enable", waitForCallback: false);
        await AskAsync(page, "Page.enable", time);
        return new BrowserConnection(browser, page, target);
    }
}
