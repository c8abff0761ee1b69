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

    private void KeepUp()
    {
        _view = Look().WithoutSilentNodes();
        Context.System.EventStream.Publish(FarmNews.Of(_view));
        if (_view.Nodes.IsEmpty)
        {
            return;
        }
        var step = Upkeep.Next(_view);
        _view = Upkeep.AfterRepairs(_view, step);
        foreach (var session in step.ToResume)
        {
            Log.Info(
                "Session {0} should be running and has not been heard of; it is asked to resume.",
                session.Summary.Id
            );
            AskToResume(session);
        }

        Relocate(step.Relocations);
        foreach (var (session, node) in step.Repairs)
        {
            _sessions.Tell(
                new RecordsReachable(session.Summary.Id, node) { Folders = _view.Nodes[node].Folders }.To(session.Shard)
            );
        }
    }

    /// <summary>Sessions without a node come first; drained nodes hand their sessions over into the room that is
    /// left.</summary>
    private void Relocate(ImmutableList<IPlacementEvent> decided)
    {
        if (decided.IsEmpty)
        {
            HandOverNext();
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
                if (--remaining > 0)
                {
                    return;
                }
                _view = _view with { Relocating = false };
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
                AskToResume(_view.List.Sessions[moved.Id.Value]);
                Timers.StartPeriodicTimer(nameof(MoveDue), new MoveDue(), MoveInterval);
                break;
            case SessionWaiting waiting when _view.List.Sessions[waiting.Id.Value].Summary.PhaseSince == waiting.At:
                Log.Warning("Session {0}: its node is gone and no other has room for it; it waits.", waiting.Id);
                break;
        }
    }

    private void AskTheMoving()
    {
        _moving.RemoveWhere(id => !_view.List.Sessions[id].Summary.Running);
        if (_moving.Count == 0)
        {
            Timers.Cancel(nameof(MoveDue));
        }
        var moving = _moving.Select(id => _view.List.Sessions[id]).ToImmutableList();
        var misplaced = Relocation.Misplaced(Look(), moving);
        if (!misplaced.IsEmpty)
        {
            Relocate([.. misplaced]);
        }
        foreach (var session in moving.Where(session => !misplaced.Exists(moved => moved.Id == session.Summary.Id)))
        {
            AskToResume(session);
        }
    }

    private void AskToResume(PlacedSession session)
    {
        _view = _view.Hear(session.Summary.Id, _clock.GetUtcNow());
        _sessions.Tell(
            new ResumeSession(session.Summary.Id, session.Summary.Spec)
            {
                WaitedUntil = session.WaitedUntil,
                Node = session.Summary.Node,
            }.To(session.Shard)
        );
    }

    private sealed record UpkeepDue;

    private sealed record MoveDue;
}
