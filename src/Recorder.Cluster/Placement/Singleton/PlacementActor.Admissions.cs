using Akka.Event;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>
/// How the placement takes in sessions, one after the other. Each session is written before its asker is told. A
/// session written after its asker was refused is withdrawn: it must hold no shard, and must not answer a further try
/// with the same key.
/// </summary>
internal sealed partial class PlacementActor
{
    private void OnTurn(TurnQueue.Turn turn)
    {
        if (_turns.Begin(turn) is not { } ask)
        {
            return;
        }
        var view = Look();
        if (view.AdmissionHold is var hold && hold > TimeSpan.Zero)
        {
            _turns.Hold(turn);
            Timers.StartSingleTimer(nameof(HoldLimitPassed), new HoldLimitPassed(), hold);
            return;
        }

        var since = _clock.GetTimestamp();
        var reply = Admission.Decide(view, ask);
        Context.System.EventStream.Publish(new StartDecided(_clock.GetElapsedTime(since)));
        if (reply is not SessionAdmitted admitted || admitted.Id.Value <= view.List.LastId)
        {
            if (
                reply is AdmissionRefused { Code: FaultCode.AtCapacity }
                && Admission.Roomiest(view, SessionCost.Of(ask.Spec)) is { } roomiest
            )
            {
                SendShard(roomiest);
            }
            turn.Answer(reply);
            return;
        }

        Persist(
            new SessionPlaced(admitted.Id, admitted.Shard, admitted.Node, ask.Spec, ask.IdempotencyKey, view.Now),
            happened =>
            {
                Take(happened);
                if (turn.Answered)
                {
                    Log.Info("Session {0} was placed too late for whoever asked for it and is withdrawn", happened.Id);
                    Persist(new PlacementWithdrawn(happened.Id, _clock.GetUtcNow()), Take);
                    return;
                }

                _board.Decide(happened.Shard, happened.Node);
                _view = Look().Hear(happened.Id);
                Log.Info("Session {0}: shard {1} on {2}", happened.Id, happened.Shard, happened.Node);
                turn.Answer(admitted);
            }
        );
    }

    private void ReleaseHeld()
    {
        Timers.Cancel(nameof(HoldLimitPassed));
        _turns.ReleaseHeld();
    }

    /// <summary>Has an idle shard of another node brought to a node that has room but no shard.</summary>
    private void SendShard(string node)
    {
        var view = Look();
        if (ShardChoice.Idle(view, node) is not { } shard)
        {
            return;
        }
        Log.Info("Shard {0} is idle on {1} and is brought to {2}", shard, view.Shards.HomeOf(shard), node);
        _board.Send(shard, node);
    }

    private sealed record HoldLimitPassed;

    private sealed record ShardsObserved;
}
