namespace Recorder.EndToEnd.Tests.ReferencePages;

/// <summary>The measuring tool can fail: each known defect of the sound is seen, and its size is right.</summary>
[Trait("ring", "media")]
public sealed class SoundDefectTests(ClipFixture clips) : IClassFixture<ClipFixture>
{
    [Theory]
    [InlineData("late-120.mp4", 0.120)]
    [InlineData("late-40.mkv", 0.040)]
    [InlineData("early-70.ts", -0.070)]
    [InlineData("level.ts", 0)]
    [InlineData("level.mkv", 0)]
    public async Task The_offset_of_the_sound_is_measured_to_a_few_milliseconds(string name, double seconds)
    {
        var shift = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var file = await clips.ChangedAsync(
            name,
            "-itsoffset",
            shift,
            "-i",
            clips.Clip.Path,
            "-map",
            "0:v",
            "-map",
            "1:a",
            "-c:v",
            "copy",
            "-c:a",
            "aac"
        );
        var sync = await file.SyncOffsetsAsync();

        Assert.InRange(sync.Offsets.Count, 10, 11);
        Assert.All(sync.Offsets, offset => Assert.InRange(offset, seconds * 1000 - 3, seconds * 1000 + 3));
        Assert.InRange(sync.AbsolutePercentile(0.8), Math.Abs(seconds) * 1000 - 3, Math.Abs(seconds) * 1000 + 3);
        Assert.InRange(sync.Median, seconds * 1000 - 3, seconds * 1000 + 3);
    }

    [Fact]
    public async Task Sound_that_drifts_away_shows_in_the_percentiles()
    {
        // 1 % slow: the beep of second n comes 10 n ms late.
        var file = await clips.ChangedAsync("drift.mp4", "-c:v", "copy", "-af", "atempo=0.99");
        var sync = await file.SyncOffsetsAsync();

        Assert.InRange(sync.AbsolutePercentile(1), 95, 125);
        Assert.True(sync.Offsets[^1] - sync.Offsets[0] > 70, $"From {sync.Offsets[0]} to {sync.Offsets[^1]} ms.");
    }

    [Fact]
    public async Task A_lost_beep_is_reported_and_not_paired_with_its_neighbour()
    {
        var file = await clips.ChangedAsync(
            "lost-beep.mp4",
            "-c:v",
            "copy",
            "-af",
            "volume=0:enable='between(t,4.9,5.4)'"
        );
        var sync = await file.SyncOffsetsAsync();

        Assert.Equal(1, sync.FlashesWithoutBeep);
        Assert.True(sync.AbsolutePercentile(1) < 3);
    }

    [Fact]
    public async Task A_muted_stretch_is_found_where_it_is()
    {
        var file = await clips.ChangedAsync("muted.mp4", "-c:v", "copy", "-af", "volume=0:enable='between(t,5.2,5.7)'");
        var stretch = Assert.Single((await file.SoundAsync()).SilentStretches(TimeSpan.FromMilliseconds(20)));

        Assert.InRange(stretch.From.TotalSeconds, 5.15, 5.25);
        Assert.InRange(stretch.Length.TotalSeconds, 0.4, 0.6);
    }

    [Fact]
    public async Task Sound_missing_from_the_file_is_a_hole_and_does_not_shift_what_follows()
    {
        var file = await clips.ChangedAsync(
            "hole.mkv",
            "-c:v",
            "copy",
            "-af",
            "aselect='not(between(t,5.2,5.7))'",
            "-c:a",
            "pcm_s16le"
        );
        var sound = await file.SoundAsync();
        var sync = await file.SyncOffsetsAsync();

        var hole = Assert.Single(sound.Holes);
        Assert.InRange(hole.Length.TotalSeconds, 0.45, 0.55);
        Assert.InRange(hole.From.TotalSeconds, 5.15, 5.25);
        Assert.True(sync.AbsolutePercentile(1) < 3, $"The worst offset is {sync.AbsolutePercentile(1)} ms.");
    }

    [Fact]
    public async Task A_silent_track_is_silent()
    {
        var file = await clips.ChangedAsync("silent.mp4", "-c:v", "copy", "-af", "volume=0");
        var sound = await file.SoundAsync();

        Assert.True(sound.IsSilent);
        Assert.Empty(sound.BeepOnsets());
        Assert.Equal(12, Assert.Single(sound.SilentStretches(TimeSpan.FromSeconds(1))).Length.TotalSeconds, 1);
    }

    [Fact]
    public async Task Levels_are_those_of_the_signal()
    {
        // A sine of amplitude 0.5 peaks at −6.02 dBFS and has a root mean square of −9.03 dBFS.
        var file = await clips.MadeAsync("tone.wav", "-f", "lavfi", "-i", "aevalsrc=0.5*sin(2*PI*440*t):s=48000:d=2");
        var sound = await file.SoundAsync();

        Assert.Equal(-6.02, sound.PeakLevel, 1);
        Assert.Equal(-9.03, sound.RmsLevel, 1);
        Assert.Equal(2, sound.Duration.TotalSeconds, 3);
    }

    [Fact]
    public async Task A_file_without_sound_says_so()
    {
        var file = await clips.ChangedAsync("mute.mp4", "-c:v", "copy", "-an");

        Assert.Null((await file.ProbeAsync()).Sound);
        await Assert.ThrowsAsync<InvalidDataException>(() => file.SoundAsync());
    }
}
