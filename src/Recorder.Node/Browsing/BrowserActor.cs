using Akka.Actor;
using Akka.Event;

using PuppeteerSharp;

using Recorder.Cluster.Sessions;
using Recorder.Node.Media;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>What a browser of a session needs.</summary>
internal sealed record BrowserSetup(
    ProcessLauncher Launcher,
    RunDirectory Run,
    BrowserHost Host,
    StartGate Gate,
    MediaOptions Options,
    TimeProvider Time,
    PageSessionSpec Spec,
    DisplayReady Display,
    string SoundServer);

/// <summary>
/// Owns the browser of a session. Tells its parent <see cref="PageLoaded"/> once the page is shown, or <see cref="PartFailed"/>. Later it
/// watches the page: a crash, a hang or a dead process is told as <see cref="BrowserLost"/>, and the browser is started anew for as long as
/// the session lasts, until <see cref="BrowserRestored"/>.
/// </summary>
internal sealed class BrowserActor : ReceiveActor, IWithTimers, IDisposable
{
    private readonly BrowserSetup _setup;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _ended = new();
    private LaunchedProcess? _process;
    private BrowserPage? _page;
    private bool _shown;
    private bool _lost;
    private bool _probing;
    private int _failures;
    private int _life;
    private int _profile;

    /// <summary>Makes the actor; it starts the browser when it starts.</summary>
    public BrowserActor(BrowserSetup setup)
    {
        _setup = setup;
        Receive<Launched>(launched => launched.Life == _life, Watch);
        Receive<Opened>(opened => opened.Life == _life, Shown);
        Receive<OpenFailed>(failed => failed.Life == _life, failed => Lose(failed.Code, failed.Message));
        Receive<Exited>(exited => exited.Life == _life, exited => Lose(FaultCode.BrowserFailed, $"The browser {exited.Exit.Description}. {exited.Exit.LogTail}"));
        Receive<Told>(told => told.Life == _life, told => Hear(told.Event));
        Receive<Probe>(_ => Ask());
        Receive<Probed>(probed => probed.Life == _life, Judge);
        Receive<Attached>(attached => attached.Life == _life, attached => _page = attached.Page);
        Receive<Retry>(_ => Launch());
        ReceiveAny(_ => { /* From an earlier life of the browser. */ });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan StartLimit => TimeSpan.FromSeconds(_setup.Options.StartLimitSeconds);

    private TimeSpan HeartbeatLimit => TimeSpan.FromSeconds(_setup.Options.HeartbeatLimitSeconds);

    /// <inheritdoc/>
    protected override void PreStart() => Launch();

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();

    /// <inheritdoc/>
    protected override void PostStop() => _ended.Cancel();

    private void Launch()
    {
        _life++;
        _process = null;
        _page = null;
        _probing = false;
        if (_life == 1 || BrowserRetry.FreshProfile(_failures))
            _profile = _life;
        var life = _life;
        // Whatever it fails with, it is told: a browser nobody hears of would never be started again.
        OpenAsync(life, _profile, Self, _ended.Token)
            .PipeTo(Self, failure: error => new OpenFailed(life, FaultCode.BrowserFailed, "The browser did not start: " + error.Message));
    }

    private async Task<object> OpenAsync(int life, int profile, IActorRef self, CancellationToken ended)
    {
        try
        {
            using var turn = await _setup.Gate.EnterAsync(ended).ConfigureAwait(false);
            var run = _setup.Run;
            var host = _setup.Host;
            var video = _setup.Spec.Video;
            var folder = BrowserProfile.Create(run, profile, _setup.Spec.Page, host.Network.Authorities);
            var setting = new BrowserSetting(
                video.Width, video.Height, folder, await host.SandboxedAsync().ConfigureAwait(false), BrowserHost.SmallSharedMemory)
            {
                Proxy = host.Network.Proxy,
            };
            var chromium = await ChromiumProcess.LaunchAsync(
                _setup.Launcher,
                run,
                host.Executable,
                BrowserArguments.For(setting),
                ChromiumProcess.EnvironmentOf(run, _setup.Display.Display, _setup.Display.AuthorityFile, _setup.SoundServer)).ConfigureAwait(false);
            self.Tell(new Launched(life, chromium), ActorRefs.NoSender);
            var page = await BrowserPage.AttachAsync(chromium, StartLimit, _log, told => self.Tell(new Told(life, told), ActorRefs.NoSender))
                .ConfigureAwait(false);
            var filled = BrowserWindow.FillAsync(_setup.Launcher, run, _setup.Display, video.Width, video.Height);
            self.Tell(new Attached(life, page), ActorRefs.NoSender);
            await filled.ConfigureAwait(false);

            // A page that is slow to answer must not keep other browsers from starting.
            turn.Dispose();
            _log.Debug("Browser of {0}: attached.", run.Path);
            await page.OpenAsync(
                _setup.Spec.Page, TimeSpan.FromSeconds(_setup.Options.PageLimitSeconds), TimeSpan.FromSeconds(_setup.Options.PageSettleSeconds))
                .ConfigureAwait(false);
            return new Opened(life);
        }
        catch (PageFailedException error)
        {
            return new OpenFailed(life, FaultCode.PageFailed, error.Message);
        }
        catch (Exception error) when (error is ProcessStartException or PuppeteerException or TimeoutException or IOException
            or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            return new OpenFailed(life, FaultCode.BrowserFailed, "The browser did not start: " + error.Message);
        }
    }

    private void Watch(Launched launched)
    {
        var life = launched.Life;
        _process = launched.Process;
        _process.Exited.PipeTo(Self, success: exit => new Exited(life, exit));
    }

    private void Shown(Opened opened)
    {
        _failures = 0;
        Timers.StartPeriodicTimer(nameof(Probe), Probe.Instance, TimeSpan.FromSeconds(_setup.Options.HeartbeatSeconds));
        if (!_shown)
        {
            _shown = true;
            Context.Parent.Tell(new PageLoaded());
        }
        else if (_lost)
        {
            _lost = false;
            _log.Info("Browser of {0}: shows the page again.", _setup.Run.Path);
            Context.Parent.Tell(new BrowserChanged(new BrowserRestored(_setup.Time.GetUtcNow())));
        }
    }

    private void Ask()
    {
        if (_page is not { } page || _probing || _lost)
            return;
        var life = _life;
        _probing = true;
        page.ProbeAsync(HeartbeatLimit).PipeTo(Self, success: sign => new Probed(life, sign), failure: _ => new Probed(life, PageSign.Gone));
    }

    private void Judge(Probed probed)
    {
        _probing = false;
        switch (probed.Sign)
        {
            case PageSign.Alive:
                return;
            case PageSign.Silent:
                Lose(FaultCode.BrowserFailed, FormattableString.Invariant($"The page did not answer for {HeartbeatLimit.TotalSeconds:0.#} s."));
                return;
            default:
                Lose(FaultCode.BrowserFailed, "The browser does not answer.");
                return;
        }
    }

    private void Hear(PageEvent happened)
    {
        switch (happened)
        {
            case PageEvent.Crashed:
                Lose(FaultCode.BrowserFailed, "The page crashed.");
                break;
            case PageEvent.Closed:
                Lose(FaultCode.BrowserFailed, "The page closed itself.");
                break;
            case PageEvent.Asked asked:
                _log.Info("The page of {0} asks for a {1}, which is refused.", _setup.Run.Path, asked.Request);
                break;
        }
    }

    private void Lose(string code, string message)
    {
        message = message.Trim();
        Timers.Cancel(nameof(Probe));
        _ = _process?.EndAsync();
        if (!_shown)
        {
            _setup.Run.LogFailure(_log, $"Browser of {_setup.Run.Path}: {message}");
            _life++;
            Context.Parent.Tell(new PartFailed(code, message));
            Context.Stop(Self);
            return;
        }

        _setup.Run.LogFailure(_log, $"Browser of {_setup.Run.Path} is lost and is started again: {message}");
        if (!_lost)
        {
            _lost = true;
            Context.Parent.Tell(new BrowserChanged(new BrowserLost(_setup.Time.GetUtcNow(), message)));
        }
        else
        {
            _failures++;
        }

        // What the lost browser still says belongs to an earlier life.
        _life++;
        Timers.StartSingleTimer(nameof(Retry), Retry.Instance, BrowserRetry.Pause(_failures));
    }

    private sealed record Launched(int Life, LaunchedProcess Process);

    private sealed record Attached(int Life, BrowserPage Page);

    private sealed record Opened(int Life);

    private sealed record OpenFailed(int Life, string Code, string Message) : IDeadLetterSuppression;

    private sealed record Exited(int Life, ProcessExit Exit) : IDeadLetterSuppression;

    private sealed record Told(int Life, PageEvent Event) : IDeadLetterSuppression;

    private sealed record Probed(int Life, PageSign Sign) : IDeadLetterSuppression;

    private sealed record Probe
    {
        public static Probe Instance { get; } = new();
    }

    private sealed record Retry
    {
        public static Retry Instance { get; } = new();
    }
}
