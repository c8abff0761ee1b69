using System.Net;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Http.Tests.Endpoints.OriginalCallsTests;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

[Trait("ring", "actor")]
public sealed class SessionsTests
{
    [Fact]
    public async Task A_session_is_told_in_full_with_the_password_of_its_page_hidden()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<GetSession>(get => new DetailsUnavailable(get.Id));
        edge.Farm.On<FindSession>(locate => new SessionLocation(
            locate.Id,
            0,
            Session(
                1,
                SessionPhase.Recording,
                Finished("/records/2021-09-22_07:56:00__0.mp4"),
                Growing("/records/2021-09-22_07:58:00__1.mp4")
            ) with
            {
                Attempt = 2,
                Gaps =
                [
                    new SessionGap(Time.AddSeconds(118), Time.AddSeconds(120.5), "pipeline_failed"),
                    new SessionGap(Time.AddMinutes(3), null, "node_lost"),
                ],
                Faults =
                [
                    new SessionFault(
                        Time.AddSeconds(119),
                        Node,
                        "pipeline_failed",
                        "The worker ended while it loaded https://user:secret@letsmeet.no/."
                    ),
                ],
            }
        ));

        await Golden(
            await edge.SendAsync(HttpMethod.Get, "/api/sessions/1", null),
            HttpStatusCode.OK,
            """{"id":1,"state":"recording","since":"2021-09-22T07:56:00+00:00","running":true,"ever_recorded":true"""
                + ""","node":"akka.tcp://recorder@127.0.0.1:4053","attempt":2"""
                + ""","spec":{"type":"uri","uri":"https://***@letsmeet.no/roomname?headless=true","mode":"record","stream_targets":[],"hls":false,"width":1920,"height":1080"""
                + ""","framerate":25,"bitrate":6000,"preset":"ultrafast","profile":"baseline","keyframe_interval":60,"audio_bitrate":256,"container":"mp4","name":null,"labels":{},"deliver":null,"retention":null}"""
                + ""","endpoint":null,"paused_since":null,"outputs":[],"capture":null,"reception":null"""
                + ""","records":[{"id":"1-1","path":"/records/2021-09-22_07:56:00__0.mp4","attempt":1,"finished":true,"opened_at":"2021-09-22T07:56:00+00:00","duration_seconds":118.04,"bytes":88604672,"repaired":false,"frames_captured":2951,"frames_dropped":0,"sha256":null,"deliveries":[],"node":null,"folder":null,"away":null},"""
                + """{"id":"1-2","path":"/records/2021-09-22_07:58:00__1.mp4","attempt":1,"finished":false,"opened_at":"2021-09-22T07:56:00+00:00","duration_seconds":null,"bytes":null,"repaired":false,"frames_captured":75,"frames_dropped":1,"sha256":null,"deliveries":[],"node":null,"folder":null,"away":null}]"""
                + ""","gaps":[{"from":"2021-09-22T07:57:58+00:00","to":"2021-09-22T07:58:00.5+00:00","code":"pipeline_failed"},"""
                + """{"from":"2021-09-22T07:59:00+00:00","to":null,"code":"node_lost"}]"""
                + ""","faults":[{"at":"2021-09-22T07:57:59+00:00","node":"akka.tcp://recorder@127.0.0.1:4053","code":"pipeline_failed","message":"The worker ended while it loaded https://letsmeet.no/."}]}"""
        );
    }

    [Theory]
    [InlineData("", new[] { 1, 2, 3, 4 })]
    [InlineData("?state=stopped", new[] { 1, 4 })]
    [InlineData("?limit=2", new[] { 1, 2 })]
    [InlineData("?after=2", new[] { 3, 4 })]
    [InlineData("?state=stopped&after=1&limit=5", new[] { 4 })]
    [InlineData("?state=resuming", new int[0])]
    public async Task Sessions_are_listed_by_id_failed_starts_included(string query, int[] ids)
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<ListSessions>(_ => new SessionList([
            Session(4, SessionPhase.Stopped),
            Session(1, SessionPhase.Stopped),
            Session(2, SessionPhase.Failed),
            Session(3, SessionPhase.Recording),
        ]));

        var answer = await edge.SendAsync(HttpMethod.Get, "/api/sessions" + query, null);
        using var list = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal(ids, list.RootElement.EnumerateArray().Select(session => session.GetProperty("id").GetInt32()));
    }

    [Theory]
    [InlineData("/api/status")]
    [InlineData("/api/sessions")]
    public async Task A_long_list_is_put_together_from_its_parts(string path)
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<ListSessions>(list =>
            list.After?.Value switch
            {
                null => new SessionList([Session(1, SessionPhase.Recording), Session(2, SessionPhase.Recording)])
                {
                    More = true,
                },
                2 => new SessionList([Session(5, SessionPhase.Recording)]) { More = true },
                5 => new SessionList([Session(9, SessionPhase.Recording)]),
                var other => throw new InvalidOperationException($"Nobody asks for what comes after {other}."),
            }
        );

        var answer = await edge.SendAsync(HttpMethod.Get, path, null);
        using var list = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal(
            [1, 2, 5, 9],
            list.RootElement.EnumerateArray().Select(session => session.GetProperty("id").GetInt32())
        );
    }

    [Fact]
    public async Task The_pressure_of_the_farm_is_told_node_by_node()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindPressure>(_ => new Pressure(
            true,
            [
                new NodePressure("a:1", 2, 2, "It holds 2 of 2 sessions."),
                new NodePressure("b:1", 4, 3, null)
                {
                    Used = 1.54m,
                    Found = "Configured by Placement:Sessions.",
                    Load = new NodeLoad(61.5, 5_250, 120_000),
                },
            ]
        ));

        await Golden(
            await edge.SendAsync(HttpMethod.Get, "/api/pressure", null),
            HttpStatusCode.OK,
            """{"has_room":true,"nodes":[{"node":"a:1","slots":2,"slots_found":null,"running":2,"used":2,"free":0,"cpu_percent":null,"memory_available_mb":null,"disk_free_mb":null,"reason":"It holds 2 of 2 sessions."},"""
                + """{"node":"b:1","slots":4,"slots_found":"Configured by Placement:Sessions.","running":3,"used":1.54,"free":2.46,"cpu_percent":61.5,"memory_available_mb":5250,"disk_free_mb":120000,"reason":null}]}"""
        );
    }

    [Fact]
    public async Task A_call_is_one_line_in_the_log_without_its_query_or_body()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindSession>(locate => new SessionUnknown(locate.Id));

        await edge.SendAsync(HttpMethod.Get, "/api/get_records?id=1&token=hush-query", null);
        await edge.SendAsync(
            HttpMethod.Post,
            "/api/start",
            """{"type":"uri","data":{"uri":"https://example.org/hush-body"}, "x":1}"""
        );
        await edge.SendAsync(HttpMethod.Get, "/api/a%0AInformation%20forged", null);
        await edge.DisposeAsync();

        var lines = edge.Log.Lines.ToList();
        Assert.DoesNotContain(
            lines,
            line =>
                line.Contains("hush-", StringComparison.Ordinal)
                && !line.Contains("Microsoft.AspNetCore", StringComparison.Ordinal)
        );
        var own = lines.Where(line => line.Contains("Endpoints.RequestLog", StringComparison.Ordinal)).ToList();
        Assert.Collection(
            own,
            line => Assert.Matches(@"Information .*: GET /api/get_records 404 [0-9.]+ ms - $", line),
            line => Assert.Matches(@"Information .*: POST /api/start 400 [0-9.]+ ms - $", line),
            line => Assert.Matches(@"Information .*: GET /api/a\?Information forged 404 [0-9.]+ ms - $", line)
        );
    }
}
