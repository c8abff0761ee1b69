using System.Net;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>Calls that are repeated under an Idempotency-Key.</summary>
[Trait("ring", "actor")]
public sealed class OneAnswerTests
{
    private const string Make = """{"url":"https://192.0.2.7/hook","types":["record.*"]}""";

    [Fact]
    public async Task A_webhook_is_made_once_and_told_the_same_twice()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var first = await SendAsync(edge, "/api/webhooks", Make, "k");
        var second = await SendAsync(edge, "/api/webhooks", Make, "k");

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal("application/json", second.Content.Headers.ContentType?.ToString());
        var told = await first.Content.ReadAsStringAsync();
        Assert.Contains("whsec_", told, StringComparison.Ordinal);
        Assert.Equal(told, await second.Content.ReadAsStringAsync());
        Assert.Single(edge.Book.Webhooks);

        await SendAsync(edge, "/api/webhooks", Make, "other");
        Assert.Equal(2, edge.Book.Webhooks.Count);
    }

    [Theory]
    [InlineData("/api/webhooks", """{"url":"https://192.0.2.8/hook"}""")]
    [InlineData("/api/webhooks/{id}/test", null)]
    [InlineData("/api/webhooks/{id}/replay", """{"after":0}""")]
    [InlineData("/api/webhooks/{id}/deliveries/evt_1/redeliver", null)]
    public async Task Another_call_under_the_key_is_a_conflict(string path, string? body)
    {
        await using var edge = await EdgeFixture.StartAsync();
        await SendAsync(edge, "/api/webhooks", Make, "k");
        var id = edge.Book.Webhooks.Keys.Single();

        var answer = await SendAsync(edge, path.Replace("{id}", id, StringComparison.Ordinal), body, "k");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains(
            "\"code\":\"idempotency_conflict\"",
            await answer.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
        Assert.Single(edge.Book.Webhooks);
        Assert.Empty(edge.Book.SentAgain);
    }

    [Fact]
    public async Task An_event_is_sent_again_once_under_one_key()
    {
        await using var edge = await EdgeFixture.StartAsync();
        await SendAsync(edge, "/api/webhooks", Make, "k");
        edge.Feed.Add("record.opened", 1);
        var path = $"/api/webhooks/{edge.Book.Webhooks.Keys.Single()}/deliveries/evt_1/redeliver";

        Assert.Equal(
            await (await SendAsync(edge, path, null, "again")).Content.ReadAsStringAsync(),
            await (await SendAsync(edge, path, null, "again")).Content.ReadAsStringAsync()
        );
        Assert.Single(edge.Book.SentAgain);
    }

    [Fact]
    public async Task A_call_that_failed_frees_its_key()
    {
        await using var edge = await EdgeFixture.StartAsync();
        const string path = "/api/webhooks/whk_later/replay";
        const string body = """{"after":0}""";
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(edge, path, body, "k")).StatusCode);

        await SendAsync(edge, "/api/webhooks", Make, "m");
        edge.Book.Webhooks["whk_later"] = edge.Book.Webhooks.Values.Single();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(edge, path, body, "k")).StatusCode);
    }

    [Theory]
    [InlineData(2, HttpStatusCode.OK)]
    [InlineData(100, HttpStatusCode.Conflict)]
    public async Task What_was_made_is_not_made_again_when_its_answer_could_not_be_kept(
        int failures,
        HttpStatusCode repeated
    )
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Answers.Failures = failures;
        var first = await SendAsync(edge, "/api/webhooks", Make, "k");
        var second = await SendAsync(edge, "/api/webhooks", Make, "k");

        Assert.Equal((HttpStatusCode.OK, repeated), (first.StatusCode, second.StatusCode));
        Assert.Contains("whsec_", await first.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(edge.Book.Webhooks);
    }

    [Fact]
    public async Task Of_two_at_once_the_second_waits_for_the_answer_of_the_first()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Book.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = SendAsync(edge, "/api/webhooks", Make, "k");
        await edge.Book.Held.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var second = SendAsync(edge, "/api/webhooks", Make, "k");
        edge.Book.Hold.SetResult();

        Assert.Equal(
            await (await first).Content.ReadAsStringAsync(),
            await (await second).Content.ReadAsStringAsync()
        );
        Assert.Single(edge.Book.Webhooks);
    }

    [Fact]
    public async Task A_call_that_stays_under_way_is_told_with_a_time_to_wait()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Book.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = SendAsync(edge, "/api/webhooks", Make, "k");
        await edge.Book.Held.Task.WaitAsync(TimeSpan.FromSeconds(20));

        var second = await SendAsync(edge, "/api/webhooks", Make, "k");
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Contains("\"code\":\"in_progress\"", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("2", Assert.Single(second.Headers.GetValues("Retry-After")));
        edge.Book.Hold.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
    }

    [Fact]
    public async Task Two_callers_may_use_one_key_for_two_things()
    {
        var keys = new[] { new string('a', 32), new string('b', 32) };
        await using var edge = await EdgeFixture.StartAsync(options =>
        {
            options.Keys.Add(new ApiKeyOptions { Name = "anna", Scope = ApiScope.Admin, Key = keys[0] });
            options.Keys.Add(new ApiKeyOptions { Name = "ben", Scope = ApiScope.Admin, Key = keys[1] });
        });
        edge.Farm.On<AdmitSession>(ask => new SessionAdmitted(new SessionId(7), 1, "akka.tcp://recorder@a:1"));
        foreach (var key in keys)
        {
            var caller = ("Authorization", $"Bearer {key}");
            var made = await edge.SendAsync(HttpMethod.Post, "/api/webhooks", Make, ("Idempotency-Key", "k"), caller);
            Assert.Equal(HttpStatusCode.OK, made.StatusCode);
            await edge.SendAsync(
                HttpMethod.Post,
                "/api/start?wait=false",
                """{"type":"uri","data":{"uri":"https://example.org","mode":"record"}}""",
                ("Idempotency-Key", "k"),
                caller
            );
        }

        Assert.Equal(2, edge.Book.Webhooks.Count);
        Assert.Equal(
            ["anna\nk", "ben\nk"],
            edge.Farm.Heard.OfType<AdmitSession>().Select(ask => ask.IdempotencyKey)
        );
    }

    [Fact]
    public async Task A_key_that_cannot_be_a_key_is_refused()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var answer = await SendAsync(edge, "/api/webhooks", Make, new string('k', 201));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(edge.Book.Webhooks);
    }

    private static Task<HttpResponseMessage> SendAsync(EdgeFixture edge, string path, string? body, string key) =>
        edge.SendAsync(HttpMethod.Post, path, body, ("Idempotency-Key", key));
}
