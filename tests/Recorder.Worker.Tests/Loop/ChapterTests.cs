using System.Globalization;
using System.Text.Json;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Tests.Loop;

/// <summary>Marked moments of a record, as ffprobe sees them in its file.</summary>
[Trait("ring", "media")]
public sealed class ChapterTests
{
    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Mkv)]
    public async Task What_is_marked_before_in_and_after_a_pause_is_a_chapter_of_the_file(FileContainer container)
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(container));
        var before = await MarkAsync(run, "Before the record – žluť", TimeProvider.System.GetUtcNow().AddMinutes(-1));
        Assert.Equal(0, before);
        await run.ProgressAsync(1);
        var first = await MarkAsync(run, "First", TimeProvider.System.GetUtcNow());
        run.Say(new WorkerCommand.Pause());
        await run.ExpectAsync<WorkerEvent.PauseChanged>();
        _ = await run.ExpectAsync<WorkerEvent.Progress>();
        var paused = await run.ExpectAsync<WorkerEvent.Progress>();
        var inside = await MarkAsync(run, "In the pause", TimeProvider.System.GetUtcNow());
        var again = await MarkAsync(run, "In the pause too", TimeProvider.System.GetUtcNow());
        Assert.Equal(paused.Duration, inside, 3);
        Assert.Equal(inside, again, 6);
        run.Say(new WorkerCommand.Unpause());
        await run.ExpectAsync<WorkerEvent.PauseChanged>();
        await run.ProgressAsync(paused.Duration + 1);
        var after = await MarkAsync(run, "After", TimeProvider.System.GetUtcNow());
        var earlier = await MarkAsync(run, "Half a second before", TimeProvider.System.GetUtcNow().AddSeconds(-0.5));
        Assert.InRange(after - earlier, 0.35, 0.55);
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal(finished.Bytes, new FileInfo(path).Length);
        var probe = await Probe.OfAsync(path);
        Assert.Equal("", probe.Errors);
        Assert.Equal(
            new[]
            {
                ("Before the record – žluť", before),
                ("First", first),
                ("In the pause", inside),
                ("In the pause too", again),
                ("Half a second before", earlier),
                ("After", after),
            }.OrderBy(chapter => chapter.Item2),
            await ChaptersAsync(path)
        );
        Assert.All([first, inside, after], at => Assert.Equal(0, (at * 25) - Math.Round(at * 25), 6));
    }

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_repaired_file_has_its_chapters(FileContainer container)
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(container));
        await run.ProgressAsync(2);
        var killed = run.PathOf("killed" + Path.GetExtension(path));
        File.Copy(path, killed);
        await using WorkerRun repair = new();
        repair.Say(
            new WorkerCommand.Repair(killed, container, 0)
            {
                Chapters = [new RecordChapter("Two", 1.04), new RecordChapter("One", 0), new RecordChapter("End", 99)],
            }
        );
        var repaired = await repair.ExpectAsync<WorkerEvent.Finished>();

        var chapters = await ChaptersAsync(killed);
        Assert.Equal(["One", "Two", "End"], chapters.Select(chapter => chapter.Title));
        Assert.Equal(1.04, chapters[1].Start, 3);
        Assert.Equal(repaired.Duration, chapters[2].Start, 3);
        Assert.Equal("", (await Probe.OfAsync(killed)).Errors);
        Assert.Equal(repaired.Bytes, new FileInfo(killed).Length);
    }

    [Fact]
    public async Task A_transport_stream_is_marked_and_has_no_chapters()
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(FileContainer.Ts));
        await run.ProgressAsync(1);
        Assert.InRange(await MarkAsync(run, "One", TimeProvider.System.GetUtcNow()), 0.5, 60);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Empty(await ChaptersAsync(path));
        Assert.Equal("", (await Probe.OfAsync(path)).Errors);
    }

    private static async Task<double> MarkAsync(WorkerRun run, string title, DateTimeOffset at)
    {
        run.Say(new WorkerCommand.Mark(title, title, at));
        return (await run.ExpectAsync<WorkerEvent.Marked>(marked => marked.Id == title)).At;
    }

    /// <summary>The chapters of a file, with their times to a millisecond.</summary>
    internal static async Task<IReadOnlyList<(string Title, double Start)>> ChaptersAsync(string path)
    {
        (var text, _) = await Probe.RunAsync("ffprobe", "-v", "error", "-show_chapters", "-of", "json", path);
        using var document = JsonDocument.Parse(text);
        return
        [
            .. document
                .RootElement.GetProperty("chapters")
                .EnumerateArray()
                .Select(chapter =>
                    (
                        chapter.GetProperty("tags").GetProperty("title").GetString() ?? "",
                        Math.Round(
                            double.Parse(chapter.GetProperty("start_time").GetString()!, CultureInfo.InvariantCulture),
                            3
                        )
                    )
                ),
        ];
    }
}
