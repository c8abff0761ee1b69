using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>How the placement empties nodes that are drained: one session after the other of each.</summary>
internal sealed partial class PlacementActor
{
    private static readonly TimeSpan HandOverPatience = TimeSpan.FromSeconds(90);

    /// <summary>How long a node that keeps media is believed to; it tells so every second.</summary>
    private static readonly TimeSpan KeptPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HandOverRetryInterval = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(int Session, string Target), DateTimeOffset> _refused = [];

    /// <summary>
    /// The hand-overs under way: as they were decided here, or as the node tells that keeps the media, which a
    /// placement that has just begun learns them from.
    /// </summary>
    private ImmutableDictionary<int, HandOverUnderWay> _handOvers = ImmutableDictionary<int, HandOverUnderWay>.Empty;

    private void HearOfHandOvers()
    {
        Command<DrainNode>(OnDrain);
        Command<SessionHandedOver>(OnHandedOver);
        Command<HandOverBegun>(OnBegun);
        Command<HandOverRefused>(OnRefused);
        Command<MediaKept>(OnKept);
        Command<RecordLeft>(OnRecordLeft);
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

        IPlacementEvent decided = ask.On
            ? new DrainBegan(ask.Node, _clock.GetUtcNow())
            : new DrainEnded(ask.Node, _clock.GetUtcNow());
        Persist(
            decided,
            happened =>
            {
                Take(happened);
                Log.Info("Node {0}: {1}", ask.Node, ask.On ? "is drained" : "takes sessions again");
                Care();
                asker.Tell(DrainStateOf(ask.Node));
            }
        );
    }

    private DrainState DrainStateOf(string node)
    {
        var there = _state
            .Running.Where(session =>
                session.Summary.Node == node && session.Summary.Phase != SessionPhase.WaitingForRoom
            )
            .ToList();
        return new DrainState(node, _state.Draining.Contains(node), [.. there.Select(session => session.Summary.Id)])
        {
            // What starts, or is being started again, can be handed over once it records.
            Moving =
                _handOvers.Values.Any(one => one.From == node || one.Target == node)
                || there.Exists(session => session.Summary.Phase is SessionPhase.Starting or SessionPhase.Resuming)
                || ((_relocating || !Gathered) && there.Count > 0),
        };
    }

    private void HandOverNext()
    {
        var now = _clock.GetUtcNow();
        _handOvers = _handOvers.RemoveRange(
            _handOvers.Where(one => IsOver(one.Key, one.Value, now)).Select(one => one.Key)
        );
        foreach (
            var old in _refused
                .Where(refused => now - refused.Value > HandOverRetryInterval)
                .Select(refused => refused.Key)
                .ToList()
        )
        {
            _refused.Remove(old);
        }
        if (!Gathered)
        {
            return;
        }
        foreach (
            var (session, handOver) in HandOverPlan.Next(
                _state,
                _nodes,
                _farm.Leaving,
                _handOvers,
                _options.Shards - Taken().Count - _handOvers.Count,
                (id, target) => !_refused.ContainsKey((id, target)),
                now + HandOverPatience
            )
        )
        {
            var id = session.Summary.Id;
            Log.Info(
                "Session {0}: is handed over from {1}, which is drained, to {2}",
                id,
                handOver.From,
                handOver.Target
            );
            _handOvers = _handOvers.SetItem(id.Value, handOver);
            _sessions.Tell(new HandOverSession(id, handOver.Target).To(session.Shard), Self);
        }
    }

    /// <summary>Whether nothing more comes of a hand-over: it is too old, its session has ended or is elsewhere, or the
    /// next node is gone.</summary>
    private bool IsOver(int id, HandOverUnderWay one, DateTimeOffset now) =>
        now > one.Until
        || _farm.Removed.Contains(one.Target)
        || !_state.Sessions.TryGetValue(id, out var session)
        || !session.Summary.Running
        || session.Summary.Node != one.From;

    private void OnBegun(HandOverBegun begun)
    {
        if (!_handOvers.TryGetValue(begun.Id.Value, out var known) || known.Target != begun.Target)
        {
            return;
        }
        _handOvers = _handOvers.SetItem(begun.Id.Value, known with { Begun = true });
        HandOverNext();
    }

    private void OnRefused(HandOverRefused refused)
    {
        Log.Warning("Session {0} is not handed over to {1}: {2}", refused.Id, refused.Target, refused.Message);
        _refused[(refused.Id.Value, refused.Target)] = _clock.GetUtcNow();
        if (_handOvers.TryGetValue(refused.Id.Value, out var known) && known.Target == refused.Target)
        {
            _handOvers = _handOvers.Remove(refused.Id.Value);
        }
        HandOverNext();
    }

    private void OnKept(MediaKept kept)
    {
        if (
            !_state.Sessions.TryGetValue(kept.Id.Value, out var known)
            || !known.Summary.Running
            || known.Summary.Node == kept.Node
        )
        {
            return;
        }
        var until = _clock.GetUtcNow() + KeptPatience;
        if (_handOvers.TryGetValue(kept.Id.Value, out var underWay) && underWay.Target == kept.Node)
        {
            if (underWay.Until < until)
            {
                _handOvers = _handOvers.SetItem(kept.Id.Value, underWay with { Until = until });
            }
            return;
        }

        _handOvers = _handOvers.SetItem(
            kept.Id.Value,
            new HandOverUnderWay(known.Summary.Node, kept.Node, SessionCost.Of(known.Summary.Spec), until)
        );
    }

    /// <summary>A session without a node is told later: what it is told makes sharding put it somewhere.</summary>
    private void OnRecordLeft(RecordLeft left)
    {
        if (
            _state.Sessions.TryGetValue(left.Id.Value, out var known)
            && known.Summary.Phase != SessionPhase.WaitingForRoom
            && !(known.Summary.Running && IsLost(known))
            && !IsAwaited(known)
        )
        {
            _sessions.Tell(new ListRecord(left.Id, left).To(known.Shard), Sender);
        }
    }

    private void OnHandedOver(SessionHandedOver done)
    {
        var asker = Sender;
        var id = done.Summary.Id;
        if (!_state.Sessions.TryGetValue(id.Value, out var known))
        {
            return;
        }
        if (known.Version > done.Version || known.Summary.Node != done.Summary.Node)
        {
            // It has been told before.
            asker.Tell(new HandOverAccepted(id, known.Shard));
            return;
        }

        var reported = new SessionReported(done.Summary, done.Version);
        var now = _clock.GetUtcNow();
        if (Next(_state.Apply(reported), done, now) is not { } next)
        {
            // It tells again, until a shard has arrived.
            SendShard(done.Target);
            return;
        }

        _handOvers = _handOvers.Remove(id.Value);
        var remaining = 2;
        PersistAll<IPlacementEvent>(
            [reported, next],
            happened =>
            {
                if (--remaining > 0)
                {
                    Take(happened);
                    return;
                }

                OnRelocated(happened);
                asker.Tell(new HandOverAccepted(id, _state.Sessions[id.Value].Shard));
                HandOverNext();
            }
        );
    }

    /// <summary>The session's way to its next node; to another one, or into waiting, when that is gone meanwhile; null
    /// when no shard is free.</summary>
    private IPlacementEvent? Next(PlacementState reported, SessionHandedOver done, DateTimeOffset now)
    {
        var id = done.Summary.Id;
        if (_farm.Removed.Contains(done.Target))
        {
            return Relocation
                .Decide(
                    reported,
                    _nodes,
                    _farm,
                    session => session.Summary.Id == id,
                    _options.OverfillOnNodeLoss,
                    _options.Shards,
                    _board.HomeOf,
                    now,
                    _handOvers
                )
                .Find(decided =>
                    decided is SessionMoved moved
                        ? moved.Id == id
                        : decided is SessionWaiting waiting && waiting.Id == id
                );
        }

        return ShardChoice.Free(_options.Shards, Taken(), _board.HomeOf, done.Target) is { } shard
            ? new SessionMoved(id, shard, done.Target, now) { HandedOver = true }
            : null;
    }

    /// <summary>Has an idle shard of another node brought to one that has room and no shard.</summary>
    private void SendShard(string node)
    {
        if (ShardChoice.Idle(_options.Shards, Taken(), _board.HomeOf, node) is not { } shard)
        {
            return;
        }
        Log.Info("Shard {0} is idle on {1} and is brought to {2}", shard, _board.HomeOf(shard), node);
        _board.Send(shard, node);
    }

    private HashSet<int> Taken() => [.. _state.Running.Select(session => session.Shard)];
}
