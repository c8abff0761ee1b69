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
internal sealed class PlacementActor : ReceivePersistentActor, IWithTimers
{
    private const int EventsPerSnapshot = 200;

    private readonly PlacementOptions _options;
    private readonly TimeProvider _clock;
    private readonly IActorRef _sessions;
    private readonly Dictionary<int, DateTimeOffset> _heard = [];
    private ImmutableSortedDictionary<string, NodeCapacity> _nodes = ImmutableSortedDictionary.Create<string, NodeCapacity>(StringComparer.Ordinal);
    private PlacementState _state = new();

    /// <param name="options">Slots and intervals.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="sessions">The shard region of the sessions, or its proxy.</param>
    public PlacementActor(PlacementOptions options, TimeProvider clock, IActorRef sessions)
    {
        _options = options;
        _clock = clock;
        _sessions = sessions;

        Recover<IPlacementEvent>(happened => _state = _state.Apply(happened));
        Recover<SnapshotOffer>(offer => _state = PlacementState.FromSnapshot((PlacementSnapshot)offer.Snapshot));
        Recover<RecoveryCompleted>(_ => Timers.StartPeriodicTimer(nameof(CareDue), new CareDue(), TimeSpan.FromSeconds(1), _options.SilenceLimit / 5));

        Command<AdmitSession>(OnAdmit);
        Command<LocateSession>(locate => Sender.Tell(
            _state.Sessions.TryGetValue(locate.Id.Value, out var found)
                ? new SessionLocation(locate.Id, found.Slot, found.Summary)
                : new SessionUnknown(locate.Id)));
        Command<ListSessions>(_ => Sender.Tell(new SessionList([.. _state.Sessions.Values.Select(session => session.Summary)])));
        Command<GetPressure>(_ => Sender.Tell(Admission.Measure(_state, _nodes)));
        Command<ReportSession>(OnReport);
        Command<ReportCapacity>(OnCapacity);
        Command<CareDue>(_ => Care());
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
    public static Props SupervisedProps(PlacementOptions options, TimeProvider clock, IActorRef sessions) => BackoffSupervisor.Props(
        Backoff.OnStop(
            Props.Create(() => new PlacementActor(options, clock, sessions)),
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

    private void OnAdmit(AdmitSession ask)
    {
        var asker = Sender;
        var reply = Admission.Decide(_state, _nodes, _options.SlotPool, ask);
        if (reply is not SessionAdmitted admitted || admitted.Id.Value <= _state.LastId)
        {
            asker.Tell(reply);
            return;
        }

        var placed = new SessionPlaced(admitted.Id, admitted.Slot, admitted.Node, ask.Spec, ask.IdempotencyKey, _clock.GetUtcNow());
        Persist(placed, happened =>
        {
            Take(happened);
            _heard[happened.Id.Value] = happened.At;
            Log.Info("Session {0}: slot {1} on {2}", happened.Id, happened.Slot, happened.Node);
            asker.Tell(admitted);
        });
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

        _heard[id.Value] = _clock.GetUtcNow();
        if (known.Version >= report.Version)
        {
            // Only how far a record has grown can differ, which is worth showing and not worth a write.
            if (known.Version == report.Version) _state = _state.Apply(new SessionReported(report.Summary, report.Version));
            asker.Tell(new ReportAccepted(id, report.Version));
            return;
        }

        Persist(new SessionReported(report.Summary, report.Version), happened =>
        {
            Take(happened);
            asker.Tell(new ReportAccepted(id, happened.Version));
        });
    }

    private void OnCapacity(ReportCapacity report)
    {
        var joined = !_nodes.ContainsKey(report.Node);
        _nodes = _nodes.SetItem(report.Node, new NodeCapacity(report.Slots, report.Closed, _clock.GetUtcNow()) { Found = report.Found, Load = report.Load });

        // The gap of a session that waits for a node ends as soon as there is one.
        if (joined) Care();
    }

    /// <summary>Asks sessions that should run and have not been heard of to go on: after a restart that is every one of them.</summary>
    private void Care()
    {
        var now = _clock.GetUtcNow();
        _nodes = _nodes.RemoveRange(_nodes.Where(node => now - node.Value.At > _options.ReportInterval * 4).Select(node => node.Key));
        if (_nodes.IsEmpty) return;
        foreach (var session in _state.Running)
        {
            var id = session.Summary.Id;
            if (_heard.TryGetValue(id.Value, out var heard) && now - heard < _options.SilenceLimit) continue;
            _heard[id.Value] = now;
            Log.Info("Session {0} should be running and has not been heard of; it is asked to go on.", id);
            _sessions.Tell(new ResumeSession(id, session.Slot, session.Summary.Spec));
        }
    }

    private void Take(IPlacementEvent happened)
    {
        _state = _state.Apply(happened);
        if (LastSequenceNr % EventsPerSnapshot == 0) SaveSnapshot(_state.ToSnapshot());
    }

    private sealed record CareDue;
}
