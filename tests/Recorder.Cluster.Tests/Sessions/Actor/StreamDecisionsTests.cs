using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Cluster.Tests.Sessions.Streams;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>Sessions that only stream: no record anywhere in their life.</summary>
public sealed class StreamDecisionsTests
{
    [Fact]
    public void A_start_plans_the_stream_and_names_no_record()
    {
        var story = Story.New.Then(state => SessionDecisions.Start(state, StreamSpec, Sample.At(0)));

        Assert.Equal(["SessionAccepted", "AttemptStarted", "StreamingPlanned"], story.Events);
        Assert.Equal((SessionState.StreamOnly, false), (story.State.Current, story.State.CurrentOpened));
        Assert.Equal([new StreamOutput("target-1", First)], story.State.Targets);
        var begin = Assert.IsType<BeginRecording>(
            Assert.Single(SessionWork.Next(story.State, new MediaStanding(), leaving: false).Commands)
        );
        Assert.Null(begin.RecordPath);
        Assert.Equal(story.State.Targets, begin.Targets);
    }

    [Fact]
    public void The_first_accepted_frame_makes_it_recording_and_growth_is_evidence()
    {
        var state = Streaming.State;

        Assert.Equal((SessionPhase.Recording, true, true), (state.Phase, state.Started, state.EverRecorded));
        Assert.Equal(Sample.Time(10), state.LastEvidence);
        Assert.Empty(state.Records);
        Assert.Empty(Streaming.Hears(11, new FirstFrameWritten(null, Sample.Time(11))).Last);
    }

    [Fact]
    public void News_of_a_record_is_no_news_of_a_stream_and_the_other_way_round()
    {
        Assert.Empty(
            Streaming.Hears(11, new RecordGrew(Sample.FirstRecord, Sample.Time(11), 1, 0, 1, TimeSpan.Zero)).Last
        );
        Assert.Empty(
            Streaming.Hears(11, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "It died.")).Last
        );
        Assert.Empty(Story.Recording.Hears(11, StreamGrew).Last);
        Assert.Empty(Story.Recording.Hears(11, new WorkerLost(null, FaultCode.PipelineFailed, "It died.")).Last);
        Assert.Empty(Story.Recording.Hears(11, new RecordFinished(null, TimeSpan.Zero, 0, Repaired: false)).Last);
    }

    [Fact]
    public void A_target_that_refuses_at_start_fails_the_session_with_its_answer_and_leaves_nothing_open()
    {
        var story = Story
            .New.Then(state => SessionDecisions.Start(state, StreamSpec, Sample.At(0)))
            .Hears(1, new MediaFailed(FaultCode.StreamFailed, "rtmp://h/app/… refused the publish."));
        Assert.Equal(["FaultMet", "EndDecided", "StreamingEnded"], story.Events);

        story = story.Ends(1);
        Assert.Equal(
            new SessionOutcome(SessionPhase.Failed, FaultCode.StreamFailed, "rtmp://h/app/… refused the publish."),
            story.State.Outcome
        );
        Assert.False(story.State.EverRecorded);
    }

    [Fact]
    public void A_stop_ends_it_once_the_streams_are_closed()
    {
        var story = Streaming.Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(20)));
        Assert.Empty(SessionDecisions.EndWhenDone(story.State, Sample.At(20)));

        story = story.Hears(21, new RecordFinished(null, TimeSpan.FromSeconds(18), 0, Repaired: false));
        Assert.Equal(["StreamingEnded"], story.Events);
        Assert.Equal(SessionPhase.Stopped, story.Ends(21).State.Phase);
        Assert.Empty(story.Ends(21).State.Gaps);
    }

    [Fact]
    public void A_lost_worker_is_followed_by_the_next_at_once_with_nothing_to_repair()
    {
        var story = Streaming
            .Hears(12, new WorkerLost(null, FaultCode.PipelineFailed, "It died."))
            .Then(state => SessionDecisions.ResumeMedia(state, Sample.At(12)));
        Assert.Equal(["StreamingPlanned"], story.Events);
        Assert.Equal(new SessionGap(Sample.Time(10), null, FaultCode.PipelineFailed), Assert.Single(story.State.Gaps));
        Assert.Empty(story.State.Unrepaired);

        var standing = new MediaStanding { Up = true, Targets = story.State.Targets };
        Assert.Null(
            Assert
                .IsType<ResumeRecording>(
                    Assert.Single(SessionWork.Next(story.State, standing, leaving: false).Commands)
                )
                .RecordPath
        );

        var state = story.Hears(14, new FirstFrameWritten(null, Sample.Time(14))).State;
        Assert.Equal((SessionPhase.Recording, Sample.Time(14)), (state.Phase, Assert.Single(state.Gaps).To));
    }

    [Fact]
    public void After_a_lost_node_it_goes_on_as_the_next_attempt_within_the_resume_window()
    {
        var story = Streaming.Then(state =>
            SessionDecisions.Resume(state, StreamSpec, Sample.ResumeWindow, Sample.At(60, Sample.OtherNode))
        );

        Assert.Equal(["FaultMet", "RecordingInterrupted", "AttemptStarted", "StreamingPlanned"], story.Events);
        Assert.Equal((2, SessionState.StreamOnly), (story.State.Attempt, story.State.Current));
        Assert.Equal(
            SessionPhase.Interrupted,
            Streaming
                .Then(state => SessionDecisions.Resume(state, StreamSpec, Sample.ResumeWindow, Sample.At(611)))
                .Ends(611)
                .State.Phase
        );
    }

    [Fact]
    public void A_worker_that_finalised_its_record_before_it_went_is_followed_by_the_next()
    {
        var story = Story
            .Recording.Hears(
                12,
                new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(10), 1000, Repaired: false)
            )
            .Hears(12, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "It stalled."));

        Assert.Equal(["FaultMet", "RecordingInterrupted"], story.Events);
        Assert.Equal(SessionPhase.Resuming, story.State.Phase);
        Assert.NotEmpty(SessionDecisions.ResumeMedia(story.State, Sample.At(12)));
    }
}
