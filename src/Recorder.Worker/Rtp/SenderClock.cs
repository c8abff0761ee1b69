namespace Recorder.Worker.Rtp;

/// <summary>
/// One sender's clock, by the timestamps of its packets and by its reports (RFC 3550, 6.4.1). Timestamps are right even
/// where packets come late, so packets that the network held up and then delivered at once keep their times. Where a
/// sender's timestamps stand still or begin anew, the media time continues with the time of arrival. A pure function of
/// the packets that came.
/// </summary>
/// <param name="Rate">Timestamp units a second.</param>
internal sealed record SenderClock(int Rate)
{
    // A packet cannot come before it was sent. A packet that looks early by more than the drift of clocks has
    // timestamps that began anew.
    private const long MostEarly = 1_000_000_000;
    private const long MostLate = 30_000_000_000;

    // Packets that the network held up arrive closer together than they were sent, so each is less late than the one
    // before. Lateness that exceeds any network's and stays as large as at first means that the timestamps stood still.
    private const long Late = 2_000_000_000;
    private const long SteadyFor = 500_000_000;
    private const long SteadyWithin = 50_000_000;

    // The packet with the least delay within this time counts. So jitter is ignored, and the drift of the sender's
    // clock is followed.
    private const long Window = 10_000_000_000;

    // Hosts adjust their clocks by milliseconds. A larger step means that a clock was set anew.
    private const long Step = 100_000_000;
    private const long FarthestReport = 120_000_000_000;
    private const long Second = 1_000_000_000;

    // Leaves room for the times of packets before the first one.
    private const long First = 1L << 32;

    /// <summary>The difference from media time to the time of arrival with the least delay, in nanoseconds; null before
    /// the first packet.</summary>
    public long? Arrival => ThisWindow is { } now ? Math.Min(now, WindowBefore) : null;

    /// <summary>The difference from media time to the sender's own time by its reports, in nanoseconds; null: not
    /// known.</summary>
    public long? Reported { get; private init; }

    /// <summary>When the latest usable report came, in nanoseconds.</summary>
    public long ReportedAt { get; private init; } = long.MinValue;

    /// <summary>When a report came that showed that the sender's own clock had been set anew, in nanoseconds.</summary>
    public long SteppedAt { get; private init; } = long.MinValue;

    private long? Ticks { get; init; }

    private uint Timestamp { get; init; }

    private long? ThisWindow { get; init; }

    private long WindowBefore { get; init; } = long.MaxValue;

    private long WindowSince { get; init; }

    private (long Since, long First, long Least)? Lateness { get; init; }

    private (RtcpSenderReport Report, long At)? Early { get; init; }

    /// <summary>Takes note of a packet.</summary>
    /// <param name="timestamp">The packet's timestamp.</param>
    /// <param name="at">When the packet came, in nanoseconds.</param>
    /// <returns>The next state, and the packet's media time in nanoseconds, which is never negative.</returns>
    public (SenderClock Next, long MediaTime) Came(uint timestamp, long at)
    {
        if (Ticks is not { } ticks)
        {
            var begun = (
                this with
                {
                    Ticks = First,
                    Timestamp = timestamp,
                    ThisWindow = at - TimeOf(First),
                    WindowSince = at,
                    Early = null,
                }
            );
            return (Early is { } early ? begun.Said(early.Report, early.At) : begun, TimeOf(First));
        }

        var came = ticks + (int)(timestamp - Timestamp);
        var next = this with { Ticks = came, Timestamp = timestamp };
        var late = at - TimeOf(came) - Arrival!.Value;
        if (late is < -MostEarly or > MostLate)
        {
            return next.BegunAnew(late, at);
        }

        if (late <= Late)
        {
            return (next.Measured(at) with { Lateness = null }, TimeOf(came));
        }

        if (Lateness is not { } lateness || late < lateness.First - SteadyWithin)
        {
            return (next.Measured(at) with { Lateness = (at, late, late) }, TimeOf(came));
        }

        lateness.Least = Math.Min(lateness.Least, late);
        return at - lateness.Since >= SteadyFor
            ? next.BegunAnew(lateness.Least, at)
            : (next.Measured(at) with { Lateness = lateness }, TimeOf(came));
    }

    /// <summary>Takes note of a report. A report with impossible content is ignored.</summary>
    /// <param name="report">The report.</param>
    /// <param name="at">When the report came, in nanoseconds.</param>
    public SenderClock Said(RtcpSenderReport report, long at)
    {
        if (report.Time == 0)
        {
            return this;
        }

        if (Ticks is not { } ticks)
        {
            return this with { Early = (report, at) };
        }

        var distance = (int)(report.Timestamp - Timestamp);
        if (Math.Abs(TimeOf(distance)) > FarthestReport)
        {
            return this;
        }

        var reported = report.Time - TimeOf(ticks + distance);
        var stepped = Reported is { } before && Math.Abs(reported - before) > Step;
        return this with { Reported = reported, ReportedAt = at, SteppedAt = stepped ? at : SteppedAt };
    }

    private long TimeOf(long ticks) => (long)((Int128)ticks * Second / Rate);

    private (SenderClock Next, long MediaTime) BegunAnew(long late, long at)
    {
        var moved = this with
        {
            Ticks = Ticks + (long)((Int128)late * Rate / Second),
            Reported = null,
            Lateness = null,
        };
        return (moved.Measured(at), TimeOf(moved.Ticks!.Value));
    }

    private SenderClock Measured(long at)
    {
        var offset = at - TimeOf(Ticks!.Value);
        return at - WindowSince >= Window
            ? this with
            {
                WindowBefore = ThisWindow!.Value,
                ThisWindow = offset,
                WindowSince = at,
            }
            : this with
            {
                ThisWindow = Math.Min(ThisWindow!.Value, offset),
            };
    }
}
