using System.Net;
using System.Text.Json;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>The calls that erase records and put them on hold.</summary>
[Trait("ring", "actor")]
public sealed class KeepingCallsTests
{
    private const string File = "2021-09-22_07:56:00__0.mp4";

    private static readonly RecordErasing Done = new(Time, EraseCause.Asked, "Somebody asked for it.")
    {
        Done = Time.AddSeconds(1),
    };

    private static SessionSummary Stopped =>
        Session(1, SessionPhase.Stopped, Finished("/records/" + File) with { Number = 1 });

    [Theory]
    [InlineData("1-1")]
    [InlineData(File)]
    public async Task A_record_of_a_session_that_nobody_lists_as_running_is_erased(string record)
    {
        await using var edge = await ArchivedAsync();
        edge.Farm.On<EraseRecords>(erase =>
        {
            edge.Archive.Put(With(erase.Known!, one => one with { Erasing = Done }));
            return new KeepingChanged(With(erase.Known!, one => one with { Erasing = Done }));
        });

        using var answer = await edge.SendAsync(HttpMethod.Delete, $"/api/records/{record}", null);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var told = await answer.Content.ReadAsStringAsync();
        Assert.Contains("\"state\":\"erased\"", told, StringComparison.Ordinal);
        Assert.Contains(
            "\"erasing\":{\"since\":\"2021-09-22T07:56:00+00:00\",\"cause\":\"asked\",\"reason\":\"Somebody asked for it.\",\"done\":\"2021-09-22T07:56:01+00:00\",\"obstacle\":null}",
            told,
            StringComparison.Ordinal
        );
        var asked = await edge.Farm.NextAsync<EraseRecords>();
        Assert.Equal((KeepingMessage.ShardOfEnded, EraseCause.Asked), (asked.Shard, asked.Cause));
        Assert.Equal([1], asked.Numbers);
    }

    [Fact]
    public async Task An_erasing_that_waits_is_accepted_and_tells_why_it_waits()
    {
        await using var edge = await ArchivedAsync();
        var waiting = Done with { Done = null, Obstacle = "The node does not answer." };
        edge.Farm.On<EraseRecords>(erase =>
        {
            edge.Archive.Put(With(erase.Known!, one => one with { Erasing = waiting }));
            return new KeepingChanged(With(erase.Known!, one => one with { Erasing = waiting }));
        });

        using var answer = await edge.SendAsync(HttpMethod.Delete, "/api/sessions/1/media", null);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("/api/records?session=1&state=erasing", answer.Headers.Location!.OriginalString);
        Assert.Contains("The node does not answer.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty((await edge.Farm.NextAsync<EraseRecords>()).Numbers);
    }

    [Theory]
    [InlineData(FaultCode.NotFinished, 409)]
    [InlineData(FaultCode.OnHold, 409)]
    [InlineData(FaultCode.Unavailable, 503)]
    public async Task What_the_session_refuses_is_told_with_its_code(string code, int status)
    {
        await using var edge = await ArchivedAsync();
        edge.Farm.On<EraseRecords>(erase => new KeepingRefused(erase.Id, code, "It may not be erased."));
        foreach (var path in new[] { "/api/records/1-1", "/api/sessions/1/media" })
        {
            using var answer = await edge.SendAsync(HttpMethod.Delete, path, null);
            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Contains($"\"code\":\"{code}\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_running_session_is_asked_where_it_runs()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var running = Session(
            1,
            SessionPhase.Recording,
            Finished("/records/" + File) with
            {
                Number = 1,
            },
            Growing("/records/2021-09-22_07:58:00__0.mp4") with
            {
                Number = 2,
            }
        );
        edge.Farm.On<FindSession>(find => new SessionLocation(find.Id, 7, running));
        edge.Farm.On<HoldRecord>(hold => new KeepingChanged(running));

        using var answer = await edge.SendAsync(HttpMethod.Put, "/api/records/1-2/hold", null);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var asked = await edge.Farm.NextAsync<HoldRecord>();
        Assert.Equal((7, 2, "", null), (asked.Shard, asked.Number, asked.Reason, asked.Known));
    }

    [Fact]
    public async Task A_record_is_held_with_a_reason_and_released()
    {
        await using var edge = await ArchivedAsync();
        var held = With(Stopped, one => one with { Hold = new RecordHold(Time, "Case 7") });
        edge.Farm.On<HoldRecord>(_ =>
        {
            edge.Archive.Put(held);
            return new KeepingChanged(held);
        });
        edge.Farm.On<ReleaseRecord>(_ =>
        {
            edge.Archive.Put(Stopped);
            return new KeepingChanged(Stopped);
        });

        using var hold = await edge.SendAsync(HttpMethod.Put, "/api/records/1-1/hold", """{"reason":"Case 7"}""");
        Assert.Contains(
            "\"hold\":{\"since\":\"2021-09-22T07:56:00+00:00\",\"reason\":\"Case 7\"}",
            await hold.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
        Assert.Equal("Case 7", (await edge.Farm.NextAsync<HoldRecord>()).Reason);
        using var release = await edge.SendAsync(HttpMethod.Delete, "/api/records/1-1/hold", null);
        Assert.Contains("\"hold\":null", await release.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELETE", "/api/records/9-1", null, 404, "no_such_record")]
    [InlineData("DELETE", "/api/records/1-2", null, 404, "no_such_record")]
    [InlineData("DELETE", "/api/records/..%2f1-1", null, 400, "invalid_request")]
    [InlineData("DELETE", "/api/sessions/9/media", null, 404, "no_such_session")]
    [InlineData("DELETE", "/api/sessions/x/media", null, 400, "invalid_request")]
    [InlineData("PUT", "/api/records/9-1/hold", null, 404, "no_such_record")]
    [InlineData("PUT", "/api/records/1-1/hold", "[]", 400, "invalid_request")]
    [InlineData("PUT", "/api/records/1-1/hold", """{"why":"x"}""", 400, "invalid_request")]
    [InlineData("PUT", "/api/records/1-1/hold", """{"reason":7}""", 400, "invalid_request")]
    [InlineData("PUT", "/api/records/1-1/hold", """{"reason":"two\nlines"}""", 400, "invalid_request")]
    [InlineData("DELETE", "/api/records/9-1/hold", null, 404, "no_such_record")]
    public async Task What_makes_no_sense_is_refused_with_a_sentence(
        string method,
        string path,
        string? body,
        int status,
        string code
    )
    {
        await using var edge = await ArchivedAsync();
        using var answer = await edge.SendAsync(new HttpMethod(method), path, body);
        Assert.Equal(status, (int)answer.StatusCode);
        using var told = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(code, told.RootElement.GetProperty("code").GetString());
        Assert.NotEmpty(told.RootElement.GetProperty("error").GetString()!);
        Assert.DoesNotContain(edge.Farm.Heard, heard => heard is KeepingMessage);
    }

    [Theory]
    [InlineData("/api/records/1-1/media")]
    [InlineData("/api/records/1-1/manifest.json")]
    [InlineData("/api/records/1-1/poster.jpg")]
    [InlineData($"/api/records/{File}")]
    public async Task The_files_of_an_erased_record_are_gone_and_the_answer_tells_when_and_why(string path)
    {
        await using var edge = await ArchivedAsync();
        edge.Archive.Put(With(Stopped, one => one with { Erasing = Done }));
        using var answer = await edge.SendAsync(HttpMethod.Get, path, null);
        Assert.Equal(HttpStatusCode.Gone, answer.StatusCode);
        var told = await answer.Content.ReadAsStringAsync();
        Assert.Contains("record_erased", told, StringComparison.Ordinal);
        Assert.Contains("was erased at 2021-09-22 07:56:01 UTC: Somebody asked for it.", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_hide_erased_records_unless_they_are_asked_for()
    {
        await using var edge = await ArchivedAsync();
        edge.Archive.Put(With(Stopped, one => one with { Erasing = Done }));
        Assert.Equal("[]", await edge.Client.GetStringAsync("/api/records"));
        Assert.Contains(
            "\"id\":\"1-1\"",
            await edge.Client.GetStringAsync("/api/records?state=erased"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "\"state\":\"erased\"",
            await edge.Client.GetStringAsync("/api/records/1-1"),
            StringComparison.Ordinal
        );
        Assert.Equal(
            """[{"id":1,"records":[],"running":false,"is_running":false}]""",
            await edge.Client.GetStringAsync("/api/status")
        );
    }

    [Theory]
    [InlineData("DELETE", "/api/records/1-1", "reader", 403)]
    [InlineData("DELETE", "/api/sessions/1/media", "reader", 403)]
    [InlineData("PUT", "/api/records/1-1/hold", "reader", 403)]
    [InlineData("PUT", "/api/records/1-1/hold", "starter", 200)]
    [InlineData("DELETE", "/api/records/1-1/hold", "starter", 403)]
    [InlineData("DELETE", "/api/records/1-1/hold", "operator", 200)]
    public async Task A_release_needs_more_than_a_hold(string method, string path, string key, int status)
    {
        await using var edge = await EdgeFixture.StartAsync(options =>
        {
            options.Shared = true;
            foreach (
                var (name, scope) in new[]
                {
                    ("reader", Settings.ApiScope.Read),
                    ("starter", Settings.ApiScope.Record),
                    ("operator", Settings.ApiScope.Admin),
                }
            )
            {
                options.Keys.Add(
                    new Settings.ApiKeyOptions { Name = name, Key = $"{name}-0123456789abcdef0123456789", Scope = scope }
                );
            }
        });
        edge.Archive.Put(Stopped);
        edge.Farm.On<FindSession>(find => new SessionUnknown(find.Id));
        edge.Farm.On<HoldRecord>(_ => new KeepingChanged(Stopped));
        edge.Farm.On<ReleaseRecord>(_ => new KeepingChanged(Stopped));
        using var call = new HttpRequestMessage(new HttpMethod(method), path);
        call.Headers.Authorization = new("Bearer", $"{key}-0123456789abcdef0123456789");
        using var answer = await edge.Client.SendAsync(call);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    private static SessionSummary With(SessionSummary session, Func<RecordSummary, RecordSummary> change) =>
        session with
        {
            Records = session.Records.ConvertAll(record => change(record)),
        };

    private static async Task<EdgeFixture> ArchivedAsync()
    {
        var edge = await EdgeFixture.StartAsync();
        edge.Archive.Put(Stopped);
        edge.Farm.On<ListSessions>(_ => new SessionList([]));
        edge.Farm.On<FindSession>(find => new SessionUnknown(find.Id));
        return edge;
    }
}
