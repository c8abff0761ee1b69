using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Akka.Persistence;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>What all sessions of a node share.</summary>
/// <param name="Media">The media side.</param>
/// <param name="Placement">The placement singleton, or its proxy.</param>
/// <param name="Options">Limits and intervals.</param>
/// <param name="Clock">The node's clock.</param>
/// <param name="Node">The node's cluster address.</param>
internal sealed record SessionSurroundings(
    ISessionMedia Media,
    IActorRef Placement,
    SessionOptions Options,
    TimeProvider Clock,
    string Node
)
{
    /// <summary>Whether this is a farm of one. Then every existing record is on this node, whatever address the node
    /// had.</summary>
    public bool Alone { get; init; }

    /// <summary>The node's <see cref="MediaKeeperActor"/>.</summary>
    public IActorRef Keeper { get; init; } = ActorRefs.Nobody;

    /// <summary>The node's <see cref="ManifestServiceActor"/>; without it no manifest is asked for.</summary>
    public IActorRef Manifests { get; init; } = ActorRefs.Nobody;

    /// <summary>The node's <see cref="DeliveryServiceActor"/>; without it no delivery is asked for.</summary>
    public IActorRef Deliveries { get; init; } = ActorRefs.Nobody;

    /// <summary>The node's <see cref="RecordEraserActor"/>; without it no file is removed here.</summary>
    public IActorRef Eraser { get; init; } = ActorRefs.Nobody;

    /// <summary>The addresses of the farm's recorders that are there.</summary>
    public Func<ImmutableList<string>> Recorders { get; init; } = () => [];

    /// <summary>The destinations of the records closed here.</summary>
    public DestinationList Destinations { get; init; } = DestinationList.None;

    /// <summary>How long a delivery is tried.</summary>
    public DeliveryPatience DeliveryPatience { get; init; } = new(TimeSpan.FromDays(7));

    /// <summary>What the node is, whatever address it has; null where that is not known.</summary>
    public NodeIdentity? Identity { get; init; }

    /// <summary>Up to which event of a session the read model has taken its journal; null where nothing is projected.
    /// An event that is not projected yet is not deleted.</summary>
    public Func<SessionId, Task<long>>? ProjectedTo { get; init; }

    /// <summary>The node's records folder; null where it is not known.</summary>
    public IRecordsFolder? Folder => Identity?.Records;
}

/// <summary>The stop message of sharding: finalise the current record, stay resumable, and stop.</summary>
internal sealed record LeaveNode
{
    public static readonly LeaveNode Instance = new();
}

/// <summary>
/// One recording session, from start to stop. The actor receives commands from the edge and events from its media
/// child. <see cref="SessionDecisions"/> turns them into events, which the actor persists. Then the actor carries out
/// the effects that <see cref="ProceedDecisions"/> finds. Answers leave after the write, once the farm's list has the
/// news, so that a status asked right afterwards agrees.
/// </summary>
/// <remarks>
/// During a write every other message waits, so each message is handled in the state reached by the message before.
/// The other files hold the dealings with one side each:
/// <c>SessionActor.Media.cs</c> with the media child;
/// <c>SessionActor.Reporting.cs</c> with the farm's list and the askers of start and stop;
/// <c>SessionActor.Changes.cs</c> with the askers who question or change a running session;
/// <c>SessionActor.Ending.cs</c> with the rules by which the session ends by itself;
/// <c>SessionActor.Marks.cs</c> with the askers who mark a moment;
/// <c>SessionActor.Manifests.cs</c> with the nodes that write manifests;
/// <c>SessionActor.Deliveries.cs</c> with the nodes that deliver records;
/// <c>SessionActor.Keeping.cs</c> with holds, and with the nodes that erase records;
/// <c>SessionActor.Journal.cs</c> with the length of its journal;
/// <c>SessionActor.Strangers.cs</c> with a farm that does not know the session, or knows it elsewhere.
/// </remarks>
internal sealed partial class SessionActor : ReceivePersistentActor, IWithTimers
{
    private readonly SessionSurroundings _surroundings;
    private SessionState _state;
    private bool _leaving;

    public SessionActor(SessionId id, SessionSurroundings surroundings)
    {
        _surroundings = surroundings;
        _state = new SessionState(id) { Here = surroundings.Alone ? null : surroundings.Node };
        PersistenceId = $"session-{id}";

        Recover<SnapshotOffer>(TakeSnapshot);
        Recover<ISessionEvent>(Take);

        Command<StartSession>(OnStart);
        Command<StopSession>(OnStop);
        Command<ResumeSession>(OnResume);
        Command<LeaveNode>(_ => OnLeaveNode());
        HearTheMedia();
        HearTheList();
        HearChanges();
        HearOfTheEnd();
        HearOfMarks();
        HearOfRecordsElsewhere();
        HearOfManifests();
        HearOfDeliveries();
        HearOfKeeping();
        HearOfHandOver();
        HearOfTheJournal();
        HearOfThePlace();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId { get; }

    private SessionOptions Options => _surroundings.Options;

    public static Props PropsFor(SessionId id, SessionSurroundings surroundings) =>
        Props.Create(() => new SessionActor(id, surroundings));

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Log.Error(
            cause,
            "Session {0} could not write event {1} ({2}) to the journal and stops here.",
            _state.Id,
            sequenceNr,
            @event.GetType().Name
        );

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Log.Error(
            cause,
            "The journal refused event {1} ({2}) of session {0}, which stops here.",
            _state.Id,
            sequenceNr,
            @event.GetType().Name
        );
        Context.Stop(Self);
    }

    protected override void PostStop()
    {
        AnswerAsStopped();
        Publish(new SessionLeft(_state.Id));
        base.PostStop();
    }

    private void OnStart(StartSession start)
    {
        if (_state.Started)
        {
            Sender.Tell(Started());
            return;
        }

        if (_state.Phase == SessionPhase.New && LastSequenceNr > 0)
        {
            // The session ended long ago, and its events are deleted. The id must not name another recording.
            Sender.Tell(
                new StartFailed(_state.Id, FaultCode.NoSuchSession, $"Session {_state.Id} has ended long ago.")
            );
            Context.Parent.Tell(new Passivate(LeaveNode.Instance));
            return;
        }

        _starters.Add(Sender);
        if (_state.Phase == SessionPhase.New)
        {
            Timers.StartSingleTimer(nameof(StartLimitPassed), new StartLimitPassed(), LimitOf(start.Spec));
            Decide(SessionDecisions.Start(_state, start.Spec, Now(), start.Node));
        }
        else if (!Alive && _state.Waits)
        {
            // The start was repeated after the session's node went away, and the session goes on waiting.
            if (start.Node is null || start.Node == _surroundings.Node)
            {
                Decide(SessionDecisions.Resume(_state, start.Spec, Options.ResumeWindow, Now()));
            }
        }
        else
        {
            // The start was repeated: this incarnation is still starting, or finds the start half done.
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
        if (MustBeLocated(stop))
        {
            return;
        }

        if (_handOver is HandOverState.TakenOver)
        {
            Step(new HandOverInput.StopWished(), stop);
            return;
        }

        _stoppers.Add(Sender);
        if (MayBeKept)
        {
            Step(new HandOverInput.AdoptionWished(WaitedUntil: null));
            return;
        }

        var decided = SessionDecisions.Stop(_state, Alive, Now());

        // A stop does not wait for the next try of the media.
        if (_repairDeaths == 0)
        {
            Timers.Cancel(nameof(RetryDue));
        }
        Decide(decided);
    }

    private void OnResume(ResumeSession resume)
    {
        if (Alive || Leaving || _state.Ended)
        {
            Report();
        }
        else if (resume.Node is { } node && node != _surroundings.Node)
        {
            // The placement gives the session another shard as soon as it knows where this one is.
            Log.Info("Session {0}: is to resume on {1}; its shard came here, where it does not resume", _state.Id, node);
        }
        else if (MayBeKept)
        {
            Step(new HandOverInput.AdoptionWished(resume.WaitedUntil));
        }
        else
        {
            Decide(SessionDecisions.Resume(_state, resume.Spec, Options.ResumeWindow, Now(), resume.WaitedUntil));
        }
    }

    private void OnLeaveNode()
    {
        _leaving = true;
        Timers.Cancel(nameof(RetryDue));
        Decide(SessionDecisions.LeaveNode(_state, Alive, Now()));
    }

    /// <summary>Persists the decided events, applies them, and proceeds. Called at most once for each
    /// message.</summary>
    private void Decide(ImmutableList<ISessionEvent> decided)
    {
        // A fault of the last record here, such as a full disk, does not end the session.
        if (Here().TakenOver)
        {
            decided = decided.RemoveAll(happened => happened is EndDecided);
        }
        decided = DeliveryDecisions.WithPlans(_state, decided, _surroundings.Destinations);
        if (decided.IsEmpty)
        {
            Proceed();
            return;
        }

        var remaining = decided.Count;
        PersistAll(
            decided,
            happened =>
            {
                var before = _state;
                Take(happened);
                Note(happened);
                Publish(
                    new SessionEventWritten(_state.Id, happened, before, _state, _live) { SequenceNr = LastSequenceNr }
                );
                if (--remaining == 0)
                {
                    TidyJournal();
                    Proceed();
                }
            }
        );
    }

    private void Take(ISessionEvent happened)
    {
        _state = _state.Apply(happened);
        if (happened is RecordConfirmed or StreamingConfirmed)
        {
            return;
        }
        _newsVersion = LastSequenceNr;
        _reported = false;
    }

    /// <summary>Does the work that the reached state requires. May be called at any time.</summary>
    private void Proceed()
    {
        var next = ProceedDecisions.Next(Here(), Options, Now());
        (_standing, _retries, _handOver) = (next.Standing, next.Retries, next.HandOver);
        next.Effects.ForEach(CarryOut);
        AwaitEnding();
    }

    private void CarryOut(SessionEffect effect)
    {
        switch (effect)
        {
            case SessionEffect.Write write:
                Decide(write.Events);
                break;
            case SessionEffect.LimitStart:
                Timers.StartSingleTimer(nameof(StartLimitPassed), new StartLimitPassed(), LimitOf(_state.Spec));
                break;
            case SessionEffect.ForgetStartLimit:
                Timers.Cancel(nameof(StartLimitPassed));
                break;
            case SessionEffect.LimitUndo:
                Timers.StartSingleTimer(nameof(UndoLimitPassed), new UndoLimitPassed(), UndoLimit);
                break;
            case SessionEffect.AwaitRetry retry:
                Timers.StartSingleTimer(nameof(RetryDue), new RetryDue(), retry.Wait);
                break;
            case SessionEffect.ForgetRetry:
                Timers.Cancel(nameof(RetryDue));
                break;
            case SessionEffect.BeginMedia:
                BeginMedia();
                break;
            case SessionEffect.Command command:
                _media.Tell(MediaTimes.InHostTime(command.ToMedia, FarmClock.OffsetOf(_surroundings.Clock)));
                break;
            case SessionEffect.StopMedia:
                Context.Stop(_media);
                break;
            case SessionEffect.AnswerChanges:
                AnswerMarks();
                AnswerChanges();
                break;
            case SessionEffect.AskForManifests:
                AskForManifests();
                break;
            case SessionEffect.SeeToDeliveries:
                SeeToDeliveries();
                SeeToErasing();
                break;
            case SessionEffect.Report:
                Report();
                break;
            case SessionEffect.Answer:
                Answer();
                break;
            case SessionEffect.Stop:
                Context.Stop(Self);
                break;
            default:
                CarryOutHandOver(effect);
                break;
        }
    }

    /// <summary>This incarnation, as the decisions see it.</summary>
    private Incarnation Here() =>
        new(_state)
        {
            Live = _live,
            Standing = _standing,
            Media =
                !_media.IsNobody() ? MediaChild.Present
                : !_endingMedia.IsNobody() ? MediaChild.Ending
                : MediaChild.None,
            RetryAwaited = Timers.IsTimerActive(nameof(RetryDue)),
            Retries = _retries,
            HandOver = _handOver,
            StopWished = _stoppers.Count > 0,
            LeavesNode = _leaving,
            Reported = _reported,
        };

    private static void Publish(SessionNews news) => Context.System.EventStream.Publish(news);

    private Moment Now() =>
        new(_surroundings.Clock.GetUtcNow(), _surroundings.Node, _surroundings.Media.RecordsFolder)
        {
            NodeId = _surroundings.Identity?.Node,
            Folder = _surroundings.Folder?.Standing.Id,
            LongestSession = Options.MaxDuration,
        };

    private void Note(ISessionEvent happened)
    {
        if (happened is DeliveryGivenUp givenUp)
        {
            TellGivenUp(givenUp);
        }
        var line = SessionLogLine.Of(happened);
        Log.Log(line.Level, null, "Session {0}: {1}", _state.Id, line.Text);
    }
}
