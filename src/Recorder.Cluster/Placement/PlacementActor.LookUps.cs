using Akka.Actor;

namespace Recorder.Cluster.Placement;

/// <summary>
/// How the placement tells what it knows. A look-up is answered in its turn, so that it shows all that was reported before it; but while the database is away,
/// and an event cannot be written, from what was written before: an operator sees the farm, and a stop finds its session.
/// </summary>
internal sealed partial class PlacementActor
{
    /// <summary>How long a look-up waits for its turn; shorter than whoever asks.</summary>
    private static readonly TimeSpan LookUpPatience = TimeSpan.FromSeconds(1);

    protected override bool AroundReceive(Receive receive, object message)
    {
        switch (message)
        {
            case LocateSession or ListSessions or GetPressure when !IsRecovering:
                var lookUp = new LookUp(Sender, message);
                lookUp.Limit = Context.System.Scheduler.ScheduleTellOnceCancelable(LookUpPatience, Self, new LookUpOverdue(lookUp), Self);
                Self.Tell(new LookUpDue(lookUp));
                return true;

            // Neither a command nor a timer of this actor would come through during a write.
            case LookUpOverdue overdue:
                Answer(overdue.LookUp);
                return true;
            default:
                return base.AroundReceive(receive, message);
        }
    }

    private void HearOfLookUps() => Command<LookUpDue>(due => Answer(due.LookUp));

    private void Answer(LookUp lookUp)
    {
        if (lookUp.Answered) return;
        lookUp.Answered = true;
        lookUp.Limit?.Cancel();
        lookUp.Asker.Tell(lookUp.Question switch
        {
            LocateSession locate => _state.Sessions.TryGetValue(locate.Id.Value, out var found)
                ? new SessionLocation(locate.Id, found.Slot, found.Summary)
                : new SessionUnknown(locate.Id),
            ListSessions => new SessionList([.. _state.Sessions.Values.Select(session => session.Summary)]),
            _ => Admission.Measure(_state, _nodes, _farm.Leaving, _handOvers),
        });
    }

    private sealed class LookUp(IActorRef asker, object question)
    {
        public IActorRef Asker => asker;

        public object Question => question;

        public ICancelable? Limit { get; set; }

        public bool Answered { get; set; }
    }

    private sealed record LookUpDue(LookUp LookUp);

    private sealed record LookUpOverdue(LookUp LookUp);
}
