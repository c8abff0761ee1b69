using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Serialization;

namespace Recorder.Cluster.Tests.Sessions.HandOver;

public sealed class HandOverDecisionsTests
{
    private const string NextRecord = "/records/2021-09-22_07:56:14__0.mp4";

    /// <summary>A session whose record was ended by the hand-over at 15 s.</summary>
    private static Story HandedOver =>
        Story.Recording.Hears(
            15,
            new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(13), 9_000_000, Repaired: false)
        );

    [Fact]
    public void Only_a_page_session_that_records_and_goes_on_can_be_handed_over()
    {
        Assert.True(SessionDecisions.MayHandOver(Story.Recording.State));
        foreach (
            var not in new[]
            {
                Story.New,
                Story.Starting,
                Story.WithoutMedia,
                Story.OnTheWayToTheNextRecord,
                Story.Stopping,
                Story.Stopped,
                HandedOver,
            }
        )
        {
            Assert.False(SessionDecisions.MayHandOver(not.State), not.State.ToString());
        }
        Assert.False(
            SessionDecisions.MayHandOver(Story.Recording.State with { Spec = new RtpSessionSpec(5000, 5001) })
        );
    }

    [Fact]
    public void A_session_that_is_to_go_on_and_writes_records_can_adopt_one()
    {
        foreach (var may in new[] { Story.Recording, Story.WithoutMedia, Story.OnTheWayToTheNextRecord, HandedOver })
        {
            Assert.True(SessionDecisions.MayAdopt(may.State), may.State.ToString());
        }
        foreach (var not in new[] { Story.New, Story.Starting, Story.Stopping, Story.Stopped })
        {
            Assert.False(SessionDecisions.MayAdopt(not.State), not.State.ToString());
        }
        Assert.False(SessionDecisions.MayAdopt(Streams.Streaming.State));
    }

    [Fact]
    public void What_was_handed_over_goes_on_without_a_gap()
    {
        var adopted = Adopt(HandedOver, openedAt: 14);
        Assert.Equal(["AttemptStarted", "RecordNamed", "RecordOpened"], adopted.Events);
        Assert.Equal(
            (2, Sample.OtherNode, NextRecord, SessionPhase.Recording),
            (adopted.State.Attempt, adopted.State.Node, adopted.State.Current, adopted.State.Phase)
        );
        Assert.Empty(adopted.State.Gaps);
        Assert.Empty(adopted.State.Faults);
        Assert.Equal([(1, true), (2, false)], adopted.State.Records.Select(record => (record.Attempt, record.Closed)));
    }

    [Fact]
    public void If_its_node_died_after_the_next_record_began_there_is_a_fault_and_no_gap()
    {
        var adopted = Adopt(Story.Recording, openedAt: 9);
        Assert.Equal(["FaultMet", "AttemptStarted", "RecordNamed", "RecordOpened"], adopted.Events);
        Assert.Equal(FaultCode.NodeLost, Assert.Single(adopted.State.Faults).Code);
        Assert.Empty(adopted.State.Gaps);
    }

    [Fact]
    public void If_its_node_died_before_the_next_record_began_there_is_a_gap_until_the_repaired_record_shows_that_there_is_none()
    {
        var adopted = Adopt(Story.Recording, openedAt: 12);
        Assert.Equal(
            ["FaultMet", "RecordingInterrupted", "AttemptStarted", "RecordNamed", "RecordOpened"],
            adopted.Events
        );
        Assert.Equal(
            new SessionGap(Sample.Time(10), Sample.Time(12), FaultCode.NodeLost),
            Assert.Single(adopted.State.Gaps)
        );

        Assert.Equal(
            new SessionGap(Sample.Time(11), Sample.Time(12), FaultCode.NodeLost),
            Assert.Single(
                adopted
                    .Hears(
                        60,
                        new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(9), 9_000_000, Repaired: true)
                    )
                    .State.Gaps
            )
        );
        Assert.Empty(
            adopted
                .Hears(60, new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(11), 9_000_000, Repaired: true))
                .State.Gaps
        );
    }

    [Fact]
    public void What_was_handed_over_and_is_not_there_is_said_so()
    {
        var resumed = HandedOver.Then(state =>
            SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(20, Sample.OtherNode))
        );
        Assert.Contains("handed over", Assert.Single(resumed.State.Faults).Message, StringComparison.Ordinal);
        Assert.Equal(new SessionGap(Sample.Time(15), null, FaultCode.NodeLost), Assert.Single(resumed.State.Gaps));
    }

    [Theory]
    [InlineData(9.0, 15.0, 15.0)]
    [InlineData(11.0, 15.0, 10.0, 11.0, 15.0)]
    [InlineData(9.0, 21.0)]
    public void A_record_that_nobody_took_up_is_listed_where_it_belongs_and_what_it_shows_is_no_gap(
        double from,
        double to,
        params double[] gaps
    )
    {
        // The node died at 10 s, and the session went on at 20 s elsewhere.
        var story = Story.Recording.Then(state =>
            SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(19, Sample.OtherNode))
        );
        story = story.Hears(20, new FirstFrameWritten(story.CurrentPath, Sample.Time(20)));
        var left = new RecordLeft(
            Sample.Id,
            2,
            NextRecord,
            "third",
            Sample.Time(from),
            TimeSpan.FromSeconds(to - from),
            1000
        );
        var listed = story.Then(state => SessionDecisions.List(state, left, Sample.At(80, Sample.OtherNode)));

        Assert.Equal(
            [Sample.FirstRecord, NextRecord, story.CurrentPath],
            listed.State.Records.Select(record => record.Path)
        );
        Assert.Equal(
            ("third", true, false),
            (listed.State.Records[1].Node, listed.State.Records[1].Closed, listed.State.Records[1].Repaired)
        );
        Assert.Equal(
            (story.CurrentPath, SessionPhase.Recording, 2),
            (listed.State.Current, listed.State.Phase, listed.State.Attempt)
        );
        var edges = listed
            .State.Gaps.SelectMany(gap => new[] { gap.From, gap.To!.Value })
            .Select(at => (at - Sample.Begin).TotalSeconds);
        Assert.Equal(gaps.Length == 0 ? [] : [.. gaps, 20.0], edges);
        Assert.Empty(SessionDecisions.List(listed.State, left, Sample.At(81, Sample.OtherNode)));
    }

    [Fact]
    public void One_that_was_not_finalised_waits_for_its_repair_and_a_session_that_never_was_lists_nothing()
    {
        var left = new RecordLeft(Sample.Id, 2, NextRecord, "third", Sample.Time(19), null, null);
        var listed = Story.Stopped.Then(state => SessionDecisions.List(state, left, Sample.At(80)));
        Assert.Equal([NextRecord], listed.State.UnrepairedOn("third", []).Select(record => record.Path));
        Assert.Equal(SessionPhase.Stopped, listed.State.Phase);
        Assert.Empty(Story.New.Then(state => SessionDecisions.List(state, left, Sample.At(80))).Events);
    }

    [Fact]
    public void Whatever_a_session_is_told_finds_its_way_to_another_shard() =>
        Assert.All(
            WireSamples.All.OfType<SessionMessage>(),
            message =>
            {
                var passedOn = message.To(9);
                Assert.Equal((message.GetType(), message.Id, 9), (passedOn.GetType(), passedOn.Id, passedOn.Shard));
            }
        );

    [Fact]
    public void What_is_told_without_an_address_reaches_no_session() =>
        Assert.Equal(
            (null, "7"),
            (
                new SessionExtractor().ShardId(new StopSession(Sample.Id)),
                new SessionExtractor().ShardId(new StopSession(Sample.Id).To(7))
            )
        );

    private static Story Adopt(Story story, double openedAt) =>
        story.Then(state =>
            SessionDecisions.Adopt(state, NextRecord, Sample.Time(openedAt), Sample.At(16, Sample.OtherNode))
        );
}
