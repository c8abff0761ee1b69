using System.Data.Common;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using PuppeteerSharp;
using Recorder.Cluster.Pictures;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Gateway;
using Recorder.Node.Parts;
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
    string SoundServer
)
{
    /// <summary>Whether the page was recorded before, so that its beginning is awaited for a short time only.</summary>
    public bool Rejoins { get; init; }

    /// <summary>Whether the record begins whatever the page shows.</summary>
    public bool Anyway { get; init; }

    /// <summary>The rules by which the session ends.</summary>
    public EndRules End { get; init; } = EndRules.None;
}

/// <summary>To the browser: how many different pictures the worker has seen on the display since the worker's first
/// picture.</summary>
internal sealed record PicturesSeen(long Count);

/// <summary>To the browser: the record has its last frame. The browser lets the page say good-bye, and answers
/// <see cref="PageLeft"/>.</summary>
internal sealed record LeavePage
{
    /// <summary>The message.</summary>
    public static LeavePage Instance { get; } = new();
}

/// <summary>The page has said good-bye, or there is no page.</summary>
internal sealed record PageLeft : IDeadLetterSuppression
{
    /// <summary>The message.</summary>
    public static PageLeft Instance { get; } = new();
}

/// <summary>
/// Owns the browser of a session. Tells its parent <see cref="PageLoaded"/> once the page is shown, or
/// <see cref="PartFailed"/>. The actor then watches the page. It tells a crash, a hang or a dead process as
/// <see cref="BrowserLost"/>. For as long as the session lasts, the browser is started anew, until
/// <see cref="BrowserRestored"/>. Other trouble with the page is told as <see cref="PageTroubled"/>. A browser that
/// passes <see cref="PageBounds"/> is ended, which is told as <see cref="PartFailed"/>, and is not started again.
/// </summary>
internal sealed partial class BrowserActor : ReceiveActor, IWithTimers, IDisposable
{
    /// <summary>How long a page may take to say good-bye.</summary>
    public static TimeSpan LeaveLimit { get; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a browser whose page is closed may take to send the page's last messages.</summary>
    private static readonly TimeSpan LastWordLimit = TimeSpan.FromSeconds(0.3);

    /// <summary>The shortest time between two reports of the same trouble, because a page may change to and fro without
    /// end.</summary>
    private static readonly TimeSpan TroublePause = TimeSpan.FromMinutes(1);

    /// <summary>How long the farm's database may take to keep a picture.</summary>
    private static readonly TimeSpan PictureLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long a browser may take to exit after its pipes have closed.</summary>
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(2);

    private BrowserSetup _setup;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _ended = new();
    private readonly PageBounds _bounds;
    private readonly PageScale _scale;
    private PageGateway? _gateway;
    private LaunchedProcess? _process;
    private BrowserPage? _page;
    private bool _shown;
    private bool _lost;
    private bool _probing;
    private bool _weighing;
    private PageWatch _watch;
    private RefusedRequests _refused = RefusedRequests.None;
    private DateTimeOffset? _busyToldAt;
    private DateTimeOffset? _keptToldAt;
    private DateTimeOffset? _astrayToldAt;
    private int _failures;
    private int _life;
    private int _profile;

    /// <summary>Makes the actor; the browser starts when the actor starts.</summary>
    public BrowserActor(BrowserSetup setup)
    {
        _setup = setup;
        _bounds = PageBounds.Of(setup.Options);
        _scale = new PageScale(setup.Host.Processes, setup.Run, _bounds, setup.Time);
        _watch = NewWatch();
        Receive<Launched>(launched => launched.Life == _life, Watch);
        Receive<Opened>(opened => opened.Life == _life, Shown);
        Receive<OpenFailed>(failed => failed.Life == _life, failed => Lose(failed.Code, failed.Message));
        Receive<Exited>(exited => exited.Life == _life, exited => Lose(FaultCode.BrowserFailed, Ended(exited.Exit)));
        Receive<Told>(told => told.Life == _life, told => Hear(told.Event));
        Receive<Probe>(_ => Ask());
        Receive<Probed>(probed => probed.Life == _life, Judge);
        Receive<Weigh>(_ => ReadUse());
        Receive<Weighed>(Judge);
        Receive<Attached>(attached => attached.Life == _life, attached => _page = attached.Page);
        Receive<Retry>(_ => Launch());
        Receive<PicturesSeen>(seen => _watch = _watch.Seeing(seen.Count, Now));
        Receive<Wrong>(wrong => wrong.Life == _life, wrong => Trouble(wrong.Message, ref _astrayToldAt));
        Receive<LeavePage>(_ => Leave());
        HearThePage();
        HearTheEnd();
        ReceiveAny(_ =>
        { /* From an earlier life of the browser. */
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan StartLimit => _setup.Options.StartLimit;

    private TimeSpan HeartbeatLimit => _setup.Options.HeartbeatLimit;

    private TimeSpan ProbeLimit =>
        _setup.Options.HeartbeatInterval < HeartbeatLimit ? _setup.Options.HeartbeatInterval : HeartbeatLimit;

    private DateTimeOffset Now => _setup.Time.GetUtcNow();

    /// <inheritdoc/>
    protected override void PreStart() => Launch();

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _ended.Cancel();
        TellRefused(atTheEnd: true);
        TellKept(atTheEnd: true);
        _gateway?.Dispose();
    }

    private PageWatch NewWatch() => new(HeartbeatLimit, _setup.Options.HangLimit);

    private static string Ended(ProcessExit exit) => $"The browser {exit.Description}. {exit.LogTail}";

    private void Launch()
    {
        _life++;
        _process = null;
        _page = null;
        _probing = false;
        _watch = NewWatch();
        if (_life == 1 || BrowserRetry.FreshProfile(_failures))
        {
            _profile = _life;
        }
        var life = _life;
        try
        {
            _gateway ??= PageGateway.Open(_setup.Host.Road);
        }
        catch (SocketException error)
        {
            Self.Tell(
                new OpenFailed(
                    life,
                    FaultCode.BrowserFailed,
                    $"The browser's gateway could not be opened on {PageGateway.Address}: {error.Message}"
                )
            );
            return;
        }
        // Every failure is reported, because a browser whose failure stays unknown would never be started again.
        OpenAsync(life, _profile, _gateway, Self, _ended.Token)
            .PipeTo(
                Self,
                failure: error => new OpenFailed(
                    life,
                    FaultCode.BrowserFailed,
                    "The browser did not start: " + error.Message
                )
            );
    }

    private async Task<object> OpenAsync(
        int life,
        int profile,
        PageGateway gateway,
        IActorRef self,
        CancellationToken ended
    )
    {
        LaunchedProcess? chromium = null;
        BrowserPage? page = null;
        try
        {
            using var turn = await _setup.Gate.EnterAsync(ended);
            var run = _setup.Run;
            var host = _setup.Host;
            var video = _setup.Spec.Video;
            var prepared = await PagePreparation.ReadAsync(
                _setup.Spec.Page,
                _setup.Spec.Settings,
                host.Secrets,
                ended
            );
            var settings = prepared.Settings;
            var folder = BrowserProfile.Create(
                run,
                profile,
                prepared.Page,
                prepared.Credentials is not null,
                host.Network.Authorities
            );
            var setting = new BrowserSetting(
                video.Width,
                video.Height,
                folder,
                await host.SandboxedAsync(),
                BrowserHost.SmallSharedMemory
            )
            {
                Road = [.. gateway.Arguments],
                MayClose = _setup.End.Page.Contains(EndPageWord.Closed),
                LocalPeers = _setup.Spec.LocalPeers,
                PeerUdp = host.Network.PeerUdp,
                Scale = settings.Scale ?? 1,
                OfPage =
                [
                    .. FakeDevices.Make(run, settings.Devices),
                    .. await UntrustedHosts.SwitchAsync(host.Road, settings.IgnoreTlsErrorsFor, ended),
                ],
            };
            chromium = await ChromiumProcess.LaunchAsync(
                _setup.Launcher,
                run,
                host.Executable,
                BrowserArguments.For(setting),
                ChromiumProcess.EnvironmentOf(
                    run,
                    _setup.Display.Display,
                    _setup.Display.AuthorityFile,
                    _setup.SoundServer,
                    settings.TimeZone
                )
            );
            self.Tell(new Launched(life, chromium), ActorRefs.NoSender);
            page = await BrowserPage.AttachAsync(
                chromium,
                StartLimit,
                gateway.Troubles,
                _log,
                told => self.Tell(new Told(life, told), ActorRefs.NoSender),
                hearsWords: true
            );
            self.Tell(new Attached(life, page), ActorRefs.NoSender);

            await page.PrepareAsync(prepared, StartLimit);

            // The turn ends here, so that a slow page does not keep other browsers from starting.
            turn.Dispose();
            _log.Debug("Browser of {0}: attached.", run.Path);
            await page.OpenAsync(prepared.Address, _setup.Options.PageLimit, _setup.Options.PageSettleLimit);
            await page.DoStepsAsync(
                _setup.Options.PageLimit,
                told => _log.Info("Browser of {0}: {1} The step is optional.", run.Path, told),
                ended
            );
            await TryLayOutAsync(page, run.Path);
            return new Opened(life) { ScriptFailure = await page.FailureOfScriptAsync(ProbeLimit) };
        }
        catch (JoinFailedException error)
        {
            return new OpenFailed(life, FaultCode.JoinFailed, await WithPictureAsync(page, error.Message, ended));
        }
        catch (PageFailedException error)
        {
            return new OpenFailed(life, FaultCode.PageFailed, error.Message);
        }
        catch (Exception error) when (chromium is not null && error is TargetClosedException or NullReferenceException)
        {
            // The pipe is closed; the library reports that with either exception. The browser's exit follows a moment
            // later and tells more.
            await Task.WhenAny(chromium!.Exited, Task.Delay(ExitLimit, CancellationToken.None));
            return new OpenFailed(
                life,
                FaultCode.BrowserFailed,
                chromium.Exited.IsCompleted ? Ended(await chromium.Exited) : "The browser's page is gone."
            );
        }
        catch (Exception error)
            when (error
                    is ProcessStartException
                        or PuppeteerException
                        or TimeoutException
                        or IOException
                        or OperationCanceledException
                        or ObjectDisposedException
                        or InvalidOperationException
            )
        {
            return new OpenFailed(life, FaultCode.BrowserFailed, "The browser did not start: " + error.Message);
        }
    }

    /// <summary>Keeps a picture of a page that could not be entered. Returns the message, with the way to the
    /// picture.</summary>
    private async Task<string> WithPictureAsync(BrowserPage? page, string message, CancellationToken ended)
    {
        if (page is null || _setup.Host.Pictures is not { } book || _setup.Run.Session is not { } session)
        {
            return message;
        }
        try
        {
            var video = _setup.Spec.Video;
            if (await page.PictureAsync(video.Width, video.Height) is not { } jpeg)
            {
                return message;
            }
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ended);
            limit.CancelAfter(PictureLimit);
            await book.PutAsync(session, new JoinPicture(jpeg, Now), limit.Token);
            return $"{message} What the page showed: /api/sessions/{session}/join.jpg";
        }
        catch (Exception error)
            when (error
                    is PuppeteerException
                        or TimeoutException
                        or DbException
                        or OperationCanceledException
                        or InvalidOperationException
                        or NullReferenceException
                        or ObjectDisposedException
            )
        {
            _log.Warning("Browser of {0}: no picture of the page is kept: {1}", _setup.Run.Path, error.Message);
            return message;
        }
    }

    private void Watch(Launched launched)
    {
        var life = launched.Life;
        _process = launched.Process;
        _process.Exited.PipeTo(Self, success: exit => new Exited(life, exit));
        if (_bounds.Any)
        {
            Timers.StartPeriodicTimer(nameof(Weigh), Weigh.Instance, _scale.UntilNext, PageBounds.Interval);
        }
    }

    private void ReadUse()
    {
        if (_weighing || _process is not { } process || process.Exited.IsCompleted)
        {
            return;
        }
        var life = _life;
        _weighing = true;
        _scale
            .WeighAsync(process.Id)
            .PipeTo(
                Self,
                success: tooLarge => new Weighed(life, tooLarge),
                failure: _ => new Weighed(life, null)
            );
    }

    private void Judge(Weighed weighed)
    {
        _weighing = false;
        if (weighed.Life == _life && weighed.TooLarge is { } reason)
        {
            EndTooLarge(reason);
        }
    }

    private void EndTooLarge(string reason)
    {
        // The page would do the same in a new browser, so the session ends.
        _log.Warning("Browser of {0} is ended: {1}", _setup.Run.Path, reason);
        Timers.CancelAll();
        _ = _process?.EndAsync();
        _life++;
        _page = null;
        Context.Parent.Tell(new PartFailed(FaultCode.PageTooLarge, reason));
    }

    private void Shown(Opened opened)
    {
        if (opened.ScriptFailure is { } failure)
        {
            TellFailed("The script of page", "the page goes on without its rest", failure);
        }
        _failures = 0;
        Timers.StartPeriodicTimer(nameof(Probe), Probe.Instance, _setup.Options.HeartbeatInterval);
        if (!_shown)
        {
            _shown = true;
            Context.Parent.Tell(new PageLoaded());
        }
        else if (_lost)
        {
            _lost = false;
            _returning = true;
        }
        WatchPage();
        AwaitEntrance();
    }

    private void Ask()
    {
        TellKept();
        if (_page is not { } page || _probing || _lost)
        {
            return;
        }
        var life = _life;
        _probing = true;
        var asked = Now;
        page.ProbeAsync(ProbeLimit)
            .PipeTo(
                Self,
                success: sign => new Probed(life, sign, asked),
                failure: _ => new Probed(life, PageSign.Gone, asked)
            );
    }

    private void Judge(Probed probed)
    {
        _probing = false;
        if (probed.Sign == PageSign.Gone)
        {
            Lose(FaultCode.BrowserFailed, "The browser does not answer.");
            return;
        }

        var before = _watch;
        _watch = before.Hearing(probed.Sign, probed.Asked, Now);
        switch (_watch.Verdict(before, Now))
        {
            case PageVerdict.Busy:
                Trouble(
                    FormattableString.Invariant(
                        $"The page has not answered for {HeartbeatLimit.TotalSeconds:0.#} s, since its script is busy. It is recorded as it is."
                    ),
                    ref _busyToldAt
                );
                break;
            case PageVerdict.BrowserHangs:
                Lose(
                    FaultCode.BrowserFailed,
                    FormattableString.Invariant($"The browser did not answer for {HeartbeatLimit.TotalSeconds:0.#} s.")
                );
                break;
            case PageVerdict.PageHangs:
                Lose(
                    FaultCode.BrowserFailed,
                    FormattableString.Invariant(
                        $"The page did not answer for {(Now - _watch.OwesSince!.Value).TotalSeconds:0} s."
                    )
                );
                break;
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
                Say(EndReason.Closed, holds: true);
                Lose(FaultCode.PageFailed, "The page closed itself.");
                break;
            case PageEvent.Asked asked:
                _refused = _refused.With(asked.Request);
                TellRefused();
                break;
            case PageEvent.DialogsCounted counted:
                _refused = _refused.WithDialogs(counted.Count);
                TellRefused();
                break;
            case PageEvent.Went when _page is { } page && _shown && !_lost:
                var life = _life;
                page.WhyWrongAsync()
                    .PipeTo(Self, success: why => new Wrong(life, why), failure: _ => new Wrong(life, null));
                Went(page.Address);
                break;
            case PageEvent.Moved when _page is { } page && _shown && !_lost:
                Moved(page.Address);
                break;
        }
    }

    private void TellRefused(bool atTheEnd = false)
    {
        (_refused, var sentence) = _refused.Tell(Now, atTheEnd);
        if (sentence is not null)
        {
            _log.Info("Browser of {0}: {1}", _setup.Run.Path, sentence);
        }
    }

    /// <summary>Tells at most once a minute how often the gateway refused the page a connection.</summary>
    private void TellKept(bool atTheEnd = false)
    {
        if ((!atTheEnd && Now - _keptToldAt < TroublePause) || _gateway?.Troubles.TakeRefused() is not { } sentence)
        {
            return;
        }
        _keptToldAt = Now;
        _log.Info("Browser of {0}: {1}", _setup.Run.Path, sentence);
    }

    private void Trouble(string? message, ref DateTimeOffset? toldAt)
    {
        if (message is null || Now - toldAt < TroublePause)
        {
            return;
        }
        toldAt = Now;
        _log.Warning("Browser of {0}: {1}", _setup.Run.Path, message);
        Context.Parent.Tell(new BrowserChanged(new PageTroubled(Now, message)));
    }

    private static async Task LeaveAsync(BrowserPage page, LaunchedProcess? process)
    {
        await page.LeaveAsync(LeaveLimit);

        // The page's last messages are still on their way. The browser ends by itself, because it has no other page.
        if (process is not null)
        {
            await Task.WhenAny(process.Exited, Task.Delay(LastWordLimit));
        }
    }

    private void Leave()
    {
        Timers.CancelAll();

        // From now on, the end of the page or of the browser is no loss.
        _life++;
        if (_page is { } page)
        {
            LeaveAsync(page, _process)
                .PipeTo(Sender, success: () => PageLeft.Instance, failure: _ => PageLeft.Instance);
        }
        else
        {
            Sender.Tell(PageLeft.Instance);
        }
    }

    private void Lose(string code, string message)
    {
        if (_scale.WhyEnded() is { } tooLarge)
        {
            EndTooLarge(tooLarge);
            return;
        }
        message = message.Trim();
        Timers.Cancel(nameof(Probe));
        _ = _process?.EndAsync();
        if (!_shown)
        {
            _setup.Run.LogFailure(_log, $"Browser of {_setup.Run.Path}: {message}");
            _life++;
            _page = null;
            Context.Parent.Tell(new PartFailed(code, message));
            return;
        }

        _setup.Run.LogFailure(_log, $"Browser of {_setup.Run.Path} is lost and is started again: {message}");
        Timers.Cancel(nameof(WaitDue));
        Timers.Cancel(nameof(RejoinLimitPassed));
        if (_returning)
        {
            (_lost, _returning) = (true, false);
            _failures++;
        }
        else if (!_lost)
        {
            _lost = true;
            Context.Parent.Tell(new BrowserChanged(new BrowserLost(Now, message)));
        }
        else
        {
            _failures++;
        }

        // Later messages of the lost browser belong to an earlier life.
        _life++;
        Timers.StartSingleTimer(nameof(Retry), Retry.Instance, BrowserRetry.Pause(_failures));
    }

    private sealed record Launched(int Life, LaunchedProcess Process);

    private sealed record Attached(int Life, BrowserPage Page);

    private sealed record Opened(int Life)
    {
        /// <summary>What the caller's script has thrown; null: nothing.</summary>
        public string? ScriptFailure { get; init; }
    }

    private sealed record OpenFailed(int Life, string Code, string Message) : IDeadLetterSuppression;

    private sealed record Exited(int Life, ProcessExit Exit) : IDeadLetterSuppression;

    private sealed record Told(int Life, PageEvent Event) : IDeadLetterSuppression;

    private sealed record Wrong(int Life, string? Message) : IDeadLetterSuppression;

    private sealed record Probed(int Life, PageSign Sign, DateTimeOffset Asked) : IDeadLetterSuppression;

    private sealed record Weighed(int Life, string? TooLarge) : IDeadLetterSuppression;

    private sealed record Weigh
    {
        public static Weigh Instance { get; } = new();
    }

    private sealed record Probe
    {
        public static Probe Instance { get; } = new();
    }

    private sealed record Retry
    {
        public static Retry Instance { get; } = new();
    }
}
