using Akka.Actor;
using Recorder.Cluster.Placement.Decisions;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>
/// How the placement answers whoever asks: in his turn, so that the answer shows all that was told before; but while
/// the database is away, and an event cannot be written, none would ever come. Then a look-up is answered from what was
/// written before: an operator sees the farm, and a stop finds its session. A start is refused.
/// </summary>
internal sealed partial class PlacementActor
{
    /// <summary>How long a look-up waits for its turn; shorter than whoever asks.</summary>
    private static readonly TimeSpan LookUpPatience = TimeSpan.FromSeconds(1);

    /// <summary>Whether a write has kept a turn from coming, and none has come since: a list in many parts must not
    /// wait for each.</summary>
    private bool _behind;

    protected override bool AroundReceive(Receive receive, object message)
    {
        switch (message)
        {
            case FindSession or ListSessions or FindPressure when _behind:
                Sender.Tell(LookUp(message));
                return true;
            case FindSession or ListSessions or FindPressure when !IsRecovering:
                Queue(new Turn(Sender, message), LookUpPatience);
                return true;
            case AdmitSession ask when !IsRecovering:
                Queue(new Turn(Sender, ask), PatienceOf(ask));
                return true;

            // Neither a command nor a timer of this actor would come through during a write.
            case TurnOverdue overdue:
                _behind |= !overdue.Turn.Answered;
                Answer(
                    overdue.Turn,
                    overdue.Turn.Question is AdmitSession late
                        ? Refusal(overdue.Turn, late)
                        : LookUp(overdue.Turn.Question)
                );
                return true;
            default:
                return base.AroundReceive(receive, message);
        }
    }

    private void HearOfTurns() =>
        Command<TurnDue>(due =>
        {
            _behind = false;
            if (due.Turn.Answered)
            {
                return;
            }
            if (due.Turn.Question is AdmitSession ask)
            {
                Admit(due.Turn, ask);
            }
            else
            {
                Answer(due.Turn, LookUp(due.Turn.Question));
            }
        });

    private void Queue(Turn turn, TimeSpan patience)
    {
        turn.Limit = Context.System.Scheduler.ScheduleTellOnceCancelable(patience, Self, new TurnOverdue(turn), Self);
        Self.Tell(new TurnDue(turn));
    }

    private static void Answer(Turn turn, object reply)
    {
        if (turn.Answered)
        {
            return;
        }
        turn.Answered = true;
        turn.Limit?.Cancel();
        turn.Asker.Tell(reply);
    }

    private object LookUp(object question) =>
        question switch
        {
            FindSession locate => _state.Sessions.TryGetValue(locate.Id.Value, out var found)
                ? new SessionLocation(locate.Id, found.Shard, found.Summary)
                : new SessionUnknown(locate.Id),
            ListSessions list => SessionPages.After(_state, list.After?.Value ?? 0),
            _ => Admission.Measure(_state, _nodes, _farm.Leaving, _handOvers),
        };

    private sealed class Turn(IActorRef asker, object question)
    {
        public IActorRef Asker => asker;

        public object Question => question;

        public ICancelable? Limit { get; set; }

        public bool Answered { get; set; }
    }

    private sealed record TurnDue(Turn Turn);

    private sealed record TurnOverdue(Turn Turn);
}
