using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.ReferencePages;

[Trait("ring", "media")]
public sealed class ReferenceClipTests(ClipFixture clips) : IClassFixture<ClipFixture>
{
    [Fact]
    public async Task Every_frame_shows_its_own_number_at_its_own_time()
    {
        var track = await new MediaAnalysis(clips.Clip.Path).FrameNumbersAsync();

        Assert.Equal(
            Enumerable.Range(0, ClipFixture.Format.FrameCount).Select(n => (int?)n),
            track.Frames.Select(f => f.Number)
        );
        Assert.All(track.Frames, f => Assert.Equal(f.Number!.Value / 25.0, f.Time.TotalSeconds, 3));
        var continuity = track.Continuity(25, ClipFixture.Format.FrameCount);
        Assert.Equal(1.0, continuity.DistinctRatio);
        Assert.Equal(TimeSpan.FromMilliseconds(40), continuity.LongestFreeze);
    }

    [Fact]
    public async Task Flash_and_beep_begin_at_the_same_instant_every_second()
    {
        var analysis = new MediaAnalysis(clips.Clip.Path);
        var flashes = (await analysis.FrameNumbersAsync()).FlashOnsets();
        var beeps = (await analysis.SoundAsync()).BeepOnsets();
        var sync = await analysis.SyncOffsetsAsync();

        // The flash at 0 has no black frame before it.
        Assert.Equal(Enumerable.Range(1, 11).Select(s => TimeSpan.FromSeconds(s)), flashes);
        Assert.Equal(11, beeps.Count(b => b > TimeSpan.FromSeconds(0.5)));
        Assert.Equal(0, sync.FlashesWithoutBeep);
        Assert.True(sync.AbsolutePercentile(1) < 2, $"The worst offset is {sync.AbsolutePercentile(1)} ms.");
    }

    [Fact]
    public async Task Its_sound_never_pauses()
    {
        var sound = await new MediaAnalysis(clips.Clip.Path).SoundAsync();

        Assert.InRange(sound.Duration.TotalSeconds, 11.99, 12.03);
        Assert.Empty(sound.SilentStretches(TimeSpan.FromMilliseconds(20)));
        Assert.Empty(sound.Holes);
        Assert.False(sound.IsSilent);
    }

    [Fact]
    public async Task It_is_an_h264_and_aac_mp4_that_starts_fast()
    {
        var probe = await new MediaAnalysis(clips.Clip.Path).ProbeAsync();

        Assert.Equal(
            ("h264", 640, 360, 25.0, "yuv420p"),
            (
                probe.Video!.Codec,
                probe.Video.Width,
                probe.Video.Height,
                probe.Video.AverageFrameRate,
                probe.Video.PixelFormat
            )
        );
        Assert.Equal(("aac", 48000, 2), (probe.Sound!.Codec, probe.Sound.SampleRate, probe.Sound.Channels));
        Assert.True(probe.Mp4!.IsFastStart);
        Assert.False(probe.Mp4.IsFragmented);
        Assert.Equal(12, probe.Duration!.Value.TotalSeconds, 1);
    }

    [Fact]
    public async Task A_second_call_takes_the_clip_from_the_cache()
    {
        var written = File.GetLastWriteTimeUtc(clips.Clip.Path);
        var again = await ReferenceClip.MakeAsync(ClipFixture.Format);

        Assert.Equal(clips.Clip.Path, again.Path);
        Assert.Equal(written, File.GetLastWriteTimeUtc(again.Path));
    }

    [Theory]
    [InlineData(641, 360, 25, 12)]
    [InlineData(64, 36, 25, 12)]
    [InlineData(640, 360, 0, 12)]
    [InlineData(640, 360, 25, 0.5)]
    [InlineData(640, 360, 60, 900)]
    public async Task A_format_that_cannot_be_measured_is_refused(int width, int height, int rate, double seconds) =>
        await Assert.ThrowsAsync<ArgumentException>(() =>
            ReferenceClip.MakeAsync(new ReferenceClipFormat(width, height, rate, TimeSpan.FromSeconds(seconds)))
        );
}
