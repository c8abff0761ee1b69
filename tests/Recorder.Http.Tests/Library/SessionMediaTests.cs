using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Library;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Library;

/// <summary>All records of a session as one file: what is refused, and in which words. The joining itself has tests at
/// the worker, with real files.</summary>
[Trait("ring", "actor")]
public sealed class SessionMediaTests
{
    private const string First = "/records/2021-09-22_07:56:00__0.mp4";
    private const string Second = "/records/2021-09-22_07:58:00__0.mp4";

    private static readonly byte[] Junk = [.. Enumerable.Range(0, 1000).Select(number => (byte)number)];

    [Fact]
    public async Task The_only_record_of_a_session_is_the_file()
    {
        await using var edge = await StartAsync(Ended(Finished(First)));

        using var answer = await edge.SendAsync(HttpMethod.Get, "/api/sessions/1/media", null, ("Range", "bytes=1-3"));

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(Junk[1..4], await answer.Content.ReadAsByteArrayAsync());
    }

    public static TheoryData<string, int, string, string> Refusals =>
        new()
        {
            { "running", 409, "not_finished", "Session 1 still runs" },
            { "growing", 409, "not_finished", "Record 1-2 is still being written" },
            { "unrepaired", 409, "not_finished", "Record 1-2 was left open" },
            { "empty", 404, "no_such_file", "Session 1 has no record" },
            { "junk", 409, "not_joinable", "Record 1-1 is no whole MP4" },
            { "ts", 409, "not_joinable", "ts" },
            { "missing", 410, "record_missing", "record 1-1" },
            { "away", 503, "unavailable", "is not mounted" },
        };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_cannot_be_one_file_is_told_with_the_record_and_the_reason(
        string what,
        int status,
        string code,
        string words
    )
    {
        var first = Finished(First) with { Number = 1, Node = Node };
        var second = Finished(Second) with { Number = 2, Node = Node, OpenedAt = Time.AddMinutes(2) };
        await using var edge = await StartAsync(
            what switch
            {
                "running" => Session(1, SessionPhase.Resuming, first, second),
                "growing" => Session(1, SessionPhase.Recording, first, Growing(Second) with { Number = 2 }),
                "unrepaired" => Session(1, SessionPhase.Stopped, first, Growing(Second) with { Number = 2 }),
                "empty" => Ended(),
                "ts" => Ended(first, second) is var session
                    ? session with { Spec = session.Spec with { Container = RecordContainer.Ts } }
                    : session,
                _ => Ended(first, second),
            },
            what
        );

        using var answer = await edge.SendAsync(HttpMethod.Get, "/api/sessions/1/media", null);

        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, text);
        Assert.Contains($"\"{code}\"", text, StringComparison.Ordinal);
        Assert.Contains(words, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chapter_tells_the_gap_before_it()
    {
        var session = Ended(
            Finished(First),
            Finished(Second) with
            {
                OpenedAt = Time.AddSeconds(130),
            },
            Finished("/records/2021-09-22_08:00:00__0.mp4") with
            {
                OpenedAt = Time.AddSeconds(300),
            }
        ) with
        {
            Gaps = [new SessionGap(Time.AddSeconds(118), Time.AddSeconds(130), FaultCode.PipelineFailed)],
        };
        var items = SessionMedia.ItemsOf(session);

        Assert.Equal(
            ["Part 1", "Part 2, after a gap of 12 s (pipeline_failed)", "Part 3"],
            Enumerable.Range(0, 3).Select(index => SessionMedia.ChapterOf(session, items, index))
        );
    }

    [Fact]
    public void Records_play_in_the_order_of_their_beginnings()
    {
        var session = Ended(
            Finished(First) with { Number = 1 },
            Finished("/records/2021-09-22_08:00:00__0.mp4") with { Number = 2, OpenedAt = Time.AddMinutes(4) },
            Finished(Second) with { Number = 3, OpenedAt = Time.AddMinutes(2) }
        );

        Assert.Equal(["1-1", "1-3", "1-2"], SessionMedia.ItemsOf(session).Select(item => $"{item.Id}"));
    }

    private static SessionSummary Ended(params RecordSummary[] records) => Session(1, SessionPhase.Stopped, records);

    private static async Task<EdgeFixture> StartAsync(SessionSummary session, string what = "")
    {
        var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindSession>(locate => new SessionLocation(locate.Id, 7, session));
        edge.Farm.On<ReadRecordFile>(ask =>
            what switch
            {
                "missing" => new RecordFileMissing(ask.Id),
                "away" => new RecordFileElsewhere(ask.Id, "The disk of the records folder is not mounted."),
                _ => new RecordFilePart(
                    ask.Id,
                    Junk.Length,
                    Time,
                    "mark",
                    Junk[(int)ask.Offset..Math.Min(Junk.Length, (int)ask.Offset + ask.Length)]
                ),
            }
        );
        edge.Farm.On<ListMembers>(_ => new FarmMembers(
            Node,
            [new FarmMember(Node, 1, "Up", ["recorder"], "1")],
            [],
            Node,
            Node,
            ImmutableSortedDictionary<string, string>.Empty
        ));
        var system = edge.App.Services.GetRequiredService<ActorSystem>();
        ActorRegistry.For(system).Register<FarmMembership>(system.ActorOf(edge.Farm.Props()));
        system.ActorOf(edge.Farm.Props(), RecordFilesActor.Name);
        return edge;
    }
}
