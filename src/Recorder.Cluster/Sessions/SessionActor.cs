using System.Collections.Immutable;

using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Akka.Persistence;

using Recorder.Cluster.Placement;

namespace Recorder.Cluster.Sessions;

/// <summary>What every session of a node shares.</summary>
/// <param name="Media">The media side.</param>
/// <param name="Placement">The placement singleton, or its proxy.</param>
/// <param name="Options">Limits and intervals.</param>
/// <param name="Clock">The node's clock.</param>
/// <param name="Node">The node's cluster address.</param>
internal sealed record SessionSurroundings(ISessionMedia Media, IActorRef Placement, SessionOptions Options, TimeProvider Clock, string Node);

/// <summary>The sharding stop message: finalise what is being written, stay resumable, and stop.</summary>
internal sealed record LeaveNode
{
    public static readonly LeaveNode Instance = new();
}

/// <summary>
/// One recording session, from start to stop. It hears commands from the edge and events of its media child, lets
/// <see cref="SessionDecisions"/> turn them into events, persists these, and then does what <see cref="SessionWork"/> finds
/// to be done. Answers leave after the write, once the farm's list has the news, so that a status asked right after agrees.
/// </summary>
internal sealed class SessionActor : ReceivePersistentActor, IWithTimers
{
    private readonly SessionSurroundings _surroundings;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<IActorRef> _starters = [];
    private readonly List<IActorRef> _stoppers = [];
    private SessionState _state;
    private MediaStanding _standing = new();
    private IActorRef _media = ActorRefs.Nobody;
    private int _mediaCount;
    private int _retries;
    private long _reportVersion;
    private bool _reported = true;
    private bool _leaving;
    private DateTimeOffset _confirmed;

    public SessionActor(SessionId id, SessionSurroundings surroundings)
    {
        _surroundings = surroundings;
        _state = new SessionState(id);
        PersistenceId = $"session-{id}";

        Recover<ISessionEvent>(happened => _state = _state.Apply(happened));

        Command<StartSession>(OnStart);
        Command<StopSession>(OnStop);
        Command<ResumeSession>(OnResume);
        Command<IMediaEvent>(OnMediaEvent, heard => Sender.Equals(_media));
        Command<IMediaEvent>(_ => { });
        Command<Terminated>(OnMediaTerminated);
        Command<ReportAccepted>(OnReportAccepted);
        Command<StartLimitPassed>(_ => Decide(SessionDecisions.StartLimitPassed(_state, surroundings.Options.StartLimit, Now())));
        Command<RetryDue>(_ => Decide(SessionDecisions.Retry(_state, Now())));
        Command<ReportDue>(_ => Report());
        Command<ReportLimitPassed>(_ => Answer());
        Command<LeaveNode>(_ =>
        {
            _leaving = true;
            Timers.Cancel(nameof(RetryDue));
            Decide(SessionDecisions.LeaveNode(_state, Now()));
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId { get; }

    public static Props PropsFor(SessionId id, SessionSurroundings surroundings) => Props.Create(() => new SessionActor(id, surroundings));

    /// <summary>Whether this incarnation already acts for the session, or will by itself.</summary>
    private bool Alive => !_media.IsNobody() || Timers.IsTimerActive(nameof(RetryDue));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        _log.Error(cause, "Session {0} could not write event {1} ({2}) to the journal and stops here.", _state.Id, sequenceNr, @event.GetType().Name);

    private void OnStart(StartSession start)
    {
        if (_state.Phase is SessionPhase.New or SessionPhase.Starting)
        {
            _starters.Add(Sender);
            Timers.StartSingleTimer(nameof(StartLimitPassed), new StartLimitPassed(), _surroundings.Options.StartLimit);
            Decide(SessionDecisions.Start(_state, start.Spec, Now()));
        }
        else if (_state.EverRecorded)
        {
            Sender.Tell(new SessionRecords(_state.Id));
        }
        else
        {
            _starters.Add(Sender);
            Continue();
        }
    }

    private void OnStop(StopSession stop)
    {
        if (_state.Phase == SessionPhase.New)
        {
            Sender.Tell(new StopFailed(stop.Id, FaultCode.NoSuchSession, $"There is no session {stop.Id}."));
            return;
        }

        // A stop may be the first that is heard of a session whose node went away: what it left is then repaired first.
        var settle = Alive ? [] : SessionDecisions.Resume(_state, _state.Spec!, TimeSpan.Zero, Now());
        if (!settle.IsEmpty)
        {
            Decide(settle);
            Self.Forward(stop);
            return;
        }

        _stoppers.Add(Sender);
        Decide(SessionDecisions.Stop(_state, Now()));
    }

    private void OnResume(ResumeSession resume)
    {
        if (Alive || _leaving) Report();
        else Decide(SessionDecisions.Resume(_state, resume.Spec, _surroundings.Options.ResumeWindow, Now()));
    }

    private void OnMediaEvent(IMediaEvent heard)
    {
        var now = Now();
        switch (heard)
        {
            case RecordGrew when now.At - _confirmed < _surroundings.Options.EvidenceInterval:
                return;
            case RecordGrew or FirstFrameWritten:
                _confirmed = now.At;
                _retries = 0;
                break;
            case WorkerLost:
                _standing = _standing with { Writing = null, Finishing = false };
                break;
            case MediaFailed:
                DropMedia();
                break;
        }

        Decide(SessionDecisions.Hear(_state, heard, now));
    }

    private void OnMediaTerminated(Terminated terminated)
    {
        if (!terminated.ActorRef.Equals(_media)) return;
        _media = ActorRefs.Nobody;
        _standing = new MediaStanding();
        var gone = new MediaFailed(FaultCode.PipelineFailed, $"The media side of session {_state.Id} ended unexpectedly.");
        Decide(SessionDecisions.Hear(_state, gone, Now()));
    }

    /// <summary>
    /// Persists what was decided, applies it, and goes on. Called at most once for each message, since the state moves on
    /// only when the write is done.
    /// </summary>
    private void Decide(ImmutableList<ISessionEvent> decided)
    {
        if (decided.IsEmpty)
        {
            Continue();
            return;
        }

        var remaining = decided.Count;
        PersistAll(decided, happened =>
        {
            _state = _state.Apply(happened);
            Tell(happened);
            if (happened is not RecordConfirmed) _reported = false;
            if (--remaining == 0) Continue();
        });
    }

    /// <summary>Does what is to be done in the state that has been reached. May be called at any time.</summary>
    private void Continue()
    {
        if (_state.Spec is null) return;
        var done = SessionDecisions.EndWhenDone(_state, Now());
        if (!done.IsEmpty)
        {
            Decide(done);
            return;
        }

        Command();
        if (_state.Phase != SessionPhase.Starting) Timers.Cancel(nameof(StartLimitPassed));
        if (_state is { Phase: SessionPhase.Resuming, Current: null, Outcome: null } && !_leaving && !Timers.IsTimerActive(nameof(RetryDue)))
        {
            Timers.StartSingleTimer(nameof(RetryDue), new RetryDue(), RetryDelay(_surroundings.Options, _retries++));
        }

        if (_state.Ended && !_media.IsNobody())
        {
            Context.Stop(_media);
            return;
        }

        if (!_reported) Report();
        else Answer();
        if (!_leaving || _standing.Writing == _state.Current && _state.Current is not null) return;
        Timers.Cancel(nameof(ReportLimitPassed));
        Answer();
        Context.Stop(Self);
    }

    private void Command()
    {
        var (commands, standing) = SessionWork.Next(_state, _standing, _leaving);
        _standing = standing;
        if (commands.IsEmpty) return;
        if (_media.IsNobody())
        {
            _media = Context.ActorOf(_surroundings.Media.MediaOf(_state.Id), $"media-{++_mediaCount}");
            Context.Watch(_media);
        }

        foreach (var command in commands) _media.Tell(command);
    }

    private void DropMedia()
    {
        Context.Unwatch(_media);
        Context.Stop(_media);
        _media = ActorRefs.Nobody;
        _standing = new MediaStanding();
    }

    /// <summary>Tells the farm's list, again and again until it has answered; while the session runs it also shows that it is alive.</summary>
    private void Report()
    {
        if (_state.Spec is null) return;
        if (!_reported)
        {
            _reported = true;
            _reportVersion = LastSequenceNr;
            Timers.StartSingleTimer(nameof(ReportLimitPassed), new ReportLimitPassed(), _surroundings.Options.ReportLimit);
        }

        _surroundings.Placement.Tell(new ReportSession(_state.Summarise(), LastSequenceNr));
        Timers.StartSingleTimer(nameof(ReportDue), new ReportDue(), TimeSpan.FromSeconds(2));
    }

    private void OnReportAccepted(ReportAccepted accepted)
    {
        if (accepted.Version < _reportVersion || !_reported) return;
        Timers.Cancel(nameof(ReportLimitPassed));
        Answer();
        if (_state.Ended) Context.Parent.Tell(new Passivate(PoisonPill.Instance));
        else Timers.StartSingleTimer(nameof(ReportDue), new ReportDue(), TimeSpan.FromSeconds(10));
    }

    /// <summary>Answers whoever waits for a phase that has been reached.</summary>
    private void Answer()
    {
        if (Timers.IsTimerActive(nameof(ReportLimitPassed))) return;
        if (_state.EverRecorded) AnswerAll(_starters, new SessionRecords(_state.Id));
        if (!_state.Ended || !_media.IsNobody()) return;
        var outcome = _state.Outcome;
        AnswerAll(_starters, new StartFailed(
            _state.Id, outcome?.Code ?? FaultCode.Unavailable, outcome?.Message ?? $"Session {_state.Id} ended before it recorded."));
        AnswerAll(_stoppers, new StopDone(_state.Id));
    }

    private static void AnswerAll(List<IActorRef> waiting, object reply)
    {
        foreach (var asker in waiting) asker.Tell(reply);
        waiting.Clear();
    }

    private void Tell(ISessionEvent happened)
    {
        switch (happened)
        {
            case FaultMet fault:
                _log.Warning("Session {0}: {1}: {2}", _state.Id, fault.Code, fault.Message);
                break;
            case RecordConfirmed:
                _log.Debug("Session {0}: {1}", _state.Id, happened);
                break;
            case SessionAccepted accepted when accepted.Spec is PageSessionSpec page:
                _log.Info("Session {0}: accepted, page of {1}, {2}x{3} at {4}", _state.Id, page.Page.Host, page.Video.Width, page.Video.Height, page.Video.Framerate);
                break;
            default:
                _log.Info("Session {0}: {1}", _state.Id, happened);
                break;
        }
    }

    private Moment Now() => new(_surroundings.Clock.GetUtcNow(), _surroundings.Node, _surroundings.Media.RecordsFolder);

    private static TimeSpan RetryDelay(SessionOptions options, int retries)
    {
        var delay = options.RetryDelay * Math.Pow(2, Math.Min(retries, 16));
        return delay < options.RetryDelayLimit ? delay : options.RetryDelayLimit;
    }

    private sealed record StartLimitPassed;

    private sealed record RetryDue;

    private sealed record ReportDue;

    private sealed record ReportLimitPassed;
}
