using Recorder.Worker.Files.Formats;
using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Tests.Loop;

[Trait("ring", "media")]
public class SoundAloneTests
{
    private const double Frame = 0.04;

    // The delay of the MP3 encoder, and its last frame, which is filled up.
    private const double Mp3Longer = 0.05;

    public static TheoryData<FileContainer, string> Containers { get; } =
        new()
        {
            { FileContainer.M4a, "aac" },
            { FileContainer.Ogg, "opus" },
            { FileContainer.Mp3, "mp3" },
            { FileContainer.Flac, "flac" },
        };

    [Theory]
    [MemberData(nameof(Containers))]
    public async Task A_record_of_sound_alone_has_the_length_of_its_time_without_the_pauses(
        FileContainer container,
        string codec
    )
    {
        using NoiseSound noise = new();
        await using WorkerRun run = new(sound: noise);
        var path = await run.RecordAsync(Alone(run, container));
        run.Say(new WorkerCommand.TakeThumbnail());
        Assert.Equal(SoundSource.NoPicture, (await run.ExpectAsync<WorkerEvent.ThumbnailFailed>()).Message);
        await run.ProgressAsync(1);
        run.Say(new WorkerCommand.Pause());
        Assert.True((await run.ExpectAsync<WorkerEvent.PauseChanged>()).Paused);
        _ = await run.ExpectAsync<WorkerEvent.Progress>();
        var paused = await run.ExpectAsync<WorkerEvent.Progress>();
        Assert.Equal(paused.Duration, (await run.ExpectAsync<WorkerEvent.Progress>()).Duration);
        run.Say(new WorkerCommand.Unpause());
        Assert.False((await run.ExpectAsync<WorkerEvent.PauseChanged>()).Paused);
        await run.ProgressAsync(paused.Duration + 0.5);
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal(0, await run.ExitCodeAsync());
        var probe = await Probe.OfAsync(path);
        Assert.Empty(probe.Video);
        Assert.Equal(codec, probe.Sound["codec_name"]);
        Assert.Equal("", probe.Errors);
        Assert.InRange(probe.Duration, finished.Duration - Frame, finished.Duration + Longest(container));
        Assert.InRange(finished.Duration, paused.Duration + 0.5, paused.Duration + 10);
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public async Task A_file_whose_writer_was_killed_plays_up_to_the_kill(FileContainer container, string codec)
    {
        using NoiseSound noise = new();
        await using WorkerRun run = new(sound: noise);
        var path = await run.RecordAsync(Alone(run, container));
        await run.ProgressAsync(2);
        var killed = run.PathOf("killed" + Path.GetExtension(path));
        File.Copy(path, killed);
        var seconds = (await run.ExpectAsync<WorkerEvent.Progress>()).Duration;

        // A kill may come in the middle of a write.
        using (var file = File.OpenWrite(killed))
        {
            file.SetLength(file.Length - 7);
        }

        Assert.Equal(codec, (await Probe.OfAsync(killed)).Sound["codec_name"]);
        var repaired = RecordFormat.Repair(killed, container, 0);
        Assert.NotNull(repaired);
        Assert.Equal(new FileInfo(killed).Length, repaired.Bytes);
        Assert.InRange(repaired.Duration, 1.4, seconds);
        var probe = await Probe.OfAsync(killed);
        Assert.Equal("", probe.Errors);
        Assert.InRange(probe.Duration, repaired.Duration - Frame, repaired.Duration + Frame);

        foreach (var again in new[] { RecordFormat.Repair(killed, container, 0), RecordFormat.Keep(killed, container) })
        {
            Assert.Equal(repaired.Bytes, again!.Bytes);
            Assert.Equal(repaired.Duration, again.Duration, 2);
        }
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public async Task The_sound_beside_a_record_is_as_long_as_the_sound_of_the_record(
        FileContainer container,
        string codec
    )
    {
        using NoiseSound noise = new();
        await using WorkerRun run = new(sound: noise);
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4) with { AlsoAudio = container });
        await run.ProgressAsync(1);
        run.Say(new WorkerCommand.Pause());
        _ = await run.ExpectAsync<WorkerEvent.PauseChanged>();
        _ = await run.ExpectAsync<WorkerEvent.Progress>();
        run.Say(new WorkerCommand.Unpause());
        _ = await run.ExpectAsync<WorkerEvent.PauseChanged>();
        await run.ProgressAsync(2);
        run.Say(new WorkerCommand.Finish());
        _ = await run.ExpectAsync<WorkerEvent.Finished>();

        var record = await Probe.OfAsync(path);
        var beside = await Probe.OfAsync(FileContainers.SoundBeside(path, container));
        Assert.Equal(codec, beside.Sound["codec_name"]);
        Assert.Equal("", beside.Errors);
        Assert.InRange(beside.Duration, record.Duration - Frame, record.Duration + Longest(container));
    }

    [Fact]
    public async Task A_worker_refuses_to_write_a_picture_into_a_container_of_sound()
    {
        await using WorkerRun run = new();
        run.Say(run.Settings(FileContainer.Flac));
        Assert.Equal(WorkerFailure.InvalidCommand, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
    }

    private static double Longest(FileContainer container) =>
        container == FileContainer.Mp3 ? Mp3Longer : Frame;

    private static WorkerCommand.Prepare Alone(WorkerRun run, FileContainer container) =>
        run.Settings(container) with
        {
            SoundOnly = true,
        };
}
