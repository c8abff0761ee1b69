using System.Net;
using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Access;

/// <summary>Which pages of other origins may call, and what browsers and players are told about it.</summary>
[Trait("ring", "actor")]
public sealed class AllowedOriginsTests
{
    private const string Player = "https://player.example";
    private const string Playlist = "/api/sessions/1/hls/playlist.m3u8";
    private const string ReadKey = "read-key-of-16-characters";

    [Theory]
    [InlineData("https://player.example", "https://player.example", true)]
    [InlineData("HTTPS://Player.example", "https://player.example", true)]
    [InlineData("https://player.example:443", "https://player.example", true)]
    [InlineData("http://10.0.0.7:8080", "http://10.0.0.7:8080", true)]
    [InlineData("http://[::1]:8080", "http://[::1]:8080", true)]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example", true)]
    [InlineData("https://player.example", "http://player.example", false)]
    [InlineData("https://player.example", "https://player.example:8443", false)]
    [InlineData("https://player.example", "https://player.example.evil.example", false)]
    [InlineData("https://player.example", "https://evil.example/https://player.example", false)]
    [InlineData("https://player.example", "null", false)]
    [InlineData("https://player.example", "", false)]
    [InlineData("*", "https://player.example", false)]
    public void A_listed_origin_may_make_every_call(string listed, string origin, bool allowed)
    {
        var problems = new List<string>();
        var origins = AllowedOrigins.Read([listed], problems);

        Assert.Empty(problems);
        Assert.False(origins.IsEmpty);
        Assert.Equal(allowed, origins.Allow(origin, null));
        Assert.Equal(allowed || listed == "*", origins.Allow(origin, Playing));
    }

    [Fact]
    public void Without_an_origin_nothing_is_allowed()
    {
        var origins = AllowedOrigins.Read([], []);

        Assert.True(origins.IsEmpty);
        Assert.False(origins.Allow(Player, Playing));
    }

    [Theory]
    [InlineData("player.example")]
    [InlineData("https://player.example/")]
    [InlineData("https://player.example/page")]
    [InlineData("https://user@player.example")]
    [InlineData("https://player.example?x")]
    [InlineData("https://*.example")]
    [InlineData("file:///srv/page.html")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData(" https://player.example")]
    public void What_is_no_origin_is_refused(string text)
    {
        var problems = new List<string>();
        AllowedOrigins.Read(["https://other.example", text], problems);

        Assert.Contains("Http:AllowedOrigins:1", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", Playlist, "GET", false)]
    [InlineData(Player, Playlist, "GET", true)]
    [InlineData(Player, Playlist, "HEAD", true)]
    [InlineData(Player, "/api/sessions/1/thumbnail.jpg", "GET", true)]
    [InlineData(Player, "/api/start", "POST", true)]
    [InlineData("https://other.example", Playlist, "GET", false)]
    [InlineData("*", Playlist, "GET", true)]
    [InlineData("*", "/api/sessions/1/hls/segment-00000.ts", "HEAD", true)]
    [InlineData("*", "/api/sessions/1/thumbnail.jpg", "GET", false)]
    [InlineData("*", "/api/sessions", "GET", false)]
    [InlineData("*", "/api/start", "POST", false)]
    public async Task A_browser_that_asks_whether_a_page_may_call_is_told_so_without_a_key(
        string allowed,
        string path,
        string method,
        bool may
    )
    {
        await using var edge = await EdgeFixture.StartAsync(options =>
        {
            options.Keys.Add(
                new ApiKeyOptions
                {
                    Name = "viewer",
                    Key = ReadKey,
                    Scope = ApiScope.Read,
                }
            );
            if (allowed.Length > 0)
            {
                options.AllowedOrigins.Add(allowed);
            }
        });

        var answer = await edge.SendAsync(
            HttpMethod.Options,
            path,
            null,
            ("Origin", Player),
            ("Access-Control-Request-Method", method),
            ("Access-Control-Request-Headers", "authorization,range"),
            ("Sec-Fetch-Site", "cross-site")
        );

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(may ? allowed : null, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Equal(may ? "authorization,range" : null, Header(answer, "Access-Control-Allow-Headers"));
        if (may && method != "HEAD")
        {
            Assert.Contains(method, Header(answer, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(Player, Player)]
    [InlineData("https://other.example", null)]
    public async Task A_page_may_read_an_answer_and_an_error_only_where_its_origin_is_listed(
        string allowed,
        string? told
    )
    {
        await using var edge = await EdgeFixture.StartAsync(options =>
        {
            if (allowed.Length > 0)
            {
                options.AllowedOrigins.Add(allowed);
            }
        });
        edge.Farm.On<ListSessions>(_ => new SessionList([]));
        edge.Farm.On<FindSession>(locate => new SessionUnknown(locate.Id));

        foreach (var path in new[] { "/api/status", "/api/sessions/1/thumbnail.jpg" })
        {
            Assert.Equal(
                told,
                Header(
                    await edge.SendAsync(HttpMethod.Get, path, null, ("Origin", Player)),
                    "Access-Control-Allow-Origin"
                )
            );
        }
    }

    [Theory]
    [InlineData("", "/api/sessions/1/hls/playlist.m3u8", false)]
    [InlineData(Player, "/api/sessions/1/hls/playlist.m3u8", true)]
    [InlineData(Player, "/api/status", true)]
    [InlineData("https://other.example", "/api/status", false)]
    [InlineData("*", "/api/sessions/1/hls/playlist.m3u8", true)]
    [InlineData("*", "/api/sessions/1/thumbnail.jpg", false)]
    [InlineData("*", "/api/status", false)]
    public async Task Pages_are_kept_away_but_those_of_allowed_origins(string allowed, string path, bool may)
    {
        await using var edge = await EdgeFixture.StartAsync(options =>
        {
            if (allowed.Length > 0)
            {
                options.AllowedOrigins.Add(allowed);
            }
        });
        edge.Farm.On<ListSessions>(_ => new SessionList([]));
        edge.Farm.On<FindSession>(locate => new SessionUnknown(locate.Id));

        using var answer = await edge.SendAsync(
            HttpMethod.Get,
            path,
            null,
            ("Origin", Player),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Mode", "cors")
        );
        Assert.Equal(may, answer.StatusCode != HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("/api/status")]
    [InlineData("/api/sessions")]
    [InlineData("/health/live")]
    public async Task HEAD_answers_what_GET_does_without_content_and_OPTIONS_what_a_path_takes(string path)
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<ListSessions>(_ => new SessionList([]));

        using var get = await edge.SendAsync(HttpMethod.Get, path, null);
        using var head = await edge.SendAsync(HttpMethod.Head, path, null);
        Assert.Equal(
            (get.StatusCode, get.Content.Headers.ContentType?.ToString()),
            (head.StatusCode, head.Content.Headers.ContentType?.ToString())
        );
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());

        using var options = await edge.SendAsync(HttpMethod.Options, path, null);
        Assert.Equal(
            (HttpStatusCode.NoContent, "GET, HEAD, OPTIONS"),
            (options.StatusCode, string.Join(", ", options.Content.Headers.Allow))
        );
    }

    private static Endpoint Playing => new(null, new EndpointMetadataCollection(new PlayedByPages()), "playlist");

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
