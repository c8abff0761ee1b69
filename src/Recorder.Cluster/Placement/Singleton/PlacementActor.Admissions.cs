using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>
/// How the placement takes in sessions, one after the other, each written down before it is told. One that was written
/// so late that whoever asked for it has been refused is withdrawn: it must hold no shard, and answer no further try
/// with its key.
/// </summary>
internal sealed partial class PlacementActor
{
    /// <summary>How long whoever asks waits, if he does not say.</summary>
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryLater = TimeSpan.FromSeconds(10);

    /// <summary>How long a start waits for its turn and its write; shorter than whoever asks, so that he hears
    /// why.</summary>
    private static TimeSpan PatienceOf(AdmitSession ask) => (ask.Within ?? UsualWait) * 0.8;

    private AdmissionRefused Refusal(Turn turn, AdmitSession ask) =>
        new(
            FaultCode.Unavailable,
            _held.Contains(turn)
                ? "The farm is starting, and no node has told yet what it can hold; try again in a few seconds."
                : $"The farm's database has not taken the session within {PatienceOf(ask).TotalSeconds:0.#} s, so nothing was started; what is being recorded "
                    + "goes on. Try again when the database answers.",
            [],
            RetryLater
        );

    private void Admit(Turn turn, AdmitSession ask)
    {
        var held = _began + HoldLimit - _clock.GetUtcNow();
        if ((_nodes.IsEmpty || !KnowsShards) && held > TimeSpan.Zero)
        {
            _held.Enqueue(turn);
            Timers.StartSingleTimer(nameof(HoldLimitPassed), new HoldLimitPassed(), held);
            return;
        }

        var reply = Admission.Decide(_state, _nodes, _options.Shards, ask, _board.HomeOf, _farm.Leaving, _handOvers);
        if (reply is not SessionAdmitted admitted || admitted.Id.Value <= _state.LastId)
        {
            if (
                reply is AdmissionRefused
                && Admission.Roomiest(
                    Admission.Measure(_state, _nodes, _farm.Leaving, _handOvers),
                    SessionCost.Of(ask.Spec)
                )
                    is { } roomiest
            )
            {
                SendShard(roomiest.Node);
            }

            Answer(turn, reply);
            return;
        }

        var placed = new SessionPlaced(
            admitted.Id,
            admitted.Shard,
            admitted.Node,
            ask.Spec,
            ask.IdempotencyKey,
            _clock.GetUtcNow()
        );
        Persist(
            placed,
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
                _heard[happened.Id.Value] = happened.At;
                Log.Info("Session {0}: shard {1} on {2}", happened.Id, happened.Shard, happened.Node);
                Answer(turn, admitted);
            }
        );
    }

    /// <summary>Hears again what was held, each in its turn: an admission is decided in the state that the one before
    /// it has reached.</summary>
    private void ReleaseHeld()
    {
        Timers.Cancel(nameof(HoldLimitPassed));
        while (_held.TryDequeue(out var held))
        {
            Self.Tell(new TurnDue(held));
        }
    }
}
