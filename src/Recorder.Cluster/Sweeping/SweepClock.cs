namespace Recorder.Cluster.Sweeping;

/// <summary>
/// The time that a sweep goes by. A clock that jumps ahead must not let every record expire: the jump counts only at
/// the next sweep, when the clock has run on from there. A clock that jumps back only delays. Pure.
/// </summary>
/// <param name="Wall">The node's time at the last sweep.</param>
/// <param name="Elapsed">The time on a clock that never jumps, at the last sweep.</param>
internal sealed record SweepClock(DateTimeOffset Wall, TimeSpan Elapsed)
{
    /// <summary>By how much a clock that is set right may run ahead between two sweeps.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>The time up to which records have expired for certain.</summary>
    /// <param name="before">The sweep before; null at the first sweep of a node, which has nothing to compare
    /// with.</param>
    /// <param name="wall">The node's time.</param>
    /// <param name="elapsed">The time on a clock that never jumps.</param>
    /// <returns>The time; null at the first sweep.</returns>
    public static DateTimeOffset? Trusted(SweepClock? before, DateTimeOffset wall, TimeSpan elapsed)
    {
        if (before is null)
        {
            return null;
        }
        var expected = before.Wall + (elapsed - before.Elapsed) + Tolerance;
        return wall < expected ? wall : expected;
    }
}
