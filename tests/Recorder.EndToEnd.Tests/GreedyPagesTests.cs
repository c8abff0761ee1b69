using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Pages that take all they can get, beside a page that is recorded as if they were not there. The bounds are
/// small, so that no page comes near to what the machine has.</summary>
public sealed class GreedyPagesTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly (string Page, string Option)[] Greedy =
    [
        ("memory", "Media:PageMemory"),
        ("threads", "Media:PageThreads"),
        ("disk", "Media:PageDisk"),
    ];

    [Fact]
    public async Task A_page_that_takes_too_much_ends_its_own_session_alone()
    {
        var node = await StartNodeAsync(
            new RecorderNodeSettings
            {
                Options = new Dictionary<string, string>
                {
                    ["Media__PageMemory"] = "800 MB",
                    ["Media__PageThreads"] = "600",
                    ["Media__PageDisk"] = "100 MB",
                },
            }
        );
        await using var pages = await GreedyPages.StartAsync();
        var reference = await node.Api.StartAsync(new StartRequest(Pages.Reference));
        foreach (var (page, option) in Greedy)
        {
            var started = await node.Api.StartAsync(new StartRequest(pages[page]) { Framerate = 15 });
            pages.Go();
            var ended = await node.Api.SeeSessionAsync(
                started.Id,
                $"the page that takes {page} has ended its session",
                Limit,
                session => !session.Running
            );
            var fault = Assert.Single(ended.Faults, fault => fault.Code == "page_too_large");
            Tell($"{page}: {fault.Message}");
            Assert.Contains(option, fault.Message, StringComparison.Ordinal);
            Assert.Equal("failed", ended.State);
            await RecordFile.AssertPlayableAsync(Assert.Single(ended.Records).Path);
        }

        await node.Api.StopAsync(reference.Id);
        var session = await node.Api.SessionAsync(reference.Id);
        Assert.Empty(session.Gaps);
        Assert.DoesNotContain(session.Faults, fault => fault.Code is "page_too_large" or "browser_failed");
        var record = Assert.Single(session.Records);
        await RecordFile.AssertPlayableAsync(record.Path);
        var seen = (await new MediaAnalysis(record.Path).FrameNumbersAsync())
            .FromItsFirstMovement()
            .Continuity(25, ReferenceClipFormat.Small.FrameCount);
        Tell(
            $"reference: {seen.DistinctRatio:0.000} distinct, freeze {seen.LongestFreeze.TotalMilliseconds:0} ms, {record.FramesDropped} dropped"
        );
        Assert.Equal(0, seen.BackwardSteps);
    }

    /// <summary>Pages that begin to take when the test says so.</summary>
    private sealed class GreedyPages : IAsyncDisposable
    {
        private readonly WebApplication _application;
        private readonly SemaphoreSlim _go = new(0);

        private GreedyPages(WebApplication application) => _application = application;

        public Uri this[string name] => new(new Uri(_application.Urls.Single()), "/" + name);

        /// <summary>Lets the page that waits begin.</summary>
        public void Go() => _go.Release();

        public static async Task<GreedyPages> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var application = builder.Build();
            var pages = new GreedyPages(application);
            application.MapGet("/go", (HttpContext context) => pages._go.WaitAsync(context.RequestAborted));
            Map(application, "memory", "setInterval(() => kept.push(new Uint8Array(2e7).fill(7)), 50)");
            Map(
                application,
                "threads",
                "setInterval(() => { if (kept.length < 600) kept.push(new Worker('data:text/javascript,')) }, 20)"
            );
            Map(
                application,
                "disk",
                "caches.open('a').then(cache => setInterval(() => { if (kept.push(0) < 300) "
                    + "cache.put('/' + kept.length, new Response(new Uint8Array(2e6).map((_, i) => i * i))) }, 100))"
            );
            await application.StartAsync();
            return pages;
        }

        public async ValueTask DisposeAsync()
        {
            await _application.DisposeAsync();
            _go.Dispose();
        }

        private static void Map(WebApplication application, string name, string script) =>
            application.MapGet(
                "/" + name,
                () =>
                    Results.Content(
                        $"<!doctype html><title>{name}</title><script>const kept = []; fetch('/go').then(() => {script})</script>",
                        "text/html"
                    )
            );
    }
}
