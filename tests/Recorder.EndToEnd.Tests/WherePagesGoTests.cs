using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>A recorded page that tries to reach a service of this machine by every road that a page has. Only the
/// page's own server is listed.</summary>
public sealed class WherePagesGoTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly string[] Probes =
    [
        "fetch",
        "opaque",
        "name",
        "number",
        "mapped",
        "picture",
        "script",
        "socket",
        "events",
        "worker",
        "relay",
        "candidates",
    ];

    [Fact]
    public async Task A_page_reaches_no_service_of_the_machine_that_is_not_listed()
    {
        using var victim = new Victim();
        await using var attack = await AttackPage.StartAsync(victim.Port);
        var node = await StartNodeAsync(new RecorderNodeSettings { NetworkAllow = $"127.0.0.1:{attack.Port}" });

        var probing = await node.Api.StartAsync(new StartRequest(attack.Page("probing")) { Framerate = 15 });
        await Eventually.BeAsync("every probe has ended", Limit, () => Probes.All(attack.Reports.ContainsKey), Told);
        Assert.All(
            attack.Reports.Where(report => report.Key != "candidates"),
            report => Assert.True(report.Value == "refused", $"{report.Key}: {report.Value}")
        );

        // The page speaks with itself by WebRTC, and learns no address.
        var candidates = attack.Reports["candidates"];
        Tell($"candidates: {candidates}");
        Assert.Contains(" udp ", candidates, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(@" (\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]+) \d+ typ host", candidates);
        await Eventually.BeAsync(
            "the log tells that the page was refused",
            Limit,
            () => node.LogLines().Any(line => line.Contains("The page was kept from", StringComparison.Ordinal)),
            node.LogTails
        );
        await node.Api.StopAsync(probing.Id);

        // It goes there itself once it is recorded.
        var leaving = await node.Api.StartAsync(new StartRequest(attack.Page("leaving")) { Framerate = 15 });
        await Eventually.BeAsync(
            "the session tells that its page leads nowhere",
            Limit,
            async () =>
                (await node.Api.SessionAsync(leaving.Id)).Faults.Any(fault =>
                    fault.Message.Contains("RECORDER_NETWORK_ALLOW", StringComparison.Ordinal)
                ),
            node.LogTails
        );
        await node.Api.StopAsync(leaving.Id);

        // A redirect at the start is refused with the entry that is missing, and so is the address itself.
        var redirected = await node.Api.TryStartAsync(
            new StartRequest(attack.Page("redirecting")) { Framerate = 15 }
        );
        Assert.Equal(422, (int)redirected.Status);
        Assert.Contains("RECORDER_NETWORK_ALLOW", redirected.Body, StringComparison.Ordinal);
        var direct = await node.Api.TryStartAsync(
            new StartRequest(new Uri($"http://127.0.0.1:{victim.Port}/")) { Framerate = 15 }
        );
        Assert.Equal(("address_not_allowed", 400), (direct.ReadError().Code, (int)direct.Status));

        Assert.Equal(0, victim.Reached);

        string Told() => string.Join(", ", attack.Reports.Select(report => $"{report.Key}: {report.Value}"));
    }

    [Fact]
    public async Task Without_WebRTC_by_UDP_a_page_is_offered_no_way_by_UDP()
    {
        using var victim = new Victim();
        await using var attack = await AttackPage.StartAsync(victim.Port);
        var node = await StartNodeAsync(
            new RecorderNodeSettings
            {
                NetworkAllow = $"127.0.0.1:{attack.Port}",
                Options = new Dictionary<string, string> { ["Network__WebRtcUdp"] = "false" },
            }
        );
        var probing = await node.Api.StartAsync(new StartRequest(attack.Page("probing")) { Framerate = 15 });
        await Eventually.BeAsync(
            "the page has told its candidates",
            Limit,
            () => attack.Reports.ContainsKey("candidates"),
            node.LogTails
        );
        Tell($"candidates: {attack.Reports["candidates"]}");
        Assert.DoesNotContain(" udp ", attack.Reports["candidates"], StringComparison.OrdinalIgnoreCase);
        await node.Api.StopAsync(probing.Id);
    }

    /// <summary>A service that counts who reaches it.</summary>
    private sealed class Victim : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private int _reached;

        public Victim()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Reached => Volatile.Read(ref _reached);

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    using var caller = await _listener.AcceptSocketAsync();
                    Interlocked.Increment(ref _reached);
                    await caller.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"));
                }
            }
            catch (Exception error) when (error is ObjectDisposedException or SocketException)
            {
                // The test is over.
            }
        }
    }

    private sealed class AttackPage : IAsyncDisposable
    {
        private readonly WebApplication _application;

        private AttackPage(WebApplication application) => _application = application;

        /// <summary>What came of each probe: <c>refused</c>, or what the page got.</summary>
        public ConcurrentDictionary<string, string> Reports { get; } = new();

        public int Port => new Uri(_application.Urls.Single()).Port;

        public Uri Page(string name) => new(new Uri(_application.Urls.Single()), "/" + name);

        public static async Task<AttackPage> StartAsync(int victim)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var application = builder.Build();
            var page = new AttackPage(application);
            application.MapGet("/probing", () => Results.Content(ProbesOf(victim), "text/html"));
            application.MapGet(
                "/leaving",
                () =>
                    Results.Content(
                        $"<!doctype html><title>leaving</title><script>setTimeout(() => location = 'http://localhost:{victim}/', 2000)</script>",
                        "text/html"
                    )
            );
            application.MapGet("/redirecting", () => Results.Redirect($"http://127.0.0.1:{victim}/"));
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

        private static string ProbesOf(int victim) =>
            $$"""
                <!doctype html><title>probing</title><body style="background:#246"><script>
                const port = {{victim}}, victim = 'http://127.0.0.1:' + port + '/';
                const tell = (name, result) => fetch('/report', { method: 'POST', body: name + '=' + result });
                const add = (tag, attributes) => document.body.appendChild(Object.assign(document.createElement(tag), attributes));
                const ask = (name, address, options) => fetch(address, options)
                  .then(answer => answer.text()).then(text => tell(name, 'got ' + text), () => tell(name, 'refused'));
                ask('fetch', victim);
                ask('opaque', victim, { mode: 'no-cors' });
                ask('name', 'http://localhost:' + port + '/', { mode: 'no-cors' });
                ask('number', 'http://2130706433:' + port + '/', { mode: 'no-cors' });
                ask('mapped', 'http://[::ffff:127.0.0.1]:' + port + '/', { mode: 'no-cors' });
                add('img', { src: victim, onload() { tell('picture', 'loaded'); }, onerror() { tell('picture', 'refused'); } });
                add('script', { src: victim, onload() { tell('script', 'loaded'); }, onerror() { tell('script', 'refused'); } });
                add('iframe', { src: victim });
                navigator.sendBeacon(victim);
                add('iframe', { name: 'form' });
                add('form', { action: victim, method: 'post', target: 'form' }).submit();
                const socket = new WebSocket('ws://127.0.0.1:' + port + '/');
                socket.onopen = () => tell('socket', 'open');
                socket.onerror = () => tell('socket', 'refused');
                const events = new EventSource(victim);
                events.onopen = () => tell('events', 'open');
                events.onerror = () => { tell('events', 'refused'); events.close(); };
                const worker = new Worker(URL.createObjectURL(new Blob(["fetch('" + victim + "', { mode: 'no-cors' }).then(() => postMessage('got'), () => postMessage('refused'))"])));
                worker.onmessage = message => tell('worker', message.data);
                const relayed = new RTCPeerConnection({ iceTransportPolicy: 'relay',
                  iceServers: [{ urls: 'turn:127.0.0.1:' + port + '?transport=tcp', username: 'u', credential: 'c' }] });
                relayed.createDataChannel('x');
                let relay = 'refused';
                relayed.onicecandidate = ({ candidate }) => { if (candidate?.candidate) relay = candidate.candidate; };
                relayed.createOffer().then(offer => relayed.setLocalDescription(offer));
                setTimeout(() => tell('relay', relay), 6000);
                const peer = new RTCPeerConnection(), told = [];
                peer.createDataChannel('x');
                peer.onicecandidate = ({ candidate }) => candidate && told.push(candidate.candidate);
                peer.createOffer().then(offer => peer.setLocalDescription(offer));
                setTimeout(() => tell('candidates', told.join(' | ')), 4000);
                </script>
                """;
    }
}
