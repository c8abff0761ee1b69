using System.Net;
using System.Text.Json;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Pages that are entered by steps and shown as their session says, in a real browser.</summary>
public sealed class EnteredPageTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    private readonly string _secret = Path.GetTempFileName();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        File.Delete(_secret);
    }

    [Fact]
    public async Task A_page_is_entered_by_steps_and_has_what_its_session_has_set()
    {
        await File.WriteAllTextAsync(_secret, "open sesame\n");
        var node = await StartNodeAsync(
            new RecorderNodeSettings
            {
                Options = new Dictionary<string, string>
                {
                    ["Secrets__room__File"] = _secret,
                    ["Secrets__room__Hosts"] = "127.0.0.1",
                }
            }
        );
        var origin = $"http://127.0.0.1:{Pages.Address.Port}";
        var answer = await StartAsync(
            node,
            Pages.Door("user"),
            new
            {
                headers = new Dictionary<string, object> { ["X-Room-Key"] = new { secret = "room" } },
                cookies = new[] { new { name = "session", value = "abc" } },
                local_storage = new Dictionary<string, object>
                {
                    [origin] = new { settings = "{\"displayName\":\"recorder\"}" },
                },
                basic_auth = new { username = "recorder", password = "let me in" },
                user_agent = "Door opener 1.0",
                locale = "de-DE",
                timezone = "Pacific/Chatham",
                color_scheme = "dark",
                scale = 2,
                css = "#bar { display: none !important }",
                script = "window.fromScript = document.readyState;",
                devices = "fake",
                steps = new object[]
                {
                    new { click = "#cookies-of-another-page", optional = true, timeout = "0.5 s" },
                    new { click = "#accept" },
                    new { wait_gone = "#consent" },
                    new { fill = "#name", value = "Recorder" },
                    new { fill = "#password", value = new { secret = "room" } },
                    new { select = "#quality", value = "high" },
                    new { eval = "() => document.querySelector('#name').focus()" },
                    new { press = "a" },
                    new { press = "Enter" },
                    new { wait_for = ".call", timeout = "20 s" },
                },
            }
        );
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        using var limit = new CancellationTokenSource(Limit);
        var text = await Pages.Reports.ReadAsync(limit.Token);
        Tell($"{text}");
        var report = JsonDocument.Parse(text).RootElement;

        Assert.Equal("Recordera", Text("name"));
        Assert.Equal("[[\"a\",true],[\"Enter\",true]]", report.GetProperty("keys").GetRawText());
        Assert.Equal("open sesame", Text("password"));
        Assert.Equal("high", Text("quality"));
        Assert.Equal("{\"displayName\":\"recorder\"}", Text("storage"));
        Assert.Equal("session=abc", Text("cookies"));
        Assert.Equal("open sesame", Text("documentHeaders", "x-room-key"));
        Assert.Equal("open sesame", Text("fetchHeaders", "x-room-key"));
        Assert.Equal("session=abc", Text("fetchHeaders", "cookie"));
        foreach (var other in new[] { "elsewhere", "redirected" })
        {
            Assert.True(report.GetProperty(other).TryGetProperty("host", out var host), other);
            Assert.StartsWith("localhost", host.GetString(), StringComparison.Ordinal);
            Assert.False(report.GetProperty(other).TryGetProperty("x-room-key", out _), other);
            Assert.False(report.GetProperty(other).TryGetProperty("authorization", out _), other);
        }
        Assert.Equal("Door opener 1.0", Text("agent"));
        Assert.Equal("Door opener 1.0", Text("fetchHeaders", "user-agent"));
        Assert.Equal("de-DE", Text("language"));
        Assert.Equal("1,5", Text("formatted"));
        Assert.StartsWith("de-DE", Text("fetchHeaders", "accept-language"), StringComparison.Ordinal);
        Assert.Equal("Pacific/Chatham", Text("zone"));
        Assert.True(report.GetProperty("dark").GetBoolean());
        Assert.Equal(2, report.GetProperty("ratio").GetDouble());
        Assert.Equal(320, report.GetProperty("width").GetInt32());
        Assert.Equal("none", Text("bar"));
        Assert.Equal("loading", Text("fromScript"));
        var devices = report.GetProperty("devices");
        Assert.True(devices.TryGetProperty("audio", out var audio), devices.GetRawText());
        Assert.Equal((1, 1), (audio.GetInt32(), devices.GetProperty("video").GetInt32()));
        Assert.InRange(devices.GetProperty("brightest").GetInt32(), 0, 20);
        Assert.Equal(0, devices.GetProperty("loudest").GetDouble());

        // Nothing of it is told back, and the log does not have it.
        var session = await node.Api.SendAsync(HttpMethod.Get, "/api/sessions/1");
        Assert.Contains("\"fill\"", session.Body, StringComparison.Ordinal);
        foreach (var secret in new[] { "open sesame", "let me in", "displayName", "abc" })
        {
            Assert.DoesNotContain(secret, session.Body, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, node.LogTails(), StringComparison.Ordinal);
        }

        string? Text(params string[] names) =>
            names.Aggregate(report, (element, name) => element.GetProperty(name)).GetString();
    }

    /// <summary>The certificate of the page is nobody's, its camera is missing, and its browser is killed in the
    /// middle. Then the page is another page, in the same file.</summary>
    [Fact]
    public async Task A_browser_that_is_started_again_enters_again_and_a_page_is_changed_in_the_same_record()
    {
        await using var secure = new TlsFront(Pages.Address.Port);
        var node = await StartNodeAsync();
        var answer = await StartAsync(
            node,
            new Uri($"https://127.0.0.1:{secure.Port}/door?silent"),
            new
            {
                devices = "silent",
                ignore_tls_errors_for = new[] { $"127.0.0.1:{secure.Port}" },
                steps = new object[]
                {
                    new { click = "#accept" },
                    new { fill = "#name", value = "Recorder" },
                    new { click = "#join" },
                    new { wait_for = ".call", timeout = "30 s" },
                },
            }
        );
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        using var limit = new CancellationTokenSource(Limit);
        var report = JsonDocument.Parse(await Pages.Reports.ReadAsync(limit.Token)).RootElement;
        Assert.Equal("Recorder", report.GetProperty("name").GetString());
        Assert.Equal(1, report.GetProperty("devices").GetProperty("audio").GetInt32());

        node.Kill("browser");
        report = JsonDocument.Parse(await Pages.Reports.ReadAsync(limit.Token)).RootElement;
        Assert.Equal("Recorder", report.GetProperty("name").GetString());
        await node.Api.SeeSessionAsync(
            1,
            "its picture is back after the death of the browser",
            Limit,
            session => session.Gaps is [{ To: not null }]
        );

        var changed = await node.Api.SendAsync(
            HttpMethod.Patch,
            "/api/sessions/1",
            JsonSerializer.Serialize(
                new { page = new { uri = Pages.Clock(25).ToString(), css = "body { outline: none }" } }
            )
        );
        Assert.Equal(HttpStatusCode.OK, changed.Status);
        Assert.Contains("/clock", changed.Body, StringComparison.Ordinal);
        await RecordForAsync(4);
        await node.Api.StopAsync(1);
        var record = Assert.Single((await node.Api.SessionAsync(1)).Records);
        var track = await new MediaAnalysis(record.Path).FrameNumbersAsync();
        Tell($"{track.Frames.Count} pictures, {track.Frames.Count(frame => frame.Number is not null)} of the clock");
        Assert.Null(track.Frames[0].Number);
        Assert.NotNull(track.Frames[^1].Number);
    }

    [Fact]
    public async Task A_secret_is_not_typed_into_a_page_that_another_host_shows_by_the_time_the_field_is_there()
    {
        await File.WriteAllTextAsync(_secret, "open sesame\n");
        var node = await StartNodeAsync(
            new RecorderNodeSettings
            {
                Options = new Dictionary<string, string>
                {
                    ["Secrets__room__File"] = _secret,
                    ["Secrets__room__Hosts"] = "127.0.0.1",
                },
            }
        );
        var answer = await StartAsync(
            node,
            Pages.Door("silent"),
            new
            {
                script = """
                    if (location.hostname === '127.0.0.1') {
                      setTimeout(() => { location.href = location.href.replace('127.0.0.1', 'localhost'); }, 1500);
                    } else {
                      addEventListener('DOMContentLoaded', () => { document.body.innerHTML = '<input id="there">'; });
                      setInterval(() => {
                        const typed = document.querySelector('#there')?.value;
                        if (typed) fetch('/door/report', { method: 'POST', body: typed });
                      }, 50);
                    }
                    """,
                steps = new object[] { new { fill = "#there", value = new { secret = "room" }, timeout = "20 s" } },
            }
        );

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("room is not for pages of localhost", answer.Body, StringComparison.Ordinal);
        Assert.False(Pages.Reports.TryRead(out _), "The secret was typed.");
    }

    [Fact]
    public async Task A_step_that_never_finds_its_element_fails_the_start_and_names_the_step()
    {
        var node = await StartNodeAsync();
        var answer = await StartAsync(
            node,
            Pages.Door(),
            new
            {
                steps = new object[]
                {
                    new { click = "#accept" },
                    new { click = "#join", timeout = "1 s" },
                },
            }
        );
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("\"code\":\"join_failed\"", answer.Body, StringComparison.Ordinal);
        Assert.Contains("step 2, click #join", answer.Body, StringComparison.Ordinal);
        Assert.Contains("the element is disabled", answer.Body, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(node.RecordsFolder, "*.mp4"));
        Assert.Contains("/api/sessions/1/join.jpg", answer.Body, StringComparison.Ordinal);
        var picture = await node.Api.SendAsync(HttpMethod.Get, "/api/sessions/1/join.jpg");
        Assert.Equal((HttpStatusCode.OK, "image/jpeg"), (picture.Status, picture.ContentType));
        var none = await node.Api.SendAsync(HttpMethod.Get, "/api/sessions/2/join.jpg");
        Assert.Equal(HttpStatusCode.NotFound, none.Status);
    }

    private static Task<ApiAnswer> StartAsync(RecorderNode node, Uri uri, object page) =>
        node.Api.SendAsync(
            HttpMethod.Post,
            "/api/start",
            JsonSerializer.Serialize(
                new
                {
                    type = "uri",
                    data = new
                    {
                        uri = uri.ToString(),
                        width = 640,
                        height = 360,
                        page,
                    },
                }
            )
        );
}
