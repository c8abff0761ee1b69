using Akka.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class SessionActorFaultTests : SessionActorTestKit
{
    [Fact]
    public async Task A_lost_worker_is_followed_at_once_by_the_next_record_and_the_old_one_is_repaired()
    {
        var path = await RecordAsync();
        Clock.Advance(TimeSpan.FromSeconds(3));
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));

        var next = await Media.ExpectMsgAsync<ResumeRecording>();
        Assert.NotEqual(path, next.RecordPath);
        Assert.Equal(
            new RepairRecord(path, RecordContainer.Mp4) { Opened = true },
            await Media.ExpectMsgAsync<RepairRecord>()
        );
        MediaSays(new FirstFrameWritten(next.RecordPath, Clock.GetUtcNow()));
        MediaSays(Repaired(path));

        var summary = await SummaryAsync();
        Assert.Equal((SessionPhase.Recording, 1), (summary.Phase, summary.Attempt));
        Assert.Equal([true, false], summary.Records.Select(record => record.Finished));
        Assert.Equal(TimeSpan.FromSeconds(3), Assert.Single(summary.Gaps).To - summary.Gaps[0].From);
    }

    [Fact]
    public async Task A_worker_that_dies_again_before_its_record_has_lasted_is_tried_with_patience()
    {
        var path = await RecordAsync();
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        var second = await Media.ExpectMsgAsync<ResumeRecording>();
        await Media.ExpectMsgAsync<RepairRecord>();
        MediaSays(new FirstFrameWritten(second.RecordPath, Clock.GetUtcNow()));
        MediaSays(new WorkerLost(second.RecordPath, FaultCode.PipelineFailed, "It was killed again."));
        await Media.ExpectMsgAsync<RepairRecord>();
        await SummaryAsync();
        await NothingForAsync(Media);

        AdvanceTimers(Options.RetryDelay * 2);
        var third = await Media.ExpectMsgAsync<ResumeRecording>();
        MediaSays(new FirstFrameWritten(third.RecordPath, Clock.GetUtcNow()));
        await GrowAsync(third.RecordPath!);

        // A record that lasted has earned the next one its haste.
        MediaSays(new WorkerLost(third.RecordPath, FaultCode.PipelineFailed, "It was killed once more."));
        await Media.ExpectMsgAsync<ResumeRecording>();
    }

    [Fact]
    public async Task A_failed_media_set_is_replaced_by_a_new_one_after_the_retry_delay()
    {
        var path = await RecordAsync();
        var first = Child;
        await Media.WatchAsync(first);
        MediaSays(new MediaFailed(FaultCode.DisplayFailed, "The display server died."));
        await Media.ExpectTerminatedAsync(first);
        await ReportAsync(SessionPhase.Resuming);
        await NothingForAsync(Media);

        AdvanceTimers(Options.RetryDelay);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        Assert.NotEqual(first, Child);
        Assert.Equal(1, begin.Attempt);
        Assert.Equal(path, (await Media.ExpectMsgAsync<RepairRecord>()).RecordPath);
        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        Assert.Equal(SessionPhase.Recording, (await SummaryAsync()).Phase);
    }

    [Fact]
    public async Task The_wait_between_two_tries_doubles_up_to_its_limit()
    {
        await RecordAsync();
        MediaSays(new MediaFailed(FaultCode.PageFailed, "It does not load."));
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            await ReportAsync(summary => summary is { Phase: SessionPhase.Resuming });
            AdvanceTimers(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            await SummaryAsync();
            await NothingForAsync(Media);
            AdvanceTimers(TimeSpan.FromMilliseconds(1));
            await Media.ExpectMsgAsync<BeginRecording>();
            await DrainAsync(Media);
            await SummaryAsync();
            await DrainAsync(Media);
            MediaSays(new MediaFailed(FaultCode.PageFailed, "It does not load."));
        }
    }

    [Fact]
    public async Task A_media_set_that_lasts_resets_the_wait()
    {
        await RecordAsync();
        for (var round = 0; round < 2; round++)
        {
            MediaSays(new MediaFailed(FaultCode.DisplayFailed, "It died."));
            await HeardAllAsync();
            AdvanceTimers(Options.RetryDelay);
            var begin = await Media.ExpectMsgAsync<BeginRecording>();
            MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
            await GrowAsync(begin.RecordPath!);
            await DrainAsync(Media);
        }
    }

    [Fact]
    public async Task A_media_side_that_crashes_is_replaced_like_one_that_fails()
    {
        await RecordAsync();
        Child.Tell(new ScriptedMedia.Crash());
        Assert.Equal(FaultCode.PipelineFailed, Assert.Single((await ReportAsync(SessionPhase.Resuming)).Faults).Code);

        AdvanceTimers(Options.RetryDelay);
        await Media.ExpectMsgAsync<BeginRecording>();
    }

    [Fact]
    public async Task A_session_that_tries_in_vain_for_longer_than_the_resume_window_is_interrupted()
    {
        var path = await RecordAsync();
        MediaSays(new MediaFailed(FaultCode.PageFailed, "It does not load."));
        await ReportAsync(SessionPhase.Resuming);
        Clock.Advance(Options.ResumeWindow + TimeSpan.FromSeconds(1));
        AdvanceTimers(Options.RetryDelay);

        await Media.ExpectMsgAsync<RepairRecord>();
        MediaSays(Repaired(path));
        Assert.Equal(FaultCode.PageFailed, Assert.Single((await ReportAsync(SessionPhase.Interrupted)).Gaps).Code);
    }

    [Fact]
    public async Task A_media_set_that_stays_silent_about_the_next_record_is_replaced_at_the_start_limit()
    {
        var path = await RecordAsync();
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        await Media.ExpectMsgAsync<ResumeRecording>();
        await Media.ExpectMsgAsync<RepairRecord>();
        await HeardAllAsync();
        await Media.WatchAsync(Child);
        AdvanceTimers(Options.StartLimit);
        await Media.ExpectMsgAsync<Terminated>();
        await HeardAllAsync();
        AdvanceTimers(Options.RetryDelayLimit);

        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        await HeardAllAsync();
        AdvanceTimers(Options.StartLimit);
        var summary = await SummaryAsync();
        Assert.Equal(SessionPhase.Recording, summary.Phase);
        Assert.Equal([FaultCode.PipelineFailed, FaultCode.StartTimeout], summary.Faults.Select(fault => fault.Code));
    }

    [Fact]
    public async Task The_next_media_set_is_not_begun_beside_one_that_is_still_ending()
    {
        await RecordAsync();
        MediaMayEnd.Reset();
        MediaSays(new MediaFailed(FaultCode.DisplayFailed, "It died."));
        await ReportAsync(SessionPhase.Resuming);
        AdvanceTimers(Options.RetryDelayLimit);
        await HeardAllAsync(childEnding: true);
        await NothingForAsync(Media);

        MediaMayEnd.Set();
        await Media.ExpectMsgAsync<BeginRecording>();
    }

    [Fact]
    public async Task A_failed_start_is_answered_when_its_media_set_has_ended()
    {
        Ask(Start);
        await Media.ExpectMsgAsync<BeginRecording>();
        MediaMayEnd.Reset();
        MediaSays(new MediaFailed(FaultCode.PageFailed, "It does not load."));
        await MediaEndingAsync();
        await HeardAllAsync(childEnding: true);
        await NothingForAsync(Edge);

        MediaMayEnd.Set();
        await Edge.ExpectMsgAsync<StartFailed>();
    }

    [Theory]
    [InlineData(FaultCode.DiskFull)]
    [InlineData(FaultCode.PageTooLarge)]
    public async Task A_full_disk_or_a_page_that_takes_too_much_ends_the_session(string code)
    {
        var path = await RecordAsync();
        MediaSays(Finished(path));
        MediaSays(new MediaFailed(code, "Too much."));

        var summary = await ReportAsync(SessionPhase.Failed);
        Assert.True(summary.EverRecorded);
        Assert.True(Assert.Single(summary.Records).Finished);
        AdvanceTimers(TimeSpan.FromMinutes(1));
        await NothingForAsync(Media);
    }

    [Fact]
    public async Task A_media_side_that_dies_of_a_repair_three_times_is_not_asked_a_fourth_time()
    {
        var path = await RecordAsync();
        MediaSays(new WorkerLost(path, FaultCode.DiskFull, "No space left on device."));
        for (var death = 1; death <= 3; death++)
        {
            await Media.ExpectMsgAsync<RepairRecord>();
            Child.Tell(new ScriptedMedia.Crash());
            if (death == 3)
            {
                break;
            }
            await ReportAsync(summary => summary.Faults.Count == death + 1);
            AdvanceTimers(Options.RetryDelayLimit);
        }

        Assert.Empty((await ReportAsync(SessionPhase.Failed)).Records);
        await NothingForAsync(Media);
    }

    [Fact]
    public async Task What_an_earlier_media_child_still_says_is_not_heard()
    {
        await RecordAsync();
        var first = Child;
        MediaSays(new MediaFailed(FaultCode.DisplayFailed, "It died."));
        await ReportAsync(SessionPhase.Resuming);
        AdvanceTimers(Options.RetryDelay);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();

        Session.Tell(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()), first);
        Session.Tell(new MediaFailed(FaultCode.DisplayFailed, "It died."), first);
        var summary = await SummaryAsync();
        Assert.Equal(SessionPhase.Resuming, summary.Phase);
        Assert.Single(summary.Faults);
    }

    [Fact]
    public async Task A_record_that_grows_is_confirmed_once_in_an_evidence_interval()
    {
        var path = await RecordAsync();
        await GrowAsync(path, frames: 125);
        Clock.Advance(Options.EvidenceInterval - TimeSpan.FromMilliseconds(1));
        MediaSays(new RecordGrew(path, Clock.GetUtcNow(), 200, 0, 2000, TimeSpan.FromSeconds(8)));
        Assert.Equal(125, (await SummaryAsync()).Records[0].FramesCaptured);

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        MediaSays(new RecordGrew(path, Clock.GetUtcNow(), 250, 0, 2500, TimeSpan.FromSeconds(10)));
        Assert.Equal(250, (await SummaryAsync()).Records[0].FramesCaptured);
    }

    [Fact]
    public async Task A_finished_record_has_its_last_counts_however_soon_they_follow_the_ones_before()
    {
        var path = await RecordAsync();
        await GrowAsync(path, frames: 125);
        Clock.Advance(TimeSpan.FromSeconds(1));
        MediaSays(new RecordGrew(path, Clock.GetUtcNow(), 150, 2, 2000, TimeSpan.FromSeconds(6)));
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();

        var record = (await SummaryAsync()).Records[0];
        Assert.Equal((150L, 2L), (record.FramesCaptured, record.FramesDropped));
    }

    [Fact]
    public async Task A_lost_browser_is_a_fault_and_a_gap_inside_the_same_record()
    {
        var path = await RecordAsync();
        MediaSays(new BrowserLost(Clock.GetUtcNow(), "It crashed."));
        Clock.Advance(TimeSpan.FromSeconds(2));
        MediaSays(new BrowserRestored(Clock.GetUtcNow()));

        var summary = await SummaryAsync();
        Assert.Equal(path, Assert.Single(summary.Records).Path);
        Assert.Equal(FaultCode.BrowserFailed, Assert.Single(summary.Faults).Code);
        Assert.Equal(TimeSpan.FromSeconds(2), Assert.Single(summary.Gaps).To - summary.Gaps[0].From);
    }

    [Fact]
    public async Task A_session_whose_journal_fails_ends_its_media_and_goes_on_as_the_next_attempt()
    {
        var path = await RecordAsync();
        await Media.WatchAsync(Child);
        await JournalAsync(new ScriptedJournal.FailWrites(1));
        MediaSays(new BrowserLost(Clock.GetUtcNow(), "It crashed."));
        await Media.ExpectTerminatedAsync(Child);

        var next = Incarnate();
        next.Tell(Resume);
        Assert.Equal(2, (await Media.ExpectMsgAsync<BeginRecording>()).Attempt);
        Assert.Equal(path, (await Media.ExpectMsgAsync<RepairRecord>()).RecordPath);
    }
}
