using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Pages that take all they can get, beside a page that is recorded as if they were not there. The bounds are
/// small, and each page stops by itself far below what the machine has.</summary>
public sealed class GreedyPagesTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private const int Framerate = 15;

    /// <summary>Pictures a second of the reference page: each lasts 200 ms.</summary>
    private const int Pictures = 5;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly (string Page, string Option)[] Greedy =
    [
        ("memory", "Media:PageMemory"),
        ("threads", "Media:PageThreads"),
        ("disk", "Media:PageDisk"),
    ];

    [Fact]
    [Trait("alone", "yes")]
    public async Task A_page_that_takes_too_much_ends_its_own_session_and_the_other_misses_no_picture()
    {
        await using var disk = Environment.IsPrivilegedProcess ? await TemporaryFileSystem.MountAsync(800) : null;
        var options = new Dictionary<string, string>
        {
            ["Media__PageMemory"] = "1500 MB",
            ["Media__PageThreads"] = "300",
            ["Media__PageDisk"] = "100 MB",
        };
        if (disk is not null)
        {
            options["Media__RunRoot"] = Path.Combine(disk.Path, "run");
        }
        await using var node = await RecorderNode.StartAsync(new RecorderNodeSettings { Options = options });
        try
        {
            await HoldAsync(node);
        }
        finally
        {
            Tell($"{node.LogTails()}");
        }
    }

    private async Task HoldAsync(RecorderNode node)
    {
        await using var pages = await GreedyPages.StartAsync();
        var reference = await node.Api.StartAsync(new StartRequest(Pages.Clock(Pictures)) { Framerate = Framerate });
        foreach (var (page, option) in Greedy)
        {
            var started = await node.Api.StartAsync(new StartRequest(pages[page]) { Framerate = Framerate });
            var begun = TimeProvider.System.GetTimestamp();
            pages.Go();
            var ended = await node.Api.SeeSessionAsync(
                started.Id,
                $"the page that takes {page} has ended its session",
                Limit,
                session => !session.Running
            );
            var fault = Assert.Single(ended.Faults, fault => fault.Code == "page_too_large");
            Tell($"{page}: {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s: {fault.Message}");
            Assert.Contains(option, fault.Message, StringComparison.Ordinal);
            Assert.Equal("failed", ended.State);
            await RecordFile.AssertPlayableAsync(Assert.Single(ended.Records).Path);
        }

        // What stays below all bounds is recorded; the kernel shares the processors between sessions.
        var flooding = await node.Api.StartAsync(new StartRequest(pages["flood"]) { Framerate = Framerate });
        pages.Go();
        await RecordForAsync(5);
        await node.Api.StopAsync(flooding.Id);
        await RecordFile.AssertPlayableAsync(Assert.Single(await node.Api.RecordsAsync(flooding.Id)));

        await node.Api.StopAsync(reference.Id);
        var session = await node.Api.SessionAsync(reference.Id);
        Assert.Empty(session.Gaps);
        Assert.DoesNotContain(session.Faults, fault => fault.Code is "page_too_large" or "browser_failed");
        var record = Assert.Single(session.Records);
        await RecordFile.AssertPlayableAsync(record.Path);
        var seen = (await new MediaAnalysis(record.Path).FrameNumbersAsync())
            .FromItsFirstMovement()
            .Continuity(Pictures, FrameBarcode.Modulus, Framerate);
        Tell(
            $"reference: {seen.DistinctFrames} pictures, {seen.MissingFrames} missing, freeze {seen.LongestFreeze.TotalMilliseconds:0} ms, {record.FramesDropped} dropped"
        );
        Assert.Equal(0, seen.BackwardSteps);
        Assert.Equal(0, seen.MissingFrames);
    }
}
