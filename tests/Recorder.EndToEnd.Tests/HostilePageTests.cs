using System.Globalization;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>A page that asks for every window that a browser has, beside a page that is recorded as if it were
/// alone.</summary>
public sealed class HostilePageTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    /// <summary>How far the luma of a pixel may be from that of the others in its frame: the encoder's noise on one
    /// colour. The smallest letter of a window differs by more than 40.</summary>
    private const int Noise = 12;

    /// <summary>Rounds in which everything is tried once.</summary>
    private const int Rounds = 10;

    /// <summary>Puts the shipped policy where Chromium reads it, for this node alone.</summary>
    private const string WithPolicy = """
        mount -t tmpfs none /etc/chromium && mkdir -p /etc/chromium/policies/managed &&
            install -m 644 "$0" /etc/chromium/policies/managed/ && chmod -R a+rX /etc/chromium && exec "$@"
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task No_window_of_the_browser_reaches_the_picture() =>
        await HoldAsync(await StartNodeAsync(new RecorderNodeSettings()));

    [FactAsRoot]
    public async Task No_window_of_the_browser_reaches_the_picture_where_the_shipped_policy_is_installed() =>
        await HoldAsync(
            await StartNodeAsync(
                new RecorderNodeSettings
                {
                    Around =
                    [
                        "/usr/bin/unshare",
                        "--mount",
                        "/bin/sh",
                        "-c",
                        WithPolicy,
                        Path.Combine(RepositoryFolder(), "deploy", "chromium", "recorder.json"),
                    ],
                }
            )
        );

    private async Task HoldAsync(RecorderNode node)
    {
        await using var hostile = await HostilePage.StartAsync();
        var reference = await node.Api.StartAsync(new StartRequest(Pages.Clock(5)) { Framerate = 15 });
        var started = await node.Api.StartAsync(new StartRequest(hostile.Address) { Framerate = 15 });
        await Eventually.BeAsync(
            $"the page has tried everything {Rounds} times",
            Limit,
            () => hostile.Rounds.Count >= Rounds,
            node.LogTails
        );
        await RecordForAsync(1);
        await node.Api.StopAsync(started.Id);
        await node.Api.StopAsync(reference.Id);
        Tell($"{hostile.Rounds.Count} rounds; granted: {string.Join("; ", hostile.Rounds.Distinct())}");

        var record = Assert.Single(await node.Api.RecordsAsync(started.Id));
        var probe = await RecordFile.AssertPlayableAsync(record);
        var color = await new MediaAnalysis(record).ColorAtAsync(probe.Duration!.Value / 2);
        var (red, green, blue) = HostilePage.Color;
        Assert.True(color.DistanceTo(red, green, blue) <= 6, $"The page shows {color}.");
        var frames = await SpreadsAsync(record);
        Tell($"spreads: {string.Join(' ', frames)}");
        Tell($"{frames.Count} frames, of which the most uneven spreads over {frames.Max()} of 255");
        Assert.InRange(frames.Count, 15 * 2, int.MaxValue);
        if (frames.ToList().FindIndex(spread => spread > Noise) is >= 0 and var at)
        {
            var picture = Path.Combine(Path.GetTempPath(), $"hostile-{Guid.NewGuid():N}.png");
            await new MediaAnalysis(record).ExtractFrameAsync(TimeSpan.FromSeconds((at + 0.5) / 15), picture);
            Assert.Fail($"Frame {at} shows more than the page: {picture}");
        }

        var session = await node.Api.SessionAsync(reference.Id);
        Assert.Empty(session.Gaps);
        var seen = (await new MediaAnalysis(Assert.Single(session.Records).Path).FrameNumbersAsync())
            .FromItsFirstMovement()
            .Continuity(5, FrameBarcode.Modulus, 15);
        Tell($"reference: {seen.DistinctFrames} pictures, {seen.MissingFrames} missing");
        Assert.Equal(0, seen.BackwardSteps);
        Assert.Equal(0, seen.MissingFrames);
    }

    /// <summary>How far the brightest pixel of each frame is from the darkest.</summary>
    private static async Task<IReadOnlyList<int>> SpreadsAsync(string record)
    {
        var lines = await ToolRun.OutputOfAsync(
            "ffprobe",
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            $"movie={record.Replace(":", "\\\\:", StringComparison.Ordinal)},signalstats",
            "-show_entries",
            "frame_tags=lavfi.signalstats.YMIN,lavfi.signalstats.YMAX",
            "-of",
            "csv=p=0"
        );
        return
        [
            .. from line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            let values = line.Trim(',').Split(',')
            select Number(values[1]) - Number(values[0]),
        ];
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string RepositoryFolder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "recorder.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("No recorder.sln above.");
        }
        return folder;
    }
}
