using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Pages that are no failure, although they never finish loading or ask questions nobody is there to answer.</summary>
public sealed class AwkwardPageTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    [Fact]
    public async Task A_page_with_an_image_that_never_comes_and_a_page_that_shows_dialogs_are_recorded()
    {
        var node = await StartNodeAsync();
        var hanging = await node.Api.StartAsync(new StartRequest(Pages.HangingResource) { Framerate = 15 });
        var dialog = await node.Api.StartAsync(new StartRequest(Pages.Dialog) { Framerate = 15 });
        Tell($"start to first frame: hanging image {hanging.TimeToFirstFrame.TotalSeconds:0.0} s, dialogs {dialog.TimeToFirstFrame.TotalSeconds:0.0} s");
        await RecordForAsync(2);

        // Nobody else on the host may have a browser's DevTools. The node's own port shows that a port would be seen.
        Assert.NotEmpty(ListeningPorts.Of([node.ProcessId!.Value]));
        Assert.Empty(ListeningPorts.Of(node.SessionProcesses().Select(process => process.Id)));
        await node.Api.StopAsync(hanging.Id);
        await node.Api.StopAsync(dialog.Id);

        var lowerPart = new PictureRegion(0.2, 0.6, 0.6, 0.35);
        var hangingShows = await ColorAtTheEndAsync(Assert.Single(await node.Api.RecordsAsync(hanging.Id)), lowerPart);
        Assert.True(hangingShows.DistanceTo(0x40, 0x20, 0x20) <= 6, $"The page without its image shows {hangingShows}.");

        // Behind the last dialog the page writes its answers, white on green; only that line is long enough to reach this part.
        var record = Assert.Single(await node.Api.RecordsAsync(dialog.Id));
        var dialogShows = await ColorAtTheEndAsync(record, lowerPart);
        var line = await ColorAtTheEndAsync(record, new PictureRegion(0.45, 0.06, 0.2, 0.12));
        Assert.True(dialogShows.DistanceTo(0x20, 0x40, 0x20) <= 6, $"The page with the dialogs shows {dialogShows}.");
        Assert.True(line.DistanceTo(0x20, 0x40, 0x20) > 12, $"The page with the dialogs did not go on: where it writes its answers is {line}.");
    }

    private static async Task<MeanColor> ColorAtTheEndAsync(string path, PictureRegion part)
    {
        var probe = await RecordFile.AssertPlayableAsync(path);
        return await new MediaAnalysis(path).ColorAtAsync(probe.Duration!.Value - TimeSpan.FromSeconds(0.5), part);
    }
}
