using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;
using Recorder.Worker.Sound;

namespace Recorder.Worker.Tests.Loop;

[Trait("ring", "media")]
public class WorkerTests
{
    [Fact]
    public async Task A_line_that_is_no_command_or_comes_at_the_wrong_time_is_refused_and_changes_nothing()
    {
        await using WorkerRun run = new();
        run.Say("hello");
        Assert.Equal(WorkerFailure.InvalidCommand, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
        run.Say("""{"command":"dance"}""");
        Assert.Equal(WorkerFailure.InvalidCommand, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
        run.Say(new WorkerCommand.Begin());
        Assert.Equal(WorkerFailure.InvalidCommand, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);

        await run.RecordAsync(run.Settings(FileContainer.Mp4));
        run.Say(new WorkerCommand.Begin());
        Assert.Equal(WorkerFailure.InvalidCommand, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
        run.Say(run.Settings(FileContainer.Mp4));
        Assert.Equal(WorkerFailure.InvalidCommand, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();
    }

    [Theory]
    [InlineData("width", 321)]
    [InlineData("width", 2)]
    [InlineData("height", 181)]
    [InlineData("framerate", 0)]
    [InlineData("picture.bitrate", 0)]
    [InlineData("sound.bitrate", 1000)]
    [InlineData("keyframeInterval", 0)]
    public async Task A_setting_out_of_its_range_is_named(string field, int value)
    {
        await using WorkerRun run = new();
        var settings = run.Settings(FileContainer.Mp4);
        run.Say(
            field switch
            {
                "width" => settings with { Picture = settings.Picture with { Width = value } },
                "height" => settings with { Picture = settings.Picture with { Height = value } },
                "framerate" => settings with { Picture = settings.Picture with { Framerate = value } },
                "picture.bitrate" => settings with { Picture = settings.Picture with { Bitrate = value } },
                "sound.bitrate" => settings with { Sound = new SoundSettings { Bitrate = value } },
                _ => settings with { Picture = settings.Picture with { KeyframeInterval = value } },
            }
        );

        Assert.Contains(field, (await run.ExpectAsync<WorkerEvent.Failed>()).Message, StringComparison.Ordinal);
        Assert.Equal(WorkerExitCode.NotPrepared, await run.ExitCodeAsync());
        Assert.Empty(Directory.GetFiles(run.Folder));
    }

    [Fact]
    public async Task A_preset_that_x264_does_not_know_is_refused_before_anything_is_opened()
    {
        await using WorkerRun run = new();
        run.Say(
            run.Settings(FileContainer.Mp4) with
            {
                Picture = WorkerRun.SmallPicture with { Preset = "fastest ! filesink location=/etc/passwd" },
            }
        );

        await run.ExpectAsync<WorkerEvent.Failed>();
        Assert.Equal(WorkerExitCode.NotPrepared, await run.ExitCodeAsync());
    }

    [Fact]
    public async Task A_records_folder_that_is_missing_is_said_so()
    {
        await using WorkerRun run = new();
        run.Say(run.Settings(FileContainer.Mp4) with { Path = run.PathOf("missing/record.mp4") });

        Assert.Equal(WorkerFailure.RecordsFolderUnavailable, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
        Assert.Equal(WorkerExitCode.NotPrepared, await run.ExitCodeAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("somebody's record")]
    public async Task A_file_that_exists_is_never_written_over_or_removed(string content)
    {
        await using WorkerRun run = new();
        var settings = run.Settings(FileContainer.Mp4);
        await File.WriteAllTextAsync(settings.Path!, content);
        run.Say(settings);

        Assert.Equal(WorkerFailure.RecordsFolderUnavailable, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
        Assert.Equal(content, await File.ReadAllTextAsync(settings.Path!));
    }

    [Fact]
    public async Task A_disk_that_is_too_full_at_the_start_is_said_so_and_leaves_no_file()
    {
        await using WorkerRun run = new();
        run.Say(run.Settings(FileContainer.Mp4) with { MinimumFreeBytes = long.MaxValue });

        Assert.Equal(WorkerFailure.DiskFull, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
        Assert.Equal(WorkerExitCode.NotPrepared, await run.ExitCodeAsync());
        Assert.Empty(Directory.GetFiles(run.Folder));
    }

    [Fact]
    public async Task A_worker_that_never_began_leaves_no_file()
    {
        await using WorkerRun run = new();
        run.Say(run.Settings(FileContainer.Mkv));
        await run.ExpectAsync<WorkerEvent.Ready>();
        run.Say(new WorkerCommand.Finish());

        Assert.Equal(WorkerExitCode.Finished, await run.ExitCodeAsync());
        Assert.Empty(Directory.GetFiles(run.Folder));
    }

    [Fact]
    public async Task A_node_that_does_not_say_any_more_that_it_is_alive_ends_the_record()
    {
        await using WorkerRun run = new();
        run.Say(new WorkerCommand.Alive(30));
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4));
        await run.ProgressAsync(2);
        run.Say(new WorkerCommand.Alive(1));
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal((path, WorkerFinishReason.NodeSilent), (finished.Path, finished.Reason));
        Assert.InRange(finished.Duration, 2.5, 15);
        Assert.Equal(WorkerExitCode.Finished, await run.ExitCodeAsync());
    }

    [Theory]
    [InlineData(WorkerFinishReason.InputClosed)]
    [InlineData(WorkerFinishReason.Terminated)]
    public async Task The_end_of_the_node_finalises_the_record(string reason)
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4));
        run.Post(
            reason == WorkerFinishReason.Terminated ? new WorkerInput.Terminated() : new WorkerInput.InputClosed()
        );

        Assert.Equal(reason, (await run.ExpectAsync<WorkerEvent.Finished>()).Reason);
        Assert.Equal(WorkerExitCode.Finished, await run.ExitCodeAsync());
        Assert.Equal("", (await Probe.OfAsync(path)).Errors);
    }

    [Fact]
    public async Task A_display_that_goes_away_ends_the_record_which_is_finalised()
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4));
        run.Picture.Lose();

        await run.ExpectAsync<WorkerEvent.DisplayLost>();
        Assert.Equal(WorkerFailure.DisplayLost, (await run.ExpectAsync<WorkerEvent.Finished>()).Reason);
        Assert.Equal(WorkerFailure.DisplayLost, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
        Assert.Equal(WorkerExitCode.Failed, await run.ExitCodeAsync());
        Assert.Equal("", (await Probe.OfAsync(path)).Errors);
    }

    [Fact]
    public async Task A_sound_server_that_goes_away_is_replaced_by_silence()
    {
        using BrokenSound sound = new();
        await using WorkerRun run = new(sound: sound);
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4));
        sound.Break();
        await run.ExpectAsync<WorkerEvent.SoundLost>();
        await run.ProgressAsync(2);
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        var probe = await Probe.OfAsync(path);
        var sounding = double.Parse(probe.Sound["duration"], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(sounding, finished.Duration - 0.06, finished.Duration + 0.06);
    }

    [Fact]
    public async Task A_page_that_paints_at_the_recordings_rate_is_recorded_picture_by_picture()
    {
        await using WorkerRun run = new();
        await run.RecordAsync(run.Settings(FileContainer.Mp4));
        await run.ProgressAsync(2);
        var progress = await run.ExpectAsync<WorkerEvent.Progress>();

        Assert.Equal(progress.Captured, progress.Painted + progress.Repeated);
        Assert.Equal(0, progress.Dropped);

        // The timer that paints here is a coarse one on a busy machine.
        Assert.InRange(progress.Painted, progress.Captured * 0.5, progress.Captured);
        Assert.InRange(progress.FileBytes, 1, progress.EncodedBytes * 2);
    }

    [Fact]
    public async Task A_stall_of_the_host_leaves_no_tick_out_of_the_record()
    {
        await using WorkerRun run = new();
        await run.RecordAsync(run.Settings(FileContainer.Mp4));
        await run.ProgressAsync(1);
        run.Picture.StallOnce(TimeSpan.FromSeconds(1.2));
        await run.ProgressAsync(4);
        var progress = await run.ExpectAsync<WorkerEvent.Progress>();
        Assert.Equal(0, progress.Dropped);
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();
        Assert.Equal(Math.Round(finished.Duration * 25), finished.Frames);
    }

    // Gives nothing until it breaks.
    private sealed class BrokenSound : ISoundSource
    {
        private readonly AutoResetEvent _changed = new(initialState: false);
        private volatile bool _broken;

        public void Break()
        {
            _broken = true;
            _changed.Set();
        }

        public bool Wait(TimeSpan limit)
        {
            _changed.WaitOne(limit);
            return !_broken;
        }

        public ReadOnlySpan<byte> Read() => default;

        public void WakeUp() => _changed.Set();

        public void Dispose() { }
    }
}
