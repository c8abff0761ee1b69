using System.Collections.Immutable;

namespace Recorder.Worker.Rtp;

/// <summary>
/// When a failed reception begins anew: at once after the first failure, and after longer and longer waits when the
/// next receptions fail too. A pure function of the earlier failures.
/// </summary>
/// <param name="Failures">Number of failures in a row.</param>
/// <param name="BeginsAt">When the reception begins, or has begun.</param>
internal sealed record ReceptionRetry(int Failures, DateTimeOffset BeginsAt)
{
    private static readonly ImmutableArray<TimeSpan> Waits =
    [
        .. new[] { 0, 0.5, 1, 2, 4, 8, 15 }.Select(seconds => TimeSpan.FromSeconds(seconds)),
    ];

    /// <summary>A reception that lasts this long ends the row of failures.</summary>
    public static TimeSpan Lasting { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Takes note of a failure of the reception.</summary>
    /// <param name="now">When the reception failed.</param>
    /// <returns>The next state, the wait from now until the next reception, and whether to tell the node. Told are the
    /// first failure of a row, and the failure that first reaches the longest wait, because it is unlikely to
    /// pass.</returns>
    public (ReceptionRetry Next, TimeSpan Wait, bool Told) Failed(DateTimeOffset now)
    {
        var failures = now - BeginsAt >= Lasting ? 1 : Failures + 1;
        var wait = Waits[Math.Min(failures, Waits.Length) - 1];
        return (new ReceptionRetry(failures, now + wait), wait, failures == 1 || failures == Waits.Length);
    }
}
