using Akka.Actor;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>
/// The questions to the placement, each answered once, in order and after every earlier write. While the database is
/// down no write completes and no turn comes. Then look-ups are answered from the last written state, and starts are
/// refused.
/// </summary>
/// <param name="self">The placement, which receives <see cref="TurnDue"/> and <see cref="TurnOverdue"/>.</param>
/// <param name="scheduler">The scheduler that tells the placement of an overdue turn.</param>
/// <param name="lookUp">Answers a look-up from the written state.</param>
internal sealed class TurnQueue(IActorRef self, IScheduler scheduler, Func<object, object> lookUp)
{
    /// <summary>How long a look-up waits for its turn; shorter than the asker waits.</summary>
    private static readonly TimeSpan LookUpPatience = TimeSpan.FromSeconds(1);

    private readonly Queue<Turn> _held = [];

    /// <summary>Whether a write has kept a turn from coming, and no turn has come since. Without this flag, each part
    /// of a list in many parts would wait.</summary>
    private bool _behind;

    /// <summary>Takes a message before the placement does, even during a write. False when the message is not for the
    /// queue.</summary>
    /// <param name="message">The message.</param>
    /// <param name="asker">Its sender.</param>
    public bool Hear(object message, IActorRef asker)
    {
        switch (message)
        {
            case FindSession or FindByKey or ListSessions or FindPressure when _behind:
                asker.Tell(lookUp(message));
                return true;
            case FindSession or FindByKey or ListSessions or FindPressure:
                Enter(new Turn(asker, message), LookUpPatience);
                return true;
            case PingPlacement:
                asker.Tell(new PlacementHere());
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

    /// <summary>A turn has come. Answers a look-up and returns null. Returns an admission that is to be decided, or
    /// null when that admission was refused meanwhile.</summary>
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

    /// <summary>Keeps a turn until <see cref="ReleaseHeld"/>, because the placement does not know enough yet to
    /// decide.</summary>
    public void Hold(Turn turn) => _held.Enqueue(turn);

    /// <summary>Lets the held turns come again, in their order. Each admission is decided in the state after the one
    /// before.</summary>
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
        if (turn.Answered)
        {
            return;
        }
        _behind = true;
        turn.Answer(
            turn.Question is AdmitSession late ? Admission.TooLate(late, _held.Contains(turn)) : lookUp(turn.Question)
        );
    }

    /// <summary>A question that waits for its answer.</summary>
    internal sealed class Turn(IActorRef asker, object question)
    {
        private object? _question = question;

        /// <summary>What was asked.</summary>
        /// <exception cref="InvalidOperationException">The question has its answer.</exception>
        public object Question => _question ?? throw new InvalidOperationException("The question has its answer.");

        /// <summary>The timer that tells the placement that the turn is overdue.</summary>
        public ICancelable? Limit { get; set; }

        /// <summary>Whether the question has its answer.</summary>
        public bool Answered { get; private set; }

        /// <summary>Answers the question, unless the question was answered before.</summary>
        public void Answer(object reply)
        {
            if (Answered)
            {
                return;
            }
            Answered = true;

            // The turn itself may wait behind a write for a long time, in great numbers.
            _question = null;
            Limit?.Cancel();
            asker.Tell(reply);
        }
    }

    /// <summary>A turn has come.</summary>
    internal sealed record TurnDue(Turn Turn);

    /// <summary>A turn has not come within its time. Received even during a write, unlike a command or a timer of the
    /// placement.</summary>
    internal sealed record TurnOverdue(Turn Turn);
}
