using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Tests.Sessions;

public sealed class SessionDecisionsTests
{
    private const string Path = Sample.FirstRecord;

    private static readonly RecordFinished Finished = new(Path, TimeSpan.FromSeconds(18), 12_000_000, Repaired: false);

    public static TheoryData<string> MediaFaults => [.. new[]
    {
        FaultCode.PageFailed, FaultCode.BrowserFailed, FaultCode.DisplayFailed, FaultCode.SoundFailed, FaultCode.PipelineFailed,
        FaultCode.DiskFull, FaultCode.RecordsFolderUnavailable,
    }];

    public static TheoryData<string> PassingMediaFaults =>
        [.. new[] { FaultCode.PageFailed, FaultCode.BrowserFailed, FaultCode.DisplayFailed, FaultCode.SoundFailed, FaultCode.PipelineFailed }];

    public static TheoryData<string> LastingMediaFaults => [.. new[] { FaultCode.DiskFull, FaultCode.RecordsFolderUnavailable }];

    [Fact]
    public void A_start_accepts_the_session_begins_its_first_attempt_and_names_its_record() =>
        Assert.Equal(["SessionAccepted", "AttemptStarted", "RecordNamed"], Story.Starting.Events);

    [Fact]
    public void A_session_that_exists_is_not_started_again()
    {
        foreach (var story in new[] { Story.Starting, Story.Recording, Story.WithoutMedia, Story.Stopping, Story.Stopped })
        {
            Assert.Empty(SessionDecisions.Start(story.State, Sample.Spec, Sample.At(30)));
        }
    }

    [Fact]
    public void A_start_that_reaches_its_limit_is_undone()
    {
        var story = Story.Starting.Then(state => SessionDecisions.StartLimitPassed(state, TimeSpan.FromSeconds(30), Sample.At(30)));
        Assert.Equal(["FaultMet", "EndDecided", "RecordLost"], story.Events);

        story = story.Ends(30);
        Assert.Equal((SessionPhase.Failed, FaultCode.StartTimeout), (story.State.Phase, story.State.Outcome!.Code));
        Assert.Contains("30 seconds", story.State.Outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_start_limit_means_nothing_once_the_first_frame_is_written_or_the_end_is_decided()
    {
        foreach (var story in new[] { Story.Recording, Story.WithoutMedia, Story.Stopping, Story.Stopped })
        {
            Assert.Empty(SessionDecisions.StartLimitPassed(story.State, TimeSpan.FromSeconds(30), Sample.At(30)));
        }
    }

    [Theory]
    [MemberData(nameof(MediaFaults))]
    public void A_media_set_that_fails_at_start_fails_the_session_with_its_own_code(string code)
    {
        var story = Story.Starting.Hears(3, new MediaFailed(code, "It did not work.")).Ends(3);

        Assert.Equal(new SessionOutcome(SessionPhase.Failed, code, "It did not work."), story.State.Outcome);
        Assert.Equal(SessionPhase.Failed, story.State.Phase);
        Assert.False(story.State.EverRecorded);
        Assert.Equal(code, Assert.Single(story.State.Faults).Code);
        Assert.Empty(story.State.Gaps);
    }

    [Fact]
    public void A_worker_that_dies_at_start_fails_the_session()
    {
        var story = Story.Starting.Hears(3, new WorkerLost(Path, FaultCode.PipelineFailed, "It died.")).Ends(3);

        Assert.Equal((SessionPhase.Failed, FaultCode.PipelineFailed), (story.State.Phase, story.State.Outcome!.Code));
    }

    [Theory]
    [MemberData(nameof(PassingMediaFaults))]
    public void A_media_set_that_fails_while_recording_is_tried_again(string code)
    {
        var story = Story.Recording.Hears(12, new MediaFailed(code, "It broke."));
        Assert.Equal(["FaultMet", "RecordingInterrupted"], story.Events);
        Assert.Equal(SessionPhase.Resuming, story.State.Phase);
        Assert.Equal(new SessionGap(Sample.Time(10), null, code), Assert.Single(story.State.Gaps));

        story = story.Then(state => SessionDecisions.Retry(state, Sample.ResumeWindow, Sample.At(13)));
        Assert.Equal("/records/2021-09-22_07:56:13__0.mp4", story.CurrentPath);
        Assert.Equal(1, story.State.Attempt);
    }

    [Theory]
    [MemberData(nameof(LastingMediaFaults))]
    public void Without_a_place_for_records_the_session_ends(string code)
    {
        var story = Story.Recording
            .Hears(12, Finished)
            .Hears(12, new MediaFailed(code, "There is no room."));
        Assert.Equal(["FaultMet", "RecordingInterrupted", "EndDecided"], story.Events);

        story = story.Ends(12);
        Assert.Equal((SessionPhase.Failed, code), (story.State.Phase, story.State.Outcome!.Code));
        Assert.True(story.State.Records[0].Closed);
        Assert.True(story.State.EverRecorded);
        Assert.NotNull(Assert.Single(story.State.Gaps).To);
    }

    [Fact]
    public void A_worker_that_finalised_its_record_before_it_went_is_followed_by_the_next_record()
    {
        var story = Story.Recording.Hears(12, Finished).Hears(12, new WorkerLost(Path, FaultCode.PipelineFailed, "It stalled."));

        Assert.Contains(story.Last, happened => happened is RecordingInterrupted);
        Assert.Contains(SessionDecisions.GoOn(story.State, Sample.At(12)), happened => happened is RecordNamed);
    }

    [Fact]
    public void A_full_disk_ends_the_session_even_when_only_the_worker_tells_of_it()
    {
        var story = Story.Recording.Hears(12, new WorkerLost(Path, FaultCode.DiskFull, "No space left on device."));
        Assert.Empty(SessionDecisions.GoOn(story.State, Sample.At(12)));
        Assert.Empty(SessionDecisions.EndWhenDone(story.State, Sample.At(12)));

        story = story.Hears(14, new RecordFinished(Path, TimeSpan.FromSeconds(9), 1000, Repaired: true)).Ends(14);
        Assert.Equal((SessionPhase.Failed, FaultCode.DiskFull), (story.State.Phase, story.State.Outcome!.Code));
    }

    [Fact]
    public void A_full_disk_while_stopping_does_not_make_the_stop_a_failure()
    {
        var story = Story.Stopping.Hears(21, new MediaFailed(FaultCode.DiskFull, "No space left on device."));

        Assert.Equal(SessionPhase.Stopped, story.State.Outcome!.Phase);
    }

    [Fact]
    public void A_lost_worker_is_followed_by_the_next_record_of_the_same_attempt()
    {
        var story = Story.OnTheWayToTheNextRecord;

        Assert.Equal(SessionPhase.Resuming, story.State.Phase);
        Assert.Equal("/records/2021-09-22_07:56:12__0.mp4", story.CurrentPath);
        Assert.Equal([1, 1], story.State.Records.Select(record => record.Attempt));
        Assert.Equal(Path, Assert.Single(story.State.Unrepaired).Path);
    }

    [Fact]
    public void A_worker_that_is_lost_again_before_its_first_frame_leaves_no_record_current()
    {
        var story = Story.OnTheWayToTheNextRecord;
        story = story.Hears(13, new WorkerLost(story.CurrentPath, FaultCode.PipelineFailed, "It died again."));

        Assert.Null(story.State.Current);
        Assert.Equal(2, story.State.Unrepaired.Count());
        Assert.Single(story.State.Gaps);
    }

    [Fact]
    public void News_of_a_record_that_is_not_current_changes_nothing()
    {
        foreach (var story in new[] { Story.Recording, Story.OnTheWayToTheNextRecord, Story.Stopped })
        {
            const string other = "/records/2020-01-01_00:00:00__7.mp4";
            Assert.Empty(story.Hears(30, new FirstFrameWritten(other, Sample.Time(30))).Last);
            Assert.Empty(story.Hears(30, new RecordGrew(other, Sample.Time(30), 1, 0, 1, TimeSpan.Zero)).Last);
            Assert.Empty(story.Hears(30, new WorkerLost(other, FaultCode.PipelineFailed, "It died.")).Last);
            Assert.Empty(story.Hears(30, new RecordFinished(other, TimeSpan.Zero, 0, Repaired: false)).Last);
            Assert.Empty(story.Hears(30, new RecordUnrecoverable(other, "Nothing in it.")).Last);
        }
    }

    [Fact]
    public void What_is_told_twice_happens_once()
    {
        Assert.Empty(Story.Recording.Hears(11, new FirstFrameWritten(Path, Sample.Time(2))).Last);
        Assert.Empty(Story.Stopped.Hears(22, Finished).Last);
        Assert.Empty(Story.OnTheWayToTheNextRecord.Hears(13, new WorkerLost(Path, FaultCode.PipelineFailed, "It died.")).Last);
    }

    [Fact]
    public void A_record_that_grows_before_its_first_frame_was_told_is_no_evidence() =>
        Assert.Empty(Story.Starting.Hears(1, new RecordGrew(Path, Sample.Time(1), 0, 0, 0, TimeSpan.Zero)).Last);

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

    [Fact]
    public void A_stop_at_start_fails_the_start_and_leaves_nothing_open()
    {
        var story = Story.Starting.Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(1))).Ends(1);

        Assert.Equal((SessionPhase.Failed, FaultCode.StoppedAtStart), (story.State.Phase, story.State.Outcome!.Code));
        Assert.DoesNotContain(story.State.Records, record => record.Open);
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
        var story = Story.OnTheWayToTheNextRecord.Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(13)));
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
        var story = Story.Recording.Then(state => SessionDecisions.Stop(state, alive: false, Sample.At(60, Sample.OtherNode)));

        Assert.Equal(["FaultMet", "RecordingInterrupted", "EndDecided"], story.Events);
        Assert.Equal(SessionPhase.Stopped, story.State.Outcome!.Phase);
        Assert.Equal(new SessionGap(Sample.Time(10), Sample.Time(60), FaultCode.NodeLost), Assert.Single(story.State.Gaps));
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

    [Theory]
    [InlineData(11)]
    [InlineData(610)]
    public void Within_the_resume_window_a_session_goes_on_as_the_next_attempt_and_record(double at)
    {
        var story = Story.Recording.Then(state => SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(at, Sample.OtherNode)));

        Assert.Equal(["FaultMet", "RecordingInterrupted", "AttemptStarted", "RecordNamed"], story.Events);
        Assert.Equal((SessionPhase.Resuming, 2, Sample.OtherNode), (story.State.Phase, story.State.Attempt, story.State.Node));
        Assert.Equal(new SessionGap(Sample.Time(10), null, FaultCode.NodeLost), Assert.Single(story.State.Gaps));
        Assert.Contains(Sample.Node, Assert.Single(story.State.Faults).Message, StringComparison.Ordinal);
        Assert.NotEqual(Path, story.CurrentPath);
        Assert.Equal(Path, Assert.Single(story.State.Unrepaired).Path);
    }

    [Fact]
    public void Outside_the_resume_window_a_session_ends_as_interrupted_after_its_repair()
    {
        var story = Story.Recording.Then(state => SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(610.1)));
        Assert.Equal(["FaultMet", "RecordingInterrupted", "EndDecided"], story.Events);
        Assert.Equal(new SessionGap(Sample.Time(10), Sample.Time(610.1), FaultCode.NodeLost), Assert.Single(story.State.Gaps));

        story = story.Hears(612, new RecordFinished(Path, TimeSpan.FromSeconds(9), 1000, Repaired: true)).Ends(612);
        Assert.Equal(SessionPhase.Interrupted, story.State.Phase);
        Assert.Contains("10 minutes", story.State.Outcome!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_resume_window_counts_from_the_last_evidence_also_when_the_session_was_between_two_tries()
    {
        Assert.Contains(SessionDecisions.Resume(Story.WithoutMedia.State, Sample.Spec, Sample.ResumeWindow, Sample.At(610)), e => e is RecordNamed);
        Assert.Contains(SessionDecisions.Resume(Story.WithoutMedia.State, Sample.Spec, Sample.ResumeWindow, Sample.At(611)), e => e is EndDecided);
    }

    [Fact]
    public void An_admitted_session_whose_start_never_arrived_fails()
    {
        var story = Story.New.Then(state => SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(60))).Ends(60);

        Assert.Equal((SessionPhase.Failed, FaultCode.NodeLost), (story.State.Phase, story.State.Outcome!.Code));
        Assert.Equal(Sample.Spec, story.State.Spec);
    }

    [Fact]
    public void A_start_whose_node_went_away_fails_after_its_file_was_looked_at()
    {
        var story = Story.Starting.Then(state => SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(60)));
        Assert.Equal(Path, Assert.Single(story.State.Unrepaired).Path);

        story = story.Hears(61, new RecordUnrecoverable(Path, "There is no file.")).Ends(61);
        Assert.Equal((SessionPhase.Failed, FaultCode.NodeLost), (story.State.Phase, story.State.Outcome!.Code));
        Assert.False(story.State.EverRecorded);
    }

    [Fact]
    public void A_stop_whose_node_went_away_ends_as_it_was_to_end_after_the_repair()
    {
        var story = Story.Stopping.Then(state => SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(3600)));
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
        var story = Story.WithoutMedia.Then(state => SessionDecisions.Retry(state, Sample.ResumeWindow, Sample.At(611)));

        Assert.Equal(["EndDecided"], story.Events);
        Assert.Equal((SessionPhase.Interrupted, FaultCode.DisplayFailed), (story.State.Outcome!.Phase, story.State.Outcome.Code));
        Assert.Equal(new SessionGap(Sample.Time(10), Sample.Time(611), FaultCode.DisplayFailed), Assert.Single(story.State.Gaps));
    }

    [Fact]
    public void There_is_nothing_to_retry_for_a_session_that_records_or_ends()
    {
        foreach (var story in new[] { Story.Starting, Story.Recording, Story.OnTheWayToTheNextRecord, Story.Stopping, Story.Stopped })
        {
            Assert.Empty(SessionDecisions.Retry(story.State, Sample.ResumeWindow, Sample.At(30)));
        }
    }

    [Fact]
    public void A_leaving_node_lets_a_recording_session_finish_its_record_and_stay_resumable()
    {
        Assert.Empty(SessionDecisions.LeaveNode(Story.Recording.State, Sample.At(20)));

        var finished = Story.Recording.Hears(20, Finished);
        Assert.Equal(SessionPhase.Recording, finished.State.Phase);

        var story = finished.Then(state => SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(30)));
        Assert.Equal(2, story.State.Attempt);
        Assert.Equal(new SessionGap(Sample.Time(20), null, FaultCode.NodeLost), Assert.Single(story.State.Gaps));
        Assert.Empty(story.State.Unrepaired);
    }

    [Fact]
    public void A_leaving_node_fails_a_start()
    {
        var story = Story.Starting.Then(state => SessionDecisions.LeaveNode(state, Sample.At(1))).Ends(1);

        Assert.Equal((SessionPhase.Failed, FaultCode.NodeLost), (story.State.Phase, story.State.Outcome!.Code));
    }

    [Fact]
    public void A_browser_lost_at_start_or_at_the_end_opens_no_gap()
    {
        Assert.Equal(["FaultMet"], Story.Starting.Hears(1, new BrowserLost(Sample.Time(1), "It crashed.")).Events);
        Assert.Empty(Story.Stopping.Hears(21, new BrowserLost(Sample.Time(21), "It crashed.")).Last);
        Assert.Empty(Story.Stopped.Hears(22, new BrowserLost(Sample.Time(22), "It crashed.")).Last);
    }

    [Fact]
    public void A_restored_browser_that_nobody_missed_is_no_news() =>
        Assert.Empty(Story.Recording.Hears(11, new BrowserRestored(Sample.Time(11))).Last);

    [Fact]
    public void A_media_side_that_dies_while_it_only_repairs_interrupts_nothing()
    {
        var story = Story.WithoutMedia
            .Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(13)))
            .Hears(14, new MediaFailed(FaultCode.PipelineFailed, "It ended unexpectedly."));

        Assert.Equal(["FaultMet"], story.Events);
        Assert.NotNull(Assert.Single(story.State.Gaps).To);
    }

    [Fact]
    public void Repairs_are_given_up_for_those_records_only_that_are_still_open()
    {
        var story = Story.OnTheWayToTheNextRecord;
        var decided = SessionDecisions.GiveUpRepairs(story.State, [Path, story.CurrentPath, "/records/other.mp4"], Sample.At(20));

        Assert.Equal(Path, Assert.IsType<RecordLost>(Assert.Single(decided)).Path);
    }

    [Fact]
    public void An_ended_session_hears_nothing_more()
    {
        Assert.Empty(Story.Stopped.Hears(22, new MediaFailed(FaultCode.PipelineFailed, "It ended.")).Last);
        Assert.Empty(Story.Stopped.Ends(22).Last);
    }
}
