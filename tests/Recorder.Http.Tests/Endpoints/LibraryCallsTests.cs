using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>The records of the farm: the list, and single records.</summary>
[Trait("ring", "actor")]
public sealed class LibraryCallsTests
{
    [Theory]
    [InlineData("", "1-1 1-2 1-3 2-1 4-1 4-2")]
    [InlineData("?state=finished", "1-1 1-2 1-3 4-1")]
    [InlineData("?state=growing", "4-2")]
    [InlineData("?state=unrepaired", "2-1")]
    [InlineData("?session=1", "1-1 1-2 1-3")]
    [InlineData("?session=4&state=growing", "4-2")]
    [InlineData("?session=9", "")]
    [InlineData("?after=1-2&limit=2", "1-3 2-1")]
    [InlineData("?after=4-1", "4-2")]
    [InlineData("?after=3-1", "4-1 4-2")]
    [InlineData("?session=1&after=1-1", "1-2 1-3")]
    [InlineData("?label.room=Sal%207", "4-1 4-2")]
    [InlineData("?label.room=Sal%207&label.course=x", "")]
    [InlineData("?label.course=x", "1-1 1-2 1-3")]
    [InlineData("?from=2021-09-22T07:57:00Z", "1-2 1-3 4-2")]
    [InlineData("?from=2021-09-22T09:57:00%2B02:00&to=2021-09-22T07:58:00Z", "1-2")]
    [InlineData("?to=2021-09-22", "")]
    [InlineData("?from=2021-09-22&to=2021-09-23", "1-1 1-2 1-3 2-1 4-1 4-2")]
    public async Task Records_of_all_sessions_are_listed_by_session_and_number(string query, string expected)
    {
        await using var edge = await FarmAsync();

        Assert.Equal(expected, string.Join(' ', Ids(await edge.Client.GetStringAsync("/api/records" + query))));
    }

    [Fact]
    public async Task Pages_lead_through_all_records_with_the_filters_kept()
    {
        await using var edge = await FarmAsync();
        var seen = new List<string>();
        var next = (string?)"/api/records?from=2021-09-22&to=2021-09-23T00:00:00.5Z&label.course=x&limit=2";
        var addresses = new List<string>();

        while (next is not null)
        {
            using var answer = await edge.SendAsync(HttpMethod.Get, next, null);
            seen.AddRange(Ids(await answer.Content.ReadAsStringAsync()));
            next = answer.Headers.TryGetValues("Link", out var links) ? NextOf(links.Single()) : null;
            addresses.Add(next ?? "");
        }

        Assert.Equal(["1-1", "1-2", "1-3"], seen);
        Assert.Equal(
            [
                "/api/records?from=2021-09-22T00:00:00Z&to=2021-09-23T00:00:00.5Z&label.course=x&limit=2&after=1-2",
                "",
            ],
            addresses
        );
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1&limit=2", "limit")]
    [InlineData("?after=1", "after")]
    [InlineData("?after=01-1", "after")]
    [InlineData("?session=0", "session")]
    [InlineData("?state=stopped", "state")]
    [InlineData("?from=yesterday", "from")]
    [InlineData("?to=2021-13-01", "to")]
    [InlineData("?label.=x", "label.")]
    [InlineData("?label.Room=x", "label.Room")]
    [InlineData("?label.room=x&label.room=y", "label.room")]
    public async Task A_wrong_filter_is_named(string query, string field)
    {
        await using var edge = await FarmAsync();

        using var answer = await edge.SendAsync(HttpMethod.Get, "/api/records" + query, null);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(field, error.RootElement.GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("4-1")]
    [InlineData("4-2")]
    public async Task A_record_is_told_whole(string id)
    {
        await using var edge = await FarmAsync();

        var answer = await edge.Client.GetStringAsync($"/api/records/{id}");

        Assert.Equal(
            id == "4-1"
                ? """{"id":"4-1","session":4,"attempt":1,"state":"finished","file":"2021-09-22_07:56:00__3.mp4","container":"mp4","opened_at":"2021-09-22T07:56:00+00:00","duration_seconds":118.04,"bytes":88604672"""
                    + ""","sha256":null,"repaired":false,"node":"akka.tcp://recorder@127.0.0.1:4053","folder":null,"away":null,"name":"Výbor","labels":{"a":"1","room":"Sal 7"},"deliveries":[],"copies":[{"node":"akka.tcp://recorder@127.0.0.1:4053","to":null,"name":"2021-09-22_07:56:00__3.mp4","state":"present","verified_at":null}],"expires_at":null,"hold":null,"erasing":null}"""
                : """{"id":"4-2","session":4,"attempt":1,"state":"growing","file":"2021-09-22_07:58:00__3.mp4","container":"mp4","opened_at":"2021-09-22T07:58:00+00:00","duration_seconds":null,"bytes":null"""
                    + ""","sha256":null,"repaired":false,"node":"akka.tcp://recorder@127.0.0.1:4053","folder":null,"away":null,"name":"Výbor","labels":{"a":"1","room":"Sal 7"},"deliveries":[],"copies":[{"node":"akka.tcp://recorder@127.0.0.1:4053","to":null,"name":"2021-09-22_07:58:00__3.mp4","state":"growing","verified_at":null}],"expires_at":null,"hold":null,"erasing":null}""",
            answer
        );
    }

    [Theory]
    [InlineData("4-3", 404, "no_such_record")]
    [InlineData("9-1", 404, "no_such_record")]
    [InlineData("4", 400, "invalid_request")]
    [InlineData("..%2f4-1", 400, "invalid_request")]
    [InlineData("4-1%0a", 400, "invalid_request")]
    public async Task What_is_no_record_is_said_so(string id, int status, string code)
    {
        await using var edge = await FarmAsync();

        using var answer = await edge.SendAsync(HttpMethod.Get, $"/api/records/{id}", null);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(code, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/records")]
    [InlineData("/api/records/1-1")]
    [InlineData("/api/records?session=1")]
    public async Task A_database_that_cannot_be_read_is_an_error_that_says_so(string path)
    {
        await using var edge = await FarmAsync();
        edge.Archive.Failure = new SqliteException("disk I/O error", 10);

        using var answer = await edge.SendAsync(HttpMethod.Get, path, null);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Theory]
    [InlineData("?label.room=Sal%207", new[] { 4 })]
    [InlineData("?label.course=x", new[] { 1 })]
    [InlineData("?label.course=x&state=stopped", new[] { 1 })]
    [InlineData("?label.course=y", new int[0])]
    [InlineData("?label.course=x&label.room=Sal", new int[0])]
    public async Task Sessions_are_listed_by_their_labels(string query, int[] ids)
    {
        await using var edge = await FarmAsync();

        using var list = JsonDocument.Parse(await edge.Client.GetStringAsync("/api/sessions" + query));

        Assert.Equal(ids, list.RootElement.EnumerateArray().Select(session => session.GetProperty("id").GetInt32()));
    }

    [Fact]
    public async Task The_next_page_of_sessions_keeps_the_labels()
    {
        await using var edge = await FarmAsync();
        edge.Archive.Put(Labelled(Session(5, SessionPhase.Stopped), ("room", "Sal & 7")));
        edge.Archive.Put(Labelled(Session(6, SessionPhase.Stopped), ("room", "Sal & 7")));

        using var answer = await edge.SendAsync(HttpMethod.Get, "/api/sessions?limit=1&label.room=Sal%20%26%207", null);

        Assert.Equal(
            "/api/sessions?label.room=Sal%20%26%207&limit=1&after=5",
            NextOf(answer.Headers.GetValues("Link").Single())
        );
    }

    /// <summary>Sessions 1 to 3 have ended, and session 4 records its second record.</summary>
    private static async Task<EdgeFixture> FarmAsync()
    {
        var edge = await EdgeFixture.StartAsync();
        var running = Labelled(
            Session(
                4,
                SessionPhase.Recording,
                Finished("/records/2021-09-22_07:56:00__3.mp4"),
                Growing("/records/2021-09-22_07:58:00__3.mp4") with
                {
                    OpenedAt = Time.AddMinutes(2),
                }
            ),
            ("a", "1"),
            ("room", "Sal 7")
        );
        running = running with { Spec = running.Spec with { Name = "Výbor" } };
        edge.Archive.Put(
            Labelled(
                Session(
                    1,
                    SessionPhase.Stopped,
                    Finished("/records/2021-09-22_07:56:00__0.mp4") with { Number = 1 },

                    // The third record was found later than the second, and was begun before.
                    Finished("/records/2021-09-22_07:57:00__0.mp4") with { Number = 3, OpenedAt = Time.AddMinutes(2) },
                    Finished("/records/2021-09-22_07:58:00__0.mp4") with { Number = 2, OpenedAt = Time.AddMinutes(1) }
                ),
                ("course", "x")
            ),
            Session(2, SessionPhase.Interrupted, Growing("/records/2021-09-22_07:56:00__1.mp4")),
            Session(3, SessionPhase.Failed)
        );
        edge.Farm.On<ListSessions>(_ => new SessionList([running]));
        edge.Farm.On<FindSession>(find =>
            find.Id.Value == 4 ? new SessionLocation(find.Id, 0, running) : new SessionUnknown(find.Id)
        );
        return edge;
    }

    private static SessionSummary Labelled(SessionSummary session, params (string Key, string Value)[] labels) =>
        session with
        {
            Spec = session.Spec with { Labels = [.. labels.Select(label => new SessionLabel(label.Key, label.Value))] },
        };

    private static IEnumerable<string> Ids(string json)
    {
        using var list = JsonDocument.Parse(json);
        return [.. list.RootElement.EnumerateArray().Select(record => record.GetProperty("id").GetString()!)];
    }

    private static string NextOf(string link)
    {
        Assert.EndsWith(">; rel=\"next\"", link, StringComparison.Ordinal);
        return link[1..link.IndexOf('>', StringComparison.Ordinal)];
    }
}
