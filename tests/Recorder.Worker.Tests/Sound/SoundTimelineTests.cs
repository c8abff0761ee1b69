using System.Runtime.InteropServices;
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
        var timeline = Running(out var now);
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            now += 40 * Millisecond;
            Assert.Equal(default, timeline.Arrived(now + random.Next(0, 30) * Millisecond, Piece));
        }

        Assert.Equal(0, timeline.SilenceWritten);
    }

    [Fact]
    public void A_worker_that_wakes_up_late_takes_what_waited_and_changes_nothing()
    {
        var timeline = Running(out var now);
        now += 120 * Millisecond;

        Assert.Equal(default, timeline.Arrived(now, Piece));
        Assert.Equal(default, timeline.Arrived(now, Piece));
        Assert.Equal(default, timeline.Arrived(now, Piece));
    }

    [Fact]
    public void A_server_that_gives_nothing_is_replaced_by_silence_after_some_patience()
    {
        var timeline = Running(out var now);
        var written = timeline.Written;

        Assert.Equal(0, timeline.SilenceDue(now + (590 * Millisecond), SoundTimeline.Patience));
        Assert.Equal(Samples(300), timeline.SilenceDue(now + (900 * Millisecond), SoundTimeline.Patience));
        Assert.Equal(written + Samples(300), timeline.Written);
        Assert.Equal(Samples(300), timeline.SilenceWritten);
    }

    [Fact]
    public void A_server_that_is_held_up_for_less_than_the_patience_loses_nothing()
    {
        var timeline = Running(out var now);
        now += 520 * Millisecond;

        Assert.Equal(0, timeline.SilenceDue(now, SoundTimeline.Patience));
        for (var i = 0; i < 13; i++)
        {
            Assert.Equal(default, timeline.Arrived(now + i, Piece));
        }
        Assert.Equal(default, timeline.Arrived(now + (40 * Millisecond), Piece));
    }

    [Fact]
    public void A_server_that_gave_nothing_from_the_start_is_waited_for_less()
    {
        var timeline = new SoundTimeline(Rate);
        timeline.Begin(Start);

        Assert.Equal(0, timeline.SilenceDue(Start + (79 * Millisecond), SoundTimeline.Patience));
        Assert.Equal(Samples(20), timeline.SilenceDue(Start + (100 * Millisecond), SoundTimeline.Patience));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(30)]
    public void A_server_that_comes_back_gives_all_it_owes_and_each_sample_has_its_place(int late)
    {
        var timeline = Running(out var now);
        timeline.SilenceDue(now + (1000 * Millisecond), SoundTimeline.Patience);

        // The silence reaches to 400 ms; of 25 pieces of 40 ms the first ten come too late.
        for (var i = 0; i < 25; i++)
        {
            Assert.Equal(
                new SoundPlacement(0, i < 10 ? Piece : 0),
                timeline.Arrived(now + ((1000 + late) * Millisecond), Piece)
            );
        }
        for (var i = 1; i < 100; i++)
        {
            Assert.Equal(default, timeline.Arrived(now + ((1000 + (40 * i)) * Millisecond), Piece));
        }
        Assert.Equal(Samples(400), timeline.SilenceWritten);
    }

    [Fact]
    public void A_piece_that_silence_took_the_place_of_in_part_gives_the_rest()
    {
        var timeline = Running(out var now);
        timeline.SilenceDue(now + (610 * Millisecond), SoundTimeline.Patience);

        Assert.Equal(new SoundPlacement(0, Samples(10)), timeline.Arrived(now + (620 * Millisecond), Piece));
        Assert.Equal(default, timeline.Arrived(now + (620 * Millisecond), Piece));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(1920)]
    public void A_full_machine_on_which_every_piece_is_late_for_three_seconds_changes_nothing(int piece)
    {
        var timeline = Running(out var now);
        var start = now;
        for (long samples = piece; samples < 6 * Rate; samples += piece)
        {
            now = start + (samples * 1_000_000_000 / Rate);
            long late = samples is > Rate and < 4 * Rate ? 40 : 0;
            Assert.Equal(default, timeline.Arrived(now + (late * Millisecond), piece));
        }
    }

    [Fact]
    public void A_burst_at_the_beginning_has_its_place_before_anything_of_it_is_taken()
    {
        const int piece = 512;
        var timeline = new SoundTimeline(Rate);
        timeline.Begin(Start);
        var now = Start + (2000 * Millisecond);
        var silence = timeline.SilenceDue(now, SoundTimeline.Patience);

        // The server had made two seconds ahead of time, and gives them at once.
        long samples = 0;
        for (; samples + piece <= 2 * Rate; samples += piece)
        {
            Assert.Equal(new SoundPlacement(0, piece), timeline.Arrived(now, piece));
        }
        var placements = new List<SoundPlacement>();
        for (var i = 1; i < 1000; i++)
        {
            samples += piece;
            placements.Add(timeline.Arrived(Start + (samples * 1_000_000_000 / Rate) + (i % 7 * Millisecond), piece));
        }

        Assert.True(
            placements.FindLastIndex(placement => placement != default) < 4,
            "Sound is cut long after the beginning."
        );
        Assert.InRange(timeline.Written, samples - Samples(3), samples + Samples(3));
        Assert.InRange(timeline.SilenceWritten - silence, 0, Samples(120));
    }

    [Fact]
    public void A_server_that_loses_some_sound_is_filled_up_with_silence()
    {
        var timeline = Running(out var now);
        for (var i = 0; i < 40; i++)
        {
            now += 40 * Millisecond;
            timeline.Arrived(now, Piece);
        }

        // 100 ms vanish, within the patience: the track is put right once the least delayed pieces say so.
        long silence = 0;
        now += 100 * Millisecond;
        for (var i = 0; i < 200; i++)
        {
            now += 40 * Millisecond;
            silence += timeline.Arrived(now, Piece).Silence;
        }

        Assert.Equal(Samples(100), silence);
    }

    [Theory]
    [InlineData(75)]
    [InlineData(-75)]
    public void A_server_whose_clock_is_off_is_followed_by_a_sample_at_a_time(int millionths)
    {
        const int piece = 480;
        var timeline = Running(out var start);
        var random = new Random(1);
        long samples = 0;
        long stretched = 0;
        for (; samples < 1200 * Rate; samples += piece)
        {
            var now = start + (long)((samples + piece) * 1e9 / Rate / (1 + (millionths / 1e6)));
            var placement = timeline.Arrived(now + random.Next(0, 5) * Millisecond, piece);
            Assert.Equal(new SoundPlacement(0, 0, placement.Stretch), placement);
            Assert.InRange(placement.Stretch, -1, 1);
            stretched += placement.Stretch;
        }

        // 90 ms in twenty minutes, less what is let be.
        Assert.InRange(-stretched * Math.Sign(millionths), Samples(87), Samples(91));
        Assert.Equal(0, timeline.SilenceWritten);
    }

    [Theory]
    [InlineData(75)]
    [InlineData(-75)]
    public void A_piece_that_is_too_short_is_not_stretched_and_the_next_one_is(int millionths)
    {
        var timeline = Running(out var start);
        long samples = 0;
        long stretched = 0;
        while (samples < 300 * Rate)
        {
            foreach (var piece in new[] { 479, 1 })
            {
                samples += piece;
                var placement = timeline.Arrived(
                    start + (long)(samples * 1e9 / Rate / (1 + (millionths / 1e6))),
                    piece
                );
                Assert.Equal(new SoundPlacement(0, 0, piece == 1 ? 0 : placement.Stretch), placement);
                stretched += placement.Stretch;
            }
        }

        // 22.5 ms in five minutes, less what is let be.
        Assert.InRange(-stretched * Math.Sign(millionths), Samples(20), Samples(23));
    }

    [Fact]
    public void A_stretched_piece_begins_and_ends_as_before_and_is_as_even_in_between()
    {
        short[] line = [.. Enumerable.Range(0, 480).SelectMany(i => new[] { (short)(i * 10), (short)-i })];
        foreach (var by in new[] { -1, 1 })
        {
            var stretched = MemoryMarshal
                .Cast<byte, short>(SoundStretch.By(MemoryMarshal.AsBytes(line.AsSpan()), by))
                .ToArray();
            Assert.Equal(2 * (480 + by), stretched.Length);
            Assert.Equal([0, 0, 4790, -479], [.. stretched[..2], .. stretched[^2..]]);
            for (var i = 2; i < stretched.Length; i += 2)
            {
                Assert.InRange(stretched[i] - stretched[i - 2], 9, 11);
            }
        }
    }

    [Fact]
    public void The_track_stays_with_the_clock_for_a_day()
    {
        var timeline = Running(out var now);
        for (var i = 0; i < 24 * 3600; i++)
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
        for (var now = Start; now < Start + (10_000 * Millisecond); now += 100 * Millisecond)
        {
            silence += timeline.SilenceDue(now, TimeSpan.Zero);
        }

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
        timeline.Arrived(Start, Piece);
        timeline.Begin(Start);
        now = Start + (40 * Millisecond);
        Assert.Equal(default, timeline.Arrived(now, Piece));
        return timeline;
    }

    private static long Samples(long milliseconds) => milliseconds * Rate / 1000;
}
