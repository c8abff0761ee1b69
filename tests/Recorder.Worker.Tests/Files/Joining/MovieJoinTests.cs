using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Recorder.Worker.Files.Formats;
using Recorder.Worker.Files.Joining;
using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Loop;

namespace Recorder.Worker.Tests.Files.Joining;

/// <summary>Several MP4 records as one, seen with the eyes of ffmpeg.</summary>
[Trait("ring", "media")]
public sealed class MovieJoinTests : IDisposable
{
    private static readonly string[] Usual = ["-movflags", "+faststart"];

    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-joined-").FullName;
    private int _files;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("-movflags +faststart", "baseline")]
    [InlineData("-movflags -faststart", "baseline")]
    [InlineData("-movflags +faststart -bf 2", "high")]
    public async Task The_joined_file_shows_every_picture_of_each_record_in_its_order(string flags, string profile)
    {
        string[] given = [.. flags.Split(' '), "-profile:v", profile];
        var first = await MovieAsync(2.04, 440, given);
        var second = await MovieAsync(1, 880, given);
        var third = await MovieAsync(1.52, 220, given);

        var joined = await JoinAsync(first, second, third);

        await IsWholeAsync(joined, first, second, third);
        var chapters = await ChaptersAsync(joined);
        Assert.Equal(["Part 1", "Part 2", "Part 3"], chapters.Select(chapter => chapter.Title));
        Assert.Equal(0, chapters[0].Start);
        Assert.Equal((await Probe.OfAsync(first)).Duration, chapters[1].Start, 0.01);
    }

    [Fact]
    public async Task Records_that_the_recorder_finalised_are_joined()
    {
        var paths = new List<string>();
        for (var number = 0; number < 2; number++)
        {
            var path = await MovieAsync(2, 440 * (number + 1), ["-movflags", "+frag_keyframe+empty_moov", "-g", "12"]);
            Assert.NotNull(
                RecordFormat.Repair(
                    path,
                    FileContainer.Mp4,
                    minimumFreeBytes: 0,
                    [new RecordChapter($"Vote {number}", 0.52), new RecordChapter(new string('ž', 200), 1)]
                )
            );
            paths.Add(path);
        }

        var joined = await JoinAsync([.. paths]);

        await IsWholeAsync(joined, [.. paths]);
        var second = (await Probe.OfAsync(paths[0])).Duration;
        var long127 = new string('ž', 127);
        var chapters = await ChaptersAsync(joined);
        Assert.Equal(
            ["Part 1", "Vote 0", long127, "Part 2", "Vote 1", long127],
            chapters.Select(chapter => chapter.Title)
        );
        Assert.Equal(0.52, chapters[1].Start, 3);
        Assert.Equal(second + 0.52, chapters[4].Start, 0.01);
    }

    [Fact]
    public async Task A_picture_that_begins_later_than_the_sound_stays_beside_its_sound()
    {
        var first = await MovieAsync(2, 440, Usual);
        var late = await LateAsync();

        var joined = await JoinAsync(first, late);

        var picture = await TimesAsync(joined, "v");
        var sound = await TimesAsync(joined, "a");
        Assert.Equal(75, picture.Count);
        Assert.InRange(picture[50] - picture[49], 0.49, 0.60);
        Assert.All(sound.Zip(sound.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 0.001, 0.06));
    }

    [Theory]
    [InlineData("size", "picture of avc1 320x240, and Record 1 of avc1 160x120")]
    [InlineData("rate", "sound of mp4a 44100 Hz, channels: 1, and Record 1 of mp4a 48000 Hz, channels: 1")]
    [InlineData("stereo", "sound of mp4a 48000 Hz, channels: 2, and Record 1 of mp4a 48000 Hz, channels: 1")]
    [InlineData("silent", "Record 2 has a picture, and Record 1 has a picture and sound")]
    [InlineData("timescale", "counts the time of its picture in 1/90000 s")]
    [InlineData("fragments", "was left in fragments")]
    [InlineData("cut", "is no whole MP4")]
    [InlineData("none", "is no whole MP4")]
    public async Task Records_that_do_not_fit_are_refused_with_the_difference(string what, string why)
    {
        var first = await MovieAsync(0.4, 440, Usual);
        var second = what switch
        {
            "size" => await MovieAsync(0.4, 440, Usual, size: "320x240"),
            "rate" => await MovieAsync(0.4, 440, [.. Usual, "-ar", "44100"]),
            "stereo" => await MovieAsync(0.4, 440, [.. Usual, "-ac", "2"]),
            "silent" => await MovieAsync(0.4, 440, [.. Usual, "-an"]),
            "timescale" => await MovieAsync(0.4, 440, [.. Usual, "-video_track_timescale", "90000"]),
            "fragments" => await MovieAsync(0.4, 440, ["-movflags", "+frag_keyframe+empty_moov"]),
            _ => await MovieAsync(0.4, 440, Usual),
        };
        if (what is "cut" or "none")
        {
            using var file = File.OpenWrite(second);
            file.SetLength(what == "cut" ? file.Length - 100 : 7);
        }

        var error = await Assert.ThrowsAsync<NotJoinableException>(() => JoinAsync(first, second));

        Assert.StartsWith("Record 2 ", error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_of_a_day_in_fragments_is_refused_after_few_questions()
    {
        var path = await MovieAsync(2, 440, ["-movflags", "+frag_keyframe+empty_moov", "-g", "1"]);
        var content = await File.ReadAllBytesAsync(path);
        var questions = 0;

        var error = await Assert.ThrowsAsync<NotJoinableException>(() =>
            MovieJoin.PlanAsync([
                new JoinedRecord(
                    "Record 1",
                    "Part 1",
                    content.Length,
                    (from, count) =>
                    {
                        questions++;
                        return Task.FromResult<ReadOnlyMemory<byte>>(
                            content.AsMemory((int)from, Math.Min(count, content.Length - (int)from))
                        );
                    }
                ),
            ])
        );

        Assert.Contains("was left in fragments", error.Message, StringComparison.Ordinal);
        Assert.InRange(questions, 2, 6);
    }

    [Fact]
    public async Task The_indexes_of_all_records_together_are_bounded()
    {
        var first = await MovieAsync(0.4, 440, Usual);
        var second = await MovieAsync(0.4, 440, Usual);

        await JoinAsync(first, second);
        var error = await Assert.ThrowsAsync<NotJoinableException>(() =>
            MovieJoin.PlanAsync([Whole(first, 1), Whole(second, 2)], 3000)
        );

        Assert.StartsWith("Record 2 is too long to be joined", error.Message, StringComparison.Ordinal);

        static JoinedRecord Whole(string path, int number)
        {
            var content = File.ReadAllBytes(path);
            return new JoinedRecord(
                $"Record {number}",
                $"Part {number}",
                content.Length,
                (from, count) =>
                    Task.FromResult<ReadOnlyMemory<byte>>(
                        content.AsMemory((int)from, Math.Min(count, content.Length - (int)from))
                    )
            );
        }
    }

    private static async Task IsWholeAsync(string joined, params string[] parts)
    {
        var probe = await Probe.OfAsync(joined);
        Assert.Equal("", probe.Errors);
        var durations = new List<double>();
        var pictures = new List<string>();
        foreach (var part in parts)
        {
            durations.Add((await Probe.OfAsync(part)).Duration);
            pictures.AddRange(await PicturesAsync(part));
        }
        Assert.Equal(durations.Sum(), probe.Duration, 0.01);
        Assert.Equal(pictures, await PicturesAsync(joined));
        var times = await TimesAsync(joined, "v");
        Assert.Equal(times.Order().Distinct(), times.Order());

        // The pictures of each record begin where the record begins.
        var before = 0;
        var at = 0.0;
        times.Sort();
        foreach (var (part, duration) in parts.Zip(durations))
        {
            var own = await TimesAsync(part, "v");
            Assert.Equal(at + own.Min(), times[before], 0.003);
            before += own.Count;
            at += duration;
        }
    }

    private async Task<string> JoinAsync(params string[] paths)
    {
        var files = paths.Select(path => File.ReadAllBytes(path)).ToList();
        var joined = await MovieJoin.PlanAsync([
            .. files.Select(
                (file, index) =>
                    new JoinedRecord(
                        $"Record {index + 1}",
                        $"Part {index + 1}",
                        file.Length,
                        (from, count) =>
                            Task.FromResult<ReadOnlyMemory<byte>>(
                                file.AsMemory((int)from, (int)Math.Min(count, file.Length - from))
                            )
                    )
            ),
        ]);
        var path = Path.Join(_folder, "joined.mp4");
        await using var target = File.Create(path);
        foreach (var piece in joined.Pieces)
        {
            await target.WriteAsync(
                piece.Record < 0 ? piece.Own : files[piece.Record].AsMemory((int)piece.From, (int)piece.Length)
            );
        }
        Assert.Equal(joined.Length, target.Length);
        return path;
    }

    private Task<string> MovieAsync(double seconds, int tone, string[] flags, string size = "160x120") =>
        FfmpegAsync([
            "-f",
            "lavfi",
            "-i",
            string.Create(CultureInfo.InvariantCulture, $"testsrc=size={size}:rate=25:duration={seconds}"),
            "-f",
            "lavfi",
            "-i",
            string.Create(CultureInfo.InvariantCulture, $"sine=frequency={tone}:sample_rate=48000:duration={seconds}"),
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            .. flags,
        ]);

    private Task<string> LateAsync() =>
        FfmpegAsync([
            "-itsoffset",
            "0.5",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=160x120:rate=25:duration=1",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:sample_rate=48000:duration=1.5",
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            "-vsync",
            "passthrough",
            .. Usual,
        ]);

    private async Task<string> FfmpegAsync(string[] arguments)
    {
        var path = Path.Join(_folder, $"{++_files}.mp4");
        await OutputAsync("ffmpeg", ["-v", "error", .. arguments, path]);
        return path;
    }

    private static async Task<List<string>> PicturesAsync(string path) =>
        [
            .. (
                await OutputAsync(
                    "ffmpeg",
                    ["-v", "error", "-i", path, "-map", "0:v", "-vsync", "passthrough", "-f", "framemd5", "-"]
                )
            )
                .Split('\n')
                .Where(line => line.Length > 0 && line[0] != '#')
                .Select(line => line.Split(',')[^1].Trim()),
        ];

    private static async Task<List<double>> TimesAsync(string path, string track) =>
        [
            .. (
                await OutputAsync(
                    "ffprobe",
                    ["-v", "error", "-select_streams", track, "-show_entries", "packet=pts_time", "-of", "csv=p=0", path]
                )
            )
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => double.Parse(line.Trim(','), CultureInfo.InvariantCulture)),
        ];

    private static async Task<List<(string Title, double Start)>> ChaptersAsync(string path)
    {
        using var told = JsonDocument.Parse(
            await OutputAsync("ffprobe", ["-v", "error", "-show_chapters", "-of", "json", path])
        );
        return
        [
            .. told
                .RootElement.GetProperty("chapters")
                .EnumerateArray()
                .Select(chapter =>
                    (
                        chapter.GetProperty("tags").GetProperty("title").GetString()!,
                        double.Parse(chapter.GetProperty("start_time").GetString()!, CultureInfo.InvariantCulture)
                    )
                ),
        ];
    }

    private static async Task<string> OutputAsync(string program, string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }
}
