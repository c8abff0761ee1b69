using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>The other containers, and the colour of what is recorded.</summary>
public sealed class ContainerTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    [Theory]
    [InlineData("ts", "mpegts")]
    [InlineData("mkv", "matroska,webm")]
    public async Task A_record_in_another_container_is_complete_and_has_a_duration(string container, string demuxer)
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference) { Container = container });
        await RecordForAsync(5);
        var stopped = await node.Api.StopAsync(started.Id);
        var path = Assert.Single(await node.Api.RecordsAsync(started.Id));
        var probe = await RecordFile.AssertPlayableAsync(path);
        var analysis = new MediaAnalysis(path);
        var seen = (await analysis.FrameNumbersAsync())
            .FromItsFirstMovement()
            .Continuity(25, ReferenceClipFormat.Small.FrameCount);
        var sync = await analysis.SyncOffsetsAsync();
        Tell(
            $"{container}: {probe.Duration} long, distinct frames {seen.DistinctRatio:0.000}, sound − picture: {string.Join(", ", sync.Offsets.Select(offset => Math.Round(offset)))} ms"
        );

        Assert.EndsWith($"__0.{container}", path, StringComparison.Ordinal);
        Assert.Equal(demuxer, probe.Container);
        Assert.InRange(
            probe.Duration!.Value,
            stopped.Called - started.Answered - TimeSpan.FromSeconds(0.5),
            stopped.Answered - started.Called
        );
        Assert.InRange(seen.DistinctRatio, 0.7, 1.01);
        // Whether the container keeps the tracks' times. Five beeps, the first of them from while Chromium still opens
        // its sound device, are too few for a percentile: four of five are judged on the reference page.
        Assert.InRange(Math.Abs(sync.Median), 0, RecordedPageTests.OffsetOnABusyMachine);
    }

    /// <summary>Read by its tags and, as players do that read none, by its size.</summary>
    [Theory]
    [InlineData(640, 360, "smpte170m")]
    [InlineData(1280, 720, "bt709")]
    public async Task A_plain_colour_comes_out_as_it_is_on_the_page(int width, int height, string matrix)
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(
            new StartRequest(Pages.Color(0xff, 0x80, 0x20))
            {
                Framerate = 15,
                Width = width,
                Height = height,
            }
        );
        await RecordForAsync(2);
        var thumbnail = Path.Combine(node.RecordsFolder, "thumbnail.jpg");
        await ToolRun.OutputOfAsync(
            "curl",
            "-sSf",
            "-o",
            thumbnail,
            new Uri(node.Address, $"/api/sessions/{started.Id}/thumbnail.jpg").ToString()
        );
        await node.Api.StopAsync(started.Id);
        var analysis = new MediaAnalysis(Assert.Single(await node.Api.RecordsAsync(started.Id)));
        var small = await new MediaAnalysis(thumbnail).ColorAtAsync(TimeSpan.Zero);
        Tell($"{height} lines: the thumbnail of ff8020 is {small.Red:0.0} {small.Green:0.0} {small.Blue:0.0}");

        Assert.Equal(matrix, (await analysis.ProbeAsync()).Video!.ColorSpace);
        foreach (
            var part in new PictureRegion[] { new(0, 0, 0.3, 0.3), new(0.35, 0.35, 0.3, 0.3), new(0.7, 0.7, 0.3, 0.3) }
        )
        {
            var color = await analysis.ColorAtAsync(TimeSpan.FromSeconds(1.5), part);
            Tell($"{height} lines: ff8020 came out as {color.Red:0.0} {color.Green:0.0} {color.Blue:0.0} in {part}");
            Assert.True(color.DistanceTo(0xff, 0x80, 0x20) <= 2, $"ff8020 came out as {color} in {part}.");
        }

        // A JPEG's quantiser moves a plain colour by a level or two; a wrong matrix moves this one by more than 8.
        Assert.True(small.DistanceTo(0xff, 0x80, 0x20) <= 4, $"ff8020 is {small} in the thumbnail.");
    }
}
