using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>What becomes of a session whose node went away.</summary>
public sealed class SessionResumeDecisionsTests
{
    private const string Path = Sample.FirstRecord;

    [Theory]
    [InlineData(11)]
    [InlineData(610)]
    public void Within_the_resume_window_a_session_goes_on_as_the_next_attempt_and_record(double at)
    {
        var story = Story.Recording.Then(state =>
            SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(at, Sample.OtherNode))
        );

        Assert.Equal(["FaultMet", "RecordingInterrupted", "AttemptStarted", "RecordNamed"], story.Events);
        Assert.Equal(
            (SessionPhase.Resuming, 2, Sample.OtherNode),
            (story.State.Phase, story.State.Attempt, story.State.Node)
        );
        Assert.Equal(new SessionGap(Sample.Time(10), null, FaultCode.NodeLost), Assert.Single(story.State.Gaps));
        Assert.Contains(Sample.Node, Assert.Single(story.State.Faults).Message, StringComparison.Ordinal);
        Assert.NotEqual(Path, story.CurrentPath);
        Assert.Equal(Path, Assert.Single(story.State.Unrepaired).Path);
    }

    [Fact]
    public void Outside_the_resume_window_a_session_ends_as_interrupted_after_its_repair()
    {
        var story = Story.Recording.Then(state =>
            SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(610.1))
        );
        Assert.Equal(["FaultMet", "RecordingInterrupted", "EndDecided"], story.Events);
        Assert.Equal(
            new SessionGap(Sample.Time(10), Sample.Time(610.1), FaultCode.NodeLost),
            Assert.Single(story.State.Gaps)
        );

        story = story.Hears(612, new RecordFinished(Path, TimeSpan.FromSeconds(9), 1000, Repaired: true)).Ends(612);
        Assert.Equal(SessionPhase.Interrupted, story.State.Phase);
        Assert.Contains("10 minutes", story.State.Outcome!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_resume_window_counts_from_the_last_evidence_also_when_the_session_was_between_two_tries()
    {
        Assert.Contains(
            SessionDecisions.Resume(Story.WithoutMedia.State, Sample.Spec, Sample.ResumeWindow, Sample.At(610)),
            e => e is RecordNamed
        );
        Assert.Contains(
            SessionDecisions.Resume(Story.WithoutMedia.State, Sample.Spec, Sample.ResumeWindow, Sample.At(611)),
            e => e is EndDecided
        );
    }

    [Theory]
    [InlineData(3600, 3600, true)]
    [InlineData(3600, 3001, true)]
    [InlineData(3600, 2999, false)]
    [InlineData(609, 1, true)]
    public void The_time_that_a_session_waited_for_room_does_not_count_for_the_resume_window(
        double at,
        double waitedUntil,
        bool goesOn
    )
    {
        var story = Story.Recording.Then(state =>
            SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(at), Sample.Time(waitedUntil))
        );
        Assert.Equal(goesOn ? SessionPhase.Resuming : SessionPhase.Stopping, story.State.Phase);
        Assert.Equal(Sample.Time(10), Assert.Single(story.State.Gaps).From);
    }

    [Fact]
    public void A_session_that_waited_for_room_may_fail_at_its_first_try_and_be_tried_again()
    {
        var story = Story.Recording.Then(state =>
            SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(3600), Sample.Time(3590))
        );
        story = story.Hears(3605, new MediaFailed(FaultCode.PageFailed, "The page does not answer."));
        Assert.Contains(
            SessionDecisions.Retry(story.State, Sample.ResumeWindow, Sample.At(3610)),
            e => e is RecordNamed
        );
        Assert.Contains(
            SessionDecisions.Retry(story.State, Sample.ResumeWindow, Sample.At(4191)),
            e => e is EndDecided
        );

        // Nor does another node's death in this time end it.
        Assert.Contains(
            SessionDecisions.Resume(story.State, Sample.Spec, Sample.ResumeWindow, Sample.At(3620)),
            e => e is RecordNamed
        );
    }

    [Fact]
    public void An_admitted_session_whose_start_never_arrived_fails()
    {
        var story = Story
            .New.Then(state => SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(60)))
            .Ends(60);

        Assert.Equal((SessionPhase.Failed, FaultCode.NodeLost), (story.State.Phase, story.State.Outcome!.Code));
        Assert.Equal(Sample.Spec, story.State.Spec);
    }

    [Fact]
    public void A_start_whose_node_went_away_fails_after_its_file_was_looked_at()
    {
        var story = Story.Starting.Then(state =>
            SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(60))
        );
        Assert.Equal(Path, Assert.Single(story.State.Unrepaired).Path);

        story = story.Hears(61, new RecordUnrecoverable(Path, "There is no file.")).Ends(61);
        Assert.Equal((SessionPhase.Failed, FaultCode.NodeLost), (story.State.Phase, story.State.Outcome!.Code));
        Assert.False(story.State.EverRecorded);
    }

    [Fact]
    public void A_stop_whose_node_went_away_ends_as_it_was_to_end_after_the_repair()
    {
        var story = Story.Stopping.Then(state =>
            SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(3600))
        );
        Assert.Equal(["RecordingInterrupted"], story.Events);

        story = story.Hears(3601, new RecordFinished(Path, TimeSpan.FromSeconds(18), 1000, Repaired: true)).Ends(3601);
        Assert.Equal(SessionPhase.Stopped, story.State.Phase);
    }

    [Fact]
    public void An_ended_session_does_not_resume() =>
        Assert.Empty(SessionDecisions.Resume(Story.Stopped.State, Sample.Spec, Sample.ResumeWindow, Sample.At(60)));

    [Fact]
    public void A_session_that_tries_in_vain_for_longer_than_the_resume_window_ends_as_interrupted()
    {
        var story = Story.WithoutMedia.Then(state =>
            SessionDecisions.Retry(state, Sample.ResumeWindow, Sample.At(611))
        );

        Assert.Equal(["EndDecided"], story.Events);
        Assert.Equal(
            (SessionPhase.Interrupted, FaultCode.DisplayFailed),
            (story.State.Outcome!.Phase, story.State.Outcome.Code)
        );
        Assert.Equal(
            new SessionGap(Sample.Time(10), Sample.Time(611), FaultCode.DisplayFailed),
            Assert.Single(story.State.Gaps)
        );
    }

    [Fact]
    public void There_is_nothing_to_retry_for_a_session_that_records_or_ends()
    {
        foreach (
            var story in new[]
            {
                Story.Starting,
                Story.Recording,
                Story.OnTheWayToTheNextRecord,
                Story.Stopping,
                Story.Stopped,
            }
        )
        {
            Assert.Empty(SessionDecisions.Retry(story.State, Sample.ResumeWindow, Sample.At(30)));
        }
    }
}
