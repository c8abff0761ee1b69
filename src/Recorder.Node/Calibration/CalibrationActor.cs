using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Capacity;

namespace Recorder.Node.Calibration;

/// <summary>Shows the progress of a calibration.</summary>
internal interface ICalibrationDisplay
{
    /// <summary>A step is under way for a number of recordings.</summary>
    /// <param name="recordings">The number of recordings.</param>
    /// <param name="what">The step that is under way.</param>
    /// <param name="left">The time that the step still takes, or zero when that time is not known.</param>
    void Show(int recordings, string what, TimeSpan left);

    /// <summary>A number of recordings has been measured.</summary>
    void Show(int recordings, CpuMeasurement measured);
}

/// <summary>The outcome of a calibration.</summary>
/// <param name="Measurements">The measurements by the number of recordings; the idle host is first.</param>
/// <param name="Why">Why the calibration ended, as one sentence.</param>
/// <param name="Doubtful">The reason to doubt the measurements, as one sentence; null when there is none.</param>
/// <param name="Complete">True when the calibration reached the host's limit; false when it was told to end.</param>
internal sealed record CalibrationResult(
    ImmutableList<CpuMeasurement> Measurements,
    string Why,
    string? Doubtful,
    bool Complete
);

/// <summary>
/// Records 1, 2, 3 … real sessions of the built-in page at the same time, and measures their use of the host. This ends
/// when <see cref="CalibrationDecision"/> says that it is enough, or when a recording fails. The actor then ends all
/// recordings and completes its result.
/// </summary>
internal sealed class CalibrationActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(60);

    private readonly CalibrationSetting _setting;
    private readonly TaskCompletionSource<CalibrationResult> _result;
    private readonly HashSet<IActorRef> _ending = [];
    private ImmutableList<CpuMeasurement> _measurements = [];
    private ImmutableDictionary<int, CaptureStatistics> _captures = ImmutableDictionary<int, CaptureStatistics>.Empty;
    private CalibrationCounters? _from;
    private string? _doubtful;
    private IActorRef _gone = ActorRefs.Nobody;
    private int _recordings;

    /// <summary>Makes the actor; the calibration begins when the actor starts.</summary>
    /// <param name="setting">What the calibration needs.</param>
    /// <param name="result">Completed after every recording has ended.</param>
    public CalibrationActor(CalibrationSetting setting, TaskCompletionSource<CalibrationResult> result)
    {
        _setting = setting;
        _result = result;
        Receive<Wait>(wait =>
        {
            if (wait.Left <= TimeSpan.Zero)
            {
                wait.Then();
                return;
            }

            setting.Display.Show(_recordings, wait.What, wait.Left);
            Timers.StartSingleTimer(
                nameof(Wait),
                wait with
                {
                    Left = wait.Left - Second,
                },
                wait.Left < Second ? wait.Left : Second
            );
        });
        Receive<FirstFrameWritten>(_ => Self.Tell(new Wait("settling", CalibrationPlan.Settling, Begin)));
        Receive<RecordGrew>(grew =>
        {
            if (grew.Capture is { } capture)
            {
                _captures = _captures.SetItem(NumberOf(Sender), capture);
            }
        });
        Receive<MediaFailed>(failed =>
        {
            _gone = Sender;
            Failed(failed.Message);
        });
        Receive<WorkerLost>(lost => Failed(lost.Message));
        Receive<BrowserLost>(lost => Failed(lost.Message));
        Receive<Cancel>(_ => End("It was interrupted.", complete: false));
        Receive<Terminated>(terminated =>
        {
            _gone = terminated.ActorRef;
            Failed("It ended by itself.");
        });
        Receive<IMediaEvent>(_ => { });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _from = Count();
        Self.Tell(new Wait("measuring the idle host", CalibrationPlan.IdleTime, Measured));
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private static int NumberOf(IActorRef media) =>
        int.Parse(media.Path.Name, System.Globalization.CultureInfo.InvariantCulture);

    private void Begin()
    {
        _from = Count();
        Self.Tell(new Wait("measuring", _setting.Plan.Duration, Measured));
    }

    private void Measured()
    {
        var to = Count();
        var measured = CalibrationDecision.Measure(_from!, to, _setting.Facts, SessionCost.Of(_setting.Spec));
        _doubtful = CalibrationDecision.WhyDoubtful(_from!, to, _setting.Facts) ?? _doubtful;
        _measurements = _measurements.Add(measured);
        _setting.Display.Show(_recordings, measured);
        if (
            _recordings > 0
            && CalibrationDecision.WhyEnough(measured, _recordings, _setting.Plan, _setting.Facts, _setting.Options)
                is { } why
        )
        {
            End(why);
        }
        else
        {
            Next();
        }
    }

    private void Next()
    {
        _recordings++;
        _setting.Display.Show(_recordings, "starting", TimeSpan.Zero);
        var media = Context.ActorOf(
            _setting.Media.MediaOf(new SessionId(_recordings), _setting.Spec),
            _recordings.ToString(System.Globalization.CultureInfo.InvariantCulture)
        );
        Context.Watch(media);
        media.Tell(new BeginRecording(1, _setting.Spec, Path.Combine(_setting.RecordsFolder, $"{_recordings}.mp4")));
    }

    private CalibrationCounters Count() =>
        new(_setting.Host.Sample(), ProcessTree.Read("/proc", Environment.ProcessId), _captures);

    private void Failed(string message) => End($"With {_recordings} a recording failed: {message}");

    private void End(string why, bool complete = true)
    {
        Timers.CancelAll();
        _setting.Display.Show(_recordings, "ending", TimeSpan.Zero);
        Become(() =>
        {
            Receive<RecordFinished>(_ => Ended(Sender));
            Receive<RecordUnrecoverable>(_ => Ended(Sender));
            Receive<MediaFailed>(_ => Ended(Sender));
            Receive<Terminated>(gone => Ended(gone.ActorRef));
            Receive<EndLimitReached>(_ => Complete());
            ReceiveAny(_ => { });
        });
        Timers.StartSingleTimer(nameof(EndLimitReached), new EndLimitReached(), EndLimit);
        foreach (var media in Context.GetChildren().Where(media => !media.Equals(_gone)))
        {
            _ending.Add(media);
            media.Tell(new FinishRecording());
        }

        if (_ending.Count == 0)
        {
            Complete();
        }

        void Ended(IActorRef media)
        {
            if (_ending.Remove(media) && _ending.Count == 0)
            {
                Complete();
            }
        }

        void Complete()
        {
            _result.TrySetResult(new CalibrationResult(_measurements, why, _doubtful, complete));
            Context.Stop(Self);
        }
    }

    /// <summary>Ends the calibration early.</summary>
    public sealed record Cancel;

    /// <summary>A step that takes a while and is shown once a second.</summary>
    private sealed record Wait(string What, TimeSpan Left, Action Then);

    private sealed record EndLimitReached;
}

/// <summary>What a calibration needs.</summary>
/// <param name="Plan">What to calibrate.</param>
/// <param name="Spec">What to record.</param>
/// <param name="RecordsFolder">The folder of the records.</param>
/// <param name="Media">The media side.</param>
/// <param name="Host">Reads the host.</param>
/// <param name="Facts">The facts about the host.</param>
/// <param name="Options">The limits at which a host still holds a number of recordings.</param>
/// <param name="Display">Shows the progress.</param>
internal sealed record CalibrationSetting(
    CalibrationPlan Plan,
    PageSessionSpec Spec,
    string RecordsFolder,
    ISessionMedia Media,
    HostReader Host,
    HostFacts Facts,
    CapacityOptions Options,
    ICalibrationDisplay Display
);
