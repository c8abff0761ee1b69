using Akka.Actor;
using Recorder.Cluster.Placement.Decisions;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>
/// The questions to the placement, each answered once. Questions are answered in order, after every earlier write.
/// While the database is down no write completes and no turn comes; then look-ups are answered from the last written
/// state, and starts are refused.
/// </summary>
/// <param name="self">The placement: it is told <see cref="TurnDue"/> and <see cref="TurnOverdue"/>.</param>
/// <param name="scheduler">What tells that a turn is overdue.</param>
/// <param name="lookUp">The answer to a look-up, from the state that is written.</param>
internal sealed class TurnQueue(IActorRef self, IScheduler scheduler, Func<object, object> lookUp)
{
    /// <summary>How long a look-up waits for its turn; shorter than whoever asks.</summary>
    private static readonly TimeSpan LookUpPatience = TimeSpan.FromSeconds(1);

    private readonly Queue<Turn> _held = [];

    /// <summary>Whether a write has kept a turn from coming, and no turn has come since: a list in many parts must not
    /// wait for each.</summary>
    private bool _behind;

    /// <summary>Takes a message before the placement does, even during a write; false when the message is none of the
    /// queue's.</summary>
    /// <param name="message">The message.</param>
    /// <param name="asker">Its sender.</param>
    public bool Hear(object message, IActorRef asker)
    {
        switch (message)
        {
            case FindSession or ListSessions or FindPressure when _behind:
                asker.Tell(lookUp(message));
                return true;
            case FindSession or ListSessions or FindPressure:
                Enter(new Turn(asker, message), LookUpPatience);
                return true;
            case AdmitSession ask:
                Enter(new Turn(asker, ask), Admission.PatienceOf(ask));
                return true;
            case TurnOverdue overdue:
                GiveUp(overdue.Turn);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A turn has come. Answers the question if it is a look-up; else the admission to decide, or null when it
    /// was refused meanwhile.</summary>
    public AdmitSession? Begin(Turn turn)
    {
        _behind = false;
        if (turn.Answered)
        {
            return null;
        }
        if (turn.Question is AdmitSession ask)
        {
            return ask;
        }
        turn.Answer(lookUp(turn.Question));
        return null;
    }

    /// <summary>Keeps a turn until <see cref="ReleaseHeld"/>: the placement does not know enough yet to
    /// decide.</summary>
    public void Hold(Turn turn) => _held.Enqueue(turn);

    /// <summary>Lets the turns that were held come again, in their order: each is decided in the state that the one
    /// before has reached.</summary>
    public void ReleaseHeld()
    {
        while (_held.TryDequeue(out var held))
        {
            self.Tell(new TurnDue(held));
        }
    }

    private void Enter(Turn turn, TimeSpan patience)
    {
        turn.Limit = scheduler.ScheduleTellOnceCancelable(patience, self, new TurnOverdue(turn), self);
        self.Tell(new TurnDue(turn));
    }

    private void GiveUp(Turn turn)
    {
        _behind |= !turn.Answered;
        turn.Answer(
            turn.Question is AdmitSession late ? Admission.TooLate(late, _held.Contains(turn)) : lookUp(turn.Question)
        );
    }

    /// <summary>A question that waits for its answer.</summary>
    internal sealed class Turn(IActorRef asker, object question)
    {
        /// <summary>What was asked.</summary>
        public object Question => question;

        /// <summary>What tells that the turn is overdue.</summary>
        public ICancelable? Limit { get; set; }

        /// <summary>Whether the question has its answer.</summary>
        public bool Answered { get; private set; }

        /// <summary>Answers the question, unless it was answered before.</summary>
        public void Answer(object reply)
        {
            if (Answered)
            {
                return;
            }
            Answered = true;
            Limit?.Cancel();
            asker.Tell(reply);
        }
    }

    /// <summary>A turn has come.</summary>
    internal sealed record TurnDue(Turn Turn);

    /// <summary>A turn has not come within its time. Heard even during a write, which a command or a timer of the
    /// placement would not be.</summary>
    internal sealed record TurnOverdue(Turn Turn);
}
