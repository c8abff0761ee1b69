using Recorder.Cluster.Pictures;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Node.Gateway;
using Recorder.Node.Parts;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>The facts about this host that matter for a browser; each fact is found out once in a node's
/// life.</summary>
internal sealed class BrowserHost(
    ProcessLauncher launcher,
    RunRoot root,
    string executableOption,
    BrowserNetwork network,
    GatewayRoad road,
    ILogger<BrowserHost> log,
    SandboxUse sandbox = SandboxUse.Preferred
)
{
    /// <summary>Debian's binary itself comes first, because Debian's wrapper script adds switches and takes
    /// time.</summary>
    private static readonly string[] Executables =
    [
        "/usr/lib/chromium/chromium",
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
    ];

    /// <summary>The program by which Chromium makes a sandbox without user namespaces. The program lies beside
    /// Chromium, belongs to root and is setuid.</summary>
    private const string SandboxHelper = "chrome-sandbox";

    /// <summary>Chromium wants some hundreds of MB in /dev/shm for a large page.</summary>
    private const long EnoughSharedMemory = 1L << 30;

    /// <summary>What a person can do so that a host, or a container, allows the sandbox.</summary>
    private const string WayOut =
        "In a container, run it with the seccomp profile deploy/seccomp/recorder.json (docker run --security-opt seccomp=…). On a host, allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns) or install chromium-sandbox.";

    private readonly Lock _lock = new();
    private Task<bool>? _sandboxed;

    /// <summary>How browsers reach pages.</summary>
    public BrowserNetwork Network => network;

    /// <summary>The way of the browsers' gateways to servers.</summary>
    public GatewayRoad Road => road;

    /// <summary>Where pictures of pages go that could not be entered; null: nowhere.</summary>
    public JoinPictureBook? Pictures { get; init; }

    /// <summary>The secrets that the settings of pages name.</summary>
    public SecretFiles Secrets { get; init; } = SecretFiles.None;

    /// <summary>The processes of this host, read once for all browsers.</summary>
    public SharedProcesses Processes { get; } = new("/proc", TimeProvider.System);

    /// <summary>Whether /dev/shm is too small; a container has 64 MB unless configured otherwise.</summary>
    public static bool SmallSharedMemory
    {
        get
        {
            try
            {
                return new DriveInfo("/dev/shm").TotalSize < EnoughSharedMemory;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return true;
            }
        }
    }

    /// <summary>The browser's executable.</summary>
    /// <exception cref="ProcessStartException">No browser is installed.</exception>
    public string Executable
    {
        get
        {
            if (executableOption.Length > 0)
            {
                return ProgramPath.Resolve(executableOption);
            }
            foreach (var candidate in Executables)
            {
                if (ProgramPath.Find(candidate) is { } path)
                {
                    return path;
                }
            }

            throw new ProcessStartException(
                "No Chromium is installed. Run deploy/install-dependencies, or name the browser by Media:BrowserExecutable."
            );
        }
    }

    /// <summary>Whether browsers run in Chromium's sandbox. The sandbox must be wanted, and must work here for the
    /// browsers' user.</summary>
    /// <exception cref="ProcessStartException">The sandbox is required and does not work here.</exception>
    public Task<bool> SandboxedAsync()
    {
        lock (_lock)
        {
            return _sandboxed ??= ProbeAsync();
        }
    }

    private async Task<bool> ProbeAsync()
    {
        if (sandbox == SandboxUse.Off)
        {
            log.LogWarning(
                "Browsers run without Chromium's sandbox, since Media:Sandbox is Off: a page that takes its browser over has the rights of the browsers' user."
            );
            return false;
        }

        var run = root.Create(new SessionId(0), "probe");
        try
        {
            // Chromium's sandbox starts in the same way: with a user namespace in which the browser may make further
            // namespaces.
            await ToolProcess.RunAsync(
                launcher,
                run,
                "unshare",
                ["--user", "--map-root-user", "--pid", "--fork", "true"]
            );
            log.LogInformation("Browsers run in Chromium's sandbox.");
            return true;
        }
        catch (ProcessStartException error)
        {
            if (await HelperWorksAsync(run))
            {
                log.LogInformation(
                    "Browsers run in Chromium's sandbox, by its setuid helper, since this host allows no user namespaces."
                );
                return true;
            }

            var reason =
                $"this host allows no user namespaces and Chromium's setuid helper does not work: {error.Message.TrimEnd('.', '\n')}.";
            if (sandbox == SandboxUse.Required)
            {
                throw new ProcessStartException(
                    $"Media:Sandbox requires Chromium's sandbox, and {reason} {WayOut} Where pages are trusted, Media:Sandbox Preferred runs browsers without it."
                );
            }

            log.LogWarning(
                "Browsers run without Chromium's sandbox, since {Reason} A page that takes its browser over has the rights of the browsers' user. {WayOut}",
                reason,
                WayOut
            );
            return false;
        }
        finally
        {
            await run.CloseAsync();
        }
    }

    /// <summary>Whether a browser without a display starts with the setuid helper. A helper with all rights still fails
    /// in a container, or where new privileges are denied.</summary>
    private async Task<bool> HelperWorksAsync(RunDirectory run)
    {
        try
        {
            var executable = Executable;
            var helper = Path.Combine(Path.GetDirectoryName(executable)!, SandboxHelper);
            if (!File.Exists(helper) || !File.GetUnixFileMode(helper).HasFlag(UnixFileMode.SetUser))
            {
                return false;
            }
            var home = run.CreateFolder("t");
            await ToolProcess.RunAsync(
                launcher,
                run,
                executable,
                [
                    "--headless",
                    "--disable-gpu",
                    "--no-first-run",
                    "--disable-breakpad",
                    $"--user-data-dir={home}",
                    "--dump-dom",
                    "about:blank",
                ],
                ProcessEnvironment
                    .Minimal.SetItem("HOME", home)
                    .SetItem("TMPDIR", home)
                    .SetItem("XDG_RUNTIME_DIR", home)
            );
            return true;
        }
        catch (Exception error) when (error is ProcessStartException or IOException or UnauthorizedAccessException)
        {
            log.LogDebug("Chromium does not start by its setuid helper: {Reason}", error.Message);
            return false;
        }
    }
}
