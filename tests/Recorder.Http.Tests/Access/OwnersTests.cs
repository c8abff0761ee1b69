using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Database;
using Recorder.Cluster.Links;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Settings;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Access;

/// <summary>A session belongs to who started the session, and nobody else's key can tell that the session
/// exists.</summary>
[Trait("ring", "actor")]
public sealed class OwnersTests : IAsyncDisposable
{
    private const int Running = 1;
    private const int Ended = 2;
    private const int BensOwn = 3;
    private const int Nobodys = 4;
    private const int Absent = 9;

    /// <summary>The calls that name no session in their path, as a body or a query names the session; null where the
    /// call names none.</summary>
    private static readonly Dictionary<string, (string? Query, string? Body)> WithoutSession = new()
    {
        ["POST /api/stop"] = (null, """{"id":ID}"""),
        ["POST /api/sessions/{id}/marks"] = (null, """{"title":"Questions"}"""),
        ["GET /api/get_records"] = ("?id=ID", null),
        ["GET /api/status"] = (null, null),
        ["GET /api/sessions"] = (null, null),
        ["GET /api/records"] = ("?session=ID", null),
        ["GET /api/deliveries"] = ("?session=ID", null),
        ["GET /api/pressure"] = (null, null),
        ["GET /health/live"] = (null, null),
        ["GET /health/ready"] = (null, null),
        ["GET /metrics"] = (null, null),
        ["GET /openapi/v1.json"] = (null, null),
    };

    /// <summary>The calls that have tests of their own, here or among those of schedules; that need no key; or that
    /// tell of nodes only.</summary>
    private static readonly HashSet<string> Elsewhere =
    [
        "POST /api/start",
        "GET /api/events",
        "GET /api/links/{secret}",
        "GET /api/schedules",
        "POST /api/schedules",
        "GET /api/schedules/{id}",
        "PATCH /api/schedules/{id}",
        "DELETE /api/schedules/{id}",
        "GET /api/schedules/{id}/occurrences",
        "GET /api/profiles",
        "GET /api/profiles/{name}",
        "GET /cluster/members",
        "GET /cluster/members/{**address}",
        "GET /cluster/shards/{type}",
    ];

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

    [Fact]
    public async Task Every_call_answers_about_a_session_of_another_owner_what_it_answers_about_none()
    {
        await StartAsync();
        var wrong = new List<string>();
        var seen = new HashSet<string>();
        foreach (var endpoint in Endpoints())
        {
            foreach (var method in Methods(endpoint).Where(method => method is not ("HEAD" or "OPTIONS")))
            {
                var pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
                var name = $"{method} {pattern}";
                seen.Add(name);
                var admin =
                    (endpoint.Metadata.GetMetadata<RequiredScope>() ?? new RequiredScope(ApiScope.Admin)).Scope
                    == ApiScope.Admin;
                if (Elsewhere.Contains(name))
                {
                    continue;
                }
                if (!admin && !pattern.Contains("{id}", StringComparison.Ordinal) && !WithoutSession.ContainsKey(name))
                {
                    wrong.Add($"{name} has no rule about owners; give it one in this test");
                    continue;
                }
                foreach (var key in new[] { "ben", "reader" })
                {
                    var none = await AskAsync(key, method, pattern, name, Absent);
                    foreach (var id in new[] { Running, Ended, Nobodys })
                    {
                        var (status, text) = await AskAsync(key, method, pattern, name, id);
                        if (admin && status != 403)
                        {
                            wrong.Add($"{name} by {key} is answered {status} instead of 403");
                        }
                        else if ((status, text) != none && name != "GET /metrics")
                        {
                            wrong.Add($"{name} by {key} about {id}: {status} {text}; about none: {none}");
                        }
                        else if (pattern.Contains("{id}", StringComparison.Ordinal) && status is not (403 or 404))
                        {
                            wrong.Add($"{name} by {key} about {id} is answered {status} {text}");
                        }
                        if (text.Contains("annas-room", StringComparison.Ordinal))
                        {
                            wrong.Add($"{name} by {key} tells of anna's session: {text}");
                        }
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Contains("GET /api/sessions/{id}", seen);
        Assert.Contains("DELETE /api/sessions/{id}/media", seen);
        Assert.Empty(WithoutSession.Keys.Except(seen));
        Assert.DoesNotContain(Edge.Farm.Heard, told => told is SessionMessage);
    }

    [Theory]
    [InlineData("anna", false, "1,2")]
    [InlineData("ben", false, "3")]
    [InlineData("reader", false, "3")]
    [InlineData("root", false, "1,2,3,4")]
    [InlineData("anna", true, "1,2,3,4")]
    [InlineData("reader", true, "1,2,3,4")]
    public async Task A_list_has_the_sessions_of_the_owner(string key, bool shared, string ids)
    {
        await StartAsync(options => options.Shared = shared);

        foreach (var path in new[] { "/api/sessions", "/api/status" })
        {
            var (_, text) = await SendAsync(key, "GET", path);
            Assert.Equal(ids, string.Join(',', Ids(text, "id")));
        }
        var (_, records) = await SendAsync(key, "GET", "/api/records");
        Assert.Equal(ids, string.Join(',', Ids(records, "session")));
        var (status, _) = await SendAsync(key, "GET", "/api/sessions/1");
        Assert.Equal(ids.Contains('1', StringComparison.Ordinal) ? 200 : 404, status);
    }

    [Theory]
    [InlineData("anna", Running, true)]
    [InlineData("ben", Running, false)]
    [InlineData("reader", BensOwn, false)]
    [InlineData("root", Running, true)]
    public async Task Where_keys_share_only_the_owner_sees_whole_addresses(string key, int id, bool whole)
    {
        await StartAsync(options => options.Shared = true);

        var (_, text) = await SendAsync(key, "GET", $"/api/sessions/{id}");

        Assert.Equal(whole, text.Contains("?token=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_of_one_owner_see_everything_as_before()
    {
        await using var edge = _edge = await EdgeFixture.StartAsync(options =>
        {
            options.Keys.Add(KeyOf("anna", ApiScope.Record));
            options.Keys.Add(KeyOf("reader", ApiScope.Read, "anna"));
        });
        Script();

        foreach (var key in new[] { "anna", "reader" })
        {
            var (_, text) = await SendAsync(key, "GET", "/api/sessions");
            Assert.Equal("1,2,3,4", string.Join(',', Ids(text, "id")));
        }
    }

    [Theory]
    [InlineData("anna", "anna")]
    [InlineData("root", "root")]
    [InlineData(null, null)]
    public async Task A_session_belongs_to_the_key_that_started_it(string? key, string? owner)
    {
        _edge = await EdgeFixture.StartAsync(key is null ? null : WithKeys);
        Edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(7), 1, Node));

        var answer = await Edge.SendAsync(
            HttpMethod.Post,
            "/api/start?wait=false",
            """{"type":"uri","data":{"uri":"https://example.org","mode":"record"}}""",
            key is null ? [] : [("Authorization", Bearer(key))]
        );

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(owner, (await Edge.Farm.NextAsync<AdmitSession>()).Spec.Owner);
    }

    [Fact]
    public async Task The_feed_tells_a_key_of_its_own_sessions_only()
    {
        await StartAsync();
        Edge.Feed.Add("record.opened", Running, owner: "anna");
        Edge.Feed.Add("node.joined", null);
        Edge.Feed.Add("record.opened", Nobodys);
        Edge.Feed.Add("record.opened", BensOwn, owner: "ben");
        using var call = new HttpRequestMessage(HttpMethod.Get, "/api/events?after=0");
        call.Headers.TryAddWithoutValidation("Authorization", Bearer("ben"));

        using var answer = await Edge.Client.SendAsync(call, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        string? line;
        do
        {
            line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        } while (line?.StartsWith("data:", StringComparison.Ordinal) == false);

        Assert.Contains("\"session\":3,", line, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Methods(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];

    private static IEnumerable<string> Ids(string json, string field)
    {
        using var list = System.Text.Json.JsonDocument.Parse(json);
        return [.. list.RootElement.EnumerateArray().Select(item => item.GetProperty(field).GetRawText())];
    }

    private static string Bearer(string key) => $"Bearer {key}-0123456789abcdef0123456789";

    private static ApiKeyOptions KeyOf(string name, ApiScope scope, string? owner = null) =>
        new()
        {
            Name = name,
            Key = Bearer(name)["Bearer ".Length..],
            Scope = scope,
            Owner = owner,
        };

    private static void WithKeys(HttpOptions options)
    {
        options.Keys.Add(KeyOf("anna", ApiScope.Record));
        options.Keys.Add(KeyOf("ben", ApiScope.Record));
        options.Keys.Add(KeyOf("reader", ApiScope.Read, "ben"));
        options.Keys.Add(KeyOf("root", ApiScope.Admin));
    }

    private IEnumerable<RouteEndpoint> Endpoints() =>
        ((IEndpointRouteBuilder)Edge.App)
            .DataSources.SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(endpoint => Methods(endpoint).Any());

    private async Task<(int Status, string Text)> AskAsync(
        string key,
        string method,
        string pattern,
        string name,
        int id
    )
    {
        var record = pattern.StartsWith("/api/records/", StringComparison.Ordinal);
        var path = pattern
            .Replace("{id}", record ? $"{id}-1" : $"{id}", StringComparison.Ordinal)
            .Replace("{file}", "playlist.m3u8", StringComparison.Ordinal)
            .Replace("{**address}", "nobody:1", StringComparison.Ordinal);
        while (path.IndexOf('{', StringComparison.Ordinal) is >= 0 and var open)
        {
            path = path[..open] + "some" + path[(path.IndexOf('}', StringComparison.Ordinal) + 1)..];
        }
        var (query, body) = WithoutSession.GetValueOrDefault(name);
        body ??= method switch
        {
            "PATCH" => """{"remove_stream_uris":["rtmp://192.0.2.1/live/x"]}""",
            "POST" or "PUT" when !pattern.EndsWith("pause", StringComparison.Ordinal)
                    && !pattern.EndsWith("resume", StringComparison.Ordinal)
                    && !pattern.EndsWith("retry", StringComparison.Ordinal) => "{}",
            _ => null,
        };
        var (status, text) = await SendAsync(
            key,
            method,
            path + query?.Replace("ID", $"{id}", StringComparison.Ordinal),
            body?.Replace("ID", $"{id}", StringComparison.Ordinal)
        );
        foreach (var word in new[] { "session ", "record ", "id=", "Session ", "session=" })
        {
            text = text.Replace($"{word}{id}-1", $"{word}X-1", StringComparison.Ordinal)
                .Replace($"{word}{id}", $"{word}X", StringComparison.Ordinal);
        }
        return (status, text);
    }

    private async Task<(int Status, string Text)> SendAsync(
        string key,
        string method,
        string path,
        string? body = null
    )
    {
        using var answer = await Edge.SendAsync(
            new HttpMethod(method),
            path,
            body,
            ("Authorization", Bearer(key))
        );
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task StartAsync(Action<HttpOptions>? configure = null)
    {
        var database = new FarmDatabase(new DatabaseOptions { File = _folder.Database });
        await database.PrepareAsync(CancellationToken.None);
        _edge = await EdgeFixture.StartAsync(
            options =>
            {
                WithKeys(options);
                configure?.Invoke(options);
            },
            services: services => services.AddSingleton(new RecordLinkBook(database))
        );
        Script();
    }

    private void Script()
    {
        var running = Of(Running, SessionPhase.Recording, "anna", Finished("/records/annas-room-1.mp4"));
        var bens = Of(BensOwn, SessionPhase.Recording, "ben", Finished("/records/bens-1.mp4"));
        Edge.Archive.Put(
            Of(Ended, SessionPhase.Stopped, "anna", Finished("/records/annas-room-2.mp4")),
            Of(Nobodys, SessionPhase.Stopped, null, Finished("/records/annas-room-4.mp4"))
        );
        Edge.Feed.Add("session.accepted", Ended, """{"page":"annas-room"}""", owner: "anna");
        Edge.Farm.On<ListSessions>(_ => new SessionList([running, bens]));
        Edge.Farm.On<FindPressure>(_ => new Pressure(true, []));
        Edge.Farm.On<PingPlacement>(_ => new PlacementHere());
        Edge.Farm.On<FindSession>(find =>
            find.Id.Value switch
            {
                Running => new SessionLocation(find.Id, 7, running),
                BensOwn => new SessionLocation(find.Id, 8, bens),
                _ => new SessionUnknown(find.Id),
            }
        );
        Edge.Farm.On<GetSession>(get => new DetailsUnavailable(get.Id));
    }

    private static SessionSummary Of(int id, SessionPhase phase, string? owner, params RecordSummary[] records) =>
        Session(id, phase, records) with
        {
            Spec = new PageSessionSpec(new Uri($"https://example.org/{(owner == "ben" ? "bens" : "annas")}-room?token=hush"))
            {
                Owner = owner,
            },
        };
}
