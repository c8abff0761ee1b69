using Akka.Actor;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class SessionActorNodeTests : SessionActorTestKit
{
    [Fact]
    public async Task A_session_of_a_lost_node_goes_on_as_the_next_attempt_and_repairs_the_record_it_left()
    {
        var path = await RecordAsync();
        await LoseNodeAsync(secondsAway: 20);
        Session.Tell(Resume);

        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        Assert.Equal(2, begin.Attempt);
        Assert.Equal(
            new RepairRecord(path, RecordContainer.Mp4) { Opened = true },
            await Media.ExpectMsgAsync<RepairRecord>()
        );
        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        MediaSays(Repaired(path));

        var summary = await SummaryAsync();
        Assert.Equal((SessionPhase.Recording, 2), (summary.Phase, summary.Attempt));
        Assert.Equal([1, 2], summary.Records.Select(record => record.Attempt));

        // The repaired record holds four of the twenty seconds.
        Assert.Equal(TimeSpan.FromSeconds(16), Assert.Single(summary.Gaps).To - summary.Gaps[0].From);
    }

    [Fact]
    public async Task A_session_outside_the_resume_window_is_interrupted_and_its_record_repaired()
    {
        var path = await RecordAsync();
        await LoseNodeAsync(Options.ResumeWindow.TotalSeconds + 1);
        Session.Tell(Resume);

        await Media.ExpectMsgAsync<RepairRecord>();
        MediaSays(Repaired(path));
        var summary = await ReportAsync(SessionPhase.Interrupted);
        Assert.True(Assert.Single(summary.Records).Repaired);
        Assert.Equal(1, summary.Attempt);
    }

    [Fact]
    public async Task A_session_that_waited_for_room_goes_on_after_the_resume_window()
    {
        await RecordAsync();
        await LoseNodeAsync(Options.ResumeWindow.TotalSeconds + 1);
        Session.Tell(Resume with { WaitedUntil = Clock.GetUtcNow() - TimeSpan.FromSeconds(15) });

        Assert.Equal(2, (await Media.ExpectMsgAsync<BeginRecording>()).Attempt);
    }

    [Fact]
    public async Task A_session_that_is_asked_twice_to_go_on_goes_on_once()
    {
        await RecordAsync();
        await LoseNodeAsync();
        Session.Tell(Resume);
        Session.Tell(Resume);

        Assert.Equal(2, (await Media.ExpectMsgAsync<BeginRecording>()).Attempt);
        await Media.ExpectMsgAsync<RepairRecord>();
        Assert.Equal(2, (await SummaryAsync()).Attempt);
        await NothingForAsync(Media);
    }

    [Fact]
    public async Task A_session_that_is_alive_only_reports_when_it_is_asked_to_go_on()
    {
        await RecordAsync();
        Session.Tell(Resume);

        Assert.Equal((SessionPhase.Recording, 1), ((await SummaryAsync()).Phase, (await SummaryAsync()).Attempt));
        await NothingForAsync(Media);
    }

    [Fact]
    public async Task A_session_resumes_on_the_node_it_was_given_and_on_no_other()
    {
        await RecordAsync();
        await LoseNodeAsync();
        Session.Tell(Resume with { Node = Sample.OtherNode });
        await NothingForAsync(Media);

        Session.Tell(Resume with { Node = Sample.Node });
        Assert.Equal(2, (await Media.ExpectMsgAsync<BeginRecording>()).Attempt);
    }

    [Fact]
    public async Task A_start_fails_on_a_node_that_was_not_chosen_for_it()
    {
        Ask(Start with { Node = Sample.OtherNode });

        Assert.Equal(FaultCode.NodeLost, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        await ReportAsync(SessionPhase.Failed);
        await NothingForAsync(Media);
    }

    [Fact]
    public async Task An_ended_session_that_is_asked_to_go_on_tells_that_it_has_ended()
    {
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();
        await LoseNodeAsync();
        await DrainAsync(Placement);

        Session.Tell(Resume);
        await ReportAsync(SessionPhase.Stopped);
    }

    [Fact]
    public async Task An_admitted_session_whose_start_was_lost_fails()
    {
        Session.Tell(Resume);

        Assert.False((await ReportAsync(SessionPhase.Failed)).EverRecorded);
        await NothingForAsync(Media);
    }

    [Fact]
    public async Task A_leaving_node_finishes_the_record_and_the_session_goes_on_elsewhere_without_a_repair()
    {
        var path = await RecordAsync();
        await Edge.WatchAsync(Session);
        Session.Tell(LeaveNode.Instance);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));
        await Edge.ExpectTerminatedAsync(Session);

        Clock.Advance(TimeSpan.FromSeconds(3));
        var next = Incarnate();
        next.Tell(Resume);
        Assert.Equal(2, (await Media.ExpectMsgAsync<BeginRecording>()).Attempt);
        var summary = await ReportAsync(SessionPhase.Resuming);
        Assert.True(summary.Records[0].Finished);
        Assert.False(summary.Records[0].Repaired);
        await NothingForAsync(Media);
    }

    [Fact]
    public async Task A_leaving_node_whose_worker_dies_while_it_finishes_leaves_the_repair_to_the_next()
    {
        var path = await RecordAsync();
        await Edge.WatchAsync(Session);
        Session.Tell(LeaveNode.Instance);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        await Edge.ExpectTerminatedAsync(Session);

        Incarnate().Tell(Resume);
        Assert.Equal(2, (await Media.ExpectMsgAsync<BeginRecording>()).Attempt);
        Assert.Equal(path, (await Media.ExpectMsgAsync<RepairRecord>()).RecordPath);
    }

    [Fact]
    public async Task A_leaving_node_fails_a_start_and_says_so()
    {
        Ask(Start);
        await Media.ExpectMsgAsync<BeginRecording>();
        await Edge.WatchAsync(Session);
        Session.Tell(LeaveNode.Instance);
        await UndoAsync();

        Assert.Equal(FaultCode.NodeLost, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        await Edge.ExpectTerminatedAsync(Session);
    }

    [Fact]
    public async Task A_leaving_node_does_not_wait_for_a_try_that_is_due_later()
    {
        await RecordAsync();
        MediaSays(new MediaFailed(FaultCode.DisplayFailed, "It died."));
        await ReportAsync(SessionPhase.Resuming);
        await Edge.WatchAsync(Session);
        Session.Tell(LeaveNode.Instance);
        await Edge.ExpectTerminatedAsync(Session);

        Incarnate().Tell(Resume);
        Assert.Equal(2, (await Media.ExpectMsgAsync<BeginRecording>()).Attempt);
    }

    [Fact]
    public async Task A_leaving_node_does_not_wait_for_a_repair_and_says_that_the_stop_is_not_done()
    {
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        await Media.ExpectMsgAsync<RepairRecord>();
        await Edge.WatchAsync(Session);
        Session.Tell(LeaveNode.Instance);

        Assert.Equal(FaultCode.Unavailable, (await Edge.ExpectMsgAsync<StopFailed>()).Code);
        await Edge.ExpectTerminatedAsync(Session);

        Incarnate().Tell(Resume);
        await Media.ExpectMsgAsync<RepairRecord>();
        MediaSays(Repaired(path));
        await ReportAsync(SessionPhase.Stopped);
    }

    [Fact]
    public async Task A_leaving_node_ends_a_stop_that_is_under_way()
    {
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        await Edge.WatchAsync(Session);
        Session.Tell(LeaveNode.Instance);
        MediaSays(Finished(path));

        await Edge.ExpectMsgAsync<StopDone>();
        await Edge.ExpectTerminatedAsync(Session);
        await ReportAsync(SessionPhase.Stopped);
    }

    [Fact]
    public async Task An_incarnation_that_was_never_started_leaves_too()
    {
        await Edge.WatchAsync(Session);
        Session.Tell(LeaveNode.Instance);

        await Edge.ExpectTerminatedAsync(Session);
    }
}
