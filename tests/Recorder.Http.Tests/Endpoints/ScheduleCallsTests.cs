using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Database;
using Recorder.Cluster.Schedules;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>Schedules: made, listed, changed and deleted by their owners.</summary>
[Trait("ring", "actor")]
public sealed class ScheduleCallsTests : IAsyncDisposable
{
    private const string Ada = "a-key-of-ada-with-the-scope-record";
    private const string Bob = "a-key-of-bob-with-the-scope-record";
    private const string Reader = "a-key-of-ada-with-the-scope-read-xx";
    private const string Start = """{"type":"uri","data":{"uri":"https://198.51.100.7/room?pwd=1"}}""";

    private readonly TestFolder _folder = new();
    private readonly StoppedClock _clock = new();
    private FarmDatabase _database = null!;
    private EdgeFixture _edge = null!;

    private string Later => _clock.GetUtcNow().AddHours(1).ToString("yyyy-MM-ddTHH:mm:ssZ");

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_schedule_is_made_listed_changed_and_deleted()
    {
        await StartAsync();

        var made = await JsonAsync(
            HttpMethod.Post,
            "/api/schedules",
            $$"""{"name":"Morning","cron":"0 9 * * *","timezone":"Europe/Oslo","duration":"1 h","start":{{Start}}}"""
        );
        var path = $"/api/schedules/{made.GetProperty("id").GetString()}";
        Assert.Equal("Europe/Oslo", made.GetProperty("timezone").GetString());
        Assert.Equal("skip", made.GetProperty("overlap").GetString());
        Assert.Equal(3600, made.GetProperty("duration").GetDouble());
        Assert.Equal("https://198.51.100.7/room?pwd=1", made.GetProperty("start").GetProperty("uri").GetString());
        Assert.True(made.GetProperty("next").GetDateTimeOffset() > _clock.GetUtcNow());
        Assert.Equal("ada", made.GetProperty("owner").GetString());
        Assert.Equal(1, (await JsonAsync(HttpMethod.Get, "/api/schedules", null)).GetArrayLength());

        var changed = await JsonAsync(HttpMethod.Patch, path, """{"cron":"30 9 * * *"}""");
        Assert.Equal("30 9 * * *", changed.GetProperty("cron").GetString());
        Assert.Equal("Morning", changed.GetProperty("name").GetString());
        var times = await JsonAsync(HttpMethod.Get, path + "/occurrences?limit=3", null);
        Assert.Equal(3, times.GetArrayLength());
        Assert.Equal("planned", times[0].GetProperty("state").GetString());
        Assert.Equal(changed.GetProperty("next").GetString(), times[0].GetProperty("at").GetString());

        var off = await JsonAsync(HttpMethod.Patch, path, """{"enabled":false}""");
        Assert.Equal(JsonValueKind.Null, off.GetProperty("next").ValueKind);
        Assert.Equal(0, (await JsonAsync(HttpMethod.Get, path + "/occurrences", null)).GetArrayLength());
        await JsonAsync(HttpMethod.Delete, path, null);
        await RefusedAsync(404, "no_such_schedule", HttpMethod.Get, path, null);
    }

    [Fact]
    public async Task A_start_with_a_time_is_answered_with_its_schedule_and_once_for_one_key()
    {
        await StartAsync();
        var body = $$$"""{"type":"uri","start_at":"{{{Later}}}","data":{"uri":"https://198.51.100.7/room"}}""";

        using var first = await SendAsync(HttpMethod.Post, "/api/start", body, Ada, ("Idempotency-Key", "k"));
        using var again = await SendAsync(HttpMethod.Post, "/api/start", body, Ada, ("Idempotency-Key", "k"));

        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        var text = await first.Content.ReadAsStringAsync();
        Assert.Equal(text, await again.Content.ReadAsStringAsync());
        using var answer = JsonDocument.Parse(text);
        Assert.Equal("scheduled", answer.RootElement.GetProperty("status").GetString());
        Assert.Equal(
            $"/api/schedules/{answer.RootElement.GetProperty("schedule").GetString()}",
            first.Headers.Location?.ToString()
        );
        Assert.Equal(1, (await JsonAsync(HttpMethod.Get, "/api/schedules", null)).GetArrayLength());
        using var other = await SendAsync(
            HttpMethod.Post,
            "/api/start",
            body.Replace("/room", "/other", StringComparison.Ordinal),
            Ada,
            ("Idempotency-Key", "k")
        );
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        await RefusedAsync(
            400,
            "invalid_request",
            HttpMethod.Post,
            "/api/start",
            """{"type":"uri","start_at":"2001-01-01T00:00:00Z","data":{"uri":"https://198.51.100.7/room"}}"""
        );
    }

    [Fact]
    public async Task The_list_is_told_in_pages_that_a_deleted_schedule_does_not_break()
    {
        await StartAsync();
        var made = new List<string>();
        for (var number = 0; number < 5; number++)
        {
            _clock.Now = _clock.Now.AddSeconds(number / 2);
            var body = $$"""{"at":"{{Later}}","start":{{Start}}}""";
            made.Add((await JsonAsync(HttpMethod.Post, "/api/schedules", body)).GetProperty("id").GetString()!);
            using var other = await SendAsync(HttpMethod.Post, "/api/schedules", body, Bob);
            Assert.True(other.IsSuccessStatusCode);
        }

        var (page, listed) = ("/api/schedules?limit=2", new List<string>());
        for (var pages = 0; page.Length > 0; pages++)
        {
            Assert.True(pages < 3, "The list does not end.");
            using var answer = await SendAsync(HttpMethod.Get, page, null, Ada);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            var ids = json.RootElement.EnumerateArray().Select(one => one.GetProperty("id").GetString()!).ToList();
            listed.AddRange(ids);
            page = answer.Headers.TryGetValues("Link", out var link)
                ? link.Single()[1..link.Single().IndexOf('>', StringComparison.Ordinal)]
                : "";
            await JsonAsync(HttpMethod.Delete, $"/api/schedules/{ids[^1]}", null);
        }

        Assert.Equal(made.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
        foreach (var query in new[] { "limit=0", "limit=10001", "limit=x", "after=x", "after=1-", "after=-sch_1" })
        {
            await RefusedAsync(400, "invalid_request", HttpMethod.Get, "/api/schedules?" + query, null);
        }
    }

    [Fact]
    public async Task Webhooks_of_a_scheduled_start_are_taken_and_their_secrets_not_told()
    {
        await StartAsync();
        const string webhooks =
            """[{"url":"https://198.51.100.8/hook","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw","types":["session.*"]}]""";
        var start = $$$"""{"type":"uri","data":{"uri":"https://198.51.100.7/room","webhooks":{{{webhooks}}}}}""";

        var made = await JsonAsync(
            HttpMethod.Post,
            "/api/schedules",
            $$"""{"cron":"0 9 * * *","start":{{start}}}"""
        );
        using var later = await SendAsync(
            HttpMethod.Post,
            "/api/start",
            start.Insert(1, $"\"start_at\":\"{Later}\","),
            Ada
        );
        Assert.Equal(HttpStatusCode.Accepted, later.StatusCode);

        var told = Assert.Single(made.GetProperty("webhooks").EnumerateArray());
        Assert.Equal("https://198.51.100.8/hook", told.GetProperty("url").GetString());
        Assert.DoesNotContain("MfKQ9r8G", made.GetRawText(), StringComparison.Ordinal);
        var kept = await new ScheduleBook(_database).ListAsync("ada", null, 10, CancellationToken.None);
        Assert.All(kept, one => Assert.Equal(["session.*"], Assert.Single(one.Schedule.Webhooks).Types));
        Assert.Equal(2, kept.Count);

        var path = $"/api/schedules/{made.GetProperty("id").GetString()}";
        await JsonAsync(HttpMethod.Patch, path, """{"name":"kept"}""");
        Assert.Single((await JsonAsync(HttpMethod.Get, path, null)).GetProperty("webhooks").EnumerateArray());
        await JsonAsync(HttpMethod.Patch, path, $$"""{"start":{{Start}}}""");
        Assert.Empty((await JsonAsync(HttpMethod.Get, path, null)).GetProperty("webhooks").EnumerateArray());
        var error = await RefusedAsync(
            400,
            null,
            HttpMethod.Post,
            "/api/schedules",
            $$"""{"cron":"0 9 * * *","start":{{start.Replace("198.51.100.8", "169.254.169.254", StringComparison.Ordinal)}}}"""
        );
        Assert.Equal("start.data.webhooks[0].url", error.GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_key_sees_and_changes_only_the_schedules_of_its_owner()
    {
        await StartAsync();
        var body = $$"""{"at":"{{Later}}","start":{{Start}}}""";
        var made = await JsonAsync(HttpMethod.Post, "/api/schedules", body);
        var path = $"/api/schedules/{made.GetProperty("id").GetString()}";

        using var list = await SendAsync(HttpMethod.Get, "/api/schedules", null, Bob);
        Assert.Equal("[]", await list.Content.ReadAsStringAsync());
        foreach (
            var (method, sent) in new[]
            {
                (HttpMethod.Get, null),
                (HttpMethod.Patch, """{"enabled":false}"""),
                (HttpMethod.Delete, null),
            }
        )
        {
            using var refused = await SendAsync(method, path, sent, Bob);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }

        // A key of the scope Read sees no query of an address, and changes nothing.
        using var seen = await SendAsync(HttpMethod.Get, path, null, Reader);
        var text = await seen.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        Assert.DoesNotContain("pwd", text, StringComparison.Ordinal);
        using var kept = await SendAsync(HttpMethod.Delete, path, null, Reader);
        Assert.Equal(HttpStatusCode.Forbidden, kept.StatusCode);
    }

    [Theory]
    [InlineData("""{"cron":"0 9 30 2 *","start":S}""", "cron")]
    [InlineData("""{"at":"2001-01-01T00:00:00Z","start":S}""", "at")]
    [InlineData("""{"cron":"0 9 * * *","timezone":"Nowhere/Town","start":S}""", "timezone")]
    [InlineData("""{"cron":"0 9 * * *","start":{"type":"uri","data":{"uri":"http://169.254.169.254/"}}}""", "start.data.uri")]
    public async Task A_schedule_that_cannot_be_carried_out_is_refused(string body, string field)
    {
        await StartAsync();
        var error = await RefusedAsync(
            400,
            null,
            HttpMethod.Post,
            "/api/schedules",
            body.Replace("\"start\":S", "\"start\":" + Start, StringComparison.Ordinal)
        );

        Assert.Equal(field, error.GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_schedule_whose_times_are_over_can_still_be_renamed_and_not_be_switched_on()
    {
        await StartAsync();
        var made = await JsonAsync(
            HttpMethod.Post,
            "/api/schedules",
            $$"""{"at":"{{Later}}","enabled":false,"start":{{Start}}}"""
        );
        var path = $"/api/schedules/{made.GetProperty("id").GetString()}";
        _clock.Now = _clock.Now.AddDays(1);

        Assert.Equal("old", (await JsonAsync(HttpMethod.Patch, path, """{"name":"old"}""")).GetProperty("name").GetString());
        var error = await RefusedAsync(400, "invalid_request", HttpMethod.Patch, path, """{"enabled":true}""");
        Assert.Equal("at", error.GetProperty("field").GetString());
    }

    private async Task StartAsync()
    {
        _database = new FarmDatabase(new DatabaseOptions { File = _folder.Database });
        await _database.PrepareAsync(CancellationToken.None);
        _edge = await EdgeFixture.StartAsync(
            options =>
            {
                options.Keys.Add(new ApiKeyOptions { Name = "ada", Owner = "ada", Scope = ApiScope.Record, Key = Ada });
                options.Keys.Add(new ApiKeyOptions { Name = "bob", Owner = "bob", Scope = ApiScope.Record, Key = Bob });
                options.Keys.Add(
                    new ApiKeyOptions { Name = "reader", Owner = "ada", Scope = ApiScope.Read, Key = Reader }
                );
            },
            services: services =>
                services.AddSingleton<TimeProvider>(_clock).AddSingleton(new ScheduleBook(_database))
        );
    }

    private async Task<JsonElement> JsonAsync(HttpMethod method, string path, string? body)
    {
        using var answer = await SendAsync(method, path, body, Ada);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {text}");
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }

    private async Task<JsonElement> RefusedAsync(
        int status,
        string? code,
        HttpMethod method,
        string path,
        string? body
    )
    {
        using var answer = await SendAsync(method, path, body, Ada);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{method} {path}: {answer.StatusCode} {text}");
        using var json = JsonDocument.Parse(text);
        if (code is not null)
        {
            Assert.Equal(code, json.RootElement.GetProperty("code").GetString());
        }
        return json.RootElement.Clone();
    }

    private Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        string? body,
        string key,
        params (string Name, string Value)[] headers
    ) => _edge.SendAsync(method, path, body, [("Authorization", "Bearer " + key), .. headers]);

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
