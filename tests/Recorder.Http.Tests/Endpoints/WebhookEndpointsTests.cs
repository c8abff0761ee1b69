using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Recorder.Cluster.Webhooks;

namespace Recorder.Http.Tests.Endpoints;

[Trait("ring", "actor")]
public sealed class WebhookEndpointsTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public async Task A_webhook_is_made_with_its_secret_and_told_without_it()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var made = await PostAsync(
            edge,
            "/api/webhooks",
            $$"""{"url":"https://192.0.2.7/hook","types":["record.*"],"description":"mine","secret":"{{Secret}}"}"""
        );
        Assert.Equal(Secret, made.GetProperty("secret").GetString());
        var id = made.GetProperty("id").GetString()!;
        Assert.StartsWith("whk_", id, StringComparison.Ordinal);

        foreach (var path in new[] { "/api/webhooks", $"/api/webhooks/{id}" })
        {
            var text = await edge.Client.GetStringAsync(path);
            Assert.Contains(id, text, StringComparison.Ordinal);
            Assert.Contains("whsec_…LaSw", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(edge.Log.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"url":"http://192.0.2.7/hook"}""", "url")]
    [InlineData("""{"url":"https://127.0.0.1/hook"}""", "url")]
    [InlineData("""{"url":"https://localhost/hook"}""", "url")]
    [InlineData("""{"url":"https://169.254.169.254/latest"}""", "url")]
    [InlineData("""{"url":"https://[::1]/"}""", "url")]
    [InlineData("""{"url":"https://[::ffff:169.254.169.254]/"}""", "url")]
    [InlineData("""{"url":"https://2130706433/"}""", "url")]
    [InlineData("""{"url":"https://0x7f.1/"}""", "url")]
    [InlineData("""{"url":"https://017700000001/"}""", "url")]
    [InlineData("""{"url":"https://127.1/"}""", "url")]
    [InlineData("""{"url":"https://0/"}""", "url")]
    [InlineData("""{"url":"https://LOCALHOST:8443/"}""", "url")]
    [InlineData("""{"url":"/hook"}""", "url")]
    [InlineData("""{"url":"https://192.0.2.7/","labels":{"Room":"Sal"}}""", "labels.Room")]
    [InlineData("""{"url":"https://192.0.2.7/","labels":["room"]}""", "labels")]
    [InlineData("""{"url":"ftp://192.0.2.7/hook"}""", "url")]
    [InlineData("""{"types":[]}""", "url")]
    [InlineData("""{"url":"https://192.0.2.7/","types":["recrod.*"]}""", "types[0]")]
    [InlineData("""{"url":"https://192.0.2.7/","secret":"whsec_c2hvcnQ="}""", "secret")]
    [InlineData("""{"url":"https://192.0.2.7/","secrets":[]}""", "secrets")]
    public async Task A_mistake_is_told_with_its_field(string body, string field)
    {
        await using var edge = await EdgeFixture.StartAsync();
        var answer = await edge.SendAsync(HttpMethod.Post, "/api/webhooks", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(field, error.RootElement.GetProperty("field").GetString());
        Assert.Empty(edge.Book.Webhooks);
    }

    [Fact]
    public async Task A_secret_is_changed_while_the_one_before_stays_valid_for_a_day()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var id = await MakeAsync(edge);
        var before = edge.Book.Webhooks[id].Secret;
        var changed = await PatchAsync(edge, id, """{"rotate_secret":true}""");
        var secret = changed.GetProperty("secret").GetString()!;
        Assert.NotEqual(before, secret);
        Assert.Equal([secret, before], edge.Book.Webhooks[id].SecretsAt(TimeProvider.System.GetUtcNow()));
        Assert.Equal([secret], edge.Book.Webhooks[id].SecretsAt(TimeProvider.System.GetUtcNow().AddHours(25)));

        changed = await PatchAsync(edge, id, """{"types":["session.*"],"enabled":false}""");
        Assert.False(changed.TryGetProperty("secret", out _));
        Assert.False(edge.Book.Webhooks[id].Enabled);
        Assert.Equal(["session.*"], edge.Book.Webhooks[id].Types);
    }

    [Fact]
    public async Task A_webhook_of_the_configuration_is_only_switched_on_and_off()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var id = await MakeAsync(edge);
        edge.Book.Webhooks[id] = edge.Book.Webhooks[id] with { Source = WebhookSource.Configuration };
        var path = $"/api/webhooks/{id}";
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await edge.SendAsync(HttpMethod.Patch, path, """{"types":["*"]}""")).StatusCode
        );
        Assert.Equal(HttpStatusCode.Conflict, (await edge.Client.DeleteAsync(path)).StatusCode);
        await PatchAsync(edge, id, """{"enabled":false}""");
        Assert.False(edge.Book.Webhooks[id].Enabled);
    }

    [Fact]
    public async Task A_webhook_that_waits_for_its_session_cannot_be_switched_on()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var id = await MakeAsync(edge);
        edge.Book.Webhooks[id] = edge.Book.Webhooks[id] with { Source = WebhookSource.Session, Enabled = false };

        var answer = await edge.SendAsync(HttpMethod.Patch, $"/api/webhooks/{id}", """{"enabled":true}""");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("waits for its session", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(edge.Book.Webhooks[id].Enabled);
    }

    [Fact]
    public async Task The_past_is_sent_when_asked_and_one_event_too()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var id = await MakeAsync(edge);
        edge.Feed.Add("record.opened", 1);
        edge.Feed.Add("session.started", 1);
        edge.Feed.Add("record.finished", 1);

        var replay = await PostAsync(edge, $"/api/webhooks/{id}/replay", """{"after":1}""");
        Assert.Equal(1, replay.GetProperty("events").GetInt32());
        Assert.Equal((id, "evt_3"), Assert.Single(edge.Book.SentAgain));

        await PostAsync(edge, $"/api/webhooks/{id}/deliveries/evt_1/redeliver", null);
        Assert.Contains((id, "evt_1"), edge.Book.SentAgain);
        var missing = await edge.SendAsync(HttpMethod.Post, $"/api/webhooks/{id}/deliveries/evt_9/redeliver", null);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task The_ledger_comes_in_pages_newest_first()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var id = await MakeAsync(edge);
        edge.Book.Ledger =
        [
            .. Enumerable
                .Range(1, 3)
                .Select(number => new WebhookDelivery(
                    number,
                    $"evt_{number}",
                    "record.opened",
                    1,
                    WebhookDeliveryState.Dead,
                    11,
                    null,
                    DateTimeOffset.UnixEpoch,
                    500,
                    "The receiver answered 500.",
                    TimeSpan.FromMilliseconds(12)
                )),
        ];
        var first = await edge.Client.GetAsync($"/api/webhooks/{id}/deliveries?state=dead&limit=2");
        using var page = JsonDocument.Parse(await first.Content.ReadAsStringAsync());
        Assert.Equal(
            ["evt_3", "evt_2"],
            page.RootElement.EnumerateArray().Select(one => one.GetProperty("event").GetString())
        );
        Assert.Equal("dead", page.RootElement[0].GetProperty("state").GetString());
        Assert.Equal(
            $"</api/webhooks/{id}/deliveries?state=dead&limit=2&before=2>; rel=\"next\"",
            Assert.Single(first.Headers.GetValues("Link"))
        );
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("GET", "/deliveries")]
    [InlineData("POST", "/test")]
    public async Task A_webhook_that_is_not_there_is_told(string method, string rest)
    {
        await using var edge = await EdgeFixture.StartAsync();
        var answer = await edge.SendAsync(new HttpMethod(method), "/api/webhooks/whk_none" + rest, null);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("no_such_webhook", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<string> MakeAsync(EdgeFixture edge) =>
        (
            await PostAsync(edge, "/api/webhooks", """{"url":"https://192.0.2.7/hook","types":["record.*"]}""")
        ).GetProperty("id").GetString()!;

    private static async Task<JsonElement> PostAsync(EdgeFixture edge, string path, string? body) =>
        await ReadAsync(await edge.SendAsync(HttpMethod.Post, path, body));

    private static async Task<JsonElement> PatchAsync(EdgeFixture edge, string id, string body) =>
        await ReadAsync(await edge.SendAsync(HttpMethod.Patch, $"/api/webhooks/{id}", body));

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
