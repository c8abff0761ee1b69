using System.Globalization;

using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>
/// What a page plays without a pause is in the record without a break. For some seconds; <c>RECORDER_TONE_SECONDS=600 deploy/test FullyQualifiedName~SteadySound</c>
/// measures for ten minutes.
/// </summary>
public sealed class SteadySoundTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    /// <summary>A page's sound begins when Chromium has opened its device, within this time.</summary>
    private static readonly TimeSpan Beginning = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_steady_tone_has_no_break()
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("RECORDER_TONE_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : 8;
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Tone) { Framerate = 15 });

        // Who comes and goes beside the recorder changes how much the sound server works ahead, which must not cost the recorder anything.
        foreach (var latency in new[] { "20", "200" })
        {
            await RecordForAsync(seconds / 3.0);
            await ToolRun.RunAsync(
                "timeout", "1", "parec", "--server=unix:" + Assert.Single(Directory.GetFiles(node.RunFolder, "sock", SearchOption.AllDirectories)),
                "--device=@DEFAULT_MONITOR@", "--raw", $"--latency-msec={latency}", "/dev/null");
        }

        await RecordForAsync(seconds / 3.0);
        await node.Api.StopAsync(started.Id);
        var sound = await new MediaAnalysis(Assert.Single(await node.Api.RecordsAsync(started.Id))).SoundAsync();

        // The last window may hold the end.
        var breaks = ToneBreaks.In(sound, ToneBreaks.OfThePage).Where(at => at > Beginning && at < sound.Duration - TimeSpan.FromSeconds(0.5)).ToList();
        Tell($"{sound.Duration.TotalSeconds:0.0} s of tones, breaks at {string.Join(", ", breaks.Select(at => at.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture)))}");
        Assert.True(sound.Duration.TotalSeconds > seconds - 1, $"The record has {sound.Duration.TotalSeconds} s of sound.");
        Assert.Empty(breaks);
    }
}
