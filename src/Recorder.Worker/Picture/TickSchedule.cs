namespace Recorder.Worker.Picture;

/// <summary>The tick that a paint is assigned to.</summary>
/// <param name="Tick">The tick, from 0.</param>
/// <param name="Replaces">True: the tick has a picture already, which the new picture replaces.</param>
internal readonly record struct TickAssignment(long Tick, bool Replaces);

/// <summary>
/// Turns paints at irregular times into frames on an exact grid: tick n is shown n frame periods after the origin. The
/// schedule knows only times (nanoseconds of CLOCK_MONOTONIC), and neither display nor encoder.
/// </summary>
/// <remarks>
/// <para>
/// Two free-running clocks beat. A grid that takes the latest paint repeats one picture and loses the next whenever
/// paint and tick boundary meet. Recordings of a 25 Hz clip then had only 0.60–0.84 different frames. So paints are
/// numbered instead of sampled. A paint goes to the tick after its predecessor's tick as long as the paint belongs
/// there within a tolerance. Only a paint outside the tolerance moves the numbering. Ticks are given to the encoder one
/// period late, so that a late paint still finds its tick open. The numbering has no state that could drift: the
/// tolerances always bound the distance between a paint and its tick.
/// </para>
/// <para>
/// A paint that is much too early for a tick of its own is the rest of a picture that was painted in several steps. The
/// paint replaces its predecessor.
/// </para>
/// </remarks>
internal sealed class TickSchedule(int framerate, long origin)
{
    /// <summary>A paint that is early for its tick by up to this share of a period still gets the tick.</summary>
    public const double EarlyTolerance = 0.7;

    /// <summary>A paint that is late for its tick by up to this share of a period still gets the tick. Below 1, the
    /// time for which a tick stays open.</summary>
    public const double LateTolerance = 0.9;

    // After a pause, a paint is placed where the room for jitter is the same on both sides.
    private const double Centre = (1 + EarlyTolerance - LateTolerance) / 2;

    // A display is painted at 10 Hz at least, whatever the record's rate, so no paint is later than this.
    private const double LongestLatency = 100e6;

    private long _lastAssigned = -1;

    /// <summary>Nanoseconds of a frame.</summary>
    public double Period { get; } = 1e9 / framerate;

    /// <summary>When tick 0 is shown.</summary>
    public long Origin { get; } = origin;

    /// <summary>The first tick that was neither given to the encoder nor left out yet.</summary>
    public long NextTick { get; private set; }

    /// <summary>When to give <see cref="NextTick"/> to the encoder: at the end of the tick's period, or earlier when
    /// the period is long.</summary>
    public long NextDeadline => TimeOf(NextTick) + (long)Math.Min(Period, LongestLatency);

    /// <summary>
    /// The origin of a record that begins now: the next time in phase with the recent paints. So paints fall onto
    /// ticks, and the sound has the same origin as the paints.
    /// </summary>
    /// <param name="now">The time now.</param>
    /// <param name="paints">Times of recent paints, in order; may be empty.</param>
    /// <param name="framerate">Frames a second.</param>
    public static long ChooseOrigin(long now, ReadOnlySpan<long> paints, int framerate)
    {
        if (paints.IsEmpty)
        {
            return now;
        }

        var period = 1e9 / framerate;
        var last = paints[^1];
        double mean = 0;
        foreach (var paint in paints)
        {
            var distance = (paint - last) / period;
            mean += (distance - Math.Round(distance)) / paints.Length;
        }

        var phase = last + (mean * period);
        var periods = Math.Ceiling((now - phase) / period);
        return Math.Max(now, (long)(phase + (periods * period)));
    }

    /// <summary>When a tick is shown.</summary>
    public long TimeOf(long tick) => Origin + TickClock.Nanoseconds(tick, framerate);

    /// <summary>Number of ticks that are shown before <paramref name="time"/>; at least one, so that no record is
    /// empty.</summary>
    public long TicksUntil(long time) => Math.Max(1, (long)Math.Round((time - Origin) / Period));

    /// <summary>Assigns a paint to a tick.</summary>
    public TickAssignment Paint(long at)
    {
        var ideal = (at - Origin) / Period;
        var next = Math.Max(_lastAssigned + 1, NextTick);
        var distance = ideal - next;
        if (distance < -EarlyTolerance && _lastAssigned >= NextTick)
        {
            return new TickAssignment(_lastAssigned, Replaces: true);
        }

        _lastAssigned = distance <= LateTolerance ? next : (long)Math.Floor(ideal + Centre);
        return new TickAssignment(_lastAssigned, Replaces: false);
    }

    /// <summary>Moves on after <see cref="NextTick"/> was given to the encoder or left out.</summary>
    public void Advance() => NextTick++;
}

/// <summary>Exact times of frames.</summary>
internal static class TickClock
{
    /// <summary>Start of a frame in nanoseconds, rounded down; exact for days.</summary>
    public static long Nanoseconds(long tick, int framerate) =>
        (tick / framerate * 1_000_000_000L) + (tick % framerate * 1_000_000_000L / framerate);
}
