using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Edge.Conversations;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Live;

/// <summary>An edge whose farm holds the HLS files where a test says, and answers for them as a test says.</summary>
[Trait("ring", "actor")]
public sealed class HlsElsewhereTests
{
    private const string Other = "akka.tcp://recorder@10.0.0.2:34569";
    private const string Segment = "/api/sessions/1/hls/segment-00000.ts";
    private const string Record = "/records/2021-09-22_07:56:00__0.mp4";

    private static readonly byte[] Whole = RandomBytes((3 * HlsFiles.ChunkBytes) + 777);

    [Theory]
    [InlineData(Node, "recorder", "ByHolder")]
    [InlineData(Node, "edge", "ByHolder")]
    [InlineData(Other, "edge", "ByHolder")]
    [InlineData("akka.tcp://recorder@10.0.0.3:34569", "recorder", "Silent")]
    [InlineData("akka.tcp://recorder@10.0.0.4:34569", "recorder", "ByThisNode")]
    [InlineData("akka.tcp://recorder@10.0.0.4:34569", "edge", "Gone")]
    public void A_file_is_read_by_its_holder_or_by_this_node_if_that_may_have_been_the_holder(
        string holder,
        string roles,
        string expected
    ) => Assert.Equal(expected, HlsQuery.WayTo(holder, Farm(roles)).ToString());

    [Fact]
    public async Task A_file_is_asked_for_part_after_part_and_served_byte_for_byte_whole_or_in_part()
    {
        await using var edge = await StartAsync(Node, Part);
        using (var answer = await edge.Client.GetAsync(new Uri(Segment, UriKind.Relative)))
        {
            Assert.Equal(Whole.Length, answer.Content.Headers.ContentLength);
            Assert.Equal(Whole, await answer.Content.ReadAsByteArrayAsync());
        }

        Assert.Equal(
            [0, HlsFiles.ChunkBytes, 2 * HlsFiles.ChunkBytes, 3 * HlsFiles.ChunkBytes],
            edge.Farm.Heard.OfType<ReadHlsFile>().Select(ask => ask.Offset)
        );
        Assert.All(
            edge.Farm.Heard.OfType<ReadHlsFile>(),
            ask => Assert.Equal(("2021-09-22_07:56:00__0.mp4", HlsFiles.Segment(0)), (ask.Record, ask.File))
        );

        foreach (
            var (from, to) in new[]
            {
                (10, 20),
                (HlsFiles.ChunkBytes - 3, HlsFiles.ChunkBytes + 3),
                (HlsFiles.ChunkBytes + 9, Whole.Length - 1),
            }
        )
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Segment)
            {
                Headers = { Range = new RangeHeaderValue(from, to) },
            };
            using var part = await edge.Client.SendAsync(request);
            Assert.Equal(
                (HttpStatusCode.PartialContent, Whole.Length),
                (part.StatusCode, part.Content.Headers.ContentRange?.Length)
            );
            Assert.Equal(Whole[from..(to + 1)], await part.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task What_breaks_off_in_the_middle_does_not_pass_for_the_whole()
    {
        await using var edge = await StartAsync(
            Node,
            ask => ask.Offset < HlsFiles.ChunkBytes ? Part(ask) : new HlsFileUnreadable(ask.Id, "Input/output error.")
        );

        await Assert.ThrowsAnyAsync<HttpRequestException>(() =>
            edge.Client.GetByteArrayAsync(new Uri(Segment, UriKind.Relative))
        );
        await edge.Log.SeeAsync("cut off");

        // Nothing of this part was sent yet, so the reason can be told.
        using var request = new HttpRequestMessage(HttpMethod.Get, Segment)
        {
            Headers = { Range = new RangeHeaderValue(HlsFiles.ChunkBytes, null) },
        };
        using var late = await edge.Client.SendAsync(request);
        await RefusedAsync(late, HttpStatusCode.ServiceUnavailable, "\"unavailable\"", "Input/output error", Node);
    }

    [Fact]
    public async Task A_file_that_shrinks_meanwhile_breaks_off()
    {
        await using var edge = await StartAsync(
            Node,
            ask => ask.Offset == 0 ? Part(ask) : new HlsChunk(ask.Id, HlsFiles.ChunkBytes, [])
        );

        await Assert.ThrowsAnyAsync<HttpRequestException>(() =>
            edge.Client.GetByteArrayAsync(new Uri(Segment, UriKind.Relative))
        );
    }

    [Theory]
    [InlineData("akka.tcp://recorder@10.0.0.3:34569", "recorder", "\"node_lost\"", "does not answer the farm")]
    [InlineData("akka.tcp://recorder@10.0.0.4:34569", "edge", "\"node_lost\"", "is not in the farm")]
    [InlineData("akka.tcp://recorder@10.0.0.4:34569", "recorder", "\"node_lost\"", "is not in the farm")]
    public async Task A_holder_that_is_away_is_named(string holder, string roles, string code, string why)
    {
        await using var edge = await StartAsync(holder, ask => new HlsFileMissing(ask.Id, HasPlaylist: false), roles);
        using var answer = await edge.Client.GetAsync(new Uri(Segment, UriKind.Relative));

        await RefusedAsync(answer, HttpStatusCode.ServiceUnavailable, code, why, holder);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_holder_that_says_nothing_is_named_after_the_limit()
    {
        await using var edge = await StartAsync(Node, _ => null);
        using var answer = await edge.Client.GetAsync(new Uri(Segment, UriKind.Relative));

        await RefusedAsync(
            answer,
            HttpStatusCode.ServiceUnavailable,
            "\"unavailable\"",
            "did not answer within 5 s",
            Node
        );
    }

    [Fact]
    public async Task A_node_that_came_back_under_another_address_still_serves_its_files()
    {
        await using var edge = await StartAsync("akka.tcp://recorder@10.0.0.4:34569", Part);

        Assert.Equal(Whole, await edge.Client.GetByteArrayAsync(new Uri(Segment, UriKind.Relative)));
    }

    [Fact]
    public async Task A_segment_that_is_not_there_is_404()
    {
        await using var edge = await StartAsync(Node, ask => new HlsFileMissing(ask.Id, HasPlaylist: true));
        using var answer = await edge.Client.GetAsync(new Uri(Segment, UriKind.Relative));

        await RefusedAsync(answer, HttpStatusCode.NotFound, "\"no_such_file\"", "segment-00000.ts", Node);
    }

    private static HlsReply Part(ReadHlsFile ask) =>
        new HlsChunk(
            ask.Id,
            Whole.Length,
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
        string holder,
        Func<ReadHlsFile, HlsReply?> files,
        string roles = "recorder"
    )
    {
        var edge = await EdgeFixture.StartAsync();
        var session = Session(1, SessionPhase.Recording, Growing(Record) with { Node = holder }) with
        {
            Spec = new PageSessionSpec(new Uri("https://example.org/")) { Hls = true },
        };
        edge.Farm.On<FindSession>(locate => new SessionLocation(locate.Id, 7, session));
        edge.Farm.On<ListMembers>(_ => Farm(roles));
        edge.Farm.On(files);
        var system = edge.App.Services.GetRequiredService<ActorSystem>();
        ActorRegistry.For(system).Register<FarmMembership>(system.ActorOf(edge.Farm.Props()));
        system.ActorOf(edge.Farm.Props(), HlsFilesActor.Name);
        return edge;
    }

    private static FarmMembers Farm(string roles)
    {
        ImmutableList<FarmMember> members =
        [
            Member(Node, roles),
            Member(Other, "recorder"),
            Member("akka.tcp://recorder@10.0.0.3:34569", "recorder"),
        ];
        return new FarmMembers(
            Node,
            members,
            [members[2].Node],
            Node,
            Node,
            ImmutableSortedDictionary<string, string>.Empty
        );
    }

    private static FarmMember Member(string node, string role) => new(node, 1, "Up", [role], "1");

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(7).NextBytes(bytes);
        return bytes;
    }
}
