using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>How the placement keeps sessions going: it carries out <see cref="Upkeep"/>.</summary>
internal sealed partial class PlacementActor
{
    /// <summary>A moving session is asked to resume until the placement hears of it: sharding drops messages to the
    /// session while sharding learns that a node is gone.</summary>
    private static readonly TimeSpan MoveInterval = TimeSpan.FromMilliseconds(500);

    private readonly HashSet<int> _moving = [];
    private StepPace _pace = StepPace.First;
    private UpkeepParts _rest;
    private bool _goesOn;

    /// <summary>Looks at everything, or at the sessions and records of some nodes.</summary>
    private void KeepUp(IReadOnlyCollection<string>? nodes = null)
    {
        _view = Look().WithoutSilentNodes();
        if (nodes is null)
        {
            Context.System.EventStream.Publish(FarmNews.Of(_view));
        }
        TakeStep(nodes, UpkeepParts.All);
    }

    /// <summary>A further step comes after the messages that are here already. When many nodes die at once, the farm
    /// tells of each by itself: one look at everything is enough for all of them.</summary>
    private void StepSoon(UpkeepParts parts)
    {
        _rest |= parts;
        if (!_goesOn)
        {
            _goesOn = true;
            Self.Tell(new UpkeepGoesOn());
        }
    }

    private void GoOnWithUpkeep()
    {
        var parts = _rest;
        (_goesOn, _rest) = (false, UpkeepParts.None);
        if (parts == UpkeepParts.All)
        {
            KeepUp();
            return;
        }
        Look();
        TakeStep(null, parts);
    }

    private void TakeStep(IReadOnlyCollection<string>? nodes, UpkeepParts parts)
    {
        if (_view.Nodes.IsEmpty)
        {
            return;
        }
        var since = _clock.GetTimestamp();
        var step = Upkeep.Next(_view, _pace.Size, nodes, parts);
        if (step.More)
        {
            _pace = _pace.After(_clock.GetElapsedTime(since));
        }
        AskToRepair(step.Repairs);
        foreach (var session in step.ToResume)
        {
            Log.Info(
                "Session {0} should be running and has not been heard of; it is asked to resume.",
                session.Summary.Id
            );
            AskToResume(session);
        }
        Relocate(step.Relocations, step.Rest);
    }

    private void OnEnded(SessionId id)
    {
        _view = Look().Hear(id);
        _grown.Remove(id.Value);
        StayAfter(id);
        if (Upkeep.RepairsOf(_view, _view.List.Sessions[id.Value]) is { IsEmpty: false } repairs)
        {
            AskToRepair(repairs);
        }
    }

    /// <summary>Room has appeared, or may have appeared: for sessions without a node, then for those of drained
    /// nodes.</summary>
    private void MakeRoom()
    {
        Look();
        if (_view.Nodes.IsEmpty)
        {
            return;
        }
        var decided = _view.Warmth == Warmth.Gathering ? [] : Relocation.Decide(_view, _pace.Size);
        Relocate(decided, decided.Count == _pace.Size ? UpkeepParts.Homeless : UpkeepParts.None);
    }

    private void AskToRepair(ImmutableList<(PlacedSession Session, string Node)> repairs)
    {
        _view = Upkeep.AfterRepairs(_view, repairs);
        foreach (var (session, node) in repairs)
        {
            _sessions.Tell(
                new RecordsReachable(session.Summary.Id, node) { Folders = _view.Nodes[node].Folders }.To(session.Shard)
            );
        }
    }

    /// <summary>Sessions without a node come first; drained nodes hand their sessions over into the room that is
    /// left.</summary>
    private void Relocate(ImmutableList<IPlacementEvent> decided, UpkeepParts rest)
    {
        if (decided.IsEmpty)
        {
            OnStepTaken(rest);
            return;
        }

        // The shards that are asked for during the write already go to their new nodes.
        foreach (var moved in decided.OfType<SessionMoved>())
        {
            _board.Decide(moved.Shard, moved.Node);
        }
        _view = _view with { Relocating = true };
        var remaining = decided.Count;
        PersistAll(
            decided,
            happened =>
            {
                OnRelocated(happened);
                if (--remaining == 0)
                {
                    OnStepTaken(rest);
                }
            }
        );
    }

    private void OnStepTaken(UpkeepParts rest)
    {
        _view = _view with { Relocating = rest != UpkeepParts.None };
        if (rest == UpkeepParts.None)
        {
            HandOverNext();
        }
        else
        {
            StepSoon(rest);
        }
    }

    private void OnRelocated(IPlacementEvent happened)
    {
        var stranded =
            happened is SessionMoved { HandedOver: false } left
            && _view.IsStranded(_view.List.Sessions[left.Id.Value]);
        Take(happened);
        switch (happened)
        {
            case SessionMoved moved when stranded:
                // The edge that holds the start asks where the session is, and starts it there. To resume is to end a
                // session that never began.
                Log.Info(
                    "Session {0}: its node has lost the database, so it is to start on {1}, shard {2}",
                    moved.Id,
                    moved.Node,
                    moved.Shard
                );
                _board.Decide(moved.Shard, moved.Node);
                _view = _view.Hear(moved.Id);
                break;
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
                AskToResume(_view.List.Sessions[moved.Id.Value]);
                if (!Timers.IsTimerActive(nameof(MoveDue)))
                {
                    Timers.StartPeriodicTimer(nameof(MoveDue), new MoveDue(), MoveInterval);
                }
                break;
            case SessionWaiting waiting when _view.List.Sessions[waiting.Id.Value].Summary.PhaseSince == waiting.At:
                Log.Warning("Session {0}: its node is gone and no other has room for it; it waits.", waiting.Id);
                break;
        }
    }

    private void AskTheMoving()
    {
        var running = _view.List.Index.Running;
        _moving.RemoveWhere(id =>
            !running.Contains(id) || _view.List.Sessions[id].Summary.Phase == SessionPhase.WaitingForRoom
        );
        if (_moving.Count == 0)
        {
            Timers.Cancel(nameof(MoveDue));
            return;
        }

        var after = Look();
        List<IPlacementEvent> misplaced = [];
        foreach (var session in _moving.Select(id => _view.List.Sessions[id]).ToList())
        {
            if (misplaced.Count < _pace.Size && Relocation.Misplaced(after, session) is { } moved)
            {
                misplaced.Add(moved);
                after = after.Apply(moved);
                continue;
            }
            AskToResume(session);
        }
        if (misplaced.Count > 0)
        {
            Relocate([.. misplaced], UpkeepParts.None);
        }
    }

    private void AskToResume(PlacedSession session)
    {
        _view = _view.Hear(session.Summary.Id);
        _sessions.Tell(
            new ResumeSession(session.Summary.Id, session.Summary.Spec)
            {
                WaitedUntil = session.WaitedUntil,
                Node = session.Summary.Node,
            }.To(session.Shard)
        );
    }

    private sealed record UpkeepDue;

    private sealed record UpkeepGoesOn;

    private sealed record MoveDue;
}
