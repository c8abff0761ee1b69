using Recorder.Worker.Picture;

namespace Recorder.Worker.Tests.Picture;

public class TickScheduleTests
{
    private const long Millisecond = 1_000_000;
    private const long Origin = 5_000_000_000;

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(13)]
    [InlineData(20)]
    [InlineData(27)]
    [InlineData(33)]
    [InlineData(39)]
    public void A_clip_of_the_recordings_rate_keeps_every_picture_whatever_its_phase_and_with_10_ms_of_jitter(int phase)
    {
        var random = new Random(phase);
        var record = new Record(framerate: 25);

        for (var i = 0; i < 15_000; i++)
        {
            record.Paint(
                Origin
                    + (phase * Millisecond)
                    + (i * 40 * Millisecond)
                    + (long)((random.NextDouble() - 0.5) * 20 * Millisecond)
            );
        }

        Assert.True(record.Shown.Count >= 14_997, $"{record.Shown.Count} of 15000 pictures have a tick");
    }

    [Fact]
    public void A_clip_that_is_a_little_slower_or_faster_than_the_grid_never_gets_far_from_its_time()
    {
        foreach (var period in new[] { 39.9, 39.99, 40.01, 40.1 })
        {
            var record = new Record(framerate: 25);
            for (var i = 0; i < 90_000; i++)
            {
                record.Paint(Origin + (long)(i * period * Millisecond));
            }

            Assert.InRange(record.LargestDistance, 0, 0.95);
            Assert.True(
                record.Shown.Count >= 90_000 - (Math.Abs(period - 40) / 40 * 90_000) - 3,
                $"{record.Shown.Count} at {period} ms"
            );
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(24)]
    public void A_slower_clip_keeps_every_picture(int rate)
    {
        var record = new Record(framerate: 25);
        for (var i = 0; i < 1000; i++)
        {
            record.Paint(Origin + (i * 1000 * Millisecond / rate));
        }

        Assert.Equal(1000, record.Shown.Count);
        Assert.InRange(record.LargestDistance, 0, 0.95);
    }

    [Fact]
    public void A_clip_of_twice_the_rate_fills_every_tick_once()
    {
        var record = new Record(framerate: 25);
        for (var i = 0; i < 1000; i++)
        {
            record.Paint(Origin + (i * 20 * Millisecond));
        }

        Assert.InRange(record.Shown.Count, 498, 502);
        Assert.InRange(record.LargestDistance, 0, 1.3);
    }

    [Fact]
    public void A_picture_painted_in_two_steps_takes_one_tick_and_shows_the_second_step()
    {
        var schedule = new TickSchedule(25, Origin);
        var first = schedule.Paint(Origin + (80 * Millisecond));
        var second = schedule.Paint(Origin + (88 * Millisecond));

        Assert.Equal(new TickAssignment(2, Replaces: false), first);
        Assert.Equal(new TickAssignment(2, Replaces: true), second);
    }

    [Fact]
    public void A_picture_whose_predecessor_was_given_away_gets_the_next_tick_rather_than_being_lost()
    {
        var schedule = new TickSchedule(25, Origin);
        schedule.Paint(Origin);
        schedule.Advance();

        Assert.Equal(new TickAssignment(1, Replaces: false), schedule.Paint(Origin + (2 * Millisecond)));
    }

    [Fact]
    public void A_late_paint_still_finds_its_tick_open()
    {
        var schedule = new TickSchedule(25, Origin);
        schedule.Paint(Origin);
        schedule.Advance();
        var late = Origin + (40 * Millisecond) + (35 * Millisecond);

        Assert.True(late < schedule.NextDeadline);
        Assert.Equal(new TickAssignment(1, Replaces: false), schedule.Paint(late));
    }

    [Theory]
    [InlineData(25, 40)]
    [InlineData(60, 16)]
    [InlineData(10, 100)]
    [InlineData(1, 100)]
    public void A_tick_is_given_away_a_period_after_its_time_and_never_later_than_100_ms(
        int framerate,
        int milliseconds
    ) => Assert.Equal(milliseconds, (new TickSchedule(framerate, Origin).NextDeadline - Origin) / Millisecond);

    [Fact]
    public void A_record_of_one_frame_a_second_shows_the_latest_of_many_paints()
    {
        var record = new Record(framerate: 1);
        for (var i = 0; i < 1000; i++)
        {
            record.Paint(Origin + (i * 100 * Millisecond));
        }

        Assert.InRange(record.Shown.Count, 99, 102);
        Assert.InRange(record.LargestDistance, 0, 1.3);
    }

    [Fact]
    public void A_paint_after_a_pause_goes_to_the_tick_of_its_time()
    {
        var schedule = new TickSchedule(25, Origin);
        schedule.Paint(Origin);

        Assert.Equal(new TickAssignment(100, Replaces: false), schedule.Paint(Origin + (4000 * Millisecond)));
    }

    [Theory]
    [InlineData(1, 1_000_000_000)]
    [InlineData(25, 40_000_000)]
    [InlineData(30, 33_333_333)]
    [InlineData(60, 16_666_666)]
    public void Ticks_lie_on_an_exact_grid(int framerate, long second)
    {
        Assert.Equal(0, TickClock.Nanoseconds(0, framerate));
        Assert.Equal(second, TickClock.Nanoseconds(1, framerate));
        Assert.Equal(7 * 86_400_000_000_000L, TickClock.Nanoseconds(7L * 86_400 * framerate, framerate));
    }

    [Fact]
    public void A_record_begins_in_phase_with_the_paints_and_within_one_period()
    {
        long[] paints =
        [
            .. Enumerable.Range(0, 16).Select(i => (i * 40 * Millisecond) + ((i % 3) - 1) * 3 * Millisecond),
        ];
        var now = (15 * 40 * Millisecond) + (27 * Millisecond);

        var origin = TickSchedule.ChooseOrigin(now, paints, 25);

        Assert.InRange(origin - now, 0, 40 * Millisecond);
        Assert.InRange(origin - (640 * Millisecond), -2 * Millisecond, 2 * Millisecond);
    }

    [Fact]
    public void A_record_of_a_page_that_paints_nothing_begins_now() =>
        Assert.Equal(1234, TickSchedule.ChooseOrigin(1234, [], 25));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(39, 1)]
    [InlineData(1000, 25)]
    [InlineData(1019, 25)]
    [InlineData(1021, 26)]
    public void A_record_has_the_ticks_of_its_time_and_at_least_one(int milliseconds, long ticks) =>
        Assert.Equal(ticks, new TickSchedule(25, Origin).TicksUntil(Origin + (milliseconds * Millisecond)));

    // Carries the schedule out as the capture thread does, with numbers for pictures.
    private sealed class Record(int framerate)
    {
        private readonly TickSchedule _schedule = new(framerate, Origin);
        private readonly Dictionary<long, long> _pictures = [];
        private readonly HashSet<long> _shown = [];
        private long _painted;

        /// <summary>Pictures that were shown or still wait for their tick.</summary>
        public HashSet<long> Shown => [.. _shown, .. _pictures.Values];

        public double LargestDistance { get; private set; }

        public void Paint(long at)
        {
            while (at >= _schedule.NextDeadline)
            {
                if (_pictures.Remove(_schedule.NextTick, out var picture))
                {
                    _shown.Add(picture);
                }
                _schedule.Advance();
            }

            var assignment = _schedule.Paint(at);
            Assert.True(assignment.Tick >= _schedule.NextTick, "a picture was given a tick that is over");
            Assert.Equal(assignment.Replaces, _pictures.ContainsKey(assignment.Tick));
            _pictures[assignment.Tick] = _painted++;
            LargestDistance = Math.Max(LargestDistance, Math.Abs(((at - Origin) / _schedule.Period) - assignment.Tick));
            if (_pictures.Count > 4)
            {
                Assert.Fail("more than four pictures wait for their ticks");
            }
        }
    }
}
