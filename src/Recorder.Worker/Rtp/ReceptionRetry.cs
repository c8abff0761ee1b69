using System.Collections.Immutable;

namespace Recorder.Worker.Rtp;

/// <summary>
/// When a reception that failed is begun anew: at once, and after longer and longer waits where the next ones fail too.
/// A function of what failed before.
/// </summary>
/// <param name="Failures">How many have failed in a row.</param>
/// <param name="BeginsAt">When the reception begins, or has begun.</param>
internal sealed record ReceptionRetry(int Failures, DateTimeOffset BeginsAt)
{
    private static readonly ImmutableArray<TimeSpan> Waits =
    [
        .. new[] { 0, 0.5, 1, 2, 4, 8, 15 }.Select(seconds => TimeSpan.FromSeconds(seconds)),
    ];

    /// <summary>A reception that lasts as long as this ends the row.</summary>
    public static TimeSpan Lasting { get; } = TimeSpan.FromMinutes(1);

    /// <summary>The reception has failed.</summary>
    /// <param name="now">When.</param>
    /// <returns>What is next, how long that is from now, and whether it is to be told: of a row, the first failure and
    /// that with which it does not look like passing.</returns>
    public (ReceptionRetry Next, TimeSpan Wait, bool Told) Failed(DateTimeOffset now)
    {
        var failures = now - BeginsAt >= Lasting ? 1 : Failures + 1;
        var wait = Waits[Math.Min(failures, Waits.Length) - 1];
        return (new ReceptionRetry(failures, now + wait), wait, failures == 1 || failures == Waits.Length);
    }
}
