using System.Globalization;
using System.Net;
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Links;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Settings;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>Links to records: made, listed, revoked, and opened by anyone who has the address.</summary>
[Trait("ring", "actor")]
public sealed class LinkCallsTests : IAsyncDisposable
{
    private const string Key = "Bearer a-key-of-the-scope-record-for-tests";
    private const string Links = "/api/records/1-1/links";

    private static readonly byte[] File = [.. Enumerable.Range(0, 1000).Select(number => (byte)number)];

    private readonly TestFolder _folder = new();
    private readonly MovedClock _clock = new();
    private EdgeFixture _edge = null!;

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_link_opens_its_record_without_a_key_and_nothing_else_does()
    {
        await StartAsync();

        var made = await MakeAsync("""{"expires_in":3600,"downloads":2,"inline":true}""");

        var path = made.GetProperty("path").GetString()!;
        Assert.Equal(_edge.Address + path, made.GetProperty("url").GetString());
        Assert.Equal("active", made.GetProperty("state").GetString());
        Assert.Equal("2021-09-22T08:56:00+00:00", made.GetProperty("expires_at").GetString());
        using var answer = await GetAsync(path);
        Assert.Equal(File, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal("inline", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("/api/records/1-1/media")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(Links)).StatusCode);
    }

    [Fact]
    public async Task Downloads_are_counted_by_their_first_byte()
    {
        await StartAsync();
        var path = (await MakeAsync("""{"downloads":2}""")).GetProperty("path").GetString()!;

        // A download in parts, a look at the head, and a file that the caller has already: one download.
        Assert.Equal(206, await StatusOfAsync(path, "bytes=0-499"));
        Assert.Equal(206, await StatusOfAsync(path, "bytes=500-"));
        Assert.Equal(206, await StatusOfAsync(path, "bytes=300-399"));
        Assert.Equal(416, await StatusOfAsync(path, "bytes=5000-"));
        using (var head = await _edge.SendAsync(HttpMethod.Head, path, null))
        {
            Assert.Equal(File.Length, head.Content.Headers.ContentLength);
        }
        using (var known = await _edge.SendAsync(HttpMethod.Get, path, null, ("If-None-Match", "\"mark\"")))
        {
            Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        }
        Assert.Equal(1, (await ListAsync())[0].GetProperty("downloaded").GetInt32());

        Assert.Equal(200, await StatusOfAsync(path, null));
        Assert.Equal("used_up", (await ListAsync())[0].GetProperty("state").GetString());
        await EndedAsync(path, "as often as it may");
        Assert.Equal(206, await StatusOfAsync(path, "bytes=500-"));
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(410, await StatusOfAsync(path, "bytes=500-"));
    }

    [Fact]
    public async Task A_player_that_first_asks_for_two_bytes_has_not_used_the_link_up()
    {
        await StartAsync();
        var path = (await MakeAsync("""{"downloads":1,"inline":true}""")).GetProperty("path").GetString()!;

        Assert.Equal(206, await StatusOfAsync(path, "bytes=0-1"));
        Assert.Equal(206, await StatusOfAsync(path, "bytes=0-"));
        Assert.Equal(1, (await ListAsync())[0].GetProperty("downloaded").GetInt32());
        await EndedAsync(path, "as often as it may");
    }

    [Fact]
    public async Task The_middle_of_a_file_counts_where_no_download_was_counted_before()
    {
        await StartAsync();
        var path = (await MakeAsync("""{"downloads":1}""")).GetProperty("path").GetString()!;

        Assert.Equal(206, await StatusOfAsync(path, "bytes=1-"));

        Assert.Equal(1, (await ListAsync())[0].GetProperty("downloaded").GetInt32());
    }

    [Fact]
    public async Task An_expired_link_and_a_revoked_link_are_gone_and_a_wrong_one_is_not_there()
    {
        await StartAsync();
        var expired = (await MakeAsync("""{"expires_in":60}""")).GetProperty("path").GetString()!;
        var made = await MakeAsync(null);
        var id = made.GetProperty("id").GetString()!;
        var revoked = made.GetProperty("path").GetString()!;

        _clock.Advance(TimeSpan.FromSeconds(60));
        await EndedAsync(expired, "has expired");
        Assert.Equal(200, await StatusOfAsync(revoked, null));
        for (var time = 0; time < 2; time++)
        {
            using var answer = await _edge.SendAsync(
                HttpMethod.Delete,
                $"{Links}/{id}",
                null,
                ("Authorization", Key)
            );
            Assert.Equal("""{"status":"revoked"}""", await answer.Content.ReadAsStringAsync());
        }
        await EndedAsync(revoked, "was revoked");
        foreach (var wrong in new[] { revoked[..^1], revoked + "A", LinkPath(LinkSecret.New()), LinkPath("..%2f1-1") })
        {
            using var answer = await GetAsync(wrong);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains("no_such_link", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        using var none = await _edge.SendAsync(HttpMethod.Delete, Links + "/lnk_9", null, ("Authorization", Key));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task The_address_of_a_link_is_told_once_and_is_in_no_log()
    {
        await StartAsync();
        var path = (await MakeAsync(null)).GetProperty("path").GetString()!;
        var secret = path.Split('/')[^1];

        await GetAsync(path);
        await GetAsync(path.Replace("links", "LINKS", StringComparison.Ordinal));
        await GetAsync("/x" + path + "/more");
        await _edge.Log.SeeAsync("GET /x/api/links/(secret) 401");

        Assert.DoesNotContain(secret, (await ListAsync())[0].ToString(), StringComparison.Ordinal);
        Assert.Contains(_edge.Log.Lines, line => line.Contains("GET /api/links/(secret) 200", StringComparison.Ordinal));

        // The node leaves out what the framework writes of paths.
        Assert.DoesNotContain(
            _edge.Log.Lines,
            line =>
                line.Contains(secret, StringComparison.Ordinal)
                && !line.Contains(" Microsoft.AspNetCore.Hosting.Diagnostics:", StringComparison.Ordinal)
                && !line.Contains(" Microsoft.AspNetCore.Routing.", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_repeated_call_under_one_key_makes_one_link()
    {
        await StartAsync();
        var answers = new List<string>();
        for (var time = 0; time < 2; time++)
        {
            using var answer = await _edge.SendAsync(
                HttpMethod.Post,
                Links,
                "{}",
                ("Authorization", Key),
                ("Idempotency-Key", "once")
            );
            answers.Add(await answer.Content.ReadAsStringAsync());
        }

        Assert.Single(answers.Distinct());
        Assert.Single(await ListAsync());
    }

    [Theory]
    [InlineData("navigate", "document", 200)]
    [InlineData("navigate", "iframe", 403)]
    [InlineData("no-cors", "video", 403)]
    [InlineData("cors", "empty", 403)]
    public async Task A_person_may_follow_a_link_of_another_page_and_no_page_may_embed_the_record(
        string mode,
        string destination,
        int status
    )
    {
        await StartAsync();
        var path = (await MakeAsync(null)).GetProperty("path").GetString()!;

        using var answer = await _edge.SendAsync(
            HttpMethod.Get,
            path,
            null,
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Mode", mode),
            ("Sec-Fetch-Dest", destination)
        );

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("1-1", """{"expires_in":59}""", 400, "expires_in")]
    [InlineData("1-1", """{"expires_in":31622401}""", 400, "expires_in")]
    [InlineData("1-1", """{"downloads":0}""", 400, "downloads")]
    [InlineData("1-1", """{"downloads":"1"}""", 400, "downloads")]
    [InlineData("1-1", """{"inline":1}""", 400, "inline")]
    [InlineData("1-1", """{"password":"x"}""", 400, "password")]
    [InlineData("1-1", "[]", 400, "object")]
    [InlineData("1-2", "{}", 404, "no_such_record")]
    [InlineData("9-1", "{}", 404, "no_such_record")]
    [InlineData("x", "{}", 400, "7-2")]
    public async Task A_wrong_call_for_a_link_is_told_why(string record, string body, int status, string words)
    {
        await StartAsync();

        using var answer = await _edge.SendAsync(
            HttpMethod.Post,
            $"/api/records/{record}/links",
            body,
            ("Authorization", Key)
        );

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string LinkPath(string secret) => "/api/links/" + secret;

    private async Task StartAsync()
    {
        var database = new FarmDatabase(new DatabaseOptions { File = _folder.Database });
        await database.PrepareAsync(CancellationToken.None);
        _edge = await EdgeFixture.StartAsync(
            options =>
                options.Keys.Add(
                    new ApiKeyOptions { Name = "test", Scope = ApiScope.Record, Key = Key["Bearer ".Length..] }
                ),
            services: services =>
                services.AddSingleton<TimeProvider>(_clock).AddSingleton(new RecordLinkBook(database))
        );
        var record = Finished("/records/2021-09-22_07:56:00__0.mp4") with { Node = Node };
        var session = Session(1, SessionPhase.Stopped, record);
        _edge.Farm.On<FindSession>(locate =>
            locate.Id.Value == 1 ? new SessionLocation(locate.Id, 7, session) : new SessionUnknown(locate.Id)
        );
        _edge.Farm.On<ReadRecordFile>(ask => new RecordFilePart(
            ask.Id,
            File.Length,
            Time,
            "mark",
            File[(int)ask.Offset..Math.Min(File.Length, (int)ask.Offset + ask.Length)]
        ));
        var system = _edge.App.Services.GetRequiredService<ActorSystem>();
        _edge.Farm.On<ListMembers>(_ => new FarmMembers(
            Node,
            [new FarmMember(Node, 1, "Up", ["recorder"], "1")],
            [],
            Node,
            Node,
            System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty
        ));
        ActorRegistry.For(system).Register<FarmMembership>(system.ActorOf(_edge.Farm.Props()));
        system.ActorOf(_edge.Farm.Props(), RecordFilesActor.Name);
    }

    private async Task<JsonElement> MakeAsync(string? body)
    {
        using var answer = await _edge.SendAsync(HttpMethod.Post, Links, body, ("Authorization", Key));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<List<JsonElement>> ListAsync()
    {
        using var answer = await _edge.SendAsync(HttpMethod.Get, Links, null, ("Authorization", Key));
        return [.. JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.EnumerateArray()];
    }

    private Task<HttpResponseMessage> GetAsync(string path) => _edge.SendAsync(HttpMethod.Get, path, null);

    private async Task<int> StatusOfAsync(string path, string? range)
    {
        using var answer = range is null
            ? await GetAsync(path)
            : await _edge.SendAsync(HttpMethod.Get, path, null, ("Range", range));
        return (int)answer.StatusCode;
    }

    private async Task EndedAsync(string path, string words)
    {
        using var answer = await GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(
            answer.StatusCode == HttpStatusCode.Gone && text.Contains("link_ended", StringComparison.Ordinal),
            string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode}: {text}")
        );
        Assert.Contains(words, text, StringComparison.Ordinal);
    }

    /// <summary>A clock that stands until it is moved.</summary>
    private sealed class MovedClock : TimeProvider
    {
        private TimeSpan _moved;

        public override DateTimeOffset GetUtcNow() => Time + _moved;

        public void Advance(TimeSpan by) => _moved += by;
    }
}
