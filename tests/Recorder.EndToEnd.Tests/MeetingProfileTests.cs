using System.Net;
using System.Text.Json;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Meetings that are entered, recorded and left by the shipped profiles, in a real browser. The pages behave
/// as
/// the clients of the meetings do, in the points that the profiles use.</summary>
public sealed class MeetingProfileTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly string _secret = Path.GetTempFileName();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        File.Delete(_secret);
    }

    [Fact]
    public async Task Meetings_are_entered_by_name_through_their_lobbies_and_left_when_they_are_over()
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
        const string name = "R & \"D\" {{name}}";
        var edumeet = await StartAsync(node, "edumeet", "lobby=5&over=6", new { display_name = name });
        await node.Api.SeeSessionAsync(
            edumeet,
            "it waits in the lobby",
            Limit,
            session => session.State == "waiting_to_enter"
        );
        var jitsi = await StartAsync(
            node,
            "jitsi",
            "lobby=1&password=1&leave=12",
            new
            {
                display_name = name,
                password = new { secret = "room" },
                alone_for = "3 s",
                page = new { layout = "tiles" },
            }
        );
        await node.Api.SeeSessionAsync(jitsi, "it records", Limit, session => session.State == "recording");
        var patched = await node.Api.SendAsync(
            HttpMethod.Patch,
            $"/api/sessions/{jitsi}",
            """{"page":{"layout":"speaker"}}"""
        );
        Assert.Equal(HttpStatusCode.OK, patched.Status);
        var unknown = await node.Api.SendAsync(
            HttpMethod.Patch,
            $"/api/sessions/{jitsi}",
            """{"page":{"layout":"cinema"}}"""
        );
        Assert.Equal(HttpStatusCode.BadRequest, unknown.Status);
        Assert.Contains("its layouts are speaker, tiles", unknown.Body, StringComparison.Ordinal);

        await EndedAsync(node, edumeet, "navigated_away");
        var bbb = await StartAsync(node, "bbb", "lobby=1&over=3", new { });
        await EndedAsync(node, jitsi, "alone");
        var talk = await StartAsync(
            node,
            "nextcloud-talk",
            "lobby=1&leave=3",
            new { display_name = name, alone_for = "3 s" }
        );
        await EndedAsync(node, bbb, "end_signal");
        var livekit = await StartAsync(
            node,
            "livekit",
            "over=3",
            new { ws_url = "wss://livekit.example.org", token = "a.b+c", layout = "speaker" }
        );
        await EndedAsync(node, talk, "alone");
        await EndedAsync(node, livekit, "end_signal");

        var reports = new List<JsonElement>();
        while (Pages.Reports.TryRead(out var text))
        {
            Tell($"{text}");
            reports.Add(JsonDocument.Parse(text).RootElement);
        }
        var seen = Of("edumeet");
        Assert.Equal((name, name), (Text(seen, "name"), Text(seen, "shownName")));
        Assert.False(seen.GetProperty("sounds").GetBoolean());
        Assert.Equal("[[\"recording\",{\"recording\":true}]]", seen.GetProperty("notified").GetRawText());
        Assert.Equal("[\"none\",\"none\"]", seen.GetProperty("bars").GetRawText());
        var jitsis = reports.Where(report => Text(report, "kind") == "jitsi").ToList();
        var joined = Assert.Single(jitsis, report => report.TryGetProperty("name", out _));
        Assert.Equal((name, "open sesame"), (Text(joined, "name"), Text(joined, "password")));
        Assert.Contains(jitsis, report => !report.GetProperty("tiles").GetBoolean());
        Assert.True(Of("bbb").GetProperty("listens").GetBoolean());
        seen = Of("nextcloud-talk");
        Assert.Equal((name, "none"), (Text(seen, "name"), Text(seen, "bar")));
        seen = Of("livekit");
        Assert.Equal(
            ("wss://livekit.example.org", "a.b+c", "speaker"),
            (Text(seen, "server"), Text(seen, "token"), Text(seen, "layout"))
        );

        JsonElement Of(string kind) => Assert.Single(reports, report => Text(report, "kind") == kind);
    }

    private static string? Text(JsonElement report, string name) => report.GetProperty(name).GetString();

    private static async Task EndedAsync(RecorderNode node, int id, string reason)
    {
        await node.Api.SeeSessionAsync(
            id,
            $"it ends by {reason}",
            Limit,
            session => session.State is "stopped" or "failed"
        );
        var told = JsonDocument.Parse((await node.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{id}")).Body).RootElement;
        Assert.Equal(reason, told.GetProperty("end_reason").GetString());
        var record = Assert.Single(told.GetProperty("records").EnumerateArray());
        var probe = await new MediaAnalysis(record.GetProperty("path").GetString()!).ProbeAsync();
        Assert.InRange(probe.Duration!.Value.TotalSeconds, 1, 60);
    }

    private async Task<int> StartAsync(RecorderNode node, string profile, string times, object more)
    {
        var data = new Dictionary<string, object>
        {
            ["profile"] = profile,
            ["url"] = Pages.Client(profile, times),
            ["width"] = 320,
            ["height"] = 240,
            ["framerate"] = 10,
        };
        foreach (var property in JsonSerializer.SerializeToElement(more).EnumerateObject())
        {
            data[property.Name] = property.Value;
        }
        var answer = await node.Api.SendAsync(
            HttpMethod.Post,
            "/api/start?wait=false",
            JsonSerializer.Serialize(new { type = "meeting", data })
        );
        Assert.True(answer.Status == HttpStatusCode.Accepted, answer.Body);
        return JsonDocument.Parse(answer.Body).RootElement.GetProperty("id").GetInt32();
    }
}
