using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>A recorded page that tries to see and to change what its node records beside it, by every road that a page
/// has.</summary>
public sealed class PageAgainstNodeTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    private static readonly string[] Probes = ["thumbnail", "playlist", "script", "read", "opaque", "pause", "stop"];

    [Fact]
    public async Task A_recorded_page_neither_sees_nor_changes_what_its_node_records()
    {
        var node = await StartNodeAsync();
        var victim = await node.Api.StartAsync(new StartRequest(Pages.Clock(15)) { Framerate = 15, Hls = true });
        await using var attack = await AttackPage.StartAsync(node.Address, victim.Id);
        await Eventually.BeAsync(
            "the playlist names a segment",
            Limit,
            async () =>
                (
                    await node.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{victim.Id}/hls/playlist.m3u8")
                ).Body.Contains("#EXTINF", StringComparison.Ordinal)
        );
        var before = node.LogLines().Count;

        var attacker = await node.Api.StartAsync(new StartRequest(attack.Probing) { Framerate = 15 });
        await Eventually.BeAsync(
            "every probe has ended",
            Limit,
            () => Probes.All(attack.Reports.ContainsKey),
            attack.Tell
        );
        Assert.All(attack.Reports, report => Assert.Equal("refused", report.Value));
        await Eventually.BeAsync(
            "the node has heard of frame, beacon and form",
            Limit,
            () =>
                Asked(node, before, "GET /api/pressure ") > 0
                && Asked(node, before, $"POST /api/sessions/{victim.Id}/resume ") > 1,
            node.LogTails
        );
        await node.Api.StopAsync(attacker.Id);

        // The page goes there itself: by its own script once it is recorded, and by the redirect that answers the
        // start.
        var atFirst = Asked(node, before, "GET /api/sessions ");
        var leaving = await node.Api.StartAsync(new StartRequest(attack.Leaving) { Framerate = 15 });
        await Eventually.BeAsync(
            "the page has gone to the node",
            Limit,
            () => Asked(node, before, "GET /api/sessions ") > atFirst,
            node.LogTails
        );
        await node.Api.StopAsync(leaving.Id);
        var redirected = await node.Api.TryStartAsync(new StartRequest(attack.Redirecting) { Framerate = 15 });
        Assert.Equal(422, (int)redirected.Status);
        Assert.Contains("403", redirected.Body, StringComparison.Ordinal);
        var direct = await node.Api.TryStartAsync(
            new StartRequest(new Uri(node.Address, "/api/status")) { Framerate = 15 }
        );
        Assert.Equal(422, (int)direct.Status);

        // Others of this host reach the port for other nodes, and are neither answered nor able to fill the log.
        for (var times = 0; times < 5; times++)
        {
            await SpeakHttpAsync(new Uri(node.Name).Port);
        }
        Assert.InRange(
            node.LogLines()
                .Count(line =>
                    line.Contains("A connection of the port for other nodes failed", StringComparison.Ordinal)
                ),
            0,
            1
        );
        Assert.DoesNotContain(node.LogLines(), line => line.Contains(" ERROR ", StringComparison.Ordinal));

        // While it runs, so that its run directory is there.
        AssertPrivate(Path.GetDirectoryName(node.RecordsFolder)!);
        var session = await node.Api.SessionAsync(victim.Id);
        Assert.Equal("recording", session.State);
        var asked = node.LogLines()
            .Skip(before)
            .Where(line =>
                line.Contains("RequestLog", StringComparison.Ordinal)
                && line.Contains("(a page)", StringComparison.Ordinal)
            )
            .ToList();
        Assert.All(asked, line => Assert.Contains(" 403 ", line, StringComparison.Ordinal));
        Assert.InRange(asked.Count, Probes.Length, 1000);
        Assert.DoesNotContain(
            node.LogLines().Skip(before),
            line =>
                line.Contains("/thumbnail.jpg 200", StringComparison.Ordinal)
                || line.Contains("/pause 200", StringComparison.Ordinal)
        );
    }

    private static async Task SpeakHttpAsync(int port)
    {
        using var caller = new TcpClient();
        await caller.ConnectAsync("127.0.0.1", port);
        await caller.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        try
        {
            var answer = new byte[1000];
            var count = await caller
                .GetStream()
                .ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false)
                .AsTask()
                .WaitAsync(Limit);
            Assert.DoesNotContain("HTTP", Encoding.ASCII.GetString(answer, 0, count), StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
    }

    /// <summary>Data, records and what processes have said are for nobody but the node's user. The rest of a run
    /// directory is the browser's.</summary>
    private static void AssertPrivate(string folder)
    {
        const UnixFileMode others =
            UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        var everywhere = new EnumerationOptions { RecurseSubdirectories = true };
        List<string> files =
        [
            .. Directory.EnumerateFiles(Path.Combine(folder, "data"), "*", everywhere),
            .. Directory.EnumerateFiles(Path.Combine(folder, "records"), "*", everywhere),
            .. Directory.EnumerateFiles(
                Path.Combine(folder, "run"),
                "*.log",
                new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }
            ),
        ];
        Assert.All(
            new[] { ".mp4", ".m3u8", "recorder.db", ".log" },
            name => Assert.Contains(files, file => file.EndsWith(name, StringComparison.Ordinal))
        );
        Assert.All(
            files,
            file => Assert.True((File.GetUnixFileMode(file) & others) == 0, $"{file} is {File.GetUnixFileMode(file)}")
        );
    }

    private static int Asked(RecorderNode node, int before, string call) =>
        node.LogLines()
            .Skip(before)
            .Count(line =>
                line.Contains(call, StringComparison.Ordinal) && line.Contains("(a page)", StringComparison.Ordinal)
            );

    /// <summary>A page on another port of this machine that asks the node in every way a page can, and tells what came
    /// of each.</summary>
    private sealed class AttackPage : IAsyncDisposable
    {
        private readonly WebApplication _application;

        private AttackPage(WebApplication application) => _application = application;

        /// <summary>What came of each probe: <c>refused</c>, or what the page got.</summary>
        public ConcurrentDictionary<string, string> Reports { get; } = new();

        public Uri Probing => new(new Uri(_application.Urls.Single()), "/probing");

        public Uri Leaving => new(new Uri(_application.Urls.Single()), "/leaving");

        public Uri Redirecting => new(new Uri(_application.Urls.Single()), "/redirecting");

        public string Tell() => string.Join(", ", Reports.Select(report => $"{report.Key}: {report.Value}"));

        public static async Task<AttackPage> StartAsync(Uri node, int session)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var application = builder.Build();
            var page = new AttackPage(application);
            application.MapGet("/probing", () => Results.Content(ProbesOf(node, session), "text/html"));
            application.MapGet(
                "/leaving",
                () =>
                    Results.Content(
                        $"<!doctype html><title>leaving</title><script>setTimeout(() => location = '{node}api/sessions', 1500)</script>",
                        "text/html"
                    )
            );
            application.MapGet("/redirecting", () => Results.Redirect($"{node}api/sessions"));
            application.MapPost(
                "/report",
                async (HttpRequest request) =>
                {
                    using var reader = new StreamReader(request.Body, Encoding.UTF8);
                    var parts = (await reader.ReadToEndAsync()).Split('=', 2);
                    page.Reports[parts[0]] = parts[1];
                }
            );
            await application.StartAsync();
            return page;
        }

        public ValueTask DisposeAsync() => _application.DisposeAsync();

        private static string ProbesOf(Uri node, int session) =>
            $$"""
                <!doctype html><title>probing</title><body style="background:#246"><script>
                const api = '{{node}}api/', session = api + 'sessions/{{session}}';
                const tell = (name, result) => fetch('/report', { method: 'POST', body: name + '=' + result });
                const add = (tag, attributes) => document.body.appendChild(Object.assign(document.createElement(tag), attributes));
                add('img', { src: session + '/thumbnail.jpg', onload() { tell('thumbnail', this.naturalWidth); }, onerror() { tell('thumbnail', 'refused'); } });
                add('video', { src: session + '/hls/playlist.m3u8', muted: true, autoplay: true, onloadeddata() { tell('playlist', this.videoWidth); }, onerror() { tell('playlist', 'refused'); } });
                add('script', { src: api + 'status', onload() { tell('script', 'loaded'); }, onerror() { tell('script', 'refused'); } });
                // Of these a page hears nothing; the node's log tells what came of them.
                add('iframe', { src: api + 'pressure' });
                fetch(api + 'sessions').then(answer => answer.text()).then(text => tell('read', text), () => tell('read', 'refused'));
                fetch(session + '/thumbnail.jpg', { mode: 'no-cors' }).then(() => tell('opaque', 'answered'), () => tell('opaque', 'refused'));
                fetch(session + '/pause', { method: 'POST' }).then(answer => tell('pause', answer.status), () => tell('pause', 'refused'));
                fetch(api + 'stop', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"id":{{session}}}' }).then(answer => tell('stop', answer.status), () => tell('stop', 'refused'));
                navigator.sendBeacon(session + '/resume');
                add('iframe', { name: 'form' });
                add('form', { action: session + '/resume', method: 'post', target: 'form' }).submit();
                </script>
                """;
    }
}
