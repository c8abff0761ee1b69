using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;
using Recorder.Node.Processes;

namespace Recorder.Node.Displays;

/// <summary>
/// Owns the X server of a session. Tells its parent <see cref="DisplayReady"/> once the server takes clients at the
/// recording's rate and its windows are watched. Tells <see cref="PartFailed"/> when the server cannot start or is
/// gone. A window that was kept out of the picture is told as <see cref="PageTroubled"/>. The run directory ends the
/// process.
/// </summary>
internal sealed class DisplayActor : ReceiveActor, IWithTimers
{
    private readonly ProcessLauncher _launcher;
    private readonly RunDirectory _run;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly DisplayMode _mode;
    private readonly string _authority;
    private LaunchedProcess? _server;
    private string? _display;
    private int? _framebuffer;

    /// <summary>Makes the actor; the server starts when the actor starts.</summary>
    public DisplayActor(ProcessLauncher launcher, RunDirectory run, DisplayMode mode, TimeSpan limit, TimeProvider time)
    {
        _launcher = launcher;
        _run = run;
        _mode = mode;
        _authority = run.PathOf("xauthority");
        Receive<LaunchedProcess>(process =>
        {
            _server = process;
            process.Exited.PipeTo(Self);
        });
        Receive<ServerNumber>(said => Heard(() => _display = said.Display));
        Receive<ServerFramebuffer>(said => Heard(() => _framebuffer = said.Id));
        Receive<ModeSet>(_ =>
            Context.ActorOf(Props.Create(() => new WindowActor(_run, _display!, _authority, _mode)), "windows")
        );
        Receive<WindowsReady>(_ =>
        {
            Timers.Cancel(nameof(TimedOut));
            Context.Parent.Tell(new DisplayReady(_display!, _framebuffer!.Value, _authority));
        });
        Receive<WindowKept>(kept =>
            Context.Parent.Tell(
                new BrowserChanged(new PageTroubled(time.GetUtcNow(), kept.Message) { Code = FaultCode.WindowRefused })
            )
        );
        Receive<Status.Failure>(failure => Fail(failure.Cause.Message));
        Receive<ProcessExit>(exit => Fail($"Xvfb {exit.Description}. {exit.LogTail}"));
        Receive<TimedOut>(_ => Fail($"Xvfb did not take clients within {limit.TotalSeconds:0} s. {_server?.LogTail}"));
        Timers.StartSingleTimer(nameof(TimedOut), TimedOut.Instance, limit);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        var request = new ProcessRequest(ProcessRole.Display, "Xvfb", Arguments(_mode, _authority))
        {
            OnOutput = line => Tell(XvfbOutput.Display(line) is { } display ? new ServerNumber(display) : null),
            OnError = line => Tell(XvfbOutput.FramebufferId(line) is { } id ? new ServerFramebuffer(id) : null),
        };
        StartAsync().PipeTo(Self);

        async Task<LaunchedProcess> StartAsync()
        {
            _run.WriteFile(Path.GetFileName(_authority), XAuthority.Create());
            return await _launcher.StartAsync(request, _run);
        }

        void Tell(object? message)
        {
            if (message is not null)
            {
                self.Tell(message, ActorRefs.NoSender);
            }
        }
    }

    /// <summary>
    /// Arguments of Xvfb. The server chooses a free number and writes the number to its standard output. It keeps its
    /// picture in shared memory, opens no TCP port, asks for the cookie, and does not restart when its last client
    /// goes.
    /// </summary>
    public static ImmutableArray<string> Arguments(DisplayMode mode, string authority) =>
        [
            "-displayfd",
            "1",
            "-screen",
            "0",
            string.Create(CultureInfo.InvariantCulture, $"{mode.Width}x{mode.Height}x24"),
            "-shmem",
            "-auth",
            authority,
            "-nolisten",
            "tcp",
            "-noreset",
            "-nocursor",
            "-s",
            "0",
            "-dpms",
        ];

    private void Heard(Action note)
    {
        note();
        if (_display is { } display && _framebuffer is { } framebuffer)
        {
            SetUpAsync(display, framebuffer).PipeTo(Self);
        }
    }

    private async Task<ModeSet> SetUpAsync(string display, int framebuffer)
    {
        await _launcher.NarrowAsync(framebuffer, _run.User);

        // Linux lets others attach a marked segment by its id for as long as somebody is attached, and removes the
        // segment after the last detaches. Nothing is left in the system, even when the server is killed.
        var marked = ToolProcess.RunAsync(
            _launcher,
            _run,
            "ipcrm",
            ["-m", framebuffer.ToString(CultureInfo.InvariantCulture)]
        );
        var environment = ProcessEnvironment.Minimal.SetItem("DISPLAY", display).SetItem("XAUTHORITY", _authority);
        foreach (var call in _mode.RandrCalls)
        {
            await ToolProcess.RunAsync(_launcher, _run, "xrandr", call, environment);
        }
        var listing = await ToolProcess.RunAsync(_launcher, _run, "xrandr", [], environment);
        await marked;
        return _mode.IsSetIn(listing)
            ? ModeSet.Instance
            : throw new ProcessStartException($"Xvfb did not take the mode {_mode.Name}; xrandr says: {listing}");
    }

    private void Fail(string message)
    {
        _run.LogFailure(_log, $"Display of {_run.Path}: {message}");
        Context.Parent.Tell(new PartFailed(FaultCode.DisplayFailed, "The display server failed: " + message.Trim()));
        Context.Stop(Self);
    }

    private sealed record ServerNumber(string Display);

    private sealed record ServerFramebuffer(int Id);

    private sealed record ModeSet
    {
        public static ModeSet Instance { get; } = new();
    }

    private sealed record TimedOut
    {
        public static TimedOut Instance { get; } = new();
    }
}
