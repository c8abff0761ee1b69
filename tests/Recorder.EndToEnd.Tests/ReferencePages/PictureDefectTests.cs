using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.ReferencePages;

/// <summary>The measuring tool can fail: each known defect of the picture is seen, and its size is right.</summary>
[Trait("ring", "media")]
public sealed class PictureDefectTests(ClipFixture clips) : IClassFixture<ClipFixture>
{
    private static int Loop => ClipFixture.Format.FrameCount;

    [Fact]
    public async Task A_dropped_stretch_is_counted_as_missing_and_as_a_freeze()
    {
        var file = await clips.ChangedAsync(
            "dropped.mp4",
            "-vf",
            "select='not(between(n,100,149))'",
            "-fps_mode",
            "passthrough"
        );
        var seen = (await file.FrameNumbersAsync()).Continuity(25, Loop);

        Assert.Equal(
            (300, 250, 50, 0),
            (seen.ExpectedFrames, seen.DistinctFrames, seen.MissingFrames, seen.RepeatedFrames)
        );
        Assert.Equal(TimeSpan.FromSeconds(51 / 25.0), seen.LongestFreeze);
        Assert.Equal(TimeSpan.FromSeconds(99 / 25.0), seen.LongestFreezeAt);
    }

    [Fact]
    public async Task A_repeated_stretch_is_counted_as_repeated_and_as_a_freeze()
    {
        var file = await clips.ChangedAsync("repeated.mp4", "-vf", "select='not(between(n,100,149))',fps=25");
        var seen = (await file.FrameNumbersAsync()).Continuity(25, Loop);

        Assert.Equal(
            (300, 250, 50, 50),
            (seen.OutputFrames, seen.DistinctFrames, seen.MissingFrames, seen.RepeatedFrames)
        );
        Assert.Equal(250 / 300.0, seen.DistinctRatio, 6);
        Assert.Equal(TimeSpan.FromSeconds(51 / 25.0), seen.LongestFreeze);
    }

    [Fact]
    public async Task Every_other_frame_shown_twice_halves_the_distinct_frames()
    {
        var file = await clips.ChangedAsync("halved.mp4", "-vf", "fps=12.5,fps=25");
        var seen = (await file.FrameNumbersAsync()).Continuity(25, Loop);

        Assert.Equal(0.5, seen.DistinctRatio, 2);
        Assert.InRange(seen.LongestFreeze.TotalMilliseconds, 79, 121);
    }

    [Fact]
    public async Task A_freeze_at_the_end_is_a_freeze()
    {
        var file = await clips.ChangedAsync(
            "frozen-end.mp4",
            "-vf",
            "trim=end_frame=200,tpad=stop_mode=clone:stop=100",
            "-an"
        );
        var seen = (await file.FrameNumbersAsync()).Continuity(25, Loop);

        Assert.Equal((200, 100), (seen.DistinctFrames, seen.RepeatedFrames));
        Assert.Equal(101 / 25.0, seen.LongestFreeze.TotalSeconds, 3);
    }

    [Fact]
    public async Task The_turn_of_the_loop_is_no_step_backward_and_the_second_turn_counts_anew()
    {
        var file = await clips.MadeAsync("looped.mp4", "-stream_loop", "1", "-i", clips.Clip.Path, "-c", "copy");
        var seen = (await file.FrameNumbersAsync()).Continuity(25, Loop);

        Assert.Equal((2 * Loop, 0, 0), (seen.DistinctFrames, seen.MissingFrames, seen.BackwardSteps));
        Assert.Equal(1.0, seen.DistinctRatio, 2);
    }

    [Fact]
    public async Task A_frame_shown_after_a_later_one_is_a_step_backward()
    {
        var file = await clips.ChangedAsync("shuffled.mp4", "-vf", "trim=end_frame=40,shuffleframes=0 2 1 3", "-an");
        var seen = (await file.FrameNumbersAsync()).Continuity(25, Loop);

        Assert.Equal((40, 10), (seen.DistinctFrames, seen.BackwardSteps));
    }

    [Theory]
    [InlineData("320:180", "150k")]
    [InlineData("1280:720", "400k")]
    [InlineData("426:240", "120k")]
    public async Task Numbers_are_read_after_scaling_at_a_low_bit_rate(string size, string bitRate)
    {
        var file = await clips.ChangedAsync(
            $"low-{bitRate}.mp4",
            "-vf",
            $"scale={size}",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-b:v",
            bitRate,
            "-maxrate",
            bitRate,
            "-bufsize",
            bitRate
        );
        var seen = (await file.FrameNumbersAsync()).Continuity(25, Loop);

        Assert.Equal((Loop, 0), (seen.DistinctFrames, seen.UnreadableFrames));
    }

    [Fact]
    public async Task A_participant_in_the_grid_is_read_from_its_tile()
    {
        var file = await clips.ChangedAsync(
            "grid.mp4",
            "-filter_complex",
            "color=black:s=1280x720:r=25,format=yuv420p[bg];[bg][0:v]overlay=320:360:shortest=1[v]",
            "-map",
            "[v]"
        );

        Assert.All((await file.FrameNumbersAsync()).Frames, f => Assert.Null(f.Number));
        var seen = (await file.FrameNumbersAsync(PictureRegion.GridTile(2))).Continuity(25, Loop);
        Assert.Equal((Loop, 0), (seen.DistinctFrames, seen.UnreadableFrames));
    }

    [Fact]
    public async Task A_picture_without_a_barcode_has_no_numbers_and_no_ratio()
    {
        var file = await clips.MadeAsync("plain.mp4", "-f", "lavfi", "-i", "color=gray:s=640x360:r=25:d=2");
        var seen = (await file.FrameNumbersAsync()).Continuity(25, Loop);

        Assert.Equal((50, 0, 0.0), (seen.UnreadableFrames, seen.DistinctFrames, seen.DistinctRatio));
    }

    [Fact]
    public async Task A_freeze_is_found_without_a_barcode()
    {
        var file = await clips.ChangedAsync(
            "frozen.mp4",
            "-vf",
            "crop=640:280:0:80,select='not(between(n,100,149))',fps=25",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-b:v",
            "500k",
            "-g",
            "10"
        );
        var freeze = await file.LongestFreezeAsync();

        Assert.Equal(51 / 25.0, freeze.Length.TotalSeconds, 2);
        Assert.Equal(99 / 25.0, freeze.From.TotalSeconds, 2);
    }

    [Fact]
    public async Task A_picture_that_never_moves_is_one_freeze()
    {
        var file = await clips.MadeAsync(
            "still.mp4",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=640x360:r=25:d=1",
            "-vf",
            "loop=-1:1:0,trim=duration=5",
            "-c:v",
            "libx264",
            "-b:v",
            "200k",
            "-g",
            "10"
        );

        Assert.Equal(4.96, (await file.LongestFreezeAsync()).Length.TotalSeconds, 2);
    }
}
