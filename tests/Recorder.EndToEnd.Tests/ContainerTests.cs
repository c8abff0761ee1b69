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
        var seen = (await analysis.FrameNumbersAsync()).FromItsFirstMovement().Continuity(25, ReferenceClipFormat.Small.FrameCount);
        var sync = await analysis.SyncOffsetsAsync();
        Tell($"{container}: {probe.Duration} long, distinct frames {seen.DistinctRatio:0.000}, sound − picture: {string.Join(", ", sync.Offsets.Select(offset => Math.Round(offset)))} ms");

        Assert.EndsWith($"__0.{container}", path, StringComparison.Ordinal);
        Assert.Equal(demuxer, probe.Container);
        Assert.InRange(probe.Duration!.Value, stopped.Called - started.Answered - TimeSpan.FromSeconds(0.5), stopped.Answered - started.Called);
        Assert.InRange(seen.DistinctRatio, 0.7, 1.01);
        // Whether the container keeps the tracks' times. Five beeps, the first of them from while Chromium still opens its sound device,
        // are too few for a percentile: four of five are judged on the reference page.
        Assert.InRange(Math.Abs(sync.Median), 0, RecordedPageTests.OffsetOnABusyMachine);
    }

    [Fact]
    public async Task A_plain_colour_comes_out_as_it_is_on_the_page()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Color(0xff, 0x80, 0x20)) { Framerate = 15 });
        await RecordForAsync(2);
        await node.Api.StopAsync(started.Id);
        var analysis = new MediaAnalysis(Assert.Single(await node.Api.RecordsAsync(started.Id)));

        foreach (var part in new PictureRegion[] { new(0, 0, 0.3, 0.3), new(0.35, 0.35, 0.3, 0.3), new(0.7, 0.7, 0.3, 0.3) })
        {
            var color = await analysis.ColorAtAsync(TimeSpan.FromSeconds(1.5), part);
            Tell($"ff8020 came out as {color.Red:0} {color.Green:0} {color.Blue:0} in {part}");
            // The encoder's quantiser moves a plain colour by a level or two; a wrong matrix moves this one by more than 8.
            Assert.True(color.DistanceTo(0xff, 0x80, 0x20) <= 5, $"ff8020 came out as {color} in {part}.");
        }
    }
}
