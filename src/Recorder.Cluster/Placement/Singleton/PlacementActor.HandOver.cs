using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>How the placement empties drained nodes: on each of them, one session after the other.</summary>
internal sealed partial class PlacementActor
{
    private void HearOfHandOvers()
    {
        Command<DrainNode>(OnDrain);
        Command<SessionHandedOver>(OnHandedOver);
        Command<HandOverBegun>(OnBegun);
        Command<HandOverRefused>(OnRefused);
        Command<MediaKept>(kept => _view = HandOverPlan.Kept(Look(), kept.Id, kept.Node));
        Command<RecordLeft>(OnRecordLeft);
    }

    private void OnDrain(DrainNode ask)
    {
        var asker = Sender;
        if (_view.List.Draining.Contains(ask.Node) == ask.On)
        {
            HandOverNext();
            asker.Tell(HandOverPlan.StateOf(Look(), ask.Node));
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
                KeepUp();
                asker.Tell(HandOverPlan.StateOf(Look(), ask.Node));
            }
        );
    }

    private void HandOverNext()
    {
        _view = HandOverPlan.Tidy(Look());
        foreach (var (session, handOver) in HandOverPlan.Next(_view))
        {
            var id = session.Summary.Id;
            Log.Info(
                "Session {0}: is handed over from {1}, which is drained, to {2}",
                id,
                handOver.From,
                handOver.Target
            );
            _view = HandOverPlan.Begin(_view, id.Value, handOver);
            _sessions.Tell(new HandOverSession(id, handOver.Target).To(session.Shard), Self);
        }
    }

    private void OnBegun(HandOverBegun begun)
    {
        if (HandOverPlan.Begun(_view, begun.Id, begun.Target) is not { } after)
        {
            return;
        }
        _view = after;
        HandOverNext();
    }

    private void OnRefused(HandOverRefused refused)
    {
        Log.Warning("Session {0} is not handed over to {1}: {2}", refused.Id, refused.Target, refused.Message);
        _view = HandOverPlan.Refused(Look(), refused.Id, refused.Target);
        HandOverNext();
    }

    /// <summary>A session without a node gets the message later, because any message to it makes sharding put its shard
    /// somewhere.</summary>
    private void OnRecordLeft(RecordLeft left)
    {
        var view = Look();
        if (
            view.List.Sessions.TryGetValue(left.Id.Value, out var known)
            && known.Summary.Phase != SessionPhase.WaitingForRoom
            && !(known.Summary.Running && view.IsLost(known))
            && !view.IsAwaited(known)
        )
        {
            _sessions.Tell(new ListRecord(left.Id, left).To(known.Shard), Sender);
        }
    }

    private void OnHandedOver(SessionHandedOver done)
    {
        var asker = Sender;
        var id = done.Summary.Id;
        if (!_view.List.Sessions.TryGetValue(id.Value, out var known))
        {
            asker.Tell(new SessionUnknown(id));
            return;
        }
        if (known.Version > done.Version || known.Summary.Node != done.Summary.Node)
        {
            // The session has reported this before.
            asker.Tell(new HandOverAccepted(id, known.Shard));
            return;
        }

        var reported = SummaryChanges.Of(known, done.Summary, done.Version);
        if (HandOverPlan.Arrival(Look().Apply(reported), id, done.Target) is not { } next)
        {
            // The session repeats the message until a shard has arrived.
            SendShard(done.Target);
            return;
        }

        _view = _view with { HandOvers = _view.HandOvers.Remove(id.Value) };
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
                asker.Tell(new HandOverAccepted(id, _view.List.Sessions[id.Value].Shard));
                HandOverNext();
            }
        );
    }
}
