using System.Collections.Immutable;

using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;

using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Placement;

/// <summary>
/// The placement singleton: gives ids and slots, keeps the farm's list of sessions, and takes care that every session
/// that should be running is. It hears admissions and look-ups of the edge, reports of sessions, and capacities of nodes.
/// </summary>
internal sealed partial class PlacementActor : ReceivePersistentActor, IWithTimers
{
    private const int EventsPerSnapshot = 200;

    /// <summary>A session on the move is asked to go on until it is heard of: sharding drops what it is told while it learns that a node is gone.</summary>
    private static readonly TimeSpan MoveInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the placement that begins waits for the members' capacities, so that the first to report is not given everything.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(2);

    /// <summary>How long whoever asks a placement that has just begun waits for the first node to tell its capacity.</summary>
    private static readonly TimeSpan HoldLimit = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan RepairInterval = TimeSpan.FromSeconds(10);

    private readonly PlacementOptions _options;
    private readonly TimeProvider _clock;
    private readonly IActorRef _sessions;
    private readonly SlotBoard _board;
    private readonly TimeSpan _rejoinGrace;
    private readonly Dictionary<int, DateTimeOffset> _heard = [];
    private readonly Dictionary<(int Session, string Node), DateTimeOffset> _repairs = [];
    private readonly HashSet<int> _moving = [];
    private readonly Queue<(IActorRef Asker, AdmitSession Ask)> _held = [];
    private FarmRoster _farm = FarmRoster.Empty;
    private DateTimeOffset _began;
    private ImmutableSortedDictionary<string, NodeCapacity> _nodes = ImmutableSortedDictionary.Create<string, NodeCapacity>(StringComparer.Ordinal);
    private PlacementState _state = new();

    /// <param name="options">Slots and intervals.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="sessions">The shard region of the sessions, or its proxy.</param>
    /// <param name="board">Where the strategy that puts slots on nodes reads what was decided.</param>
    /// <param name="rejoinGrace">
    /// How long after the whole farm's start a session's node may take to come back before its session goes on elsewhere; zero on a farm of one.
    /// </param>
    public PlacementActor(PlacementOptions options, TimeProvider clock, IActorRef sessions, SlotBoard board, TimeSpan rejoinGrace)
    {
        _options = options;
        _clock = clock;
        _sessions = sessions;
        _board = board;
        _rejoinGrace = rejoinGrace;
        _began = clock.GetUtcNow();

        Recover<IPlacementEvent>(happened => _state = _state.Apply(happened));
        Recover<SnapshotOffer>(offer => _state = PlacementState.FromSnapshot((PlacementSnapshot)offer.Snapshot));
        Recover<RecoveryCompleted>(_ => OnRecovered());

        Command<AdmitSession>(OnAdmit);
        HearOfLookUps();
        Command<ReportSession>(OnReport);
        Command<ReportCapacity>(OnCapacity);
        Command<DrainNode>(OnDrain);
        Command<FarmRoster>(OnFarm);
        HearOfHandOvers();
        Command<CareDue>(_ => Care());
        Command<MoveDue>(_ => AskTheMoving());
        Command<HoldLimitPassed>(_ => ReleaseHeld());
        Command<SaveSnapshotSuccess>(saved => DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1)));
        Command<SaveSnapshotFailure>(failed => Log.Warning(failed.Cause, "The placement's snapshot was not saved; the journal has everything."));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId => "placement";

    /// <summary>
    /// The placement under a supervisor that begins it again: it stops when the journal does not take its events, and the
    /// singleton's own manager would leave the farm without a placement until the process ends.
    /// </summary>
    public static Props SupervisedProps(
        PlacementOptions options, TimeProvider clock, IActorRef sessions, SlotBoard board, TimeSpan rejoinGrace) => BackoffSupervisor.Props(
        Backoff.OnStop(
            Props.Create(() => new PlacementActor(options, clock, sessions, board, rejoinGrace)),
            "list",
            TimeSpan.FromMilliseconds(200),
            TimeSpan.FromSeconds(5),
            randomFactor: 0.1,
            maxNrOfRetries: -1));

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Log.Error(cause, "The journal refused event {0} ({1}) of the placement, which begins again.", sequenceNr, @event.GetType().Name);
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
        base.PostStop();
    }

    private void OnRecovered()
    {
        _began = _clock.GetUtcNow();
        foreach (var session in _state.Running) _board.Decide(session.Slot, session.Summary.Node);
        Timers.StartPeriodicTimer(nameof(CareDue), new CareDue(), TimeSpan.FromSeconds(1), _options.SilenceLimit / 5);
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
        if (!drained.IsEmpty) PersistAll(drained.Select(node => new DrainEnded(node, _clock.GetUtcNow())), Take);
        Care();
    }

    private void OnDrain(DrainNode ask)
    {
        var asker = Sender;
        if (_state.Draining.Contains(ask.Node) == ask.On)
        {
            HandOverNext();
            asker.Tell(DrainStateOf(ask.Node));
            return;
        }

        IPlacementEvent decided = ask.On ? new DrainBegan(ask.Node, _clock.GetUtcNow()) : new DrainEnded(ask.Node, _clock.GetUtcNow());
        Persist(decided, happened =>
        {
            Take(happened);
            Log.Info("Node {0}: {1}", ask.Node, ask.On ? "is drained" : "takes sessions again");
            Care();
            asker.Tell(DrainStateOf(ask.Node));
        });
    }

    private DrainState DrainStateOf(string node) => new(
        node,
        _state.Draining.Contains(node),
        [.. _state.Running.Where(session => session.Summary.Node == node && session.Summary.Phase != SessionPhase.WaitingForRoom).Select(session => session.Summary.Id)])
    {
        Moving = _handOvers.Values.Any(one => one.From == node),
    };

    private void OnAdmit(AdmitSession ask)
    {
        var asker = Sender;
        if (_nodes.IsEmpty && _clock.GetUtcNow() - _began < HoldLimit)
        {
            _held.Enqueue((asker, ask));
            Timers.StartSingleTimer(nameof(HoldLimitPassed), new HoldLimitPassed(), HoldLimit);
            return;
        }

        var reply = Admission.Decide(_state, _nodes, _options.SlotPool, ask, _board.HomeOf, _farm.Leaving);
        if (reply is not SessionAdmitted admitted || admitted.Id.Value <= _state.LastId)
        {
            asker.Tell(reply);
            return;
        }

        var placed = new SessionPlaced(admitted.Id, admitted.Slot, admitted.Node, ask.Spec, ask.IdempotencyKey, _clock.GetUtcNow());
        Persist(placed, happened =>
        {
            Take(happened);
            _board.Decide(happened.Slot, happened.Node);
            _heard[happened.Id.Value] = happened.At;
            Log.Info("Session {0}: slot {1} on {2}", happened.Id, happened.Slot, happened.Node);
            asker.Tell(admitted);
        });
    }

    /// <summary>Hears again what was held, each in its turn: an admission is decided in the state that the one before it has reached.</summary>
    private void ReleaseHeld()
    {
        Timers.Cancel(nameof(HoldLimitPassed));
        while (_held.TryDequeue(out var held)) Self.Tell(held.Ask, held.Asker);
    }

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
            // Only how far a record has grown can differ, which is worth showing and not worth a write.
            if (current && known.Version == report.Version && known.Summary.Phase != SessionPhase.WaitingForRoom) _state = _state.Apply(new SessionReported(report.Summary, report.Version));
            asker.Tell(new ReportAccepted(id, report.Version));
            return;
        }

        Persist(new SessionReported(report.Summary, report.Version), happened =>
        {
            Take(happened);
            asker.Tell(new ReportAccepted(id, happened.Version));

            // The room that one leaves is for the one that has waited longest.
            if (!happened.Summary.Running) Care();
        });
    }

    private void OnCapacity(ReportCapacity report)
    {
        var joined = !_nodes.ContainsKey(report.Node);
        _nodes = _nodes.SetItem(report.Node, new NodeCapacity(report.Slots, report.Closed, _clock.GetUtcNow()) { Found = report.Found, Load = report.Load });

        ReleaseHeld();

        // The gap of a session that waits for a node ends as soon as there is one.
        if (joined || _state.Running.Any(session => session.Summary.Phase == SessionPhase.WaitingForRoom)) Care();
    }

    /// <summary>
    /// Gives sessions without a node another one, asks those that should run and have not been heard of to go on (after a restart that is every
    /// one of them), and has records repaired that a node left open.
    /// </summary>
    private void Care()
    {
        var now = _clock.GetUtcNow();
        _nodes = _nodes.RemoveRange(_nodes.Where(node => now - node.Value.At > _options.ReportInterval * 4).Select(node => node.Key));
        if (_nodes.IsEmpty) return;

        foreach (var session in _state.Running.Where(session => session.Summary.Phase != SessionPhase.WaitingForRoom && !IsLost(session)).ToList())
        {
            var id = session.Summary.Id;
            if (_heard.TryGetValue(id.Value, out var heard) && now - heard < _options.SilenceLimit) continue;
            _heard[id.Value] = now;
            Log.Info("Session {0} should be running and has not been heard of; it is asked to go on.", id);
            AskToGoOn(session);
        }

        var gathered = now - _began > Gathering || _farm.Members.IsSubsetOf(_nodes.Keys);
        var decided = gathered ? Relocation.Decide(_state, _nodes, _farm, IsLost, _options.OverfillOnNodeLoss, _options.SlotPool, _board.HomeOf, now) : [];
        if (!decided.IsEmpty) PersistAll(decided, OnRelocated);

        HandOverNext();
        foreach (var (session, node) in Relocation.Repairable(_state, _nodes))
        {
            var key = (session.Summary.Id.Value, node);
            if (_repairs.TryGetValue(key, out var asked) && now - asked < RepairInterval) continue;
            _repairs[key] = now;
            _sessions.Tell(new RecordsReachable(session.Summary.Id, session.Slot, node));
        }
    }

    /// <summary>Whether a session's node is gone for good, as far as the farm's members tell.</summary>
    private bool IsLost(PlacedSession session)
    {
        var node = session.Summary.Node;
        return _farm.Removed.Contains(node)
            || (!_farm.Members.IsEmpty && !_farm.Members.Contains(node) && _clock.GetUtcNow() - _began >= _rejoinGrace);
    }

    private void OnRelocated(IPlacementEvent happened)
    {
        Take(happened);
        switch (happened)
        {
            case SessionMoved moved:
                Log.Info("Session {0}: its node is gone, it goes on on {1}", moved.Id, moved.Node);
                _board.Decide(moved.Slot, moved.Node);
                _moving.Add(moved.Id.Value);
                AskToGoOn(_state.Sessions[moved.Id.Value]);
                Timers.StartPeriodicTimer(nameof(MoveDue), new MoveDue(), MoveInterval);
                break;
            case SessionWaiting waiting:
                Log.Warning("Session {0}: its node is gone and no other has room for it; it waits.", waiting.Id);
                break;
        }
    }

    private void AskTheMoving()
    {
        _moving.RemoveWhere(id => !_state.Sessions[id].Summary.Running);
        if (_moving.Count == 0) Timers.Cancel(nameof(MoveDue));
        foreach (var id in _moving) AskToGoOn(_state.Sessions[id]);
    }

    private void AskToGoOn(PlacedSession session)
    {
        _heard[session.Summary.Id.Value] = _clock.GetUtcNow();
        _sessions.Tell(new ResumeSession(session.Summary.Id, session.Slot, session.Summary.Spec));
    }

    private void Take(IPlacementEvent happened)
    {
        _state = _state.Apply(happened);
        if (LastSequenceNr % EventsPerSnapshot == 0) SaveSnapshot(_state.ToSnapshot());
    }

    private sealed record CareDue;

    private sealed record MoveDue;

    private sealed record HoldLimitPassed;
}
