using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Audit;
using Recorder.Cluster.Database;
using Recorder.Cluster.Links;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Audit;
using Recorder.Http.Settings;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Audit;

/// <summary>Each change and each refused caller has a line in the audit.</summary>
[Trait("ring", "actor")]
public sealed class AuditTests : IAsyncDisposable
{
    private const string Key = "root-0123456789abcdef0123456789";
    private const string Start =
        """{"type":"uri","data":{"uri":"https://example.org/room?token=SECRET-TOKEN","mode":"both","stream_uris":["rtmp://live.example.org/app/SECRET-KEY"]}}""";

    /// <summary>How often a call is made that must not fill the table.</summary>
    private const int Flood = 300;

    private readonly TestFolder _folder = new();
    private EdgeFixture? _edge;

    private EdgeFixture Edge => _edge!;

    public async ValueTask DisposeAsync()
    {
        if (_edge is not null)
        {
            await _edge.DisposeAsync();
        }
        _folder.Dispose();
    }

    /// <summary>A new call that changes something fails here until it has a name and a line.</summary>
    [Fact]
    public async Task Every_call_that_may_change_something_has_a_line()
    {
        await StartAsync(WithKey);
        var wrong = new List<string>();
        var calls = Calls().ToList();
        foreach (var (method, pattern) in calls)
        {
            var record = pattern.StartsWith("/api/records/", StringComparison.Ordinal);
            var path = pattern
                .Replace("{id}", record ? "7-1" : "7", StringComparison.Ordinal)
                .Replace("{**address}", "nobody:1", StringComparison.Ordinal);
            while (path.IndexOf('{', StringComparison.Ordinal) is >= 0 and var open)
            {
                path = path[..open] + "some" + path[(path.IndexOf('}', StringComparison.Ordinal) + 1)..];
            }
            using var answer = await SendAsync(new HttpMethod(method), path, """{"id":7}""");
            var line = await Edge.Audit.SeeAsync(one => one.Call == $"{method} {path}", $"{method} {path}");
            if (
                line.Who != "root"
                || line.Address != "127.0.0.1"
                || line.Action is AuditLine.NoCall or ""
                || line.Status != (int)answer.StatusCode
                || (line.Status >= 400) != (line.Code is not null)
                || (pattern.Contains("{id}", StringComparison.Ordinal) && line.Session?.Value != 7
                    && !pattern.StartsWith("/api/webhooks/", StringComparison.Ordinal)
                    && !pattern.StartsWith("/api/schedules/", StringComparison.Ordinal))
            )
            {
                wrong.Add($"{method} {pattern} was answered {(int)answer.StatusCode} and has {line}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(calls.Count > 15, $"The API has only {calls.Count} calls that may change something.");
    }

    [Fact]
    public async Task A_start_and_a_stop_tell_who_from_where_which_session_and_what_came_of_it()
    {
        await StartAsync(WithKey);
        Edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(7), 1, Node));
        Edge.Farm.On<StartSession>(start => new SessionRecords(start.Id));

        using var started = await SendAsync(HttpMethod.Post, "/api/start", Start);
        using var stopped = await SendAsync(HttpMethod.Post, "/api/stop", """{"id":9}""");

        Assert.Equal(HttpStatusCode.OK, started.StatusCode);
        var start = await Edge.Audit.SeeAsync(line => line.Action == "start", "start");
        Assert.Equal(
            ("root", "127.0.0.1", "POST /api/start", 7, 200, null),
            (start.Who, start.Address, start.Call, start.Session?.Value, start.Status, start.Code)
        );
        var stop = await Edge.Audit.SeeAsync(line => line.Action == "stop", "stop");
        Assert.Equal((9, 404, "no_such_session"), (stop.Session?.Value, stop.Status, stop.Code));
        await Edge.Log.SeeAsync("Audit: root at 127.0.0.1: start, POST /api/start, session 7: 200");
        Assert.DoesNotContain(Edge.Audit.Lines, line => $"{line}".Contains("SECRET", StringComparison.Ordinal));
        Assert.DoesNotContain(Edge.Log.Lines, line => line.Contains("SECRET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_that_fails_after_its_admission_tells_its_session()
    {
        await StartAsync(WithKey);
        Edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(8), 1, Node));
        Edge.Farm.On<StartSession>(start => new StartFailed(start.Id, FaultCode.PageFailed, "The page is not there."));

        using var answer = await SendAsync(HttpMethod.Post, "/api/start", Start);

        var line = await Edge.Audit.SeeAsync(one => one.Action == "start", "start");
        Assert.Equal((8, 422, "page_failed"), (line.Session?.Value, line.Status, line.Code));
    }

    [Theory]
    [InlineData(null, "unknown", 401, "unauthorized")]
    [InlineData("Bearer wrong-key-0123456789", "unknown", 401, "unauthorized")]
    [InlineData("Bearer reader-0123456789abcdef", "reader", 403, "forbidden")]
    public async Task A_call_without_the_right_key_has_a_line(string? header, string who, int status, string code)
    {
        await StartAsync(WithKey);

        using var answer = await Edge.SendAsync(
            HttpMethod.Get,
            "/api/webhooks?secret=SECRET",
            null,
            header is null ? [] : [("Authorization", header)]
        );

        var line = await Edge.Audit.SeeAsync(_ => true, "anything");
        Assert.Equal(
            (who, status, code, "webhooks", "GET /api/webhooks"),
            (line.Who, line.Status, line.Code, line.Action, line.Call)
        );
        Assert.DoesNotContain("wrong-key", $"{line}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_keys_this_machine_is_loopback_and_a_page_is_a_page()
    {
        await StartAsync(null);

        using var stop = await Edge.SendAsync(HttpMethod.Post, "/api/stop", """{"id":9}""");
        using var page = await Edge.SendAsync(
            HttpMethod.Post,
            "/api/stop",
            """{"id":9}""",
            ("Origin", "https://evil.example")
        );

        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        await Edge.Audit.SeeAsync(line => line is { Who: AuditLine.Loopback, Status: 404 }, "loopback");
        await Edge.Audit.SeeAsync(line => line is { Who: AuditLine.Page, Status: 403 }, "a page");
    }

    [Fact]
    public async Task Calls_that_only_read_have_no_line()
    {
        await StartAsync(WithKey);

        using var read = await SendAsync(HttpMethod.Get, "/api/webhooks", null);
        using var nothing = await SendAsync(HttpMethod.Post, "/api/nothing", "{}");
        using var stop = await SendAsync(HttpMethod.Post, "/api/stop", """{"id":9}""");

        await Edge.Audit.SeeAsync(line => line.Action == "stop", "stop");
        Assert.Single(Edge.Audit.Lines);
    }

    [Fact]
    public async Task A_flood_without_a_key_fills_neither_the_table_nor_the_log()
    {
        await StartAsync(WithKey);

        for (var call = 0; call < Flood; call++)
        {
            using var answer = await Edge.SendAsync(HttpMethod.Post, "/api/stop", null);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
        using var stop = await SendAsync(HttpMethod.Post, "/api/stop", """{"id":9}""");

        await Edge.Audit.SeeAsync(line => line.Who == "root", "root");
        Assert.InRange(Edge.Audit.Lines.Count(line => line.Status == 401), 1, 2 * RefusalLimit.OfAddress);
        Assert.InRange(
            Edge.Log.Lines.Count(line =>
                line.StartsWith("Information Recorder.", StringComparison.Ordinal)
                && line.Contains("/api/stop", StringComparison.Ordinal)
            ),
            1,
            4 * RefusalLimit.OfAddress + 2
        );

        // A node that stops tells how many lines are missing.
        await Edge.App.StopAsync();
        var missing = Assert.Single(Edge.Audit.Lines, line => line.Action == AuditLine.NotWritten);
        Assert.Contains("more refused calls have no line", missing.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_slow_or_away_holds_up_no_call_and_loses_no_line()
    {
        await StartAsync(WithKey);
        Edge.Audit.Hold = new TaskCompletionSource();
        Edge.Audit.Away = true;

        for (var call = 0; call < 20; call++)
        {
            using var stop = await SendAsync(HttpMethod.Post, "/api/stop", """{"id":9}""");
            Assert.Equal(HttpStatusCode.NotFound, stop.StatusCode);
        }
        Assert.Empty(Edge.Audit.Lines);
        Edge.Audit.Hold.SetResult();
        await Edge.Log.SeeAsync("The audit cannot be written to the database");
        using var unreadable = await SendAsync(HttpMethod.Get, "/api/audit", null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unreadable.StatusCode);
        Edge.Audit.Away = false;

        await Edge.Audit.SeeAsync(line => line.Number == 20, "the number 20");
        Assert.All(Edge.Audit.Lines, line => Assert.Equal("stop", line.Action));
    }

    [Fact]
    public async Task The_list_has_the_newest_first_by_pages_and_by_filters()
    {
        await StartAsync(WithKey);
        await Edge.Audit.AddAsync([.. Enumerable.Range(1, 5).Select(Line)], default);

        using var first = await SendAsync(HttpMethod.Get, "/api/audit?limit=2&action=stop", null);
        var next = first.Headers.GetValues("Link").Single().Split('<', '>')[1];
        using var second = await SendAsync(HttpMethod.Get, next, null);
        using var ofSession = await SendAsync(HttpMethod.Get, "/api/audit?session=3", null);

        Assert.Equal([5, 4], await NumbersAsync(first));
        Assert.Equal([3, 2], await NumbersAsync(second));
        Assert.Equal([3], await NumbersAsync(ofSession));
        foreach (var bad in new[] { "limit=0", "session=x", "from=yesterday", "who=", "who=a&who=b", "before=-1" })
        {
            using var refused = await SendAsync(HttpMethod.Get, $"/api/audit?{bad}", null);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
        using var reader = await Edge.SendAsync(
            HttpMethod.Get,
            "/api/audit",
            null,
            ("Authorization", "Bearer reader-0123456789abcdef")
        );
        Assert.Equal(HttpStatusCode.Forbidden, reader.StatusCode);
    }

    private static AuditLine Line(int number) =>
        new(
            DateTimeOffset.UnixEpoch.AddMinutes(number),
            "node",
            "anna",
            "192.0.2.7",
            "stop",
            "POST /api/stop",
            new SessionId(number),
            200
        );

    private static async Task<IEnumerable<long>> NumbersAsync(HttpResponseMessage answer)
    {
        using var list = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return [.. list.RootElement.EnumerateArray().Select(line => line.GetProperty("number").GetInt64())];
    }

    private static void WithKey(HttpOptions options)
    {
        options.Keys.Add(
            new ApiKeyOptions
            {
                Name = "root",
                Key = Key,
                Scope = ApiScope.Admin,
            }
        );
        options.Keys.Add(new ApiKeyOptions { Name = "reader", Key = "reader-0123456789abcdef" });
    }

    private IEnumerable<(string Method, string Pattern)> Calls() =>
        from endpoint in ((IEndpointRouteBuilder)Edge.App)
            .DataSources.SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
        where method is not ("GET" or "HEAD" or "OPTIONS")
        select (method, "/" + endpoint.RoutePattern.RawText!.TrimStart('/'));

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body) =>
        Edge.SendAsync(method, path, body, ("Authorization", $"Bearer {Key}"));

    private async Task StartAsync(Action<HttpOptions>? configure)
    {
        var database = new FarmDatabase(new DatabaseOptions { File = _folder.Database });
        await database.PrepareAsync(CancellationToken.None);
        _edge = await EdgeFixture.StartAsync(
            configure,
            services: services =>
                services.AddSingleton(new RecordLinkBook(database)).AddSingleton(new ScheduleBook(database))
        );
        Edge.Farm.On<FindSession>(find => new SessionUnknown(find.Id));
        Edge.Farm.On<ListSessions>(_ => new SessionList([]));
    }
}
