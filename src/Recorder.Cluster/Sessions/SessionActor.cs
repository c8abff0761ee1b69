using System.Collections.Immutable;

using Akka.Actor;
using Akka.Event;
using Akka.Persistence;

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
/// <remarks>
/// While a write is under way every other message waits, so each is heard in the state that the one before it has reached.
/// The other half of this class, <c>SessionActor.Reporting.cs</c>, tells the farm's list and answers the askers.
/// </remarks>
internal sealed partial class SessionActor : ReceivePersistentActor, IWithTimers
{
    /// <summary>A media side that does nothing but repair and still dies this often will not do better.</summary>
    private const int RepairDeathsBorne = 3;

    private readonly SessionSurroundings _surroundings;
    private SessionState _state;
    private MediaStanding _standing = new();
    private IActorRef _media = ActorRefs.Nobody;
    private int _mediaCount;
    private int _repairDeaths;
    private int _retries;
    private long _confirmed;
    private bool _leaving;

    public SessionActor(SessionId id, SessionSurroundings surroundings)
    {
        _surroundings = surroundings;
        _state = new SessionState(id);
        PersistenceId = $"session-{id}";

        Recover<ISessionEvent>(Take);

        Command<StartSession>(OnStart);
        Command<StopSession>(OnStop);
        Command<ResumeSession>(OnResume);
        Command<IMediaEvent>(OnMediaEvent, _ => Sender.Equals(_media));

        // What an earlier child still had to say is of a media set that is gone.
        Command<IMediaEvent>(_ => { });
        Command<Terminated>(OnMediaTerminated, ended => ended.ActorRef.Equals(_media));
        Command<Terminated>(_ => { });
        Command<StartLimitPassed>(_ => Decide(SessionDecisions.StartLimitPassed(_state, Options.StartLimit, Now())));
        Command<RetryDue>(_ => Decide(SessionDecisions.Retry(_state, Options.ResumeWindow, Now())));
        Command<LeaveNode>(_ => OnLeaveNode());
        HearTheList();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId { get; }

    private SessionOptions Options => _surroundings.Options;

    /// <summary>Whether this incarnation already acts for the session, or will by itself.</summary>
    private bool Alive => !_media.IsNobody() || Timers.IsTimerActive(nameof(RetryDue));

    public static Props PropsFor(SessionId id, SessionSurroundings surroundings) => Props.Create(() => new SessionActor(id, surroundings));

    // A media child that throws is replaced by the session's own rules, not by a restart that keeps its half-told story.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Log.Error(cause, "Session {0} could not write event {1} ({2}) to the journal and stops here.", _state.Id, sequenceNr, @event.GetType().Name);

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Log.Error(cause, "The journal refused event {1} ({2}) of session {0}, which stops here.", _state.Id, sequenceNr, @event.GetType().Name);
        Context.Stop(Self);
    }

    protected override void PostStop()
    {
        AnswerAsStopped();
        base.PostStop();
    }

    private void OnStart(StartSession start)
    {
        if (_state.Started)
        {
            Sender.Tell(new SessionRecords(_state.Id));
            return;
        }

        _starters.Add(Sender);
        if (_state.Phase == SessionPhase.New)
        {
            Timers.StartSingleTimer(nameof(StartLimitPassed), new StartLimitPassed(), Options.StartLimit);
            Decide(SessionDecisions.Start(_state, start.Spec, Now()));
        }
        else
        {
            // The start was told again: to the incarnation that is at it, or to one that finds it half done.
            Decide(Alive ? [] : SessionDecisions.Settle(_state, Now()));
        }
    }

    private void OnStop(StopSession stop)
    {
        if (_state.Phase == SessionPhase.New)
        {
            Sender.Tell(new StopFailed(stop.Id, FaultCode.NoSuchSession, $"There is no session {stop.Id}."));
            return;
        }

        _stoppers.Add(Sender);
        var decided = SessionDecisions.Stop(_state, Alive, Now());

        // Whoever stops a session that waits for its next try must not wait with it.
        if (_repairDeaths == 0) Timers.Cancel(nameof(RetryDue));
        Decide(decided);
    }

    private void OnResume(ResumeSession resume)
    {
        if (Alive || _leaving || _state.Ended) Report();
        else Decide(SessionDecisions.Resume(_state, resume.Spec, Options.ResumeWindow, Now()));
    }

    private void OnLeaveNode()
    {
        _leaving = true;
        Timers.Cancel(nameof(RetryDue));
        Decide(SessionDecisions.LeaveNode(_state, Now()));
    }

    private void OnMediaEvent(IMediaEvent heard)
    {
        switch (heard)
        {
            case FirstFrameWritten:
                _confirmed = _surroundings.Clock.GetTimestamp();
                break;
            case RecordGrew when _surroundings.Clock.GetElapsedTime(_confirmed) < Options.EvidenceInterval:
                return;
            case RecordGrew:
                // Only a record that lasts shows that the trouble is over: one that dies right after its first frame is tried with patience.
                _confirmed = _surroundings.Clock.GetTimestamp();
                _retries = 0;
                break;
            case WorkerLost lost when lost.RecordPath == _standing.Writing:
                _standing = _standing with { Writing = null, Finishing = false };
                break;
            case MediaFailed failed:
                Context.Unwatch(_media);
                Context.Stop(_media);
                OnMediaGone(failed);
                return;
        }

        Decide(SessionDecisions.Hear(_state, heard, Now()));
    }

    private void OnMediaTerminated(Terminated terminated) =>
        OnMediaGone(new MediaFailed(FaultCode.PipelineFailed, $"The media side of session {_state.Id} ended unexpectedly."));

    private void OnMediaGone(MediaFailed failed)
    {
        var repairing = _standing.Writing is null ? _standing.Repairing : [];
        _media = ActorRefs.Nobody;
        _standing = new MediaStanding();
        if (!_state.Ended && !_leaving) StartRetryTimer();
        var decided = SessionDecisions.Hear(_state, failed, Now());
        if (!repairing.IsEmpty && ++_repairDeaths >= RepairDeathsBorne)
        {
            decided = decided.AddRange(SessionDecisions.GiveUpRepairs(_state, repairing, Now()));
        }

        Decide(decided);
    }

    /// <summary>Persists what was decided, applies it, and goes on. Called at most once for each message.</summary>
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
            Take(happened);
            Note(happened);
            if (--remaining == 0) Continue();
        });
    }

    private void Take(ISessionEvent happened)
    {
        _state = _state.Apply(happened);
        if (happened is RecordConfirmed) return;
        _newsVersion = LastSequenceNr;
        _reported = false;
    }

    /// <summary>Does what is to be done in the state that has been reached. May be called at any time.</summary>
    private void Continue()
    {
        var next = SessionDecisions.EndWhenDone(_state, Now());
        if (next.IsEmpty) next = GoOnAtOnce();
        if (!next.IsEmpty)
        {
            Decide(next);
            return;
        }

        if (_state.Phase != SessionPhase.Starting) Timers.Cancel(nameof(StartLimitPassed));
        if (_state.Ended) Timers.Cancel(nameof(RetryDue));
        else if (_state is { Phase: SessionPhase.Resuming, Current: null } && Alive && !_leaving) StartRetryTimer();
        CommandMedia();
        if (_state.Ended && !_media.IsNobody())
        {
            // The answer waits until every process has ended.
            Context.Stop(_media);
            return;
        }

        if (!_reported) Report();
        else Answer();
        if (_leaving && (_state.Current is null || _standing.Writing != _state.Current)) Context.Stop(Self);
    }

    /// <summary>
    /// A worker that is lost while display, sound and browser are up is followed by the next one without a wait, so that the
    /// gap is short. Should that one not last either, the next try is made with patience.
    /// </summary>
    private ImmutableList<ISessionEvent> GoOnAtOnce()
    {
        if (!_standing.Up || _retries > 0 || _leaving) return [];
        var next = SessionDecisions.GoOn(_state, Now());
        if (!next.IsEmpty) _retries++;
        return next;
    }

    private void CommandMedia()
    {
        // A media side that fails as soon as it is begun is not begun in a tight loop.
        if (_media.IsNobody() && Timers.IsTimerActive(nameof(RetryDue))) return;
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

    private void StartRetryTimer()
    {
        if (Timers.IsTimerActive(nameof(RetryDue))) return;
        var delay = Options.RetryDelay * Math.Pow(2, Math.Min(_retries++, 16));
        Timers.StartSingleTimer(nameof(RetryDue), new RetryDue(), delay < Options.RetryDelayLimit ? delay : Options.RetryDelayLimit);
    }

    private Moment Now() => new(_surroundings.Clock.GetUtcNow(), _surroundings.Node, _surroundings.Media.RecordsFolder);

    private void Note(ISessionEvent happened)
    {
        switch (happened)
        {
            case FaultMet fault:
                Log.Warning("Session {0}: {1}: {2}", _state.Id, fault.Code, fault.Message);
                break;
            case RecordConfirmed:
                Log.Debug("Session {0}: {1}", _state.Id, happened);
                break;
            case SessionAccepted accepted when accepted.Spec is PageSessionSpec page:
                Log.Info("Session {0}: accepted, page of {1}, {2}x{3} at {4}", _state.Id, page.Page.Host, page.Video.Width, page.Video.Height, page.Video.Framerate);
                break;
            default:
                Log.Info("Session {0}: {1}", _state.Id, happened);
                break;
        }
    }

    private sealed record StartLimitPassed;

    private sealed record RetryDue;
}
