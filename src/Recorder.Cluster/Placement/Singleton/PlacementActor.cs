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
    private const int EventsPerSnapshot = 200;

    private readonly TimeProvider _clock;
    private readonly IActorRef _sessions;
    private readonly ShardBoard _board;
    private readonly TurnQueue _turns;
    private FarmView _view;

    /// <param name="settings">The settings of the placement's decisions.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="sessions">The shard region of the sessions, or its proxy.</param>
    /// <param name="board">Where the shard allocation reads the placement's decisions.</param>
    public PlacementActor(PlacementSettings settings, TimeProvider clock, IActorRef sessions, ShardBoard board)
    {
        _clock = clock;
        _sessions = sessions;
        _board = board;
        _turns = new TurnQueue(Self, Context.System.Scheduler, LookUp);
        _view = new FarmView(settings, clock.GetUtcNow());

        Recover<IPlacementEvent>(happened => _view = _view.Apply(happened));
        Recover<SnapshotOffer>(offer =>
            _view = _view with { List = PlacementState.FromSnapshot((PlacementSnapshot)offer.Snapshot) }
        );
        Recover<RecoveryCompleted>(_ => OnRecovered());

        Command<TurnQueue.TurnDue>(due => OnTurn(due.Turn));
        Command<ReportSession>(OnReport);
        Command<ReportCapacity>(OnCapacity);
        Command<FarmRoster>(OnFarm);
        HearOfHandOvers();

        // Sessions are forgotten once the read model answers the lists.
        Command<SessionsProjected>(_ => { });
        Command<UpkeepDue>(_ => KeepUp());
        Command<MoveDue>(_ => AskTheMoving());
        Command<HoldLimitPassed>(_ => ReleaseHeld());
        Command<ShardsObserved>(_ => ReleaseHeld());
        Command<SaveSnapshotSuccess>(saved =>
            DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1))
        );
        Command<SaveSnapshotFailure>(failed =>
            Log.Warning(failed.Cause, "The placement's snapshot was not saved; the journal has everything.")
        );
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

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
        ShardBoard board
    ) =>
        BackoffSupervisor.Props(
            Backoff.OnStop(
                Props.Create(() => new PlacementActor(settings, clock, sessions, board)),
                "list",
                TimeSpan.FromMilliseconds(200),
                TimeSpan.FromSeconds(5),
                randomFactor: 0.1,
                maxNrOfRetries: -1
            )
        );

    /// <summary>
    /// Questions go to the queue before the persistence handles them. During a write Akka lets no command through to
    /// a persistent actor, and only this method runs before that.
    /// </summary>
    protected override bool AroundReceive(Receive receive, object message) =>
        (!IsRecovering && _turns.Hear(message, Sender)) || base.AroundReceive(receive, message);

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
        _view = _view with { Began = _clock.GetUtcNow(), DrainedAtBegin = !_view.List.Draining.IsEmpty };
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
        KeepUp();
    }

    /// <summary>The farm as it is now.</summary>
    private FarmView Look() => _view = _view with { Now = _clock.GetUtcNow(), Shards = _board.Map };

    private object LookUp(object question) =>
        question switch
        {
            FindSession find => _view.List.Sessions.TryGetValue(find.Id.Value, out var found)
                ? new SessionLocation(find.Id, found.Shard, RecordHolder.Show(_view, found.Summary))
                : new SessionUnknown(find.Id),
            ListSessions list => Show(SessionPages.After(_view.List, list.After?.Value ?? 0)),
            _ => Admission.Measure(_view),
        };

    private SessionList Show(SessionList page) =>
        page with
        {
            Sessions = page.Sessions.ConvertAll(session => RecordHolder.Show(_view, session)),
        };

    private void OnReport(ReportSession report)
    {
        var asker = Sender;
        var id = report.Summary.Id;
        if (!_view.List.Sessions.TryGetValue(id.Value, out var known))
        {
            Log.Warning("Session {0} reported to a farm that never gave this id; is its database another one?", id);
            return;
        }

        // A late report from the node that the session was taken from says nothing about the session's present place.
        var current = report.Version > known.Version || report.Summary.Node == known.Summary.Node;
        if (current)
        {
            _view = _view.Hear(id, _clock.GetUtcNow());
            _moving.Remove(id.Value);
        }

        if (known.Version >= report.Version)
        {
            // Only the growth of a record can differ, which is worth showing but not worth a write. Nothing of an
            // ended session grows. A summary written by an earlier version has no manifests, and none are made
            // afterwards.
            if (
                current
                && known.Version == report.Version
                && known.Summary.Running
                && known.Summary.Phase != SessionPhase.WaitingForRoom
            )
            {
                _view = _view.Apply(new SessionReported(report.Summary, report.Version));
            }

            asker.Tell(new ReportAccepted(id, report.Version));
            return;
        }

        Persist(
            new SessionReported(report.Summary, report.Version),
            happened =>
            {
                Take(happened);
                asker.Tell(new ReportAccepted(id, happened.Version));

                // The room left by an ended session is for the session that has waited longest.
                if (!happened.Summary.Running)
                {
                    KeepUp();
                }
            }
        );
    }

    private void OnCapacity(ReportCapacity report)
    {
        // A records folder that is back may hold what sessions wait for.
        var joined =
            !_view.Nodes.TryGetValue(report.Node, out var known) || !known.Folders.SequenceEqual(report.Folders);
        var told = new NodeCapacity(report.Slots, report.Closed, _clock.GetUtcNow())
        {
            Found = report.Found,
            Load = report.Load,
            Id = report.Id,
            Folders = report.Folders,
        };
        _view = _view with { Nodes = _view.Nodes.SetItem(report.Node, told) };
        ReleaseHeld();

        // The gap of a session that waits for room ends as soon as a node has room.
        if (joined || _view.List.Running.Any(session => session.Summary.Phase == SessionPhase.WaitingForRoom))
        {
            KeepUp();
        }
    }

    private void Take(IPlacementEvent happened)
    {
        _view = _view.Apply(happened);
        if (LastSequenceNr % EventsPerSnapshot == 0)
        {
            SaveSnapshot(_view.List.ToSnapshot());
        }
    }
}
