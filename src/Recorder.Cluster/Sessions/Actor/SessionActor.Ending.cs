namespace Recorder.Cluster.Sessions.Actor;

/// <summary>How a session waits for the beginning and the end that its rules plan.</summary>
internal sealed partial class SessionActor
{
    private void HearOfTheEnd() => Command<EndingDue>(_ => Proceed());

    /// <summary>Looks at the rules again when they may say something new.</summary>
    private void AwaitEnding()
    {
        var here = Here();
        if (here is { Alive: true, Leaving: false } && SleepUntilDue() is { } sleep)
        {
            Timers.StartSingleTimer(nameof(EndingDue), new EndingDue(), sleep);
        }
        else
        {
            Timers.Cancel(nameof(EndingDue));
        }
    }

    private TimeSpan? SleepUntilDue() => BeginDecisions.Sleep(_state, Now()) ?? EndingDecisions.Sleep(_state, Now());

    private sealed record EndingDue;
}
