using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Tests.Loop;

[Trait("ring", "media")]
public class PauseTests
{
    // Characters of a line of any other program that a node reads.
    private const int OrdinaryLine = 64 * 1024;
    private const ulong Second = 1_000_000_000;

    [Theory]
    [InlineData(9, false, 0)]
    [InlineData(10, true, 0)]
    [InlineData(13, true, 3)]
    [InlineData(14, false, 4)]
    [InlineData(20, true, 4)]
    [InlineData(26, false, 10)]
    public void What_is_in_a_pause_is_left_out_and_what_follows_moves_up(ulong time, bool leftOut, ulong before)
    {
        var timeline = PauseTimeline.Unbroken.PauseFrom(10).UnpauseAt(14).PauseFrom(20).UnpauseAt(26);

        Assert.Equal((leftOut, before), (timeline.LeavesOut(time), timeline.PausedBefore(time)));
        if (!leftOut)
        {
            Assert.Equal(time, timeline.EncodersTimeOf(time - before));
        }
        Assert.Equal(10UL, PauseTimeline.Unbroken.PauseFrom(10).EncodersTimeOf(10));
    }

    [Fact]
    public void To_pause_or_to_unpause_twice_changes_nothing()
    {
        var paused = PauseTimeline.Unbroken.PauseFrom(10);
        Assert.Same(paused, paused.PauseFrom(12));
        var going = paused.UnpauseAt(14);
        Assert.Same(going, going.UnpauseAt(20));
        Assert.False(going.PauseFrom(11).LeavesOut(10 + 4 - 1) && !going.LeavesOut(13));
        Assert.False(going.PauseFrom(11).UnpauseAt(12).LeavesOut(14));
    }

    [Fact]
    public void Both_tracks_stop_and_go_on_at_the_same_time_and_pictures_with_a_key_frame()
    {
        PauseGate gate = new(framerate: 25, framesInFlight: 4);
        Assert.True(gate.Passes(EncodedTrack.Video, Second, isDelta: false, out _));
        gate.Pause();
        Assert.True(gate.Passes(EncodedTrack.Audio, Second + 39_000_000, isDelta: false, out _));
        Assert.False(gate.Passes(EncodedTrack.Video, Second + 40_000_000, isDelta: true, out _));
        Assert.False(gate.Passes(EncodedTrack.Audio, Second + 40_000_000, isDelta: false, out _));

        Assert.False(gate.Passes(EncodedTrack.Video, 3 * Second, isDelta: true, out _));
        Assert.Equal((3 * Second) + 200_000_000, gate.Unpause());
        Assert.False(gate.Passes(EncodedTrack.Video, (3 * Second) + 160_000_000, isDelta: false, out _));
        Assert.False(gate.Passes(EncodedTrack.Video, (3 * Second) + 200_000_000, isDelta: true, out _));
        Assert.True(gate.Passes(EncodedTrack.Audio, (3 * Second) + 201_000_000, isDelta: false, out var sound));
        Assert.True(gate.Passes(EncodedTrack.Video, (3 * Second) + 240_000_000, isDelta: false, out var picture));
        Assert.Equal((2 * Second) + 160_000_000, sound);
        Assert.Equal(sound, picture);
        Assert.Equal(2, gate.Frames);
        Assert.Equal(Second + 840_000_000, gate.PositionOf(4 * Second));
    }

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Ts)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_record_that_was_paused_is_one_file_without_the_pause_and_without_a_gap(FileContainer container)
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(container));
        await run.ProgressAsync(1);
        run.Say(new WorkerCommand.Pause());
        Assert.True((await run.ExpectAsync<WorkerEvent.PauseChanged>()).Paused);
        run.Say(new WorkerCommand.Pause());
        Assert.True((await run.ExpectAsync<WorkerEvent.PauseChanged>()).Paused);

        // The first may have been measured before the pause.
        _ = await run.ExpectAsync<WorkerEvent.Progress>();
        var paused = await run.ExpectAsync<WorkerEvent.Progress>();
        var later = await run.ExpectAsync<WorkerEvent.Progress>();
        Assert.Equal(paused.Duration, later.Duration, 3);
        Assert.True(later.Captured > paused.Captured, "the encoder goes on");
        run.Say(new WorkerCommand.Unpause());
        Assert.False((await run.ExpectAsync<WorkerEvent.PauseChanged>()).Paused);
        await run.ProgressAsync(later.Duration + 1);
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        var probe = await Probe.OfAsync(path);
        Assert.Equal("", probe.Errors);
        Assert.InRange(probe.Duration, finished.Duration - 0.1, finished.Duration + 0.1);
        Assert.InRange(finished.Duration, later.Duration + 1, later.Duration + 20);
        foreach (var track in (string[])["v", "a"])
        {
            var times = await Probe.TimesAsync(path, track);
            Assert.InRange(times[^1] - times[0], finished.Duration - 0.2, finished.Duration + 0.1);
            Assert.InRange(times.Zip(times.Skip(1), (one, next) => next - one).Max(), 0.01, 0.3);
        }
    }

    [Fact]
    public async Task A_record_that_goes_on_right_after_a_key_frame_lacks_no_picture()
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(
            run.Settings(FileContainer.Mp4) with
            {
                Picture = WorkerRun.SmallPicture with { KeyframeInterval = 1000 },
            }
        );
        await run.ProgressAsync(2);
        for (var i = 0; i < 3; i++)
        {
            // Each begins with a key frame, some frames after that of the one before.
            run.Say(new WorkerCommand.Pause());
            _ = await run.ExpectAsync<WorkerEvent.PauseChanged>();
            run.Say(new WorkerCommand.Unpause());
            _ = await run.ExpectAsync<WorkerEvent.PauseChanged>();
            await Task.Delay(TimeSpan.FromMilliseconds(400));
        }

        await run.ProgressAsync(5);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();
        var times = await Probe.TimesAsync(path, "v");
        Assert.InRange(times.Zip(times.Skip(1), (one, next) => next - one).Max(), 0.01, 0.5);
    }

    [Fact]
    public async Task A_record_that_is_ended_while_it_pauses_ends_where_the_pause_began()
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4));
        await run.ProgressAsync(1);
        run.Say(new WorkerCommand.Pause());
        _ = await run.ExpectAsync<WorkerEvent.PauseChanged>();
        _ = await run.ExpectAsync<WorkerEvent.Progress>();
        var paused = await run.ExpectAsync<WorkerEvent.Progress>();
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.InRange(finished.Duration, paused.Duration - 0.1, paused.Duration + 0.1);
        Assert.Equal("", (await Probe.OfAsync(path)).Errors);
    }

    [Fact]
    public async Task The_picture_now_is_a_jpeg_also_while_the_record_pauses()
    {
        await using WorkerRun run = new();
        run.Say(new WorkerCommand.TakeThumbnail());
        await run.ExpectAsync<WorkerEvent.ThumbnailFailed>();
        await run.RecordAsync(run.Settings(FileContainer.Mp4));
        run.Say(new WorkerCommand.Pause());
        _ = await run.ExpectAsync<WorkerEvent.PauseChanged>();
        run.Say(new WorkerCommand.TakeThumbnail());
        var taken = await run.ExpectAsync<WorkerEvent.ThumbnailTaken>();

        var path = run.PathOf("picture.jpg");
        await File.WriteAllBytesAsync(path, taken.Jpeg);
        var (video, errors) = await Probe.PictureAsync(path);
        Assert.Equal(("mjpeg", "320", "180", ""), (video["codec_name"], video["width"], video["height"], errors));
    }

    [Theory]
    [InlineData(1920, 1080, 1280, 720)]
    [InlineData(1080, 1920, 720, 1280)]
    public async Task The_picture_now_of_the_worst_page_fits_into_a_line(
        int width,
        int height,
        int shownWidth,
        int shownHeight
    )
    {
        await using WorkerRun run = new(noise: true);
        await run.RecordAsync(
            run.Settings(FileContainer.Mp4) with
            {
                Picture = WorkerRun.SmallPicture with { Width = width, Height = height, Framerate = 5 },
            }
        );
        run.Say(new WorkerCommand.TakeThumbnail());
        var taken = await run.ExpectAsync<WorkerEvent.ThumbnailTaken>();
        Assert.InRange(taken.Jpeg.Length, OrdinaryLine, WorkerProtocol.LargestThumbnail);
        Assert.InRange(WorkerProtocol.Serialize(taken).Length, 0, WorkerProtocol.LongestLine);

        var path = run.PathOf("picture.jpg");
        await File.WriteAllBytesAsync(path, taken.Jpeg);
        var (video, _) = await Probe.PictureAsync(path);
        Assert.Equal((shownWidth.ToString(), shownHeight.ToString()), (video["width"], video["height"]));
    }
}
