using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;

using Akka.Actor;
using Akka.Hosting;

using Microsoft.Extensions.DependencyInjection;

using Recorder.Cluster.Hosting;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;
using Recorder.Http.Answers;

using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

public sealed class HlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-hls-").FullName;

    private string FirstRecord => Path.Join(_folder, "2021-09-22_07:56:00__0.mp4");

    private string SecondRecord => Path.Join(_folder, "2021-09-22_07:57:00__0.mp4");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_playlist_and_its_segments_are_served_with_their_types_while_they_grow()
    {
        Write(FirstRecord, HlsFiles.Playlist, "#EXTM3U\n");
        Write(FirstRecord, HlsFiles.Segment(0), "segment");
        await using var edge = await StartAsync(Hls(Growing(FirstRecord)));

        var playlist = await edge.Client.GetAsync("/api/sessions/1/hls/playlist.m3u8");
        Assert.Equal((HttpStatusCode.OK, "application/vnd.apple.mpegurl"), (playlist.StatusCode, playlist.Content.Headers.ContentType?.ToString()));
        Assert.True(playlist.Headers.CacheControl?.NoStore);
        Assert.Equal("#EXTM3U\n", await playlist.Content.ReadAsStringAsync());

        // The writer replaces the playlist in one step and holds no lock that matters.
        using var writer = new FileStream(Path.Join(HlsFiles.FolderOf(FirstRecord), HlsFiles.Segment(0)), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        Write(FirstRecord, HlsFiles.Playlist, "#EXTM3U\n#EXT-X-ENDLIST\n");
        Assert.EndsWith("ENDLIST\n", await edge.Client.GetStringAsync("/api/sessions/1/hls/playlist.m3u8"), StringComparison.Ordinal);

        var segment = await edge.Client.GetAsync("/api/sessions/1/hls/segment-00000.ts");
        Assert.Equal("video/mp2t", segment.Content.Headers.ContentType?.ToString());
        Assert.Equal("segment", await segment.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_part_of_a_segment_is_served()
    {
        Write(FirstRecord, HlsFiles.Playlist, "#EXTM3U\n");
        Write(FirstRecord, HlsFiles.Segment(0), "segment");
        await using var edge = await StartAsync(Hls(Growing(FirstRecord)));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/sessions/1/hls/segment-00000.ts") { Headers = { Range = new RangeHeaderValue(1, 3) } };

        var part = await edge.Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.PartialContent, "egm"), (part.StatusCode, await part.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task While_the_session_runs_the_playlist_of_an_earlier_record_is_not_served_since_it_has_an_end()
    {
        Write(FirstRecord, HlsFiles.Playlist, "first");
        await using var edge = await StartAsync(Hls(Finished(FirstRecord), Growing(SecondRecord)));
        Assert.Equal(HttpStatusCode.NotFound, (await edge.Client.GetAsync("/api/sessions/1/hls/playlist.m3u8")).StatusCode);

        Write(SecondRecord, HlsFiles.Playlist, "second");
        Assert.Equal("second", await edge.Client.GetStringAsync("/api/sessions/1/hls/playlist.m3u8"));

        await using var between = await StartAsync(Hls(Finished(FirstRecord)));
        Assert.Equal(HttpStatusCode.NotFound, (await between.Client.GetAsync("/api/sessions/1/hls/playlist.m3u8")).StatusCode);
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
    public void A_session_that_goes_on_plays_its_growing_record_and_one_that_ends_or_has_ended_its_newest(SessionPhase phase, string records, string expected)
    {
        var session = Session(
            1, phase, [.. records.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split(' ') is [var path, "finished"] ? Finished(path) : Growing(text.Split(' ')[0]))]);

        Assert.Equal(expected, string.Join(", ", HlsFile.RecordsOf(session).Select(record => record.Path)));
    }

    [Fact]
    public async Task While_the_session_stops_the_playlist_stays()
    {
        Write(FirstRecord, HlsFiles.Playlist, "first");
        foreach (var record in new[] { Growing(FirstRecord), Finished(FirstRecord) })
        {
            await using var edge = await StartAsync(Hls(record) with { Phase = SessionPhase.Stopping });
            Assert.Equal("first", await edge.Client.GetStringAsync("/api/sessions/1/hls/playlist.m3u8"));
        }
    }

    [Fact]
    public async Task Of_a_session_that_has_ended_the_newest_record_that_has_a_playlist_is_served()
    {
        Write(FirstRecord, HlsFiles.Playlist, "first");
        await using var edge = await StartAsync(Hls(Finished(FirstRecord), Finished(SecondRecord)) with { Phase = SessionPhase.Stopped });
        Assert.Equal("first", await edge.Client.GetStringAsync("/api/sessions/1/hls/playlist.m3u8"));

        Write(SecondRecord, HlsFiles.Playlist, "second");
        Assert.Equal("second", await edge.Client.GetStringAsync("/api/sessions/1/hls/playlist.m3u8"));
    }

    [Theory]
    [InlineData("..%2f2021-09-22_07:56:00__0.mp4")]
    [InlineData("%2e%2e%2f2021-09-22_07:56:00__0.mp4")]
    [InlineData("%2fetc%2fpasswd")]
    [InlineData("segment-00000.ts%00")]
    [InlineData("segment-00000.ts%0A")]
    [InlineData("segment-0000%D9%A3.ts")]
    [InlineData("segment-00001.ts")]
    [InlineData("playlist.m3u8.tmp")]
    [InlineData("other.ts")]
    public async Task Nothing_else_is_served(string name)
    {
        File.WriteAllText(FirstRecord, "the record");
        Write(FirstRecord, HlsFiles.Playlist, "#EXTM3U\n");
        Write(FirstRecord, "other.ts", "other");
        Write(FirstRecord, "playlist.m3u8.tmp", "half");
        await using var edge = await StartAsync(Hls(Growing(FirstRecord)));

        var answer = await edge.Client.GetAsync("/api/sessions/1/hls/" + name);

        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{name} was answered {answer.StatusCode}");
    }

    [Fact]
    public async Task A_session_without_a_playlist_says_so()
    {
        await using var none = await StartAsync(Session(1, SessionPhase.Recording, Growing(FirstRecord)));
        await OriginalCallsTests.Golden(
            await none.Client.GetAsync("/api/sessions/1/hls/playlist.m3u8"),
            HttpStatusCode.NotFound,
            """{"error":"Session 1 has no HLS output; start a session with \"hls\":true for one.","code":"no_such_file"}""");

        await using var early = await StartAsync(Hls(Growing(FirstRecord)));
        Assert.Contains("yet", await (await early.Client.GetAsync("/api/sessions/1/hls/playlist.m3u8")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static SessionSummary Hls(params RecordSummary[] records) =>
        Session(1, SessionPhase.Recording, records) with { Spec = new PageSessionSpec(new Uri("https://example.org/")) { Hls = true } };

    private async Task<EdgeFixture> StartAsync(SessionSummary session)
    {
        var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<LocateSession>(locate => new SessionLocation(locate.Id, 7, session));
        edge.Farm.On<GetMembers>(_ => new FarmMembers(
            Node, [new FarmMember(Node, 1, "Up", [NodeRoles.Recorder, NodeRoles.Edge], "1")], [], Node, Node, ImmutableSortedDictionary<string, string>.Empty));
        var system = edge.App.Services.GetRequiredService<ActorSystem>();
        ActorRegistry.For(system).Register<FarmMembership>(system.ActorOf(edge.Farm.Props()));
        system.ActorOf(HlsFilesActor.Props(_folder), HlsFilesActor.Name);
        return edge;
    }

    private static void Write(string record, string name, string text)
    {
        var folder = HlsFiles.FolderOf(record);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Join(folder, name), text);
    }
}
