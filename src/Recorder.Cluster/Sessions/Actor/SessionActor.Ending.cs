namespace Recorder.Cluster.Sessions.Actor;

/// <summary>How a session waits for the end that its rules plan.</summary>
internal sealed partial class SessionActor
{
    private void HearOfTheEnd() => Command<EndingDue>(_ => Proceed());

    /// <summary>Looks at the rules again when they may say something new.</summary>
    private void AwaitEnding()
    {
        var here = Here();
        if (here is { Alive: true, Leaving: false } && EndingDecisions.Sleep(_state, Now()) is { } sleep)
        {
            Timers.StartSingleTimer(nameof(EndingDue), new EndingDue(), sleep);
        }
        else
        {
            Timers.Cancel(nameof(EndingDue));
        }
    }

    private sealed record EndingDue;
}
