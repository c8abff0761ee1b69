using System.Globalization;
using Recorder.ReferencePages;
using Recorder.Worker.Files;
using Recorder.Worker.Files.Formats;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Recorder.Worker.Rtp;
using Recorder.Worker.Tests.Loop;
using Xunit.Abstractions;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>Picture and sound that begin, pause and end apart from each other: each is in the file as soon as it
/// comes.</summary>
[Collection(UnhurriedCollection.Name)]
[Trait("ring", "media")]
public class RtpApartTests(ITestOutputHelper output)
{
    // What a killed worker may lose: its file is looked at this many seconds behind what it has received. Alone it
    // loses less than a second, and beside a build of the whole product it lost 1.2.
    private const double MostLost = 1.5;

    // Longer than any of these runs: ffmpeg cannot send H.264 a second time from the start without its sound.
    private static readonly ReferenceClipFormat Format = new(640, 360, 25, TimeSpan.FromSeconds(20));

    [Theory]
    [InlineData(PictureCodec.Vp8, FileContainer.Webm, "libvpx")]
    [InlineData(PictureCodec.H264, FileContainer.Mp4, "libx264")]
    [InlineData(PictureCodec.H264, FileContainer.Mkv, RtpSender.ReorderingEncoder)]
    public async Task Sound_is_on_disk_before_the_first_picture_and_after_the_last(
        PictureCodec codec,
        FileContainer container,
        string encoder
    )
    {
        var path = await RtpSender.EncodeAsync(await ReferenceClip.MakeAsync(Format), encoder);
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync(codec, container, sound: true);
        string soundAlone,
            afterwards;
        double receivedAlone,
            receivedAfterwards,
            pictureFrom;
        await using (RtpSender.SendSound(path, ready.AudioRtpPort!.Value, ready.AudioRtcpPort!.Value))
        {
            await run.ExpectAsync<WorkerEvent.FirstFrame>();
            receivedAlone = (await run.ReceivedAsync(4)).Duration;
            soundAlone = Killed(run, "alone", container);
            pictureFrom = receivedAlone;
            await using (RtpSender.Send(path, ready.RtpPort, ready.RtcpPort))
            {
                await run.PicturesAsync(50);
            }

            receivedAfterwards = (
                await run.ReceivedAsync((await run.ExpectAsync<WorkerEvent.RtpProgress>()).Duration + 4)
            ).Duration;
            afterwards = Killed(run, "afterwards", container);
        }

        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();
        await AssertCutAnywhereAsync(afterwards, container);

        var alone = await RepairedAsync(soundAlone, container);
        Assert.Equal(0, alone.Frames);
        Assert.InRange(alone.Duration, receivedAlone - MostLost, receivedAlone + 1);
        Assert.Null((await new MediaAnalysis(soundAlone).ProbeAsync()).Video);
        await AssertHeardAsync(soundAlone, 0, alone.Duration);

        var killed = await RepairedAsync(afterwards, container);
        Assert.InRange(killed.Duration, receivedAfterwards - MostLost, receivedAfterwards + 1);
        await AssertHeardAsync(afterwards, 0, killed.Duration);

        await AssertHeardAsync(finished.Path!, 0, finished.Duration);
        foreach (
            var (file, told) in ((string, WorkerEvent.Finished)[])[(afterwards, killed), (finished.Path!, finished)]
        )
        {
            var pictures = await Probe.TimesAsync(file, "v");
            output.WriteLine(
                FormattableString.Invariant($"{file}: {told}, pictures {pictures[0]:0.00} to {pictures[^1]:0.00} s")
            );
            Assert.Equal(told.Frames, pictures.Count);
            // The senders' reports put the picture beside the sound. A sender that a loaded machine holds up catches up
            // afterwards, and its first report is early or late by as much.
            Assert.InRange(pictures[0], pictureFrom - 2, pictureFrom + 4);
            Assert.InRange(pictures[^1], pictures[0] + 1, told.Duration - 3);
            Assert.Equal("", (await Probe.OfAsync(file)).Errors);
            var track = await new MediaAnalysis(file).FrameNumbersAsync();
            var seen = track.Continuity(Format.FrameRate, Format.FrameCount);

            // A sender of B-frames that is ended between a picture and those shown before that picture has not sent the
            // latter.
            var endsInBetween =
                encoder == "libx264-b"
                && seen.MissingFrames <= 3
                && seen.LongestFreezeAt.TotalSeconds > pictures[^1] - 0.3;
            Assert.True(
                seen is { BackwardSteps: 0, UnreadableFrames: 0 } && (seen.MissingFrames == 0 || endsInBetween),
                $"Not what was sent: {seen}"
            );
        }
    }

    [Theory]
    [InlineData(PictureCodec.Vp8, FileContainer.Webm, "libvpx")]
    [InlineData(PictureCodec.H264, FileContainer.Mp4, "libx264")]
    public async Task A_picture_is_on_disk_before_the_first_sound_and_after_the_last(
        PictureCodec codec,
        FileContainer container,
        string encoder
    )
    {
        var path = await RtpSender.EncodeAsync(await ReferenceClip.MakeAsync(Format), encoder);
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync(codec, container, sound: true);
        string pictureAlone,
            afterwards;
        double receivedAlone,
            soundUntil,
            receivedAfterwards;
        await using (RtpSender.Send(path, ready.RtpPort, ready.RtcpPort))
        {
            await run.ExpectAsync<WorkerEvent.FirstFrame>();
            receivedAlone = (await run.ReceivedAsync(4)).Duration;
            pictureAlone = Killed(run, "alone", container);
            await using (RtpSender.SendSound(path, ready.AudioRtpPort!.Value, ready.AudioRtcpPort!.Value))
            {
                soundUntil = (await run.ReceivedAsync(receivedAlone + 3)).Duration;
            }

            receivedAfterwards = (await run.ReceivedAsync(soundUntil + 4)).Duration;
            afterwards = Killed(run, "afterwards", container);
        }

        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        foreach (
            var (file, received) in ((string, double)[])
                [(pictureAlone, receivedAlone), (afterwards, receivedAfterwards)]
        )
        {
            var killed = await RepairedAsync(file, container);
            Assert.InRange(killed.Duration, received - MostLost, received + 1);
            var pictures = await Probe.TimesAsync(file, "v");
            Assert.Equal(killed.Frames, pictures.Count);
            Assert.InRange(pictures[0], 0, 0.1);
            Assert.InRange(pictures[^1], received - MostLost, received + 1);
        }

        var seen = (await new MediaAnalysis(finished.Path!).FrameNumbersAsync()).Continuity(
            Format.FrameRate,
            Format.FrameCount
        );
        Assert.True(seen is { MissingFrames: 0, BackwardSteps: 0, UnreadableFrames: 0 }, $"Not what was sent: {seen}");
        await AssertDurationAsync(finished);

        // Before and after the sound there is silence.
        var sound = await new MediaAnalysis(finished.Path!).SoundAsync();
        var silences = sound.SilentStretches(TimeSpan.FromSeconds(1));
        output.WriteLine($"{finished}; silent: {string.Join("; ", silences)}");
        Assert.Equal(2, silences.Count);
        Assert.InRange(silences[0].From.TotalSeconds, 0, 0.1);
        Assert.InRange(silences[0].Length.TotalSeconds, receivedAlone - 1, receivedAlone + 3);
        Assert.InRange(silences[1].From.TotalSeconds, soundUntil - 1, soundUntil + 2);
    }

    [Theory]
    [InlineData(PictureCodec.Vp8, FileContainer.Webm, "libvpx")]
    [InlineData(PictureCodec.H264, FileContainer.Mp4, "libx264")]
    public async Task Sound_alone_is_a_record_whose_sound_may_pause(
        PictureCodec codec,
        FileContainer container,
        string encoder
    )
    {
        var path = await RtpSender.EncodeAsync(await ReferenceClip.MakeAsync(Format), encoder);
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync(codec, container, sound: true);
        double before;
        await using (RtpSender.SendSound(path, ready.AudioRtpPort!.Value, ready.AudioRtcpPort!.Value))
        {
            await run.ExpectAsync<WorkerEvent.FirstFrame>();
            before = (await run.ReceivedAsync(2)).Duration;
        }

        await Task.Delay(TimeSpan.FromSeconds(3));
        await using (RtpSender.SendSound(path, ready.AudioRtpPort!.Value, ready.AudioRtcpPort!.Value))
        {
            await run.ReceivedAsync(before + 5);
        }

        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal((0L, WorkerExitCode.Finished), (finished.Frames, await run.ExitCodeAsync()));
        await AssertDurationAsync(finished);
        var pause = Assert.Single(
            (await new MediaAnalysis(finished.Path!).SoundAsync()).SilentStretches(TimeSpan.FromSeconds(0.5))
        );
        output.WriteLine($"{finished}; silent: {pause}");
        Assert.InRange(pause.From.TotalSeconds, before - 1, before + 2);
        Assert.InRange(pause.Length.TotalSeconds, 2, 5);
    }

    [Theory]
    [InlineData(FileContainer.Webm)]
    [InlineData(FileContainer.Mkv)]
    [InlineData(FileContainer.Mp4)]
    public async Task One_piece_of_sound_is_a_record_when_it_is_ended_at_once(FileContainer container)
    {
        Application.Init();
        await using WorkerRun run = new();
        RtpLegSettings leg = new(0, 0, 111, RtpLegSettings.OpusClockRate);
        var settings = RtpRun.Settings(run, PictureCodec.H264, container, leg, leg);
        RecordFile.Reserve(settings.Path);
        Exception? failed = null;
        using RtpRecord record = new(settings, () => { }, error => failed = error, _ => { }, TimeProvider.System);
        record.Start();
        var piece = Recorder.Worker.GStreamer.Buffer.NewAllocate(3);
        piece.Fill(0, [0xFC, 0xFF, 0xFE]);
        piece.Pts = 7_000_000_000;
        piece.Duration = 20_000_000;
        record.Sound(piece);
        piece.Unref();
        var made = await record.End()!;
        made ??= RecordFormat.Repair(settings.Path, container, 0);

        Assert.Null(failed);
        Assert.NotNull(record.BeganAt);
        Assert.Equal(
            (0.02, 0L, new FileInfo(settings.Path).Length),
            (Math.Round(made!.Duration, 3), made.Frames, made.Bytes)
        );
        Assert.Equal([0.0], await Probe.TimesAsync(settings.Path, "a"));
    }

    /// <summary>A file as kill -9 leaves it: nothing is buffered in the process, so a copy of a growing one is the
    /// same.</summary>
    private static string Killed(WorkerRun run, string name, FileContainer container)
    {
        var extension = container.ToString().ToLowerInvariant();
        var copy = run.PathOf($"{name}.{extension}");
        File.Copy(run.PathOf($"record.{extension}"), copy);
        return copy;
    }

    /// <summary>Wherever its writer was killed, a file is repaired up to its last whole frame.</summary>
    private static async Task AssertCutAnywhereAsync(string path, FileContainer container)
    {
        const int cuts = 12;
        var whole = await File.ReadAllBytesAsync(path);
        var cut = path + ".cut";
        double before = 0;
        for (var i = 1; i < cuts; i++)
        {
            await File.WriteAllBytesAsync(cut, whole[..(int)((long)whole.Length * i / cuts)]);
            var repaired = await RepairedAsync(cut, container);
            Assert.InRange(repaired.Duration, before, 60);
            before = repaired.Duration;
            Assert.Equal("", (await Probe.ErrorsAsync(cut)));
        }

        File.Delete(cut);
    }

    private static async Task<WorkerEvent.Finished> RepairedAsync(string path, FileContainer container)
    {
        await using WorkerRun run = new();
        run.Say(new WorkerCommand.Repair(path, container, MinimumFreeBytes: 0));
        var repaired = await run.ExpectAsync<WorkerEvent.Finished>();
        await AssertDurationAsync(repaired);
        return repaired;
    }

    private static async Task AssertDurationAsync(WorkerEvent.Finished told)
    {
        var probe = await new MediaAnalysis(told.Path!).ProbeAsync();
        Assert.InRange(
            told.Duration,
            probe.Duration!.Value.TotalSeconds - 0.05,
            probe.Duration!.Value.TotalSeconds + 0.05
        );
    }

    private static async Task AssertHeardAsync(string path, double from, double until)
    {
        var times = await Probe.TimesAsync(path, "a");
        var sound = await new MediaAnalysis(path).SoundAsync();
        Assert.InRange(times[0], from, from + 0.1);
        Assert.InRange(times[^1], until - 0.3, until + 0.1);
        Assert.Empty(sound.SilentStretches(TimeSpan.FromSeconds(0.1)).Select(stretch => stretch.ToString()));
        Assert.Empty(
            times
                .Zip(times.Skip(1), (before, after) => after - before)
                .Where(step => step > 0.05)
                .Select(step => step.ToString(CultureInfo.InvariantCulture))
        );
    }
}
