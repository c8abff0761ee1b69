using Recorder.Worker.Sound;

namespace Recorder.Worker.Tests.Sound;

public class SoundTimelineTests
{
    private const int Rate = 48000;
    private const long Millisecond = 1_000_000;
    private const long Piece = 1920;
    private const long Start = 1_000_000_000;

    [Fact]
    public void Sound_before_the_beginning_is_left_out_and_the_first_piece_is_cut_to_the_origin()
    {
        var timeline = new SoundTimeline(Rate);
        Assert.Equal(new SoundPlacement(0, Piece), timeline.Arrived(Start + (40 * Millisecond), Piece));
        timeline.Begin(Start + (50 * Millisecond));

        Assert.Equal(new SoundPlacement(0, 480), timeline.Arrived(Start + (80 * Millisecond), Piece));
        Assert.Equal(1440, timeline.Written);
    }

    [Fact]
    public void Jitter_of_arrival_changes_nothing()
    {
        var timeline = Running(out long now);
        var random = new Random(1);
        for (int i = 0; i < 1000; i++)
        {
            now += 40 * Millisecond;
            Assert.Equal(default, timeline.Arrived(now + random.Next(0, 30) * Millisecond, Piece));
        }

        Assert.Equal(0, timeline.SilenceWritten);
    }

    [Fact]
    public void A_worker_that_wakes_up_late_takes_what_waited_and_changes_nothing()
    {
        var timeline = Running(out long now);
        now += 120 * Millisecond;

        Assert.Equal(default, timeline.Arrived(now, Piece));
        Assert.Equal(default, timeline.Arrived(now, Piece));
        Assert.Equal(default, timeline.Arrived(now, Piece));
    }

    [Fact]
    public void A_server_that_gives_nothing_is_replaced_by_silence_after_some_patience()
    {
        var timeline = Running(out long now);
        long written = timeline.Written;

        Assert.Equal(0, timeline.SilenceDue(now + (190 * Millisecond), SoundTimeline.Patience));
        Assert.Equal(Samples(300), timeline.SilenceDue(now + (500 * Millisecond), SoundTimeline.Patience));
        Assert.Equal(written + Samples(300), timeline.Written);
        Assert.Equal(Samples(300), timeline.SilenceWritten);
    }

    [Fact]
    public void A_server_that_gave_nothing_from_the_start_is_waited_for_less()
    {
        var timeline = new SoundTimeline(Rate);
        timeline.Begin(Start);

        Assert.Equal(0, timeline.SilenceDue(Start + (79 * Millisecond), SoundTimeline.Patience));
        Assert.Equal(Samples(20), timeline.SilenceDue(Start + (100 * Millisecond), SoundTimeline.Patience));
    }

    [Fact]
    public void A_server_that_comes_back_is_put_where_its_sound_belongs()
    {
        var timeline = Running(out long now);
        timeline.SilenceDue(now + (1000 * Millisecond), SoundTimeline.Patience);

        // The silence reaches to 800 ms; the piece covers 980 to 1020.
        Assert.Equal(new SoundPlacement(Samples(180), 0), timeline.Arrived(now + (1020 * Millisecond), Piece));
        Assert.Equal(default, timeline.Arrived(now + (1060 * Millisecond), Piece));
    }

    [Fact]
    public void Sound_that_comes_in_a_burst_after_silence_took_its_place_is_dropped()
    {
        var timeline = Running(out long now);
        timeline.SilenceDue(now + (400 * Millisecond), TimeSpan.Zero);

        // Ten pieces that had waited somewhere; only the last one's end is now.
        long taken = 0;
        for (int i = 0; i < 10; i++)
        {
            var placement = timeline.Arrived(now + (400 * Millisecond), Piece);
            taken += placement.Silence + Piece - placement.Skip;
        }

        Assert.InRange(taken, 0, Samples(400));
        Assert.InRange(timeline.Written - Samples(400) - Running(out _).Written, 0, Samples(400));
    }

    [Fact]
    public void A_server_that_loses_some_sound_is_filled_up_with_silence()
    {
        var timeline = Running(out long now);
        for (int i = 0; i < 40; i++)
        {
            now += 40 * Millisecond;
            timeline.Arrived(now, Piece);
        }

        // 100 ms vanish, within the patience: the track is put right once the least delayed pieces say so.
        long silence = 0;
        now += 100 * Millisecond;
        for (int i = 0; i < 40; i++)
        {
            now += 40 * Millisecond;
            silence += timeline.Arrived(now, Piece).Silence;
        }

        Assert.Equal(Samples(100), silence);
    }

    [Fact]
    public void The_track_stays_with_the_clock_for_a_day()
    {
        var timeline = Running(out long now);
        for (int i = 0; i < 24 * 3600; i++)
        {
            now += 1000 * Millisecond;
            timeline.Arrived(now - (900 * Millisecond), 100);
            timeline.Arrived(now, Rate - 100);
        }

        Assert.InRange(timeline.Written - Samples(24 * 3600 * 1000L), -Samples(60), Samples(60));
    }

    [Fact]
    public void A_record_without_a_server_is_all_silence_and_exactly_as_long_as_the_picture()
    {
        var timeline = new SoundTimeline(Rate);
        timeline.Begin(Start);
        long silence = 0;
        for (long now = Start; now < Start + (10_000 * Millisecond); now += 100 * Millisecond)
            silence += timeline.SilenceDue(now, TimeSpan.Zero);

        silence += timeline.End(10_040 * Millisecond);

        Assert.Equal(Samples(10_040), silence);
        Assert.Equal(silence, timeline.Written);
    }

    [Fact]
    public void A_track_that_is_longer_than_the_picture_gets_no_silence_at_its_end() =>
        Assert.Equal(0, Running(out _).End(1));

    [Fact]
    public void Before_the_beginning_nothing_is_due() =>
        Assert.Equal(0, new SoundTimeline(Rate).SilenceDue(long.MaxValue, TimeSpan.Zero));

    private static SoundTimeline Running(out long now)
    {
        var timeline = new SoundTimeline(Rate);
        timeline.Begin(Start);
        now = Start + (40 * Millisecond);
        Assert.Equal(default, timeline.Arrived(now, Piece));
        return timeline;
    }

    private static long Samples(long milliseconds) => milliseconds * Rate / 1000;
}
