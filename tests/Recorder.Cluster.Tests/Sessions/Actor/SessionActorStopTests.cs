using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.TestKit;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class SessionActorStopTests : SessionActorTestKit
{
    [Fact]
    public async Task A_stop_is_answered_once_the_record_is_finished_and_the_media_has_ended()
    {
        var path = await RecordAsync();
        var child = Child;
        await Media.WatchAsync(child);
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        Assert.Equal(SessionPhase.Stopping, (await SummaryAsync()).Phase);
        await NothingForAsync(Edge);

        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync(new StopDone(Sample.Id));
        await Media.ExpectTerminatedAsync(child);
        Assert.True((await ReportAsync(SessionPhase.Stopped)).Records[0].Finished);
    }

    [Fact]
    public async Task Stopping_twice_finishes_once_and_answers_both()
    {
        var path = await RecordAsync();
        Ask(Stop);
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        await SummaryAsync();
        await NothingForAsync(Media);

        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();
        await Edge.ExpectMsgAsync<StopDone>();
        Ask(Stop);
        await Edge.ExpectMsgAsync<StopDone>();
    }

    [Fact]
    public async Task A_session_nobody_started_is_not_known()
    {
        Ask(Stop);

        Assert.Equal(FaultCode.NoSuchSession, (await Edge.ExpectMsgAsync<StopFailed>()).Code);
    }

    [Fact]
    public async Task A_stop_at_start_answers_both_once_nothing_is_left_running()
    {
        Ask(Start);
        await Media.ExpectMsgAsync<BeginRecording>();
        await Media.WatchAsync(Child);
        Ask(Stop);
        await UndoAsync();

        Assert.Equal(FaultCode.StoppedAtStart, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        await Edge.ExpectMsgAsync<StopDone>();
        await Media.ExpectTerminatedAsync(Child);
        Assert.False((await ReportAsync(SessionPhase.Failed)).EverRecorded);
    }

    [Fact]
    public async Task A_first_frame_that_crosses_a_stop_at_start_makes_no_started_session()
    {
        Ask(Start);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        await HeardAllAsync();
        await NothingForAsync(Edge);

        MediaSays(Finished(begin.RecordPath!));
        Assert.Equal(FaultCode.StoppedAtStart, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        await Edge.ExpectMsgAsync<StopDone>();
        Assert.True(Assert.Single((await ReportAsync(SessionPhase.Failed)).Records).Finished);
    }

    [Fact]
    public async Task A_stop_is_answered_although_the_worker_dies_while_it_finishes()
    {
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));

        Assert.Equal(path, (await Media.ExpectMsgAsync<RepairRecord>()).RecordPath);
        MediaSays(Repaired(path));
        await Edge.ExpectMsgAsync<StopDone>();
        var summary = await ReportAsync(SessionPhase.Stopped);
        Assert.True(summary.Records[0].Repaired);
        Assert.Empty(summary.Gaps);
    }

    [Fact]
    public async Task A_stop_is_answered_although_the_media_fails_while_it_finishes()
    {
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(new MediaFailed(FaultCode.PipelineFailed, "It does not answer."));
        await ReportAsync(summary => summary.Faults.Count == 1);
        AdvanceTimers(Options.RetryDelay);

        await Media.ExpectMsgAsync<RepairRecord>();
        MediaSays(Repaired(path));
        await Edge.ExpectMsgAsync<StopDone>();
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_the_next_try()
    {
        var path = await RecordAsync();
        MediaSays(new MediaFailed(FaultCode.DisplayFailed, "It died."));
        await ReportAsync(SessionPhase.Resuming);
        Ask(Stop);

        await Media.ExpectMsgAsync<RepairRecord>();
        MediaSays(Repaired(path));
        await Edge.ExpectMsgAsync<StopDone>();
        Assert.Equal(SessionPhase.Stopped, (await ReportAsync(SessionPhase.Stopped)).Phase);
    }

    [Fact]
    public async Task A_stop_on_the_way_to_the_next_record_finishes_that_one_too()
    {
        var path = await RecordAsync();
        Clock.Advance(TimeSpan.FromSeconds(1));
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        var next = await Media.ExpectMsgAsync<ResumeRecording>();
        await Media.ExpectMsgAsync<RepairRecord>();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();

        // The first frame crosses the stop: the session stays on its way to the end.
        MediaSays(new FirstFrameWritten(next.RecordPath, Clock.GetUtcNow()));
        Assert.Equal(SessionPhase.Stopping, (await SummaryAsync()).Phase);
        MediaSays(Finished(next.RecordPath!));
        await NothingForAsync(Edge);
        MediaSays(Repaired(path));
        await Edge.ExpectMsgAsync<StopDone>();
        Assert.Equal(2, (await ReportAsync(SessionPhase.Stopped)).Records.Count);
    }

    [Fact]
    public async Task A_stop_while_resuming_after_a_lost_node_ends_the_new_attempt()
    {
        var path = await RecordAsync();
        await LoseNodeAsync(secondsAway: 5);
        Session.Tell(Resume);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        await Media.ExpectMsgAsync<RepairRecord>();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();

        MediaSays(new RecordUnrecoverable(begin.RecordPath, "No frame was written."));
        MediaSays(Repaired(path));
        await Edge.ExpectMsgAsync<StopDone>();
        Assert.Equal(path, Assert.Single((await ReportAsync(SessionPhase.Stopped)).Records).Path);
    }

    [Fact]
    public async Task A_stop_told_to_an_incarnation_that_finds_a_recording_session_stops_it()
    {
        var path = await RecordAsync();
        await LoseNodeAsync(secondsAway: 5);
        Ask(Stop);

        Assert.Equal(path, (await Media.ExpectMsgAsync<RepairRecord>()).RecordPath);
        MediaSays(Repaired(path));
        await Edge.ExpectMsgAsync<StopDone>();
        var summary = await ReportAsync(SessionPhase.Stopped);
        Assert.Equal(FaultCode.NodeLost, Assert.Single(summary.Faults).Code);
        Assert.NotNull(Assert.Single(summary.Gaps).To);
    }

    [Fact]
    public async Task A_stop_told_to_an_incarnation_that_finds_a_stop_half_done_repairs_the_record()
    {
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        await LoseNodeAsync();
        Assert.Equal(FaultCode.Unavailable, (await Edge.ExpectMsgAsync<StopFailed>()).Code);

        Ask(Stop);
        await Media.ExpectMsgAsync<RepairRecord>();
        MediaSays(Repaired(path));
        await Edge.ExpectMsgAsync<StopDone>();
    }

    [Fact]
    public async Task The_answer_to_a_stop_waits_until_the_farms_list_has_the_news()
    {
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        await ReportAsync(SessionPhase.Stopping);
        Placement.SetAutoPilot(NoAutoPilot.Instance);
        MediaSays(Finished(path));
        var report = (ReportSession)
            await Placement.FishForMessageAsync(message =>
                message is ReportSession { Summary.Phase: SessionPhase.Stopped }
            );
        await NothingForAsync(Edge);

        Session.Tell(new ReportAccepted(Sample.Id, report.Version));
        await Edge.ExpectMsgAsync<StopDone>();
    }

    [Fact]
    public async Task An_ended_session_that_the_list_knows_of_goes_to_sleep_and_answers_whoever_comes_before_that()
    {
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();
        var sleep = await Shard.ExpectMsgAsync<Passivate>();

        await Edge.WatchAsync(Session);
        Ask(Stop);
        Session.Tell(sleep.StopMessage);
        await Edge.ExpectMsgAsync<StopDone>();
        await Edge.ExpectTerminatedAsync(Session);
    }

    [Fact]
    public async Task A_session_woken_by_a_second_stop_answers_and_goes_to_sleep_again()
    {
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();
        await Shard.ExpectMsgAsync<Passivate>();
        await LoseNodeAsync();

        Ask(Stop);
        await Edge.ExpectMsgAsync<StopDone>();
        await Shard.ExpectMsgAsync<Passivate>();
        await NothingForAsync(Media);
    }
}
