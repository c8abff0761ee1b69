using System.Collections.Immutable;
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
/// The placement singleton: gives ids and shards, keeps the farm's list of sessions, and takes care that every session
/// that should be running is. It hears admissions and look-ups of the edge, reports of sessions, and capacities of
/// nodes.
/// </summary>
internal sealed partial class PlacementActor : ReceivePersistentActor, IWithTimers
{
    private const int EventsPerSnapshot = 200;

    /// <summary>
    /// How long whoever asks a placement that has just begun waits for the first node to tell its capacity, and for the
    /// coordinator of the shards to tell where idle shards are: a session that were given one of these would start
    /// where the shard is.
    /// </summary>
    private static readonly TimeSpan HoldLimit = TimeSpan.FromSeconds(3);

    private readonly PlacementOptions _options;
    private readonly TimeProvider _clock;
    private readonly IActorRef _sessions;
    private readonly ShardBoard _board;
    private readonly TimeSpan _rejoinGrace;
    private readonly TimeSpan _resumeWindow;
    private readonly Dictionary<int, DateTimeOffset> _heard = [];
    private readonly Queue<Turn> _held = [];
    private FarmRoster _farm = FarmRoster.Empty;
    private DateTimeOffset _began;
    private ImmutableSortedDictionary<string, NodeCapacity> _nodes = ImmutableSortedDictionary.Create<
        string,
        NodeCapacity
    >(StringComparer.Ordinal);
    private PlacementState _state = new();

    /// <param name="options">Shards and intervals.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="sessions">The shard region of the sessions, or its proxy.</param>
    /// <param name="board">Where the strategy that puts shards on nodes reads what was decided.</param>
    /// <param name="rejoinGrace">
    /// How long after the whole farm's start a session's node may take to come back before its session goes on
    /// elsewhere; zero on a farm of one.
    /// </param>
    /// <param name="resumeWindow">For how long a session may be away and still be resumed.</param>
    public PlacementActor(
        PlacementOptions options,
        TimeProvider clock,
        IActorRef sessions,
        ShardBoard board,
        TimeSpan rejoinGrace,
        TimeSpan resumeWindow
    )
    {
        _options = options;
        _clock = clock;
        _sessions = sessions;
        _board = board;
        _rejoinGrace = rejoinGrace;
        _resumeWindow = resumeWindow;
        _began = clock.GetUtcNow();

        Recover<IPlacementEvent>(happened => _state = _state.Apply(happened));
        Recover<SnapshotOffer>(offer => _state = PlacementState.FromSnapshot((PlacementSnapshot)offer.Snapshot));
        Recover<RecoveryCompleted>(_ => OnRecovered());

        HearOfTurns();
        Command<ReportSession>(OnReport);
        Command<ReportCapacity>(OnCapacity);
        Command<FarmRoster>(OnFarm);
        HearOfHandOvers();
        Command<CareDue>(_ => Care());
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
    /// The placement under a supervisor that begins it again: it stops when the journal does not take its events, and
    /// the singleton's own manager would leave the farm without a placement until the process ends.
    /// </summary>
    public static Props SupervisedProps(
        PlacementOptions options,
        TimeProvider clock,
        IActorRef sessions,
        ShardBoard board,
        TimeSpan rejoinGrace,
        TimeSpan resumeWindow
    ) =>
        BackoffSupervisor.Props(
            Backoff.OnStop(
                Props.Create(() => new PlacementActor(options, clock, sessions, board, rejoinGrace, resumeWindow)),
                "list",
                TimeSpan.FromMilliseconds(200),
                TimeSpan.FromSeconds(5),
                randomFactor: 0.1,
                maxNrOfRetries: -1
            )
        );

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
        _began = _clock.GetUtcNow();
        foreach (var session in _state.Running)
        {
            _board.Decide(session.Shard, session.Summary.Node);
        }
        _drainedWhenItBegan = !_state.Draining.IsEmpty;
        Timers.StartPeriodicTimer(nameof(CareDue), new CareDue(), TimeSpan.FromSeconds(1), _options.SilenceLimit / 5);
        Timers.StartSingleTimer(nameof(Gathering), new CareDue(), Gathering);
        if (!KnowsShards)
        {
            _board.Observed.PipeTo(Self, success: () => new ShardsObserved());
        }
    }

    private void OnFarm(FarmRoster farm)
    {
        _farm = farm;
        foreach (var node in farm.Removed)
        {
            _nodes = _nodes.Remove(node);
            _board.Forget(node);
        }

        var drained = _state.Draining.Intersect(farm.Removed);
        if (!drained.IsEmpty)
        {
            PersistAll(drained.Select(node => new DrainEnded(node, _clock.GetUtcNow())), Take);
        }
        Care();
    }

    /// <summary>Whether it is known which node holds which shard; on a farm of one it is that one.</summary>
    private bool KnowsShards => _rejoinGrace == TimeSpan.Zero || _board.Observed.IsCompleted;

    private void OnReport(ReportSession report)
    {
        var asker = Sender;
        var id = report.Summary.Id;
        if (!_state.Sessions.TryGetValue(id.Value, out var known))
        {
            Log.Warning("Session {0} reported to a farm that never gave this id; is its database another one?", id);
            return;
        }

        // An old word of the node a session was taken from says nothing of where it is now.
        var current = report.Version > known.Version || report.Summary.Node == known.Summary.Node;
        if (current)
        {
            _heard[id.Value] = _clock.GetUtcNow();
            _moving.Remove(id.Value);
        }

        if (known.Version >= report.Version)
        {
            // Only how far a record has grown can differ, which is worth showing and not worth a write. Of a session
            // that has ended nothing grows; what an earlier version wrote of it tells no manifests, and none are made
            // after the event.
            if (
                current
                && known.Version == report.Version
                && known.Summary.Running
                && known.Summary.Phase != SessionPhase.WaitingForRoom
            )
            {
                _state = _state.Apply(new SessionReported(report.Summary, report.Version));
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

                // The room that one leaves is for the one that has waited longest.
                if (!happened.Summary.Running)
                {
                    Care();
                }
            }
        );
    }

    private void OnCapacity(ReportCapacity report)
    {
        var joined = !_nodes.ContainsKey(report.Node);
        _nodes = _nodes.SetItem(
            report.Node,
            new NodeCapacity(report.Slots, report.Closed, _clock.GetUtcNow())
            {
                Found = report.Found,
                Load = report.Load,
            }
        );

        ReleaseHeld();

        // The gap of a session that waits for a node ends as soon as there is one.
        if (joined || _state.Running.Any(session => session.Summary.Phase == SessionPhase.WaitingForRoom))
        {
            Care();
        }
    }

    private void Take(IPlacementEvent happened)
    {
        _state = _state.Apply(happened);
        if (LastSequenceNr % EventsPerSnapshot == 0)
        {
            SaveSnapshot(_state.ToSnapshot());
        }
    }

    private sealed record CareDue;

    private sealed record HoldLimitPassed;

    private sealed record ShardsObserved;
}
