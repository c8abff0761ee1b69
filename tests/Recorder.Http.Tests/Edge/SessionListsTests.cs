using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Edge;

[Trait("ring", "actor")]
public sealed class SessionListsTests
{
    private const string Path = "/records/2021-09-22_07:56:00__0.mp4";

    [Theory]
    [InlineData("/api/status")]
    [InlineData("/api/sessions")]
    public async Task A_list_has_the_placements_sessions_and_the_archives_by_id(string path)
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Archive.Put(Stopped(1), Stopped(3), Stopped(7), Stopped(8));
        edge.Farm.On<ListSessions>(list =>
            list.After?.Value switch
            {
                null => new SessionList([Running(2), Running(5)]) { More = true },
                5 => new SessionList([Running(6), Running(9)]),
                var other => throw new InvalidOperationException($"Nobody asks for what comes after {other}."),
            }
        );

        Assert.Equal([1, 2, 3, 5, 6, 7, 8, 9], (await ListAsync(edge, path)).Select(session => session.Id));
    }

    [Fact]
    public async Task A_session_in_both_is_listed_once_and_the_end_counts()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Archive.Put(Stopped(1), Stopped(2));
        edge.Farm.On<ListSessions>(_ => new SessionList([Running(1), Stopped(2), Running(3)]));

        Assert.Equal([(1, false), (2, false), (3, true)], await ListAsync(edge, "/api/status"));
        Assert.Equal([(1, false), (2, false), (3, true)], await ListAsync(edge, "/api/sessions"));
    }

    [Fact]
    public async Task A_failed_start_is_in_the_full_list_only()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Archive.Put(Session(1, SessionPhase.Failed), Stopped(2));
        edge.Farm.On<ListSessions>(_ => new SessionList([Session(3, SessionPhase.Failed)]));

        Assert.Equal([2], (await ListAsync(edge, "/api/status")).Select(session => session.Id));
        Assert.Equal([1, 2, 3], (await ListAsync(edge, "/api/sessions")).Select(session => session.Id));
    }

    [Fact]
    public async Task A_page_has_a_hundred_sessions_and_the_address_of_the_next_one()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Archive.Put([.. Enumerable.Range(1, 250).Select(Stopped)]);
        edge.Farm.On<ListSessions>(_ => new SessionList([Running(251)]));
        var seen = new List<int>();
        var pages = new List<int>();

        for (var next = "/api/sessions"; next is not null;)
        {
            var answer = await edge.SendAsync(HttpMethod.Get, next, null);
            var page = Read(await answer.Content.ReadAsStringAsync());
            seen.AddRange(page.Select(session => session.Id));
            pages.Add(page.Count);
            next = answer.Headers.TryGetValues("Link", out var links) ? NextOf(links.Single()) : null;
        }

        Assert.Equal([100, 100, 51], pages);
        Assert.Equal(Enumerable.Range(1, 251), seen);
    }

    [Fact]
    public async Task A_page_of_ten_thousand_sessions_is_sent_while_it_is_read()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Archive.Put([.. Enumerable.Range(1, 12_000).Where(id => id != 7_000).Select(Stopped)]);
        edge.Farm.On<ListSessions>(list =>
            list.After is null ? new SessionList([Running(7_000)]) { More = true } : new SessionList([Running(12_001)])
        );

        using var answer = await edge.Client.GetAsync(
            "/api/sessions?limit=10000",
            HttpCompletionOption.ResponseHeadersRead
        );

        Assert.Null(answer.Content.Headers.ContentLength);
        Assert.Equal("/api/sessions?limit=10000&after=10000", NextOf(answer.Headers.GetValues("Link").Single()));
        Assert.Equal(
            Enumerable.Range(1, 10_000),
            Read(await answer.Content.ReadAsStringAsync()).Select(session => session.Id)
        );
    }

    [Fact]
    public async Task The_next_page_keeps_the_filter()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Archive.Put(Stopped(1), Session(2, SessionPhase.Failed), Stopped(3), Stopped(4));
        edge.Farm.On<ListSessions>(_ => new SessionList([Running(5), Stopped(6)]));

        var answer = await edge.SendAsync(HttpMethod.Get, "/api/sessions?state=stopped&limit=2&after=1", null);

        Assert.Equal([3, 4], Read(await answer.Content.ReadAsStringAsync()).Select(session => session.Id));
        var next = NextOf(answer.Headers.GetValues("Link").Single());
        Assert.Equal("/api/sessions?state=stopped&limit=2&after=4", next);
        var last = await edge.SendAsync(HttpMethod.Get, next, null);
        Assert.Equal([6], Read(await last.Content.ReadAsStringAsync()).Select(session => session.Id));
        Assert.False(last.Headers.Contains("Link"));
    }

    [Theory]
    [InlineData("GET", "/api/get_records?id=7", null, 200, $"""["{Path}"]""")]
    [InlineData("POST", "/api/stop", """{"id":7}""", 200, """{"status":"stopped"}""")]
    [InlineData("GET", "/api/get_records?id=8", null, 404, "no_such_session")]
    [InlineData("POST", "/api/sessions/7/pause", null, 409, "not_running")]
    [InlineData("GET", "/api/sessions/7", null, 200, "\"state\":\"stopped\"")]
    public async Task A_session_that_the_placement_has_forgotten_is_answered_from_the_archive(
        string method,
        string path,
        string? body,
        int status,
        string answer
    )
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Archive.Put(Stopped(7));
        edge.Farm.On<FindSession>(find => new SessionUnknown(find.Id));

        var answered = await edge.SendAsync(new HttpMethod(method), path, body);

        Assert.Equal(status, (int)answered.StatusCode);
        Assert.Contains(answer, await answered.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(edge.Farm.Heard, message => message is SessionMessage);
    }

    [Theory]
    [InlineData("/api/status")]
    [InlineData("/api/sessions")]
    [InlineData("/api/get_records?id=1")]
    public async Task A_database_that_cannot_be_read_is_an_error_that_says_so(string path)
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Archive.Put(Stopped(1));
        edge.Archive.Failure = new SqliteException("disk I/O error", 10);
        edge.Farm.On<ListSessions>(_ => new SessionList([]));
        edge.Farm.On<FindSession>(find => new SessionUnknown(find.Id));

        var answer = await edge.SendAsync(HttpMethod.Get, path, null);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains(
            "ended sessions cannot be read",
            await answer.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_status_of_a_hundred_thousand_sessions_is_sent_while_it_is_read()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Archive.MadeUp = 100_000;
        edge.Farm.On<ListSessions>(_ => new SessionList([Running(1)]));

        using var answer = await edge.Client.GetAsync("/api/status", HttpCompletionOption.ResponseHeadersRead);

        Assert.Null(answer.Content.Headers.ContentLength);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(100_001, Read(await answer.Content.ReadAsStringAsync()).Count);
    }

    [Fact]
    public async Task A_status_that_is_short_has_its_length()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Archive.Put(Stopped(1));
        edge.Farm.On<ListSessions>(_ => new SessionList([]));

        using var answer = await edge.Client.GetAsync("/api/status", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(
            $$"""[{"id":1,"records":["{{Path}}"],"running":false,"is_running":false}]""",
            await answer.Content.ReadAsStringAsync()
        );
        Assert.NotNull(answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_status_whose_later_part_is_not_answered_breaks_off()
    {
        await using var edge = await EdgeFixture.StartAsync(options =>
            options.PlacementTimeout = TimeSpan.FromMilliseconds(300)
        );
        edge.Farm.On<ListSessions>(list =>
            list.After is null
                ? new SessionList([.. Enumerable.Range(1, 2000).Select(id => Stopped(id))]) { More = true }
                : null
        );

        using var answer = await edge.Client.GetAsync("/api/status", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => answer.Content.ReadAsStringAsync());
    }

    private static SessionSummary Stopped(int id) => Session(id, SessionPhase.Stopped, Finished(Path));

    private static SessionSummary Running(int id) => Session(id, SessionPhase.Recording, Growing(Path));

    private static async Task<List<(int Id, bool Running)>> ListAsync(EdgeFixture edge, string path) =>
        Read(await (await edge.SendAsync(HttpMethod.Get, path, null)).Content.ReadAsStringAsync());

    private static List<(int Id, bool Running)> Read(string json)
    {
        using var list = JsonDocument.Parse(json);
        return
        [
            .. list
                .RootElement.EnumerateArray()
                .Select(session => (session.GetProperty("id").GetInt32(), session.GetProperty("running").GetBoolean())),
        ];
    }

    private static string NextOf(string link)
    {
        Assert.EndsWith(">; rel=\"next\"", link, StringComparison.Ordinal);
        return link[1..link.IndexOf('>', StringComparison.Ordinal)];
    }
}
