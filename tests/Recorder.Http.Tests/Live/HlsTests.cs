using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Live;
using Recorder.Http.Settings;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Live;

[Trait("ring", "actor")]
public sealed class HlsTests : IDisposable
{
    private const string Away = "akka.tcp://recorder@10.0.0.9:34569";

    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-hls-").FullName;

    private string FirstRecord => Path.Join(_folder, "2021-09-22_07:56:00__0.mp4");

    private string SecondRecord => Path.Join(_folder, "2021-09-22_07:57:00__0.mp4");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_playlist_and_its_segments_are_served_with_their_types_while_they_grow()
    {
        WritePlaylist(FirstRecord, 1);
        await using var edge = await StartAsync(Hls(Growing(FirstRecord)));

        var playlist = await edge.Client.GetAsync("/api/sessions/1/hls/playlist.m3u8");
        Assert.Equal(
            (HttpStatusCode.OK, "application/vnd.apple.mpegurl", "no-cache"),
            (
                playlist.StatusCode,
                playlist.Content.Headers.ContentType?.ToString(),
                playlist.Headers.CacheControl?.ToString()
            )
        );
        Assert.Equal(["segment-20210922075600-00000.ts"], Segments(await playlist.Content.ReadAsStringAsync()));

        // The writer replaces the playlist in one step and holds no lock that matters.
        using var writer = new FileStream(
            Path.Join(HlsFiles.FolderOf(FirstRecord), HlsFiles.Segment(0)),
            FileMode.Append,
            FileAccess.Write,
            FileShare.ReadWrite
        );
        WritePlaylist(FirstRecord, 2);
        Assert.Equal(["segment-20210922075600-00000.ts", "segment-20210922075600-00001.ts"], await SegmentsAsync(edge));
        await PlayAsync(edge);
    }

    [Theory]
    [InlineData(false, "", "public, max-age=31536000, immutable", null)]
    [InlineData(false, "https://player.example", "public, max-age=31536000, immutable", "Origin")]
    [InlineData(false, "*", "public, max-age=31536000, immutable", "Origin")]
    [InlineData(true, "", "max-age=31536000, private, immutable", null)]
    public async Task A_segment_is_kept_for_ever_by_whom_it_was_given_to_and_a_playlist_by_nobody(
        bool keys,
        string origin,
        string kept,
        string? vary
    )
    {
        WritePlaylist(FirstRecord, 1);
        await using var edge = await StartAsync(
            Hls(Growing(FirstRecord)),
            options =>
            {
                if (keys)
                {
                    options.Keys.Add(
                        new ApiKeyOptions
                        {
                            Name = "viewer",
                            Key = "read-key-of-16-characters",
                            Scope = ApiScope.Read,
                        }
                    );
                }
                if (origin.Length > 0)
                {
                    options.AllowedOrigins.Add(origin);
                }
            }
        );
        (string, string)[] headers =
        [
            ("Authorization", "Bearer read-key-of-16-characters"),
            .. origin.Length > 0 ? [("Origin", "https://player.example")] : Array.Empty<(string, string)>(),
        ];

        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            using var segment = await edge.SendAsync(
                method,
                "/api/sessions/1/hls/segment-20210922075600-00000.ts",
                null,
                headers
            );
            Assert.Equal(
                (HttpStatusCode.OK, "video/mp2t", 13L),
                (
                    segment.StatusCode,
                    segment.Content.Headers.ContentType?.ToString(),
                    segment.Content.Headers.ContentLength
                )
            );
            Assert.Equal(kept.Split(", ").Order(), segment.Headers.CacheControl!.ToString().Split(", ").Order());
            Assert.Equal(vary, segment.Headers.Vary.Distinct().SingleOrDefault());
            Assert.Equal(
                origin.Length == 0 ? null : origin,
                segment.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null
            );
            Assert.Equal(
                method == HttpMethod.Get ? "0 of __0.mp4" + "\n" : "",
                await segment.Content.ReadAsStringAsync()
            );

            using var playlist = await edge.SendAsync(method, "/api/sessions/1/hls/playlist.m3u8", null, headers);
            Assert.Equal(
                (HttpStatusCode.OK, "no-cache", "application/vnd.apple.mpegurl"),
                (
                    playlist.StatusCode,
                    playlist.Headers.CacheControl?.ToString(),
                    playlist.Content.Headers.ContentType?.ToString()
                )
            );
            Assert.Equal(method == HttpMethod.Get, (await playlist.Content.ReadAsByteArrayAsync()).Length > 0);
        }
    }

    [Fact]
    public async Task A_part_of_a_segment_is_served()
    {
        Write(FirstRecord, HlsFiles.Playlist, "#EXTM3U\n");
        Write(FirstRecord, HlsFiles.Segment(0), "segment");
        await using var edge = await StartAsync(Hls(Growing(FirstRecord)));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/sessions/1/hls/segment-00000.ts")
        {
            Headers = { Range = new RangeHeaderValue(1, 3) },
        };

        var part = await edge.Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.PartialContent, "egm"), (part.StatusCode, await part.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData(SessionPhase.Recording)]
    [InlineData(SessionPhase.Resuming)]
    [InlineData(SessionPhase.WaitingForRoom)]
    public async Task A_viewer_sees_the_old_playlist_until_the_next_record_has_a_segment_and_both_then(
        SessionPhase phase
    )
    {
        WritePlaylist(FirstRecord, 2, ended: true);
        await using var edge = await StartAsync(
            Hls(Finished(FirstRecord), Growing(SecondRecord)) with
            {
                Phase = phase,
            }
        );
        Assert.Equal(2, (await PlayAsync(edge)).Count);
        Assert.DoesNotContain("ENDLIST", await PlaylistAsync(edge), StringComparison.Ordinal);

        WritePlaylist(SecondRecord, 1);
        Assert.Equal(
            ["segment-20210922075600-00000.ts", "segment-20210922075600-00001.ts", "segment-20210922075700-00000.ts"],
            await PlayAsync(edge)
        );
        Assert.Contains(
            "00001.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:4.0,\nsegment-20210922075700",
            await PlaylistAsync(edge),
            StringComparison.Ordinal
        );

        // Who was given the names of the folder goes on with the newest.
        Assert.Equal("0 of __0.mp4\n", await edge.Client.GetStringAsync("/api/sessions/1/hls/segment-00000.ts"));
    }

    [Fact]
    public async Task A_viewer_sees_the_old_playlist_while_the_node_that_holds_it_is_away_or_the_farm_knows_nothing()
    {
        WritePlaylist(FirstRecord, 2);
        var session = Hls(Growing(FirstRecord) with { Node = Node });
        await using var edge = await StartAsync(
            () => session,
            options => options.PlacementTimeout = TimeSpan.FromSeconds(0.5)
        );
        var told = await PlaylistAsync(edge);

        session = Hls(Growing(FirstRecord) with { Node = Away }) with { Phase = SessionPhase.Resuming };
        Assert.Equal(told, await PlaylistAsync(edge));
        session = Hls(
            Growing(FirstRecord) with
            {
                Node = Away,
            },
            Growing(SecondRecord) with
            {
                Node = Node,
                Apart = true,
                OpenedAt = Time.AddMinutes(1),
            }
        );
        Assert.Equal(told, await PlaylistAsync(edge));
        edge.Farm.On<FindSession>(_ => null);
        Assert.Equal(told, await PlaylistAsync(edge));

        // Then the next record has a segment: numbers go on, with a jump, since nobody knows how many the lost node had
        // given.
        edge.Farm.On<FindSession>(locate => new SessionLocation(locate.Id, 7, session));
        WritePlaylist(SecondRecord, 1);
        var next = await PlaylistAsync(edge);
        Assert.Equal(["segment-20210922075700-00000.ts"], Segments(next));
        Assert.Contains(
            "#EXT-X-MEDIA-SEQUENCE:37\n#EXT-X-DISCONTINUITY-SEQUENCE:37\n#EXT-X-INDEP",
            next,
            StringComparison.Ordinal
        );

        // An edge that has told nothing yet says which node is away.
        session = Hls(Growing(FirstRecord) with { Node = Away });
        await using var other = await StartAsync(session);
        using var refused = await other.Client.GetAsync("/api/sessions/1/hls/playlist.m3u8");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains(Away, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_was_found_later_is_none_of_the_playlist()
    {
        WritePlaylist(FirstRecord, 2);
        WritePlaylist(SecondRecord, 1);
        await using var edge = await StartAsync(
            Hls(Finished(FirstRecord) with { Found = true }, Growing(SecondRecord))
        );

        Assert.Equal(["segment-20210922075700-00000.ts"], await PlayAsync(edge));
        Assert.Contains("#EXT-X-MEDIA-SEQUENCE:0\n", await PlaylistAsync(edge), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SessionPhase.Starting, "first finished, second growing", "second")]
    [InlineData(SessionPhase.Recording, "first finished, second growing", "second")]
    [InlineData(SessionPhase.Recording, "first finished, second finished", "")]
    [InlineData(SessionPhase.Recording, "", "")]
    [InlineData(SessionPhase.Resuming, "first finished, second finished", "")]
    [InlineData(SessionPhase.WaitingForRoom, "first finished, second finished", "")]
    [InlineData(SessionPhase.Stopping, "first finished, second growing", "second, first")]
    [InlineData(SessionPhase.Stopping, "first finished, second finished", "second, first")]
    [InlineData(SessionPhase.Stopped, "first finished, second finished", "second, first")]
    [InlineData(SessionPhase.Failed, "first finished, second growing", "second, first")]
    [InlineData(SessionPhase.Interrupted, "first finished", "first")]
    [InlineData(SessionPhase.Failed, "", "")]
    public void A_name_that_tells_no_record_is_of_the_growing_one_while_the_session_goes_on_and_else_of_the_newest(
        SessionPhase phase,
        string records,
        string expected
    )
    {
        var session = Session(
            1,
            phase,
            [
                .. records
                    .Split(", ", StringSplitOptions.RemoveEmptyEntries)
                    .Select(text =>
                        text.Split(' ') is [var path, "finished"] ? Finished(path) : Growing(text.Split(' ')[0])
                    ),
            ]
        );

        Assert.Equal(expected, string.Join(", ", HlsFile.RecordsOf(session).Select(record => record.Path)));
    }

    [Theory]
    [InlineData(SessionPhase.Stopping, false, false)]
    [InlineData(SessionPhase.Stopping, true, true)]
    [InlineData(SessionPhase.Stopped, true, true)]
    [InlineData(SessionPhase.Failed, false, true)]
    [InlineData(SessionPhase.Interrupted, false, true)]
    [InlineData(SessionPhase.Recording, true, false)]
    public async Task The_end_is_said_when_the_session_is_over_or_its_last_record_is(
        SessionPhase phase,
        bool written,
        bool told
    )
    {
        WritePlaylist(FirstRecord, 1, ended: true);
        WritePlaylist(SecondRecord, 1, ended: written);
        await using var edge = await StartAsync(
            Hls(Finished(FirstRecord), Finished(SecondRecord)) with
            {
                Phase = phase,
            }
        );

        Assert.Equal(2, (await PlayAsync(edge)).Count);
        Assert.Equal(told, (await PlaylistAsync(edge)).EndsWith("#EXT-X-ENDLIST\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("..%2f2021-09-22_07:56:00__0.mp4")]
    [InlineData("%2e%2e%2f2021-09-22_07:56:00__0.mp4")]
    [InlineData("%2fetc%2fpasswd")]
    [InlineData("segment-00000.ts%00")]
    [InlineData("segment-00000.ts%0A")]
    [InlineData("segment-0000%D9%A3.ts")]
    [InlineData("segment-00001.ts")]
    [InlineData("segment-20210922075600-00001.ts")]
    [InlineData("segment-20210922075601-00000.ts")]
    [InlineData("playlist.m3u8.tmp")]
    [InlineData("other.ts")]
    public async Task Nothing_else_is_served(string name)
    {
        File.WriteAllText(FirstRecord, "the record");
        WritePlaylist(FirstRecord, 1);
        Write(FirstRecord, "other.ts", "other");
        Write(FirstRecord, "playlist.m3u8.tmp", "half");
        await using var edge = await StartAsync(Hls(Growing(FirstRecord)));

        var answer = await edge.Client.GetAsync("/api/sessions/1/hls/" + name);

        Assert.True(
            answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest,
            $"{name} was answered {answer.StatusCode}"
        );
    }

    [Fact]
    public async Task A_session_without_a_playlist_says_so()
    {
        await using var none = await StartAsync(Session(1, SessionPhase.Recording, Growing(FirstRecord)));
        await Endpoints.OriginalCallsTests.Golden(
            await none.Client.GetAsync("/api/sessions/1/hls/playlist.m3u8"),
            HttpStatusCode.NotFound,
            """{"error":"Session 1 has no HLS output; start a session with \"hls\":true for one.","code":"no_such_file"}"""
        );

        await using var early = await StartAsync(Hls(Growing(FirstRecord)));
        Assert.Contains(
            "yet",
            await (await early.Client.GetAsync("/api/sessions/1/hls/playlist.m3u8")).Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
    }

    private static SessionSummary Hls(params RecordSummary[] records) =>
        Session(1, SessionPhase.Recording, records) with
        {
            Spec = new PageSessionSpec(new Uri("https://example.org/")) { Hls = true },
        };

    private Task<EdgeFixture> StartAsync(SessionSummary session, Action<HttpOptions>? configure = null) =>
        StartAsync(() => session, configure);

    private async Task<EdgeFixture> StartAsync(Func<SessionSummary> session, Action<HttpOptions>? configure)
    {
        var edge = await EdgeFixture.StartAsync(configure);
        edge.Farm.On<FindSession>(locate => new SessionLocation(locate.Id, 7, session()));
        edge.Farm.On<ListMembers>(_ => new FarmMembers(
            Node,
            [
                new FarmMember(Node, 1, "Up", [NodeRoles.Recorder, NodeRoles.Edge], "1"),
                new FarmMember(Away, 2, "Up", [NodeRoles.Recorder], "1"),
            ],
            [Away],
            Node,
            Node,
            ImmutableSortedDictionary<string, string>.Empty
        ));
        var system = edge.App.Services.GetRequiredService<ActorSystem>();
        ActorRegistry.For(system).Register<FarmMembership>(system.ActorOf(edge.Farm.Props()));
        var records = MarkedFolder.Open(_folder, _folder, TimeProvider.System);
        system.ActorOf(HlsFilesActor.Props(records), HlsFilesActor.Name);
        return edge;
    }

    private static async Task<string> PlaylistAsync(EdgeFixture edge) =>
        await edge.Client.GetStringAsync("/api/sessions/1/hls/playlist.m3u8");

    private static async Task<IReadOnlyList<string>> SegmentsAsync(EdgeFixture edge) =>
        Segments(await PlaylistAsync(edge));

    private static IReadOnlyList<string> Segments(string playlist) =>
        [.. playlist.Split('\n').Where(line => line.StartsWith("segment-", StringComparison.Ordinal))];

    /// <summary>Fetches every segment that the playlist lists, as a player does; each must be what its name
    /// says.</summary>
    private static async Task<IReadOnlyList<string>> PlayAsync(EdgeFixture edge)
    {
        var names = await SegmentsAsync(edge);
        foreach (var name in names)
        {
            var index = int.Parse(name[^8..^3], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal($"{index} of __0.mp4\n", await edge.Client.GetStringAsync("/api/sessions/1/hls/" + name));
        }

        return names;
    }

    private static void WritePlaylist(string record, int segments, bool ended = false)
    {
        var text = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n";
        for (var index = 0; index < segments; index++)
        {
            Write(record, HlsFiles.Segment(index), $"{index} of __0.mp4\n");
            text += $"#EXTINF:4.0,\n{HlsFiles.Segment(index)}\n";
        }

        Write(record, HlsFiles.Playlist, text + (ended ? "#EXT-X-ENDLIST\n" : ""));
    }

    private static void Write(string record, string name, string text)
    {
        var folder = HlsFiles.FolderOf(record);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Join(folder, name), text);
    }
}
