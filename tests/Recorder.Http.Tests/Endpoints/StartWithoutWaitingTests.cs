using System.Net;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Telemetry;
using Recorder.Http.Requests;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

/// <summary><c>POST /api/start?wait=false</c>: the answer comes with the admission.</summary>
[Trait("ring", "actor")]
public sealed class StartWithoutWaitingTests
{
    private const string Start = """{"type":"uri","data":{"uri":"https://example.org/room"}}""";

    [Fact]
    public async Task The_answer_comes_with_the_place_and_says_where_the_session_can_be_seen()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(7), 3, Node));

        var answer = await edge.SendAsync(HttpMethod.Post, "/api/start?wait=false", Start, ("Idempotency-Key", "k"));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("/api/sessions/7", answer.Headers.Location?.OriginalString);
        Assert.Equal("""{"id":7,"status":"starting"}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal("k", (await edge.Farm.NextAsync<AdmitSession>()).IdempotencyKey);
        Assert.Equal(new SessionId(7), (await edge.Farm.NextAsync<StartSession>()).Id);
    }

    [Fact]
    public async Task A_call_whose_time_is_over_while_the_page_waits_is_answered_with_the_state_and_undoes_nothing()
    {
        await using var edge = await EdgeFixture.StartAsync(http => http.StartTimeout = TimeSpan.FromSeconds(6));
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(7), 3, Node));
        edge.Farm.On<FindSession>(find => new SessionLocation(
            find.Id,
            3,
            Session(7, SessionPhase.WaitingToEnter)
        ));

        var answer = await edge.SendAsync(
            HttpMethod.Post,
            "/api/start",
            """{"type":"uri","data":{"uri":"https://example.org/room","begin":{"when":"signal"}}}"""
        );

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("/api/sessions/7", answer.Headers.Location?.OriginalString);
        Assert.Equal("""{"id":7,"status":"waiting_to_enter"}""", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_farm_without_room_is_told_at_once()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<AdmitSession>(_ => new AdmissionRefused(FaultCode.AtCapacity, "No node has room.", [], TimeSpan.FromSeconds(5)));

        var answer = await edge.SendAsync(HttpMethod.Post, "/api/start?wait=false", Start);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_becomes_of_the_start_is_still_counted(bool starts)
    {
        await using var edge = await EdgeFixture.StartAsync();
        var system = edge.App.Services.GetRequiredService<ActorSystem>();
        var news = new TaskCompletionSource<StartAnswered>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.EventStream.Subscribe(
            system.ActorOf(Props.Create(() => new Listener(news))),
            typeof(StartAnswered)
        );
        var outcome = new TaskCompletionSource<object>();
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(7), 3, Node));
        edge.Farm.On<StartSession>(_ => outcome.Task);

        var answer = await edge.SendAsync(HttpMethod.Post, "/api/start?wait=false", Start);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.False(news.Task.IsCompleted);
        outcome.SetResult(
            starts
                ? new SessionRecords(new SessionId(7))
                : new StartFailed(new SessionId(7), FaultCode.PageFailed, "The page did not load.")
        );

        var counted = await news.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(starts ? StartAnswered.Started : FaultCode.PageFailed, counted.Result);
    }

    [Fact]
    public async Task A_start_that_outlives_its_limit_is_undone_although_nobody_waits()
    {
        await using var edge = await EdgeFixture.StartAsync(options =>
            options.StartTimeout = TimeSpan.FromMilliseconds(300)
        );
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(7), 3, Node));

        await edge.SendAsync(HttpMethod.Post, "/api/start?wait=false", Start);

        Assert.Equal(new SessionId(7), (await edge.Farm.NextAsync<StopSession>()).Id);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("wait=true", true)]
    [InlineData("wait=false", false)]
    [InlineData("wait=no", null)]
    [InlineData("wait=False", null)]
    [InlineData("wait=", null)]
    [InlineData("wait=false&wait=false", null)]
    public void Only_true_and_false_are_taken(string query, bool? expected)
    {
        string?[] values =
        [
            .. query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=')[1]),
        ];

        var parsed = StartCall.ParseWait(values);

        Assert.Equal(expected, parsed.Error is null ? parsed.Value : null);
        Assert.Equal(expected is null ? "wait" : null, parsed.Error?.Field);
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(TaskCompletionSource<StartAnswered> news) =>
            Receive<StartAnswered>(answered => news.TrySetResult(answered));
    }
}
