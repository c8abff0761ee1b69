using System.Collections.Immutable;

using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>A running Chromium and the address of its DevTools.</summary>
/// <param name="Process">Its main process.</param>
/// <param name="DevTools">Address of its DevTools endpoint, <c>ws://127.0.0.1:port/…</c>.</param>
internal sealed record ChromiumProcess(LaunchedProcess Process, string DevTools)
{
    private const string Announcement = "DevTools listening on ";

    /// <summary>The endpoint that a line of Chromium's standard error announces; null when it is another line.</summary>
    public static string? DevToolsOf(string line) =>
        line.StartsWith(Announcement, StringComparison.Ordinal) ? line[Announcement.Length..].Trim() : null;

    /// <summary>Starts Chromium and waits until it takes commands.</summary>
    /// <exception cref="ProcessStartException">It is missing, exited, or said nothing within the limit.</exception>
    public static async Task<ChromiumProcess> LaunchAsync(
        ProcessLauncher launcher,
        RunDirectory run,
        string executable,
        ImmutableArray<string> arguments,
        ImmutableDictionary<string, string> environment,
        TimeSpan limit)
    {
        var announced = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = await launcher.StartAsync(
            new ProcessRequest(ProcessRole.Browser, executable, arguments)
            {
                Environment = environment,
                // Its profile is thrown away, so it has nothing to put in order.
                Grace = TimeSpan.Zero,
                OnError = line =>
                {
                    if (DevToolsOf(line) is { } endpoint)
                        announced.TrySetResult(endpoint);
                },
            },
            run).ConfigureAwait(false);
        try
        {
            var first = await Task.WhenAny(announced.Task, process.Exited).WaitAsync(limit).ConfigureAwait(false);
            if (first == announced.Task)
                return new ChromiumProcess(process, await announced.Task.ConfigureAwait(false));
            var exit = await process.Exited.ConfigureAwait(false);
            throw new ProcessStartException($"Chromium {exit.Description}. {exit.LogTail}");
        }
        catch (TimeoutException error)
        {
            process.Kill();
            throw new ProcessStartException($"Chromium did not take commands within {limit.TotalSeconds:0} s. {process.LogTail}", error);
        }
    }

    /// <summary>The environment of a browser: its display, its sound, and a home of its own in the run directory.</summary>
    public static ImmutableDictionary<string, string> EnvironmentOf(RunDirectory run, string display, string authority, string sound)
    {
        // A short name: Chromium puts a socket below it, see RunRoot.LongestPath.
        var home = run.CreateFolder("t");
        return ProcessEnvironment.Minimal
            .SetItem("DISPLAY", display)
            .SetItem("XAUTHORITY", authority)
            .SetItem("PULSE_SERVER", sound)
            .SetItem("PATH", BrowserPrograms.Create(run))
            .SetItem("HOME", home)
            .SetItem("XDG_RUNTIME_DIR", home)
            .SetItem("TMPDIR", home)
            .SetItem("DBUS_SESSION_BUS_ADDRESS", "disabled:")
            .SetItem("DBUS_SYSTEM_BUS_ADDRESS", "disabled:");
    }
}
