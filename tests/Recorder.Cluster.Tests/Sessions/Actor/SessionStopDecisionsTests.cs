using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>What a stop does to a session, wherever it is in its life.</summary>
public sealed class SessionStopDecisionsTests
{
    private const string Path = Sample.FirstRecord;

    [Fact]
    public void A_stop_ends_the_session_once_its_record_is_finished()
    {
        Assert.Equal(["EndDecided"], Story.Stopping.Events);
        Assert.Empty(SessionDecisions.EndWhenDone(Story.Stopping.State, Sample.At(20)));

        var state = Story.Stopped.State;
        Assert.Equal((SessionPhase.Stopped, (string?)null), (state.Phase, state.Outcome!.Code));
        Assert.Empty(state.Gaps);
        Assert.Empty(state.Faults);
    }

    public static TheoryData<string, string[]> EndsOfAnUndoneStart =>
        new()
        {
            { "the media side has undone it", ["RecordLost"] },
            { "the media side has failed meanwhile", ["FaultMet", "RecordLost"] },
            { "the media side says nothing", ["RecordLost"] },
        };

    [Theory]
    [MemberData(nameof(EndsOfAnUndoneStart))]
    public void A_stop_at_start_fails_the_start_once_nothing_is_left_of_it(string end, string[] events)
    {
        var story = Story.StoppedAtStart;
        Assert.Equal(["EndDecided"], story.Events);
        Assert.Empty(SessionDecisions.EndWhenDone(story.State, Sample.At(1)));

        story = end switch
        {
            "the media side has undone it" => story.Hears(
                2,
                new RecordUnrecoverable(Path, "It was stopped before its first picture was written.")
            ),
            "the media side has failed meanwhile" => story.Hears(
                2,
                new MediaFailed(FaultCode.PageFailed, "net::ERR_NAME_NOT_RESOLVED")
            ),
            _ => story.Then(state => SessionDecisions.UndoLimitPassed(state, Sample.At(21))),
        };
        Assert.Equal(events, story.Events);
        story = story.Ends(21);
        Assert.Equal((SessionPhase.Failed, FaultCode.StoppedAtStart), (story.State.Phase, story.State.Outcome!.Code));
        Assert.False(story.State.EverRecorded);
        Assert.Empty(story.State.Summarise().Records);
    }

    [Fact]
    public void A_first_frame_that_crosses_the_stop_makes_a_record_and_no_started_session()
    {
        var story = Story.StoppedAtStart.Hears(1, new FirstFrameWritten(Path, Sample.Time(1)));
        Assert.Equal((SessionPhase.Stopping, false), (story.State.Phase, story.State.Started));

        // The record is being finalised, which may take its time.
        Assert.Empty(SessionDecisions.UndoLimitPassed(story.State, Sample.At(21)));

        story = story.Hears(2, new RecordFinished(Path, TimeSpan.FromSeconds(1), 1000, Repaired: false)).Ends(2);
        Assert.Equal((SessionPhase.Failed, FaultCode.StoppedAtStart), (story.State.Phase, story.State.Outcome!.Code));
        Assert.Equal(Path, Assert.Single(story.State.Summarise().Records).Path);
    }

    [Fact]
    public void A_frame_that_crossed_the_stop_is_repaired_when_the_media_side_fails_then()
    {
        var story = Story
            .StoppedAtStart.Hears(1, new FirstFrameWritten(Path, Sample.Time(1)))
            .Hears(2, new MediaFailed(FaultCode.PipelineFailed, "It died."));

        Assert.Equal(Path, Assert.Single(story.State.Unrepaired).Path);
    }

    [Fact]
    public void The_limit_of_an_undone_start_means_nothing_to_any_other_session()
    {
        foreach (
            var story in new[]
            {
                Story.New,
                Story.Starting,
                Story.Recording,
                Story.WithoutMedia,
                Story.OnTheWayToTheNextRecord,
                Story.Stopping,
                Story.Stopped,
            }
        )
        {
            Assert.Empty(SessionDecisions.UndoLimitPassed(story.State, Sample.At(21)));
        }
    }

    [Fact]
    public void A_stop_between_two_tries_ends_the_session_after_the_repair()
    {
        var story = Story.WithoutMedia.Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(13)));
        Assert.Empty(SessionDecisions.EndWhenDone(story.State, Sample.At(13)));
        Assert.Empty(SessionDecisions.Retry(story.State, Sample.ResumeWindow, Sample.At(13)));

        story = story.Hears(14, new RecordFinished(Path, TimeSpan.FromSeconds(9), 1000, Repaired: true)).Ends(14);
        Assert.Equal(SessionPhase.Stopped, story.State.Phase);
    }

    [Fact]
    public void A_stop_on_the_way_to_the_next_record_waits_for_both_records()
    {
        var story = Story.OnTheWayToTheNextRecord.Then(state =>
            SessionDecisions.Stop(state, alive: true, Sample.At(13))
        );
        var next = story.CurrentPath;

        story = story.Hears(14, new RecordUnrecoverable(next, "No frame was written."));
        Assert.Empty(SessionDecisions.EndWhenDone(story.State, Sample.At(14)));

        story = story.Hears(15, new RecordFinished(Path, TimeSpan.FromSeconds(9), 1000, Repaired: true)).Ends(15);
        Assert.Equal(SessionPhase.Stopped, story.State.Phase);
        Assert.Equal(Path, Assert.Single(story.State.Summarise().Records).Path);
    }

    [Fact]
    public void A_stop_of_a_session_whose_node_went_away_stops_it_and_repairs_what_the_node_left()
    {
        var story = Story.Recording.Then(state =>
            SessionDecisions.Stop(state, alive: false, Sample.At(60, Sample.OtherNode))
        );

        Assert.Equal(["FaultMet", "RecordingInterrupted", "EndDecided"], story.Events);
        Assert.Equal(SessionPhase.Stopped, story.State.Outcome!.Phase);
        Assert.Equal(
            new SessionGap(Sample.Time(10), Sample.Time(60), FaultCode.NodeLost),
            Assert.Single(story.State.Gaps)
        );
        Assert.Equal(Path, Assert.Single(story.State.Unrepaired).Path);
    }

    [Fact]
    public void A_stop_of_a_start_whose_node_went_away_fails_the_start()
    {
        var story = Story.Starting.Then(state => SessionDecisions.Stop(state, alive: false, Sample.At(60)));

        Assert.Equal((SessionPhase.Failed, FaultCode.NodeLost), (story.State.Outcome!.Phase, story.State.Outcome.Code));
        Assert.Equal(Path, Assert.Single(story.State.Unrepaired).Path);
    }

    [Fact]
    public void A_stop_of_a_stop_whose_node_went_away_repairs_what_was_being_finalised()
    {
        var story = Story.Stopping.Then(state => SessionDecisions.Stop(state, alive: false, Sample.At(60)));

        Assert.Equal(["RecordingInterrupted"], story.Events);
        Assert.Equal(SessionPhase.Stopped, story.State.Outcome!.Phase);
        Assert.Equal(Path, Assert.Single(story.State.Unrepaired).Path);
        Assert.Empty(story.State.Gaps);
    }

    [Fact]
    public void A_second_stop_changes_nothing()
    {
        foreach (var story in new[] { Story.Stopping, Story.Stopped })
        {
            Assert.Empty(SessionDecisions.Stop(story.State, alive: true, Sample.At(22)));
        }

        Assert.Empty(SessionDecisions.Stop(Story.Stopped.State, alive: false, Sample.At(22)));
        Assert.Empty(SessionDecisions.Stop(Story.New.State, alive: false, Sample.At(22)));
    }
}
