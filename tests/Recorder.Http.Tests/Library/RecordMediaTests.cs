using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Library;

/// <summary>An edge whose farm holds the records where a test says, and answers for them as a test says.</summary>
[Trait("ring", "actor")]
public sealed class RecordMediaTests
{
    private const string Other = "akka.tcp://recorder@10.0.0.2:34569";
    private const string Silent = "akka.tcp://recorder@10.0.0.3:34569";
    private const string Gone = "akka.tcp://recorder@10.0.0.4:34569";
    private const string Media = "/api/records/1-1/media";
    private const string Record = "/records/2021-09-22_07:56:00__0.mp4";

    private static readonly byte[] Whole = RandomBytes((6 * RecordFiles.ChunkBytes) + 777);
    private static readonly FolderId Folder = new(new Guid("11111111-2222-3333-4444-555555555555"));

    [Fact]
    public async Task A_record_is_served_byte_for_byte_whole_and_in_part()
    {
        await using var edge = await StartAsync(Finished(Record), Part);

        using (var answer = await edge.Client.GetAsync(new Uri(Media, UriKind.Relative)))
        {
            Assert.Equal(Whole, await answer.Content.ReadAsByteArrayAsync());
            Assert.Equal(Whole.Length, answer.Content.Headers.ContentLength);
            Assert.Equal("video/mp4", answer.Content.Headers.ContentType?.ToString());
            Assert.Equal("bytes", answer.Headers.AcceptRanges.Single());
            Assert.Equal("\"mark\"", answer.Headers.ETag?.Tag);
            Assert.Equal(Time, answer.Content.Headers.LastModified);
            Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
            Assert.Equal("2021-09-22_07-56-00__0.mp4", answer.Content.Headers.ContentDisposition?.FileNameStar);
        }
        using var request = new HttpRequestMessage(HttpMethod.Get, Media)
        {
            Headers = { Range = new RangeHeaderValue(10, RecordFiles.ChunkBytes + 10) },
        };
        using var part = await edge.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(
            $"bytes 10-{RecordFiles.ChunkBytes + 10}/{Whole.Length}",
            part.Content.Headers.ContentRange?.ToString()
        );
        Assert.Equal(Whole[10..(RecordFiles.ChunkBytes + 11)], await part.Content.ReadAsByteArrayAsync());
        Assert.All(
            edge.Farm.Heard.OfType<ReadRecordFile>(),
            ask =>
                Assert.Equal(
                    ("2021-09-22_07:56:00__0.mp4", RecordFileKind.Media, Folder, false),
                    (ask.Record, ask.Kind, ask.Folder, ask.Growing)
                )
        );
    }

    [Fact]
    public async Task Several_ranges_come_as_several_parts()
    {
        await using var edge = await StartAsync(Finished(Record), Part);

        using var answer = await edge.SendAsync(HttpMethod.Get, Media, null, ("Range", "bytes=5-9,0-1,-3"));

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal("multipart/byteranges", answer.Content.Headers.ContentType?.MediaType);
        var boundary = answer.Content.Headers.ContentType?.Parameters.Single().Value;
        var body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(body.Length, answer.Content.Headers.ContentLength);
        var expected = new List<byte>();
        foreach (var (from, length) in new[] { (5, 5), (0, 2), (Whole.Length - 3, 3) })
        {
            expected.AddRange(
                Encoding.ASCII.GetBytes(
                    $"\r\n--{boundary}\r\nContent-Type: video/mp4\r\nContent-Range: bytes {from}-{from + length - 1}/{Whole.Length}\r\n\r\n"
                )
            );
            expected.AddRange(Whole[from..(from + length)]);
        }
        expected.AddRange(Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n"));
        Assert.Equal(expected, body);
    }

    [Theory]
    [InlineData("Range", "bytes=99999999-", 416, "range_not_satisfiable")]
    [InlineData("If-Match", "\"x\"", 412, "precondition_failed")]
    [InlineData("If-None-Match", "\"mark\"", 304, "")]
    public async Task A_call_that_gets_no_byte_is_told_why(string header, string value, int status, string code)
    {
        await using var edge = await StartAsync(Finished(Record), Part);

        using var answer = await edge.SendAsync(HttpMethod.Get, Media, null, (header, value));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(code, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(
            status == 416 ? $"bytes */{Whole.Length}" : null,
            answer.Content.Headers.ContentRange?.ToString()
        );
    }

    [Fact]
    public async Task A_HEAD_reads_no_byte()
    {
        await using var edge = await StartAsync(Finished(Record), Part);

        using var answer = await edge.SendAsync(HttpMethod.Head, Media + "?inline=1", null, ("Range", "bytes=0-9"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Whole.Length, answer.Content.Headers.ContentLength);
        Assert.Equal("inline", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Contains("media-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.All(edge.Farm.Heard.OfType<ReadRecordFile>(), ask => Assert.Equal(0, ask.Length));
    }

    [Fact]
    public async Task A_growing_record_is_refused_or_served_up_to_its_last_whole_fragment()
    {
        await using var edge = await StartAsync(Growing(Record), Part);

        using var early = await edge.SendAsync(HttpMethod.Get, Media, null);
        await RefusedAsync(early, HttpStatusCode.Conflict, "not_finished", "stop session 1", "?live=1");

        Assert.Equal(Whole, await edge.Client.GetByteArrayAsync(new Uri(Media + "?live=1", UriKind.Relative)));
        Assert.All(edge.Farm.Heard.OfType<ReadRecordFile>(), ask => Assert.True(ask.Growing));
    }

    [Fact]
    public async Task What_breaks_off_in_the_middle_does_not_pass_for_the_whole()
    {
        await using var edge = await StartAsync(
            Finished(Record),
            ask => ask.Offset < RecordFiles.ChunkBytes ? Part(ask) : new RecordFileChanged(ask.Id)
        );

        await Assert.ThrowsAnyAsync<HttpRequestException>(() =>
            edge.Client.GetByteArrayAsync(new Uri(Media, UriKind.Relative))
        );
        await edge.Log.SeeAsync("cut off");

        // Nothing of this part was sent yet, so the reason can be told.
        using var late = await edge.SendAsync(HttpMethod.Get, Media, null, ("Range", $"bytes={RecordFiles.ChunkBytes}-"));
        await RefusedAsync(late, HttpStatusCode.ServiceUnavailable, "\"unavailable\"", "changed while it was read");
        Assert.Null(late.Headers.ETag);
    }

    [Theory]
    [InlineData(Silent, "\"node_lost\"", "does not answer the farm")]
    [InlineData(Gone, "\"node_lost\"", "is not in the farm")]
    [InlineData(Node, "\"unavailable\"", "cannot reach it: The folder is not mounted")]
    public async Task A_record_that_no_node_has_now_is_said_so(string holder, string code, string why)
    {
        await using var edge = await StartAsync(
            Finished(Record) with
            {
                Node = holder,
            },
            ask => new RecordFileElsewhere(ask.Id, "The folder is not mounted."),
            "recorder"
        );

        using var answer = await edge.SendAsync(HttpMethod.Get, Media, null);

        await RefusedAsync(answer, HttpStatusCode.ServiceUnavailable, code, why, holder, "record 1-1");
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_folder_that_moved_to_another_node_is_found_there()
    {
        await using var edge = await StartAsync(Finished(Record) with { Node = Gone }, Part);

        Assert.Equal(Whole, await edge.Client.GetByteArrayAsync(new Uri(Media, UriKind.Relative)));
    }

    [Theory]
    [InlineData(Media, HttpStatusCode.Gone, "record_missing")]
    [InlineData("/api/records/1-1/manifest.json", HttpStatusCode.NotFound, "no_such_file")]
    [InlineData("/api/records/1-1/poster.jpg", HttpStatusCode.Gone, "record_missing")]
    [InlineData("/api/records/1-2/media", HttpStatusCode.NotFound, "no_such_record")]
    [InlineData("/api/records/2021-09-22_07:57:00__0.mp4", HttpStatusCode.NotFound, "no_such_record")]
    [InlineData("/api/records/2021-09-22_07:56:00__0.mp4", HttpStatusCode.Gone, "record_missing")]
    [InlineData("/api/records/..%2f2021-09-22_07:56:00__0.mp4/media", HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData("/api/records/%2e%2e/media", HttpStatusCode.NotFound, "no_such_route")]
    [InlineData("/api/records/2021-09-22_07:56:00__0.mp4%0a/media", HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData("/api/records/2021-09-22_07:56:00__0.mp4.json/media", HttpStatusCode.BadRequest, "invalid_request")]
    public async Task What_is_not_there_is_told_apart(string path, HttpStatusCode status, string code)
    {
        await using var edge = await StartAsync(Finished(Record), ask => new RecordFileMissing(ask.Id));

        using var answer = await edge.SendAsync(HttpMethod.Get, path, null);

        await RefusedAsync(answer, status, code);
    }

    [Fact]
    public async Task A_record_of_sound_alone_has_no_picture_and_a_record_that_is_gone_is_told_apart()
    {
        await using var edge = await StartAsync(
            Finished(Record),
            ask => ask.Kind == RecordFileKind.Poster ? new RecordFileMissing(ask.Id) : Part(ask)
        );

        using var answer = await edge.SendAsync(HttpMethod.Get, "/api/records/1-1/poster.jpg", null);

        await RefusedAsync(answer, HttpStatusCode.NotFound, "\"no_such_file\"", "sound alone");
    }

    private static RecordFileReply Part(ReadRecordFile ask) =>
        new RecordFilePart(
            ask.Id,
            Whole.Length,
            Time,
            "mark",
            Whole[(int)ask.Offset..Math.Min(Whole.Length, (int)ask.Offset + ask.Length)]
        );

    private static async Task RefusedAsync(HttpResponseMessage answer, HttpStatusCode status, params string[] words)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(
            answer.StatusCode == status && words.All(word => text.Contains(word, StringComparison.Ordinal)),
            $"{answer.StatusCode}: {text}"
        );
    }

    private static async Task<EdgeFixture> StartAsync(
        RecordSummary record,
        Func<ReadRecordFile, RecordFileReply?> files,
        string roles = "recorder"
    )
    {
        var edge = await EdgeFixture.StartAsync();
        var session = Session(
            1,
            record.Finished ? SessionPhase.Stopped : SessionPhase.Recording,
            record with
            {
                Node = record.Node ?? Node,
                Folder = Folder,
            }
        );
        edge.Farm.On<FindSession>(locate => new SessionLocation(locate.Id, 7, session));
        edge.Farm.On<ListMembers>(_ => Members(roles));
        edge.Farm.On(files);
        edge.Farm.On<OpenRecordStream>(ask => new RecordFileUnreadable(ask.File.Id, "No stream in this test."));
        var system = edge.App.Services.GetRequiredService<ActorSystem>();
        ActorRegistry.For(system).Register<FarmMembership>(system.ActorOf(edge.Farm.Props()));
        system.ActorOf(edge.Farm.Props(), RecordFilesActor.Name);
        return edge;
    }

    private static FarmMembers Members(string roles)
    {
        ImmutableList<FarmMember> members =
        [
            new FarmMember(Node, 1, "Up", [roles], "1"),
            new FarmMember(Other, 1, "Up", ["edge"], "1"),
            new FarmMember(Silent, 1, "Up", ["recorder"], "1"),
        ];
        return new FarmMembers(
            Node,
            members,
            [Silent],
            Node,
            Node,
            ImmutableSortedDictionary<string, string>.Empty
        );
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(7).NextBytes(bytes);
        return bytes;
    }
}
