using System.Net;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>The original recorder's calls and their answers, byte for byte.</summary>
[Trait("ring", "actor")]
public sealed class OriginalCallsTests
{
    private const string Start =
        """{"type":"uri", "data":{"bitrate":6000,"uri":"https://letsmeet.no/roomname?headless=true&displayName=recorder","stream_uri":"","mode":"record"}}""";

    [Fact]
    public async Task A_start_asks_for_admission_then_starts_the_session_in_its_shard()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(7), 3, Node));
        edge.Farm.On<StartSession>(start => new SessionRecords(start.Id));

        var answer = await edge.SendAsync(HttpMethod.Post, "/api/start", Start, ("Idempotency-Key", "lecture-1"));

        await Golden(answer, HttpStatusCode.OK, """{"id":7,"status":"started"}""");
        var admit = await edge.Farm.NextAsync<AdmitSession>();
        Assert.Equal("lecture-1", admit.IdempotencyKey);
        Assert.Equal(
            "https://letsmeet.no/roomname?headless=true&displayName=recorder",
            ((PageSessionSpec)admit.Spec).Page.OriginalString
        );
        Assert.Equal(
            new StartSession(new SessionId(7), admit.Spec) { Node = Node }.To(3),
            await edge.Farm.NextAsync<StartSession>()
        );
        Assert.Equal(2, edge.Farm.Heard.Count);
    }

    [Fact]
    public async Task A_stop_of_a_running_session_answers_when_the_session_does()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindSession>(locate => new SessionLocation(
            locate.Id,
            3,
            Session(1, SessionPhase.Recording, Growing("/records/a.mp4"))
        ));
        var finalised = new TaskCompletionSource<object>();
        edge.Farm.On<StopSession>(_ => finalised.Task);

        var call = edge.SendAsync(HttpMethod.Post, "/api/stop", """{"id":1}""");
        Assert.Equal(new StopSession(new SessionId(1)).To(3), await edge.Farm.NextAsync<StopSession>());
        Assert.False(call.IsCompleted);
        finalised.SetResult(new StopDone(new SessionId(1)));

        await Golden(await call, HttpStatusCode.OK, """{"status":"stopped"}""");
    }

    [Theory]
    [InlineData(SessionPhase.Stopped)]
    [InlineData(SessionPhase.Failed)]
    [InlineData(SessionPhase.Interrupted)]
    public async Task A_stop_of_a_session_that_is_over_answers_stopped_without_waking_it(SessionPhase phase)
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindSession>(locate => new SessionLocation(locate.Id, 3, Session(1, phase)));

        await Golden(
            await edge.SendAsync(HttpMethod.Post, "/api/stop", """{"id":1}"""),
            HttpStatusCode.OK,
            """{"status":"stopped"}"""
        );

        Assert.DoesNotContain(edge.Farm.Heard, message => message is StopSession);
    }

    [Fact]
    public async Task A_session_that_has_not_reported_yet_can_be_stopped()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindSession>(locate => new SessionLocation(locate.Id, 3, Session(1, SessionPhase.New)));
        edge.Farm.On<StopSession>(stop => new StopDone(stop.Id));

        await Golden(
            await edge.SendAsync(HttpMethod.Post, "/api/stop", """{"id":1}"""),
            HttpStatusCode.OK,
            """{"status":"stopped"}"""
        );

        Assert.Contains(edge.Farm.Heard, message => message is StopSession);
    }

    [Fact]
    public async Task Status_lists_finished_records_only_and_leaves_out_starts_that_failed()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<ListSessions>(_ => new SessionList([
            Session(2, SessionPhase.Recording, Growing("/records/2021-09-22_07:57:58__1.mp4")),
            Session(
                1,
                SessionPhase.Stopped,
                Finished("/records/2021-09-22_07:56:00__0.mp4"),
                Growing("/records/x.mp4")
            ),
            Session(3, SessionPhase.Failed),
            Session(4, SessionPhase.Starting),
            Session(5, SessionPhase.Interrupted, Finished("/r/räume+'<&>/a.mkv")),
        ]));

        await Golden(
            await edge.SendAsync(HttpMethod.Get, "/api/status", null),
            HttpStatusCode.OK,
            """[{"id":1,"records":["/records/2021-09-22_07:56:00__0.mp4"],"running":false,"is_running":false},"""
                + """{"id":2,"records":[],"running":true,"is_running":true},"""
                + """{"id":4,"records":[],"running":true,"is_running":true},"""
                + """{"id":5,"records":["/r/räume+'<&>/a.mkv"],"running":false,"is_running":false}]"""
        );
    }

    [Fact]
    public async Task The_status_of_an_empty_farm_is_an_empty_list()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<ListSessions>(_ => new SessionList([]));

        await Golden(await edge.SendAsync(HttpMethod.Get, "/api/status", null), HttpStatusCode.OK, "[]");
    }

    [Theory]
    [InlineData("/api/get_records", """{"id":1}""")]
    [InlineData("/api/get_records?id=1", null)]
    [InlineData("/api/get_records?id=1", """{"id":1}""")]
    public async Task Records_are_asked_for_by_a_body_on_a_get_or_by_the_address(string path, string? body)
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindSession>(locate => new SessionLocation(
            locate.Id,
            0,
            Session(1, SessionPhase.Stopped, Finished("/records/2021-09-22_07:56:00__0.mp4"), Growing("/records/x.mp4"))
        ));

        await Golden(
            await edge.SendAsync(HttpMethod.Get, path, body),
            HttpStatusCode.OK,
            """["/records/2021-09-22_07:56:00__0.mp4"]"""
        );

        Assert.Equal(new FindSession(new SessionId(1)), await edge.Farm.NextAsync<FindSession>());
    }

    internal static async Task Golden(HttpResponseMessage answer, HttpStatusCode status, string body)
    {
        Assert.Equal(body, await answer.Content.ReadAsStringAsync());
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(System.Text.Encoding.UTF8.GetByteCount(body), answer.Content.Headers.ContentLength);
        Assert.Null(answer.Headers.TransferEncodingChunked);
    }
}
