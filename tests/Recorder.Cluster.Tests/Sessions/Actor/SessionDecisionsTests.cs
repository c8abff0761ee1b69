using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class SessionDecisionsTests
{
    private const string Path = Sample.FirstRecord;

    private static readonly RecordFinished Finished = new(Path, TimeSpan.FromSeconds(18), 12_000_000, Repaired: false);

    public static TheoryData<string> MediaFaults =>
        [
            .. new[]
            {
                FaultCode.PageFailed,
                FaultCode.BrowserFailed,
                FaultCode.DisplayFailed,
                FaultCode.SoundFailed,
                FaultCode.PipelineFailed,
                FaultCode.DiskFull,
                FaultCode.RecordsFolderUnavailable,
            },
        ];

    public static TheoryData<string> PassingMediaFaults =>
        [
            .. new[]
            {
                FaultCode.PageFailed,
                FaultCode.BrowserFailed,
                FaultCode.DisplayFailed,
                FaultCode.SoundFailed,
                FaultCode.PipelineFailed,
            },
        ];

    public static TheoryData<string> LastingMediaFaults =>
        [.. new[] { FaultCode.DiskFull, FaultCode.RecordsFolderUnavailable }];

    [Fact]
    public void A_start_accepts_the_session_begins_its_first_attempt_and_names_its_record() =>
        Assert.Equal(["SessionAccepted", "AttemptStarted", "RecordNamed"], Story.Starting.Events);

    [Fact]
    public void A_session_that_exists_is_not_started_again()
    {
        foreach (
            var story in new[] { Story.Starting, Story.Recording, Story.WithoutMedia, Story.Stopping, Story.Stopped }
        )
        {
            Assert.Empty(SessionDecisions.Start(story.State, Sample.Spec, Sample.At(30)));
        }
    }

    [Fact]
    public void A_start_that_reaches_its_limit_is_undone()
    {
        var story = Story.Starting.Then(state =>
            SessionDecisions.StartLimitPassed(state, TimeSpan.FromSeconds(30), Sample.At(30))
        );
        Assert.Equal(["FaultMet", "EndDecided"], story.Events);
        Assert.Equal(SessionPhase.Stopping, story.State.Phase);
        Assert.Empty(SessionDecisions.EndWhenDone(story.State, Sample.At(30)));
        Assert.Equal(Path, story.CurrentPath);

        story = story.Hears(31, new RecordUnrecoverable(Path, "It was stopped before its first picture was written."));
        Assert.Equal(["RecordLost"], story.Events);
        story = story.Ends(31);
        Assert.Equal((SessionPhase.Failed, FaultCode.StartTimeout), (story.State.Phase, story.State.Outcome!.Code));
        Assert.Contains("30 seconds", story.State.Outcome.Message, StringComparison.Ordinal);
        Assert.Equal(FaultCode.StartTimeout, Assert.Single(story.State.Faults).Code);
        Assert.False(story.State.EverRecorded);
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
        var story = Story.Recording.Hears(12, Finished).Hears(12, new MediaFailed(code, "There is no room."));
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
        var story = Story
            .Recording.Hears(12, Finished)
            .Hears(12, new WorkerLost(Path, FaultCode.PipelineFailed, "It stalled."));

        Assert.Contains(story.Last, happened => happened is RecordingInterrupted);
        Assert.Contains(SessionDecisions.ResumeMedia(story.State, Sample.At(12)), happened => happened is RecordNamed);
    }

    [Fact]
    public void A_full_disk_ends_the_session_even_when_only_the_worker_tells_of_it()
    {
        var story = Story.Recording.Hears(12, new WorkerLost(Path, FaultCode.DiskFull, "No space left on device."));
        Assert.Empty(SessionDecisions.ResumeMedia(story.State, Sample.At(12)));
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
        Assert.Empty(
            Story.OnTheWayToTheNextRecord.Hears(13, new WorkerLost(Path, FaultCode.PipelineFailed, "It died.")).Last
        );
    }

    [Fact]
    public void A_record_that_grows_before_its_first_frame_was_told_is_no_evidence() =>
        Assert.Empty(Story.Starting.Hears(1, new RecordGrew(Path, Sample.Time(1), 0, 0, 0, TimeSpan.Zero)).Last);

    [Fact]
    public void A_leaving_node_lets_a_recording_session_finish_its_record_and_stay_resumable()
    {
        Assert.Empty(SessionDecisions.LeaveNode(Story.Recording.State, alive: true, Sample.At(20)));

        var finished = Story.Recording.Hears(20, Finished);
        Assert.Equal(SessionPhase.Recording, finished.State.Phase);

        var story = finished.Then(state =>
            SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(30))
        );
        Assert.Equal(2, story.State.Attempt);
        Assert.Equal(new SessionGap(Sample.Time(20), null, FaultCode.NodeLost), Assert.Single(story.State.Gaps));
        Assert.Empty(story.State.Unrepaired);
    }

    [Fact]
    public void A_leaving_node_fails_a_start()
    {
        var story = Story.Starting.Then(state => SessionDecisions.LeaveNode(state, alive: true, Sample.At(1)));
        Assert.Equal(["FaultMet", "EndDecided"], story.Events);
        Assert.Empty(SessionDecisions.EndWhenDone(story.State, Sample.At(1)));

        story = story
            .Hears(2, new RecordUnrecoverable(Path, "It was stopped before its first picture was written."))
            .Ends(2);
        Assert.Equal((SessionPhase.Failed, FaultCode.NodeLost), (story.State.Phase, story.State.Outcome!.Code));
    }

    [Fact]
    public void A_leaving_node_gives_a_start_up_that_it_never_began()
    {
        var story = Story.Starting.Then(state => SessionDecisions.LeaveNode(state, alive: false, Sample.At(1))).Ends(1);

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
    public void Sound_that_did_not_come_is_a_fault_and_no_gap()
    {
        var story = Story.Recording.Hears(11, new SoundMissed(Sample.Time(11), "0.40 s are silence."));
        Assert.Equal(["FaultMet"], story.Last.Select(told => told.GetType().Name));
        Assert.Equal(
            (FaultCode.SoundFailed, Sample.Time(11)),
            (story.State.Faults[^1].Code, story.State.Faults[^1].At)
        );
        Assert.Equal(SessionPhase.Recording, story.State.Phase);
        Assert.Empty(Story.Stopping.Hears(21, new SoundMissed(Sample.Time(21), "0.40 s are silence.")).Last);
    }

    [Fact]
    public void A_page_that_is_busy_or_goes_astray_is_a_fault_and_no_gap()
    {
        var story = Story.Recording.Hears(
            11,
            new PageTroubled(Sample.Time(11), "It went to an address that does not load.")
        );
        Assert.Equal(["FaultMet"], story.Last.Select(told => told.GetType().Name));
        Assert.Equal((FaultCode.PageFailed, Sample.Time(11)), (story.State.Faults[^1].Code, story.State.Faults[^1].At));
        Assert.Equal(SessionPhase.Recording, story.State.Phase);
        story = story.Hears(
            12,
            new PageTroubled(Sample.Time(12), "A window was kept out of the picture.")
            {
                Code = FaultCode.WindowRefused,
            }
        );
        Assert.Equal([FaultCode.PageFailed, FaultCode.WindowRefused], story.State.Faults.Select(fault => fault.Code));
        Assert.Empty(Story.Stopping.Hears(21, new PageTroubled(Sample.Time(21), "It is busy.")).Last);
    }

    [Fact]
    public void A_restored_browser_that_nobody_missed_is_no_news() =>
        Assert.Empty(Story.Recording.Hears(11, new BrowserRestored(Sample.Time(11))).Last);

    [Fact]
    public void A_media_side_that_dies_while_it_only_repairs_interrupts_nothing()
    {
        var story = Story
            .WithoutMedia.Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(13)))
            .Hears(14, new MediaFailed(FaultCode.PipelineFailed, "It ended unexpectedly."));

        Assert.Equal(["FaultMet"], story.Events);
        Assert.NotNull(Assert.Single(story.State.Gaps).To);
    }

    [Fact]
    public void Repairs_are_given_up_for_those_records_only_that_are_still_open()
    {
        var story = Story.OnTheWayToTheNextRecord;
        var decided = SessionDecisions.GiveUpRepairs(
            story.State,
            [Path, story.CurrentPath, "/records/other.mp4"],
            Sample.At(20)
        );

        Assert.Equal(Path, Assert.IsType<RecordLost>(Assert.Single(decided)).Path);
    }

    [Fact]
    public void An_ended_session_hears_nothing_more()
    {
        Assert.Empty(Story.Stopped.Hears(22, new MediaFailed(FaultCode.PipelineFailed, "It ended.")).Last);
        Assert.Empty(Story.Stopped.Ends(22).Last);
    }
}
