using System.Globalization;
using System.Runtime.InteropServices;

using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>
/// What a page plays without a pause is in the record without a break that another listener at the same sound server does not hear: a page that gets no
/// processor pauses for everybody. For some seconds; <c>RECORDER_TONE_SECONDS=600 deploy/test FullyQualifiedName~SteadySound</c> measures for ten minutes.
/// </summary>
public sealed class SteadySoundTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private const int Rate = 48000;
    private static readonly TimeSpan End = TimeSpan.FromSeconds(0.5);

    [Fact]
    public async Task A_steady_tone_has_no_break_of_the_recorders_own()
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("RECORDER_TONE_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : 8;
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Tone) { Framerate = 15 });

        // Chromium takes a moment to open its sound device.
        await RecordForAsync(2);
        var server = Assert.Single(Directory.GetFiles(node.RunFolder, "sock", SearchOption.AllDirectories));
        var heard = Path.Combine(node.RecordsFolder, "listener.raw");
        await ToolRun.RunAsync(
            "timeout", seconds.ToString(CultureInfo.InvariantCulture), "parec", $"--server=unix:{server}", "--device=@DEFAULT_MONITOR@", "--raw", "--latency-msec=40",
            "--format=s16le", $"--rate={Rate}", "--channels=1", heard);
        await node.Api.StopAsync(started.Id);
        var record = Assert.Single(await node.Api.RecordsAsync(started.Id));
        var recorded = await new MediaAnalysis(record).SoundAsync();
        var samples = MemoryMarshal.Cast<byte, short>(await File.ReadAllBytesAsync(heard)).ToArray();

        // The listener came last, and both end at about the same time.
        var length = TimeSpan.FromSeconds((double)samples.Length / Rate);
        var breaks = Within(recorded, recorded.Duration - length);
        var others = Within(new SoundTrack(samples, Rate, TimeSpan.Zero, []), TimeSpan.Zero);
        Tell($"{length.TotalSeconds:0.0} s of tones: breaks in the record at {Text(breaks)}, for the listener at {Text(others)}");
        Assert.True(length.TotalSeconds > seconds - 2, $"The listener heard {length.TotalSeconds:0.0} s.");
        Assert.True(breaks.Count <= others.Count, $"{breaks.Count} breaks in the record, {others.Count} for the listener.");
    }

    private static List<TimeSpan> Within(SoundTrack sound, TimeSpan from) =>
        [.. ToneBreaks.In(sound, ToneBreaks.OfThePage).Where(at => at > from + End && at < sound.Start + sound.Duration - End)];

    private static string Text(List<TimeSpan> times) => times.Count == 0 ? "no time" : string.Join(", ", times.Select(at => at.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)));
}
