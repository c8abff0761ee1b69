using System.Buffers.Binary;
using System.Globalization;
using Recorder.Worker.Files.Mp4;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Tests.Loop;

[Trait("ring", "media")]
public class WorkerRecordTests
{
    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Ts)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_finished_record_plays_and_is_as_long_as_it_says(FileContainer container)
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(container));
        await run.ProgressAsync(1);
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal(WorkerExitCode.Finished, await run.ExitCodeAsync());
        Assert.Equal(
            (path, WorkerFinishReason.Finish, new FileInfo(path).Length),
            (finished.Path, finished.Reason, finished.Bytes)
        );
        Assert.Equal([path], Directory.GetFiles(run.Folder));
        var probe = await Probe.OfAsync(path);
        Assert.Equal("", probe.Errors);
        Assert.Equal(
            ("h264", "Constrained Baseline", "320", "180", "25/1"),
            (
                probe.Video["codec_name"],
                probe.Video["profile"],
                probe.Video["width"],
                probe.Video["height"],
                probe.Video["avg_frame_rate"]
            )
        );
        Assert.Equal(
            ("tv", "smpte170m", "bt709"),
            (probe.Video["color_range"], probe.Video["color_space"], probe.Video["color_primaries"])
        );
        Assert.Equal(
            ("aac", "48000", "2"),
            (probe.Sound["codec_name"], probe.Sound["sample_rate"], probe.Sound["channels"])
        );
        Assert.InRange(finished.Duration, 1, 10);
        Assert.InRange(probe.Duration, finished.Duration - 0.05, finished.Duration + 0.05);
        Assert.Equal(finished.Frames, long.Parse(probe.Video["nb_read_frames"], CultureInfo.InvariantCulture));
        Assert.Equal(Math.Round(finished.Duration * 25), finished.Frames);
        Assert.InRange(Start(probe.Video) - Start(probe.Sound), -0.01, 0.01);
    }

    [Fact]
    public async Task The_first_picture_is_a_fragment_of_its_own_and_later_ones_are_five()
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4));
        await run.ProgressAsync(2);
        var pictures = PicturesOfFragments(await File.ReadAllBytesAsync(path));

        Assert.Equal(1u, pictures[0]);
        Assert.All(pictures[^2..], count => Assert.InRange(count, 5u, 6u));
        run.Say(new WorkerCommand.Finish());
        _ = await run.ExpectAsync<WorkerEvent.Finished>();
        Assert.Equal("", (await Probe.OfAsync(path)).Errors);

        static List<uint> PicturesOfFragments(byte[] file)
        {
            const uint pictureTrack = 1;
            List<uint> counts = [];
            foreach (var box in Mp4Box.Children(file).Where(box => box.Type == Mp4Box.Code("moof")))
            {
                var fragment = file.AsMemory((int)box.Content..(int)Math.Min(box.End, file.Length));
                var track = Mp4Box.Find(fragment, "traf", "tfhd").Span;
                if (track.Length >= 8 && BinaryPrimitives.ReadUInt32BigEndian(track[4..]) == pictureTrack)
                {
                    counts.Add(BinaryPrimitives.ReadUInt32BigEndian(Mp4Box.Find(fragment, "traf", "trun").Span[4..]));
                }
            }

            return counts;
        }
    }

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Ts)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_record_of_720_lines_is_tagged_with_BT_709_in_the_stream_and_in_the_container(
        FileContainer container
    )
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(
            run.Settings(container) with
            {
                Picture = WorkerRun.SmallPicture with { Width = 1280, Height = 720 },
            }
        );
        run.Say(new WorkerCommand.Finish());
        _ = await run.ExpectAsync<WorkerEvent.Finished>();
        var probe = await Probe.OfAsync(path);
        Assert.Equal(
            ("tv", "bt709", "bt709", "bt709"),
            (
                probe.Video["color_range"],
                probe.Video["color_space"],
                probe.Video["color_primaries"],
                probe.Video["color_transfer"]
            )
        );
        Assert.Equal("", probe.Errors);
    }

    [Theory]
    [InlineData("ultrafast", "baseline", "Constrained Baseline")]
    [InlineData("ultrafast", "main", "Main")]
    [InlineData("ultrafast", "high", "High")]
    [InlineData("veryfast", "baseline", "Constrained Baseline")]
    [InlineData("veryfast", "main", "Main")]
    [InlineData("veryfast", "high", "High")]
    public async Task A_record_has_the_profile_that_was_asked_for_with_every_preset(
        string preset,
        string profile,
        string written
    )
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(
            run.Settings(FileContainer.Mp4) with
            {
                Picture = WorkerRun.SmallPicture with { Preset = preset, Profile = profile },
            }
        );
        run.Say(new WorkerCommand.Finish());
        _ = await run.ExpectAsync<WorkerEvent.Finished>();
        var probe = await Probe.OfAsync(path);
        Assert.Equal((written, ""), (probe.Video["profile"], probe.Errors));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(192)]
    public async Task A_record_has_the_bitrate_of_sound_that_was_asked_for(int kilobits)
    {
        await using WorkerRun run = new(sound: new NoiseSound());
        var path = await run.RecordAsync(
            run.Settings(FileContainer.Mp4) with
            {
                Sound = new SoundSettings { Bitrate = kilobits },
                PulseServer = "noise",
            }
        );
        await run.ProgressAsync(3);
        run.Say(new WorkerCommand.Finish());
        _ = await run.ExpectAsync<WorkerEvent.Finished>();
        var probe = await Probe.OfAsync(path);
        Assert.InRange(
            double.Parse(probe.Sound["bit_rate"], CultureInfo.InvariantCulture) / 1000,
            kilobits * 0.8,
            kilobits * 1.2
        );
    }

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Ts)]
    [InlineData(FileContainer.Mkv)]
    public async Task The_file_of_a_killed_worker_reads_up_to_shortly_before_and_is_repaired(FileContainer container)
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(container));
        await run.ProgressAsync(1);
        var before = await run.ExpectAsync<WorkerEvent.Progress>();

        // A copy of the growing file is what kill -9 leaves: nothing is buffered in the process.
        var killed = run.PathOf("killed." + path.Split('.')[^1]);
        File.Copy(path, killed);
        await run.ProgressAsync(run.Said.OfType<WorkerEvent.Progress>().Last().Duration + 0.001);
        var after = run.Said.OfType<WorkerEvent.Progress>().Last().Duration;
        await using WorkerRun repair = new();
        repair.Say(new WorkerCommand.Repair(killed, container, 0));
        var finished = await repair.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal(
            (killed, WorkerFinishReason.Repaired, new FileInfo(killed).Length),
            (finished.Path, finished.Reason, finished.Bytes)
        );
        // The copy may have waited for a processor, and the file grew until it was made.
        Assert.InRange(finished.Duration, before.Duration - 1, after + 1);
        var probe = await Probe.OfAsync(killed);
        Assert.Equal("", probe.Errors);
        Assert.InRange(probe.Duration, finished.Duration - 0.1, finished.Duration + 0.1);
        Assert.Equal("25/1", probe.Video["avg_frame_rate"]);
        Assert.Equal(finished.Frames, long.Parse(probe.Video["nb_read_frames"], CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("mp4", FileContainer.Mp4)]
    [InlineData("ts", FileContainer.Ts)]
    [InlineData("mkv", FileContainer.Mkv)]
    public async Task A_file_without_a_picture_is_unrecoverable_and_left_as_it_is(
        string extension,
        FileContainer container
    )
    {
        await using WorkerRun run = new();
        string[] contents = ["", "not a film", new string('G', 1000)];
        for (var i = 0; i < contents.Length; i++)
        {
            var path = run.PathOf($"{i}.{extension}");
            await File.WriteAllTextAsync(path, contents[i]);
            run.Say(new WorkerCommand.Repair(path, container, 0));

            Assert.Equal(path, (await run.ExpectAsync<WorkerEvent.Unrecoverable>()).Path);
            Assert.Equal(contents[i], await File.ReadAllTextAsync(path));
        }

        run.Say(new WorkerCommand.Repair(run.PathOf("missing"), container, 0));
        await run.ExpectAsync<WorkerEvent.Unrecoverable>();
    }

    [Fact]
    public async Task Each_mp4_that_was_cut_anywhere_is_repaired_or_said_to_be_unrecoverable()
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4));
        await run.ProgressAsync(1);
        var whole = await File.ReadAllBytesAsync(path);
        await using WorkerRun repair = new();
        var repaired = 0;
        for (var cut = 0; cut < whole.Length; cut += Math.Max(1, whole.Length / 60))
        {
            var file = repair.PathOf($"{cut}.mp4");
            await File.WriteAllBytesAsync(file, whole[..cut]);
            repair.Say(new WorkerCommand.Repair(file, FileContainer.Mp4, 0));
            if (await repair.ExpectAsync<WorkerEvent>() is WorkerEvent.Finished)
            {
                repaired++;
            }
        }

        Assert.InRange(repaired, 30, 60);
    }

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Ts)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_record_that_ends_as_soon_as_it_begins_holds_a_picture(FileContainer container)
    {
        await using WorkerRun run = new();
        run.Say(run.Settings(container));
        await run.ExpectAsync<WorkerEvent.Ready>();
        run.Say(new WorkerCommand.Begin());
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.InRange(finished.Frames, 1, 50);
        Assert.Equal("", (await Probe.OfAsync(finished.Path!)).Errors);
    }

    [Fact]
    public async Task A_finished_mp4_is_fast_start()
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4));
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();

        var content = await File.ReadAllBytesAsync(path);
        var types = Mp4Box.Children(content).Select(box => box.Type).ToArray();

        Assert.Equal(["ftyp", "moov", "mdat"], types.Select(Letters).Where(type => type != "free"));
    }

    [Fact]
    public async Task An_mp4_whose_finalising_was_interrupted_is_finalised_by_the_repair()
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4));
        await run.ProgressAsync(2);
        var fragmented = await File.ReadAllBytesAsync(path);
        var interrupted = run.PathOf("interrupted.mp4");
        await using (FileStream file = new(interrupted, FileMode.CreateNew))
        {
            // As after the blocks were inserted and part of the index written, before its first block.
            await file.WriteAsync(new byte[4096]);
            await file.WriteAsync(Enumerable.Repeat((byte)'x', 8192).ToArray());
            await file.WriteAsync(fragmented);
        }

        await using WorkerRun repair = new();
        repair.Say(new WorkerCommand.Repair(interrupted, FileContainer.Mp4, 0));
        var finished = await repair.ExpectAsync<WorkerEvent.Finished>();

        var probe = await Probe.OfAsync(interrupted);
        Assert.Equal("", probe.Errors);
        Assert.InRange(finished.Frames, 10, 1000);
    }

    [Fact]
    public async Task A_file_system_that_cannot_insert_blocks_gets_a_copy_and_nothing_is_left_beside_it()
    {
        var folder = Directory.CreateTempSubdirectory("recorder-copy-").FullName;
        if (!await Tmpfs.TryMountAsync(folder, megabytes: 20))
        {
            return;
        }
        try
        {
            await using WorkerRun run = new(Directory.CreateDirectory(Path.Combine(folder, "records")).FullName);
            var path = await run.RecordAsync(run.Settings(FileContainer.Mp4));
            run.Say(new WorkerCommand.Finish());
            await run.ExpectAsync<WorkerEvent.Finished>();

            var types = Mp4Box.Children(await File.ReadAllBytesAsync(path)).Select(box => Letters(box.Type));
            Assert.Equal(["ftyp", "moov", "mdat"], types);
            Assert.Equal([path], Directory.GetFiles(run.Folder));
            Assert.Equal("", (await Probe.OfAsync(path)).Errors);
        }
        finally
        {
            await Tmpfs.UnmountAsync(folder);
        }
    }

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Ts)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_full_disk_ends_the_record_and_leaves_it_playable(FileContainer container)
    {
        var folder = Directory.CreateTempSubdirectory("recorder-full-").FullName;
        if (!await Tmpfs.TryMountAsync(folder, megabytes: 1))
        {
            return;
        }
        try
        {
            string path;
            await using (WorkerRun run = new(Directory.CreateDirectory(Path.Combine(folder, "records")).FullName))
            {
                path = await run.RecordAsync(
                    run.Settings(container) with
                    {
                        Picture = WorkerRun.SmallPicture with { Bitrate = 3000 },
                        Sound = new SoundSettings { Bitrate = 320 },
                    }
                );
                await File.WriteAllBytesAsync(Path.Combine(folder, "filler"), new byte[800_000]);
                var finished = await run.ExpectAsync<WorkerEvent.Finished>();

                Assert.Equal(WorkerFailure.DiskFull, finished.Reason);
                Assert.Equal(WorkerFailure.DiskFull, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
                Assert.NotEqual(WorkerExitCode.Finished, await run.ExitCodeAsync());
                Assert.Equal([path], Directory.GetFiles(run.Folder));
                var probe = await Probe.OfAsync(path);
                Assert.InRange(
                    double.Parse(probe.Video["nb_read_frames"], CultureInfo.InvariantCulture) / 25,
                    finished.Duration - 1,
                    finished.Duration + 0.1
                );
            }
        }
        finally
        {
            await Tmpfs.UnmountAsync(folder);
        }
    }

    [Fact]
    public async Task Too_little_free_space_ends_the_record_while_it_can_be_finalised()
    {
        var folder = Directory.CreateTempSubdirectory("recorder-low-").FullName;
        if (!await Tmpfs.TryMountAsync(folder, megabytes: 20))
        {
            return;
        }
        try
        {
            await using WorkerRun run = new(Directory.CreateDirectory(Path.Combine(folder, "records")).FullName);
            var path = await run.RecordAsync(run.Settings(FileContainer.Mp4) with { MinimumFreeBytes = 8 << 20 });
            await File.WriteAllBytesAsync(Path.Combine(folder, "filler"), new byte[14 << 20]);
            var finished = await run.ExpectAsync<WorkerEvent.Finished>();

            Assert.Equal(WorkerFailure.DiskFull, finished.Reason);
            Assert.Equal(WorkerFailure.DiskFull, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
            Assert.Equal(WorkerExitCode.Failed, await run.ExitCodeAsync());
            Assert.Equal("", (await Probe.OfAsync(path)).Errors);
        }
        finally
        {
            await Tmpfs.UnmountAsync(folder);
        }
    }

    private static double Start(IReadOnlyDictionary<string, string> stream) =>
        double.Parse(stream["start_time"], CultureInfo.InvariantCulture);

    private static string Letters(uint type) =>
        new([(char)(type >> 24), (char)((type >> 16) & 0xFF), (char)((type >> 8) & 0xFF), (char)(type & 0xFF)]);
}
