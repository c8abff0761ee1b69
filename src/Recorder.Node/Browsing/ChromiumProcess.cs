using System.Collections.Immutable;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>Starts Chromium.</summary>
internal static class ChromiumProcess
{
    /// <summary>The browser's home and its folder for temporary files. The name is short, because Chromium puts a
    /// socket below this folder; see <see cref="RunRoot.LongestPath"/>.</summary>
    public const string Home = "t";

    /// <summary>Starts Chromium, which takes commands over its pipes some tenths of a second later.</summary>
    /// <exception cref="ProcessStartException">Chromium is missing.</exception>
    public static Task<LaunchedProcess> LaunchAsync(
        ProcessLauncher launcher,
        RunDirectory run,
        string executable,
        ImmutableArray<string> arguments,
        ImmutableDictionary<string, string> environment
    ) =>
        launcher.StartAsync(
            new ProcessRequest(ProcessRole.Browser, executable, arguments)
            {
                Environment = environment,
                SpokenWithByPipes = true,
                // The profile is thrown away, so Chromium has nothing to clean up.
                Grace = TimeSpan.Zero,
            },
            run
        );

    /// <summary>The environment of a browser: its display, its sound, and a home of its own in the run
    /// directory.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="display">The display.</param>
    /// <param name="authority">The display's cookie.</param>
    /// <param name="sound">The sound server.</param>
    /// <param name="timeZone">The time zone by its IANA name; null: the node's own.</param>
    public static ImmutableDictionary<string, string> EnvironmentOf(
        RunDirectory run,
        string display,
        string authority,
        string sound,
        string? timeZone
    )
    {
        var home = run.CreateFolder(Home);
        var minimal = timeZone is null
            ? ProcessEnvironment.Minimal
            : ProcessEnvironment.Minimal.SetItem("TZ", timeZone);
        return minimal
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
