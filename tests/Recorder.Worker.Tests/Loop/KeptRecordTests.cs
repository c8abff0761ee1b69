using System.Globalization;
using Recorder.ReferencePages;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Tests.Loop;

/// <summary>Records of killed workers that cannot be copied, or should not be: they stay as they were written, and
/// play.</summary>
[Collection(UnhurriedCollection.Name)]
[Trait("ring", "media")]
public class KeptRecordTests
{
    private const int Megabyte = 1 << 20;

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_copy_that_would_take_the_room_of_other_records_is_not_made(FileContainer container)
    {
        await OnSmallDiskAsync(async folder =>
        {
            var path = await KilledRecordAsync(folder, container);

            // There is room for the copy, and not for the copy and what is to stay free.
            await AssertKeptAsync(
                path,
                container,
                new WorkerCommand.Repair(path, container, MinimumFreeBytes: 20 * Megabyte)
            );
        });
    }

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_record_on_a_disk_that_is_smaller_than_its_copy_is_kept(FileContainer container)
    {
        await OnSmallDiskAsync(async folder =>
        {
            var path = await KilledRecordAsync(folder, container);
            var free = new DriveInfo(folder).AvailableFreeSpace;
            await File.WriteAllBytesAsync(
                Path.Combine(folder, "filler"),
                new byte[free - (new FileInfo(path).Length / 2)]
            );

            await AssertKeptAsync(path, container, new WorkerCommand.Repair(path, container, MinimumFreeBytes: 0));
        });
    }

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_copy_that_was_killed_is_removed_and_its_record_is_repaired(FileContainer container)
    {
        var folder = Directory.CreateTempSubdirectory("recorder-copy-").FullName;
        var path = await KilledRecordAsync(folder, container);
        await File.WriteAllBytesAsync(path + ".finalising", new byte[Megabyte]);
        await using (WorkerRun run = new())
        {
            run.Say(new WorkerCommand.Repair(path, container, MinimumFreeBytes: 0));
            await run.ExpectAsync<WorkerEvent.Finished>();
        }

        Assert.Equal([path], Directory.GetFiles(folder));
        Assert.Equal("", (await Probe.OfAsync(path)).Errors);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Ts)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_record_whose_repair_is_given_up_is_kept_without_what_its_copy_has_left(FileContainer container)
    {
        var folder = Directory.CreateTempSubdirectory("recorder-keep-").FullName;
        var path = await KilledRecordAsync(folder, container);
        await File.WriteAllBytesAsync(path + ".finalising", new byte[Megabyte]);

        await AssertKeptAsync(path, container, new WorkerCommand.Keep(path, container));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("mp4", FileContainer.Mp4)]
    [InlineData("ts", FileContainer.Ts)]
    [InlineData("mkv", FileContainer.Mkv)]
    public async Task A_file_without_a_picture_is_not_kept_for_a_record(string extension, FileContainer container)
    {
        await using WorkerRun run = new();
        var path = run.PathOf("none." + extension);
        foreach (var content in (string[])["", "not a film", new string('G', 1000)])
        {
            await File.WriteAllTextAsync(path, content);
            run.Say(new WorkerCommand.Keep(path, container));

            Assert.Equal(path, (await run.ExpectAsync<WorkerEvent.Unrecoverable>()).Path);
            Assert.Equal(content, await File.ReadAllTextAsync(path));
        }

        run.Say(new WorkerCommand.Keep(run.PathOf("missing"), container));
        await run.ExpectAsync<WorkerEvent.Unrecoverable>();
    }

    [Fact]
    public async Task Each_mkv_that_was_cut_anywhere_is_described_up_to_its_last_whole_picture()
    {
        var folder = Directory.CreateTempSubdirectory("recorder-cut-").FullName;
        var whole = await File.ReadAllBytesAsync(await KilledRecordAsync(folder, FileContainer.Mkv));
        await using WorkerRun run = new();
        List<long> frames = [];
        for (var cut = whole.Length / 40; cut < whole.Length; cut += whole.Length / 40)
        {
            var path = run.PathOf($"{cut}.mkv");
            await File.WriteAllBytesAsync(path, whole[..cut]);
            run.Say(new WorkerCommand.Keep(path, FileContainer.Mkv));
            frames.Add(await run.ExpectAsync<WorkerEvent>() is WorkerEvent.Finished kept ? kept.Frames : 0);
        }

        Assert.Equal(frames.Order(), frames);
        Assert.InRange(frames[^1], 20, 200);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("mp4", FileContainer.Mp4, false)]
    [InlineData("mkv", FileContainer.Mkv, true)]
    [InlineData("webm", FileContainer.Webm, true)]
    public async Task Sound_alone_that_another_writer_left_without_an_end_is_repaired_too(
        string extension,
        FileContainer container,
        bool opus
    )
    {
        await using WorkerRun run = new();
        var path = run.PathOf("sound." + extension);
        string[] form = opus
            ? ["-c:a", "libopus"]
            : ["-c:a", "aac", "-movflags", "empty_moov+default_base_moof", "-frag_duration", "200000"];
        Assert.Equal(
            "",
            (
                await Probe.RunAsync(
                    "ffmpeg",
                    ["-v", "error", "-f", "lavfi", "-i", "sine=duration=5:sample_rate=48000", .. form, path]
                )
            ).Errors
        );
        await using (FileStream file = new(path, FileMode.Open))
        {
            file.SetLength(file.Length * 4 / 5);
        }
        run.Say(new WorkerCommand.Repair(path, container, MinimumFreeBytes: 0));
        var repaired = await run.ExpectAsync<WorkerEvent.Finished>();

        var probe = await new MediaAnalysis(path).ProbeAsync();
        Assert.Equal(0, repaired.Frames);
        Assert.InRange(repaired.Duration, 3, 5);
        Assert.InRange(probe.Duration!.Value.TotalSeconds, repaired.Duration - 0.1, repaired.Duration + 0.1);
        Assert.Null(probe.Video);
        Assert.Equal(Path.GetFullPath(path), Assert.Single(Directory.GetFiles(run.Folder)));
    }

    /// <summary>A file as kill -9 leaves it: nothing is buffered in the process, so a copy of a growing one is the
    /// same.</summary>
    private static async Task<string> KilledRecordAsync(string folder, FileContainer container)
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(container));
        await run.ProgressAsync(2);
        var killed = Path.Combine(folder, Path.GetFileName(path));
        File.Copy(path, killed);
        return killed;
    }

    private static async Task AssertKeptAsync(string path, FileContainer container, WorkerCommand command)
    {
        var before = await File.ReadAllBytesAsync(path);
        await using WorkerRun run = new();
        run.Say(command);
        var kept = await run.ExpectAsync<WorkerEvent.Finished>();
        var after = await File.ReadAllBytesAsync(path);

        Assert.Equal((path, after.Length), (kept.Path, (int)kept.Bytes));
        Assert.Equal(before[..after.Length], after);
        Assert.True(
            container != FileContainer.Mkv || before.Length == after.Length,
            "A Matroska file needs no end cut off."
        );
        Assert.False(File.Exists(path + ".finalising"), "A copy is left beside the record.");
        var probe = await Probe.OfAsync(path);
        Assert.Equal(long.Parse(probe.Video["nb_read_frames"], CultureInfo.InvariantCulture), kept.Frames);
        Assert.InRange(kept.Frames, 20, 200);
        // The last fragment of the killed process may hold sound that is newer than the newest picture.
        Assert.InRange(kept.Duration, (kept.Frames / 25.0) - 0.1, (kept.Frames / 25.0) + 0.5);
    }

    private static async Task OnSmallDiskAsync(Func<string, Task> test)
    {
        var folder = Directory.CreateTempSubdirectory("recorder-small-").FullName;
        if (!await Tmpfs.TryMountAsync(folder, megabytes: 20))
        {
            return;
        }
        try
        {
            await test(folder);
        }
        finally
        {
            await Tmpfs.UnmountAsync(folder);
        }
    }
}
