using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Pages that are no failure, although they never finish loading or ask questions nobody is there to
/// answer.</summary>
public sealed class AwkwardPageTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    [Fact]
    public async Task A_page_with_an_image_that_never_comes_and_a_page_that_shows_dialogs_are_recorded()
    {
        var node = await StartNodeAsync();
        var hanging = await node.Api.StartAsync(new StartRequest(Pages.HangingResource) { Framerate = 15 });
        var dialog = await node.Api.StartAsync(new StartRequest(Pages.Dialog) { Framerate = 15 });
        Tell(
            $"start to first frame: hanging image {hanging.TimeToFirstFrame.TotalSeconds:0.0} s, dialogs {dialog.TimeToFirstFrame.TotalSeconds:0.0} s"
        );
        await RecordForAsync(2);

        // Nobody else on the host may have a browser's DevTools. The node's own port shows that a port would be seen.
        Assert.NotEmpty(ListeningPorts.Of([node.ProcessId!.Value]));
        Assert.Empty(ListeningPorts.Of(node.SessionProcesses().Select(process => process.Id)));
        await node.Api.StopAsync(hanging.Id);
        await node.Api.StopAsync(dialog.Id);

        var lowerPart = new PictureRegion(0.2, 0.6, 0.6, 0.35);
        var hangingShows = await ColorAtTheEndAsync(Assert.Single(await node.Api.RecordsAsync(hanging.Id)), lowerPart);
        Assert.True(
            hangingShows.DistanceTo(0x40, 0x20, 0x20) <= 6,
            $"The page without its image shows {hangingShows}."
        );

        // Behind the last dialog the page writes its answers, white on green; only that line is long enough to reach
        // this part.
        var record = Assert.Single(await node.Api.RecordsAsync(dialog.Id));
        var dialogShows = await ColorAtTheEndAsync(record, lowerPart);
        var line = await ColorAtTheEndAsync(record, new PictureRegion(0.45, 0.06, 0.2, 0.12));
        Assert.True(dialogShows.DistanceTo(0x20, 0x40, 0x20) <= 6, $"The page with the dialogs shows {dialogShows}.");
        Assert.True(
            line.DistanceTo(0x20, 0x40, 0x20) > 12,
            $"The page with the dialogs did not go on: where it writes its answers is {line}."
        );
    }

    [Fact]
    [Trait("alone", "yes")]
    public async Task A_page_that_floods_its_console_and_its_network_costs_the_node_no_memory_and_its_record_no_picture()
    {
        const int lines = 100_000;
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(
            new StartRequest(Pages.ChattyClock(5, lines, within: 15)) { Framerate = 15 }
        );
        await RecordForAsync(2);
        var before = node.ResidentMegabytes();
        var most = before;
        while (!Pages.Written.IsCompleted)
        {
            Assert.True(
                TimeProvider.System.GetUtcNow() - started.Answered < TimeSpan.FromSeconds(60),
                $"The page has not written its {lines} lines within a minute."
            );
            await Task.WhenAny(Pages.Written, Task.Delay(TimeSpan.FromSeconds(0.2)));
            most = Math.Max(most, node.ResidentMegabytes());
        }

        var written = TimeProvider.System.GetUtcNow() - started.Answered;
        await RecordForAsync(1);
        await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        var record = Assert.Single(session.Records);
        await RecordFile.AssertPlayableAsync(record.Path);
        var track = await new MediaAnalysis(record.Path).FrameNumbersAsync();
        var seen = track.FromItsFirstMovement().Continuity(5, FrameBarcode.Modulus, 15);
        Tell(
            $"{lines} lines were written {written.TotalSeconds:0.0} s after the start; node {before:0.0} MB before, at most {most:0.0} MB; {seen.DistinctFrames} of 5 pictures a second, {seen.MissingFrames} missing, longest freeze {seen.LongestFreeze.TotalMilliseconds:0} ms"
        );
        Assert.InRange(most - before, double.MinValue, 30);
        Assert.Empty(session.Gaps);
        Assert.Empty(session.Faults);
        Assert.Equal(0, seen.BackwardSteps);
        Assert.InRange(seen.LongestFreeze, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.InRange(seen.DistinctRatio, 0.9, 1.05);
    }

    private static async Task<MeanColor> ColorAtTheEndAsync(string path, PictureRegion part)
    {
        var probe = await RecordFile.AssertPlayableAsync(path);
        return await new MediaAnalysis(path).ColorAtAsync(probe.Duration!.Value - TimeSpan.FromSeconds(0.5), part);
    }
}
