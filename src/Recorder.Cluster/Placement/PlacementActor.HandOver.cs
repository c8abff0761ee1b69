using System.Collections.Immutable;

using Akka.Actor;
using Akka.Event;

using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Placement;

/// <summary>How the placement empties nodes that are drained: one session after the other of each.</summary>
internal sealed partial class PlacementActor
{
    private static readonly TimeSpan HandOverRetryInterval = TimeSpan.FromSeconds(30);

    private readonly Dictionary<int, DateTimeOffset> _refused = [];
    private ImmutableDictionary<int, HandOverUnderWay> _handOvers = ImmutableDictionary<int, HandOverUnderWay>.Empty;

    private void HearOfHandOvers()
    {
        Command<SessionHandedOver>(OnHandedOver);
        Command<HandOverRefused>(refused =>
        {
            Log.Warning("Session {0} is not handed over to {1}: {2}", refused.Id, refused.Target, refused.Message);
            _handOvers = _handOvers.Remove(refused.Id.Value);
            _refused[refused.Id.Value] = _clock.GetUtcNow();
            HandOverNext();
        });
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

    private DrainState DrainStateOf(string node)
    {
        var there = _state.Running.Where(session => session.Summary.Node == node && session.Summary.Phase != SessionPhase.WaitingForRoom).ToList();
        return new DrainState(node, _state.Draining.Contains(node), [.. there.Select(session => session.Summary.Id)])
        {
            // A start that was on its way to the node when it was drained can be handed over once it records.
            Moving = _handOvers.Values.Any(one => one.From == node) || there.Exists(session => session.Summary.Phase == SessionPhase.Starting),
        };
    }

    private void HandOverNext()
    {
        var now = _clock.GetUtcNow();
        _handOvers = HandOverPlan.Standing(_handOvers, _state, _nodes, now);
        foreach (var (session, handOver) in HandOverPlan.Next(
            _state, _nodes, _farm.Leaving, _handOvers, id => !_refused.TryGetValue(id, out var at) || now - at > HandOverRetryInterval, now))
        {
            var id = session.Summary.Id;
            Log.Info("Session {0}: is handed over from {1}, which is drained, to {2}", id, handOver.From, handOver.Target);
            _handOvers = _handOvers.SetItem(id.Value, handOver);
            _sessions.Tell(new HandOver(id, session.Slot, handOver.Target), Self);
        }
    }

    private void OnHandedOver(SessionHandedOver done)
    {
        var asker = Sender;
        var id = done.Summary.Id;
        if (!_state.Sessions.TryGetValue(id.Value, out var known)) return;
        if (known.Version > done.Version || known.Summary.Node != done.Summary.Node)
        {
            // It has been told before.
            asker.Tell(new HandOverAccepted(id, known.Slot));
            return;
        }

        var taken = _state.Running.Select(session => session.Slot).ToHashSet();
        if (SlotChoice.Free(_options.SlotPool, taken, _board.HomeOf, done.Target) is not { } slot) return;
        var remaining = 2;
        PersistAll<IPlacementEvent>(
            [new SessionReported(done.Summary, done.Version), new SessionMoved(id, slot, done.Target, _clock.GetUtcNow()) { HandedOver = true }],
            happened =>
            {
                Take(happened);
                if (--remaining > 0) return;
                Log.Info("Session {0}: goes on on {1}, slot {2}", id, done.Target, slot);
                _handOvers = _handOvers.Remove(id.Value);
                _board.Decide(slot, done.Target);
                _moving.Add(id.Value);
                AskToGoOn(_state.Sessions[id.Value]);
                Timers.StartPeriodicTimer(nameof(MoveDue), new MoveDue(), MoveInterval);
                asker.Tell(new HandOverAccepted(id, slot));
                HandOverNext();
            });
    }
}
