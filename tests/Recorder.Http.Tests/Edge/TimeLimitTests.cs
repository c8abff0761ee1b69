using System.Net;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Settings;
using static Recorder.Http.Tests.Endpoints.OriginalCallsTests;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Edge;

[Trait("ring", "actor")]
public sealed class TimeLimitTests
{
    private const string Start = """{"type":"uri","data":{"uri":"https://example.org/"}}""";

    private static void Short(HttpOptions options)
    {
        ShortForSessions(options);
        options.PlacementTimeout = TimeSpan.FromMilliseconds(200);
        options.ReadyTimeout = TimeSpan.FromMilliseconds(100);
    }

    // For a placement that does answer, however late on a busy machine.
    private static void ShortForSessions(HttpOptions options)
    {
        options.StartTimeout = TimeSpan.FromMilliseconds(300);
        options.StopTimeout = TimeSpan.FromMilliseconds(300);
    }

    [Theory]
    [InlineData("POST", "/api/start", Start)]
    [InlineData("POST", "/api/stop", """{"id":1}""")]
    [InlineData("GET", "/api/status", null)]
    [InlineData("GET", "/api/get_records?id=1", null)]
    [InlineData("GET", "/api/sessions", null)]
    [InlineData("GET", "/api/sessions/1", null)]
    [InlineData("PATCH", "/api/sessions/1", """{"add_stream_uris":["rtmp://host/app/key"]}""")]
    [InlineData("POST", "/api/sessions/1/pause", null)]
    [InlineData("GET", "/api/sessions/1/thumbnail.jpg", null)]
    [InlineData("GET", "/api/sessions/1/hls/playlist.m3u8", null)]
    [InlineData("GET", "/health/ready", null)]
    [InlineData("GET", "/api/pressure", null)]
    public async Task A_silent_placement_is_answered_as_unavailable(string method, string path, string? body)
    {
        foreach (var withFarm in new[] { true, false })
        {
            await using var edge = await EdgeFixture.StartAsync(Short, withFarm);

            var answer = await edge.SendAsync(new HttpMethod(method), path, body);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Contains(
                "\"code\":\"unavailable\"",
                await answer.Content.ReadAsStringAsync(),
                StringComparison.Ordinal
            );
            Assert.Equal("5", answer.Headers.GetValues("Retry-After").Single());
        }
    }

    [Fact]
    public async Task A_start_without_a_frame_is_answered_as_timed_out_and_undone()
    {
        await using var edge = await EdgeFixture.StartAsync(ShortForSessions);
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(4), 2, Node));

        var answer = await edge.SendAsync(HttpMethod.Post, "/api/start", Start);

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Contains(
            "\"code\":\"start_timeout\"",
            await answer.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
        Assert.Equal(new StopSession(new SessionId(4)).To(2), await edge.Farm.NextAsync<StopSession>());
    }

    [Fact]
    public async Task A_session_whose_start_is_lost_on_its_way_is_told_again()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var told = 0;
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(4), 2, Node));
        edge.Farm.On<StartSession>(start => ++told == 1 ? null : new SessionRecords(start.Id));

        await Golden(
            await edge.SendAsync(HttpMethod.Post, "/api/start", Start),
            HttpStatusCode.OK,
            """{"id":4,"status":"started"}"""
        );

        Assert.Equal(2, told);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_during_a_start_leaves_the_session_to_record()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var started = new TaskCompletionSource<object>();
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(4), 2, Node));
        edge.Farm.On<StartSession>(_ => started.Task);

        await HangUpAsync(edge);
        started.SetResult(new SessionRecords(new SessionId(4)));

        await edge.Log.SeeAsync("Session 4 has started");
        Assert.DoesNotContain(edge.Farm.Heard, heard => heard is StopSession);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_during_a_start_that_comes_to_nothing_leaves_nothing()
    {
        await using var edge = await EdgeFixture.StartAsync(options => options.StartTimeout = TimeSpan.FromSeconds(2));
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(4), 2, Node));

        await HangUpAsync(edge);

        Assert.Equal(new StopSession(new SessionId(4)).To(2), await edge.Farm.NextAsync<StopSession>());
    }

    private static async Task HangUpAsync(EdgeFixture edge)
    {
        using var caller = new CancellationTokenSource();
        var answer = edge.SendAsync(HttpMethod.Post, "/api/start", Start, caller.Token);
        await edge.Farm.NextAsync<StartSession>();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await edge.Log.SeeAsync("POST /api/start 499");
    }

    [Fact]
    public async Task A_stop_that_takes_too_long_says_that_it_goes_on()
    {
        await using var edge = await EdgeFixture.StartAsync(ShortForSessions);
        edge.Farm.On<FindSession>(locate => new SessionLocation(locate.Id, 0, Session(1, SessionPhase.Recording)));

        await Golden(
            await edge.SendAsync(HttpMethod.Post, "/api/stop", """{"id":1}"""),
            HttpStatusCode.ServiceUnavailable,
            """{"error":"Session 1 has not finalised its record within 0.3 s; it goes on stopping, so ask GET /api/status or stop it again.","code":"unavailable"}"""
        );
    }

    [Fact]
    public async Task A_slow_session_keeps_nobody_else_waiting()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var first = new TaskCompletionSource<object>();
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(1), 0, Node));
        edge.Farm.On<StartSession>(_ => first.Task);
        edge.Farm.On<ListSessions>(_ => new SessionList([]));

        var slow = edge.SendAsync(HttpMethod.Post, "/api/start", Start);
        await edge.Farm.NextAsync<StartSession>();
        await Golden(await edge.SendAsync(HttpMethod.Get, "/api/status", null), HttpStatusCode.OK, "[]");
        Assert.False(slow.IsCompleted);
        first.SetResult(new SessionRecords(new SessionId(1)));

        await Golden(await slow, HttpStatusCode.OK, """{"id":1,"status":"started"}""");
    }

    [Fact]
    public async Task A_node_is_live_without_a_farm_and_ready_with_one()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<PingPlacement>(_ => new PlacementHere());

        await Golden(
            await edge.SendAsync(HttpMethod.Get, "/health/ready", null),
            HttpStatusCode.OK,
            """{"status":"ready"}"""
        );

        await using var alone = await EdgeFixture.StartAsync(withFarm: false);
        await Golden(
            await alone.SendAsync(HttpMethod.Get, "/health/live", null),
            HttpStatusCode.OK,
            """{"status":"live"}"""
        );
    }
}
