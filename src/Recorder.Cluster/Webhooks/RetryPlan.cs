using System.Collections.Immutable;

namespace Recorder.Cluster.Webhooks;

/// <summary>How a call of a receiver ended.</summary>
/// <param name="Status">The status that the receiver answered; null without an answer.</param>
/// <param name="Error">One sentence about what went wrong; null when the receiver took the event.</param>
/// <param name="RetryAfter">How long the receiver wants to be left alone; null when it did not say.</param>
/// <param name="Took">How long the call took.</param>
public sealed record CallOutcome(int? Status, string? Error, TimeSpan? RetryAfter, TimeSpan Took);

/// <summary>What follows from a call.</summary>
public abstract record AfterCall
{
    /// <summary>The receiver has the event.</summary>
    public sealed record Delivered : AfterCall;

    /// <summary>The event is sent again after a wait.</summary>
    public sealed record Retry(TimeSpan Wait) : AfterCall;

    /// <summary>The event is not sent any more.</summary>
    public sealed record Dead : AfterCall;

    /// <summary>The receiver wants no events any more.</summary>
    public sealed record Gone : AfterCall;
}

/// <summary>When an event is sent again. Pure. The tries go on for a little more than a day. An event that has waited
/// as long behind an earlier one of its session gets one try. So what piled up behind a receiver that was away for days
/// is given up at once, event by event, and the newer events of the session come to their turn.</summary>
public static class RetryPlan
{
    /// <summary>The longest wait that a receiver may ask for.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(12);

    private static readonly ImmutableList<TimeSpan> Waits =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(30),
        TimeSpan.FromMinutes(2),
        TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(4),
        TimeSpan.FromHours(8),
        TimeSpan.FromHours(10),
    ];

    /// <summary>How often an event is sent at most.</summary>
    public static int MostAttempts => Waits.Count + 1;

    /// <summary>How long an event may be in the ledger and fail, its wait behind earlier events included.</summary>
    public static readonly TimeSpan Patience = Waits.Aggregate(TimeSpan.Zero, (sum, wait) => sum + wait);

    /// <summary>What follows from a call.</summary>
    /// <param name="attempts">How many calls there have been, this one included.</param>
    /// <param name="age">How long the event has been in the ledger.</param>
    /// <param name="outcome">How the call ended.</param>
    /// <param name="chance">A number from 0 to 1, so that many receivers are not called again at one moment.</param>
    public static AfterCall Next(int attempts, TimeSpan age, CallOutcome outcome, double chance)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        if (outcome is { Status: >= 200 and < 300, Error: null })
        {
            return new AfterCall.Delivered();
        }
        if (outcome.Status == 410)
        {
            return new AfterCall.Gone();
        }
        if (attempts >= MostAttempts || age >= Patience)
        {
            return new AfterCall.Dead();
        }
        var wait = Waits[attempts - 1] * (0.8 + (0.4 * chance));
        var asked = outcome.RetryAfter is { } after && after > LongestWait ? LongestWait : outcome.RetryAfter;
        return new AfterCall.Retry(asked > wait ? asked.Value : wait);
    }
}
