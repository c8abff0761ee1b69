using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>
/// The placement singleton: gives ids and shards, keeps the farm's list of sessions, and keeps every session running
/// that should run. It receives admissions and look-ups from the edge, reports from sessions, and capacities from
/// nodes.
/// </summary>
internal sealed partial class PlacementActor : ReceivePersistentActor, IWithTimers
{
    private readonly TimeProvider _clock;
    private readonly IActorRef _sessions;
    private readonly ShardBoard _board;
    private readonly TurnQueue _turns;
    private FarmView _view;
    private long _began;

    /// <param name="settings">The settings of the placement's decisions.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="sessions">The shard region of the sessions, or its proxy.</param>
    /// <param name="board">Where the shard allocation reads the placement's decisions.</param>
    /// <param name="readModel">The read model of this node, which answers <see cref="FindProjected"/>. Null keeps every
    /// session in the list.</param>
    public PlacementActor(
        PlacementSettings settings,
        TimeProvider clock,
        IActorRef sessions,
        ShardBoard board,
        IActorRef? readModel = null
    )
    {
        _readModel = readModel;
        _clock = clock;
        _sessions = sessions;
        _board = board;
        _turns = new TurnQueue(Self, Context.System.Scheduler, LookUp);
        _reports = new ReportBox(Self);
        _view = new FarmView(settings, clock.GetUtcNow());

        Recover<IPlacementEvent>(OnReplayed);
        Recover<SnapshotOffer>(OnSnapshot);
        Recover<RecoveryCompleted>(_ => OnRecovered());

        Command<TurnQueue.TurnDue>(due => OnTurn(due.Turn));
        Command<ReportBox.ReportsDue>(_ => OnReports());
        Command<FarmRoster>(OnFarm);
        HearOfHandOvers();
        HearOfSnapshots();
        Command<PlacesPromised>(OnPromised);
        Command<SessionsProjected>(OnProjected);
        Command<RecallSession>(OnRecall);
        Command<UpkeepDue>(_ =>
        {
            KeepUp();
            ForgetEnded();
        });
        Command<UpkeepGoesOn>(_ => GoOnWithUpkeep());
        Command<MoveDue>(_ => AskTheMoving());
        Command<HoldLimitPassed>(_ => ReleaseHeld());
        Command<ShardsObserved>(_ => ReleaseHeld());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private void OnPromised(PlacesPromised promised)
    {
        _view = Look() with { Promises = promised.Places, PromisedAt = _view.Age };
        if (_view.Warmth == Warmth.Ready)
        {
            Sender.Tell(new PlacesAtRisk(PromiseDecisions.AtRisk(_view).ConvertAll(place => place.Key)));
        }
    }

    public override string PersistenceId => "placement";

    /// <summary>
    /// The placement under a supervisor that starts the placement again. The placement stops when the journal does
    /// not take its events. Akka's singleton manager alone would leave the farm without a placement until the process
    /// ends.
    /// </summary>
    public static Props SupervisedProps(
        PlacementSettings settings,
        TimeProvider clock,
        IActorRef sessions,
        ShardBoard board,
        IActorRef? readModel = null
    ) =>
        BackoffSupervisor.Props(
            Backoff.OnStop(
                Props.Create(() => new PlacementActor(settings, clock, sessions, board, readModel)),
                "list",
                TimeSpan.FromMilliseconds(200),
                TimeSpan.FromSeconds(5),
                randomFactor: 0.1,
                maxNrOfRetries: -1
            )
        );

    /// <summary>
    /// Questions and reports are heard before the persistence handles them. During a write Akka lets no command
    /// through to a persistent actor, and only this method runs before that.
    /// </summary>
    protected override bool AroundReceive(Receive receive, object message) =>
        (!IsRecovering && (_turns.Hear(message, Sender) || _reports.Hear(message, Sender)))
        || base.AroundReceive(receive, message);

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Log.Error(
            cause,
            "The journal refused event {0} ({1}) of the placement, which begins again.",
            sequenceNr,
            @event.GetType().Name
        );
        Context.Stop(Self);
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FarmRoster));
        Context.ActorSelection($"/user/{FarmWatchActor.Name}").Tell(GetFarmRoster.Instance);
        base.PreStart();
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        Context.System.EventStream.Publish(PlacementLeft.Instance);
        base.PostStop();
    }

    private void OnRecovered()
    {
        _began = _clock.GetTimestamp();
        _view = _view with { DrainedAtBegin = !_view.List.Draining.IsEmpty };
        foreach (var session in _view.List.Running)
        {
            _board.Decide(session.Shard, session.Summary.Node);
        }
        Timers.StartPeriodicTimer(
            nameof(UpkeepDue),
            new UpkeepDue(),
            TimeSpan.FromSeconds(1),
            _view.Settings.SilenceLimit / 5
        );
        Timers.StartSingleTimer(nameof(Warmth.Gathering), new UpkeepDue(), FarmView.GatheringLimit);
        if (!Look().KnowsShards)
        {
            _board.Observed.PipeTo(Self, success: () => new ShardsObserved());
        }
    }

    private void OnFarm(FarmRoster farm)
    {
        _view = _view with { Roster = farm, Nodes = _view.Nodes.RemoveRange(farm.Removed) };
        foreach (var node in farm.Removed)
        {
            _board.Forget(node);
        }
        var drained = _view.List.Draining.Intersect(farm.Removed);
        if (!drained.IsEmpty)
        {
            PersistAll(drained.Select(node => new DrainEnded(node, _clock.GetUtcNow())), Take);
        }

        // No room is promised to hand-overs before sessions without a node have been looked at.
        _view = _view with { Relocating = _view.Relocating || !_view.Nodes.IsEmpty };
        StepSoon(UpkeepParts.All);
    }

    /// <summary>The farm as it is now.</summary>
    private FarmView Look() =>
        _view = _view with
        {
            Now = _clock.GetUtcNow(),
            Age = _clock.GetElapsedTime(_began),
            Shards = _board.Map,
        };

    private object LookUp(object question) =>
        question switch
        {
            FindSession find => _view.List.Sessions.TryGetValue(find.Id.Value, out var found)
                ? new SessionLocation(find.Id, found.Shard, Shown(found))
                : new SessionUnknown(find.Id),
            FindByKey find => Admission.Find(Look(), find),
            ListSessions list => SessionPages.After(_view.List, list.After?.Value ?? 0, Shown),
            _ => Admission.Measure(_view),
        };
}
