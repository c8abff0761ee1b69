using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>How the placement takes care that every session that should be running is, somewhere, and that records left
/// open are repaired.</summary>
internal sealed partial class PlacementActor
{
    /// <summary>A session on the move is asked to resume until it is heard of: sharding drops what it is told while it
    /// learns that a node is gone.</summary>
    private static readonly TimeSpan MoveInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the placement that begins waits for the members' capacities, so that the first to report is
    /// not given everything.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(2);

    /// <summary>By then a session that runs where its shard is, and not where the list has it, has told so: what is not
    /// confirmed is told every two seconds.</summary>
    private static readonly TimeSpan Hearing = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan RepairInterval = TimeSpan.FromSeconds(10);

    /// <summary>A manifest that could not be written may have its whole record read again at each try, which is more
    /// than a question.</summary>
    private static readonly TimeSpan ManifestInterval = TimeSpan.FromMinutes(5);

    private readonly Dictionary<(int Session, string Node), DateTimeOffset> _repairs = [];
    private readonly HashSet<int> _moving = [];

    /// <summary>Whether relocations are being written, after which hand-overs are planned.</summary>
    private bool _relocating;

    /// <summary>Whether a node was being drained when this placement began: then media may be kept somewhere for a
    /// session whose node is gone.</summary>
    private bool _drainedWhenItBegan;

    /// <summary>Whether the nodes have told what they hold and keep, or have had the time to.</summary>
    private bool Gathered =>
        _clock.GetUtcNow() - _began >= Gathering || (!_drainedWhenItBegan && _farm.Members.IsSubsetOf(_nodes.Keys));

    /// <summary>
    /// Gives sessions without a node another one, asks those that should run and have not been heard of to resume
    /// (after a restart that is every one of them), and has records repaired that a node left open.
    /// </summary>
    private void Care()
    {
        var now = _clock.GetUtcNow();
        _nodes = _nodes.RemoveRange(
            _nodes.Where(node => now - node.Value.At > _options.ReportInterval * 4).Select(node => node.Key)
        );
        Context.System.EventStream.Publish(FarmNews.Of(_state, _nodes, _farm.Leaving, _handOvers));
        if (_nodes.IsEmpty)
        {
            return;
        }

        // Those of a node on its way out are at their end there. Asked now, they would go on wherever their shard
        // happens to go.
        var unheard = _state
            .Running.Where(session =>
                session.Summary.Phase != SessionPhase.WaitingForRoom
                && !IsLost(session)
                && !IsAwaited(session)
                && !_farm.Leaving.Contains(session.Summary.Node)
                && !(_heard.TryGetValue(session.Summary.Id.Value, out var heard) && now - heard < _options.SilenceLimit)
            )
            .ToList();
        var misplaced = Relocation.Misplaced(
            _state,
            unheard.FindAll(session => !_heard.ContainsKey(session.Summary.Id.Value)),
            _nodes,
            _options.Shards,
            _board.HomeOf,
            now
        );
        foreach (var session in unheard.Where(session => !misplaced.Exists(moved => moved.Id == session.Summary.Id)))
        {
            Log.Info(
                "Session {0} should be running and has not been heard of; it is asked to resume.",
                session.Summary.Id
            );
            AskToResume(session);
        }

        if (now - _began < Hearing)
        {
            misplaced = [];
        }
        var state = misplaced.Aggregate(_state, (state, moved) => state.Apply(moved));
        Relocate(
            Gathered
                ?
                [
                    .. misplaced,
                    .. Relocation.StillWaiting(state, _resumeWindow, now),
                    .. Relocation.Decide(
                        state,
                        _nodes,
                        _farm,
                        IsLost,
                        _options.OverfillOnNodeLoss,
                        _options.Shards,
                        _board.HomeOf,
                        now,
                        _handOvers
                    ),
                ]
                : []
        );

        // A node that was away is asked as soon as it is back.
        foreach (var key in _repairs.Keys.Where(key => !_nodes.ContainsKey(key.Node)).ToList())
        {
            _repairs.Remove(key);
        }
        foreach (var (session, node) in Relocation.Repairable(_state, _nodes).Where(left => !IsAwaited(left.Session)))
        {
            var key = (session.Summary.Id.Value, node);
            if (
                _repairs.TryGetValue(key, out var asked)
                && now - asked < (Relocation.HasOpen(session, node) ? RepairInterval : ManifestInterval)
            )
            {
                continue;
            }
            _repairs[key] = now;
            _sessions.Tell(new RecordsReachable(session.Summary.Id, node).To(session.Shard));
        }
    }

    /// <summary>Whether a session's node is gone for good, as far as the farm's members tell.</summary>
    private bool IsLost(PlacedSession session)
    {
        var node = session.Summary.Node;
        return _farm.Removed.Contains(node)
            || (!_farm.Members.IsEmpty && !_farm.Members.Contains(node) && _clock.GetUtcNow() - _began >= _rejoinGrace);
    }

    /// <summary>
    /// Whether a session's node may still come back after the whole farm's start. Told anything before the coordinator
    /// of the shards knows that node, the session's shard would go to another one, and the node that is back first
    /// would get them all.
    /// </summary>
    private bool IsAwaited(PlacedSession session) =>
        session.Summary.Running
        && session.Summary.Phase != SessionPhase.WaitingForRoom
        && !_nodes.ContainsKey(session.Summary.Node)
        && !IsLost(session)
        && _clock.GetUtcNow() - _began < _rejoinGrace;

    /// <summary>First those without a node, then, into the room that is left, those that are handed over.</summary>
    private void Relocate(ImmutableList<IPlacementEvent> decided)
    {
        if (decided.IsEmpty)
        {
            HandOverNext();
            return;
        }

        _relocating = true;
        var remaining = decided.Count;
        PersistAll(
            decided,
            happened =>
            {
                OnRelocated(happened);
                if (--remaining > 0)
                {
                    return;
                }
                _relocating = false;
                HandOverNext();
            }
        );
    }

    private void OnRelocated(IPlacementEvent happened)
    {
        Take(happened);
        switch (happened)
        {
            case SessionMoved moved:
                Log.Info(
                    "Session {0}: {1} on {2}, shard {3}",
                    moved.Id,
                    moved.HandedOver ? "was handed over and resumes" : "resumes",
                    moved.Node,
                    moved.Shard
                );
                _board.Decide(moved.Shard, moved.Node);
                _moving.Add(moved.Id.Value);
                AskToResume(_state.Sessions[moved.Id.Value]);
                Timers.StartPeriodicTimer(nameof(MoveDue), new MoveDue(), MoveInterval);
                break;
            case SessionWaiting waiting when _state.Sessions[waiting.Id.Value].Summary.PhaseSince == waiting.At:
                Log.Warning("Session {0}: its node is gone and no other has room for it; it waits.", waiting.Id);
                break;
        }
    }

    private void AskTheMoving()
    {
        _moving.RemoveWhere(id => !_state.Sessions[id].Summary.Running);
        if (_moving.Count == 0)
        {
            Timers.Cancel(nameof(MoveDue));
        }
        foreach (var id in _moving)
        {
            AskToResume(_state.Sessions[id]);
        }
    }

    private void AskToResume(PlacedSession session)
    {
        _heard[session.Summary.Id.Value] = _clock.GetUtcNow();
        _sessions.Tell(
            new ResumeSession(session.Summary.Id, session.Summary.Spec) { WaitedUntil = session.WaitedUntil }.To(
                session.Shard
            )
        );
    }

    private sealed record MoveDue;
}
