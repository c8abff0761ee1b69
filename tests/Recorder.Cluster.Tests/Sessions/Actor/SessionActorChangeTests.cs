using Akka.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Cluster.Tests.Sessions.Streams;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class SessionActorChangeTests : SessionActorTestKit
{
    [Fact]
    public async Task A_stream_starts_with_its_first_accepted_frame_and_stops_when_it_is_closed()
    {
        Ask(new StartSession(Sample.Id, StreamSpec));
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        Assert.Null(begin.RecordPath);
        await NothingForAsync(Edge);
        MediaSays(new FirstFrameWritten(null, Clock.GetUtcNow()));
        await Edge.ExpectMsgAsync(new SessionRecords(Sample.Id));

        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(new OutputChanged(Output("target-1", OutputState.Active, frames: 70)));
        MediaSays(new RecordFinished(null, TimeSpan.FromSeconds(5), 0, Repaired: false));
        await Edge.ExpectMsgAsync<StopDone>();
        var target = Assert.Single((await ReportAsync(SessionPhase.Stopped)).Outputs);
        Assert.Equal((OutputState.Finished, 70L), (target.State, target.FramesSent));
    }

    [Fact]
    public async Task A_lost_stream_worker_is_followed_by_the_next_with_the_targets_as_they_are()
    {
        Ask(new StartSession(Sample.Id, StreamSpec));
        await Media.ExpectMsgAsync<BeginRecording>();
        MediaSays(new FirstFrameWritten(null, Clock.GetUtcNow()));
        await Edge.ExpectMsgAsync<SessionRecords>();
        Ask(new ChangeTargets(Sample.Id, [Second], [First]));
        await Edge.ExpectMsgAsync<SessionChanged>();
        await Media.ExpectMsgAsync<ChangeStreamTargets>();

        MediaSays(new WorkerLost(null, FaultCode.PipelineFailed, "It was killed."));
        var next = await Media.ExpectMsgAsync<ResumeRecording>();
        Assert.Equal((null, "target-2"), (next.RecordPath, Assert.Single(next.Targets).Id));
        MediaSays(new FirstFrameWritten(null, Clock.GetUtcNow()));
        Assert.Equal(SessionPhase.Recording, (await SummaryAsync()).Phase);
    }

    [Fact]
    public async Task An_rtp_start_is_answered_with_its_ports()
    {
        Ask(new StartSession(Sample.Id, RtpSpec));
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        Assert.Null(begin.Endpoint);
        MediaSays(new PortsBound(begin.RecordPath!, Endpoint, Clock.GetUtcNow()));

        await Edge.ExpectMsgAsync(new SessionRecords(Sample.Id) { Endpoint = Endpoint });
        Ask(new StartSession(Sample.Id, RtpSpec));
        await Edge.ExpectMsgAsync(new SessionRecords(Sample.Id) { Endpoint = Endpoint });
    }

    [Fact]
    public async Task A_change_of_targets_is_answered_after_the_write_and_outlives_the_node()
    {
        await RecordAsync();
        Ask(new ChangeTargets(Sample.Id, [First], []));
        Assert.Equal("target-1", Assert.Single((await Media.ExpectMsgAsync<ChangeStreamTargets>()).Targets).Id);
        var outputs = (await Edge.ExpectMsgAsync<SessionChanged>()).Details.Outputs;
        Assert.Equal(
            [("record", OutputState.Active), ("target-1", OutputState.Starting)],
            outputs.Select(output => (output.Id, output.State))
        );

        await LoseNodeAsync();
        Session.Tell(Resume);
        Assert.Equal(First, Assert.Single((await Media.ExpectMsgAsync<BeginRecording>()).Targets).Target);
    }

    [Fact]
    public async Task A_change_that_is_refused_reaches_no_media()
    {
        await RecordAsync();
        Ask(new ChangeTargets(Sample.Id, [], [First]));

        Assert.Equal(FaultCode.InvalidRequest, (await Edge.ExpectMsgAsync<ChangeRefused>()).Code);
        await HeardAllAsync();
        await NothingForAsync(Media);
    }

    [Fact]
    public async Task A_pause_is_answered_when_the_media_side_has_paused_and_a_resume_when_it_goes_on()
    {
        await RecordAsync();
        Ask(new PauseSession(Sample.Id));
        await Media.ExpectMsgAsync<PauseRecording>();
        await HeardAllAsync();
        await NothingForAsync(Edge);
        MediaSays(new PauseChanged(true, Clock.GetUtcNow()));
        Assert.True(
            (await Edge.ExpectMsgAsync<SessionChanged>()).Details is { Paused: true, Summary.PausedSince: not null }
        );

        Ask(new PauseSession(Sample.Id));
        Assert.True((await Edge.ExpectMsgAsync<SessionChanged>()).Details.Paused);

        Ask(new UnpauseSession(Sample.Id));
        await Media.ExpectMsgAsync<UnpauseRecording>();
        MediaSays(new PauseChanged(false, Clock.GetUtcNow()));
        Assert.False((await Edge.ExpectMsgAsync<SessionChanged>()).Details.Paused);
        Assert.Null((await SummaryAsync()).PausedSince);
    }

    [Fact]
    public async Task A_pause_that_is_not_confirmed_is_refused_at_its_limit_and_taken_back()
    {
        await RecordAsync();
        Ask(new PauseSession(Sample.Id));
        await Media.ExpectMsgAsync<PauseRecording>();
        await HeardAllAsync();
        AdvanceTimers(TimeSpan.FromSeconds(5));

        Assert.Equal(FaultCode.Unavailable, (await Edge.ExpectMsgAsync<ChangeRefused>()).Code);
        await Media.ExpectMsgAsync<UnpauseRecording>();
        Assert.Null((await SummaryAsync()).PausedSince);
    }

    [Fact]
    public async Task A_paused_session_is_paused_again_after_its_worker_was_lost()
    {
        var path = await RecordAsync();
        Ask(new PauseSession(Sample.Id));
        await Media.ExpectMsgAsync<PauseRecording>();
        MediaSays(new PauseChanged(true, Clock.GetUtcNow()));
        await Edge.ExpectMsgAsync<SessionChanged>();

        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        var next = await Media.ExpectMsgAsync<ResumeRecording>();
        await Media.ExpectMsgAsync<RepairRecord>();
        MediaSays(new FirstFrameWritten(next.RecordPath, Clock.GetUtcNow()));
        await Media.ExpectMsgAsync<PauseRecording>();
    }

    [Fact]
    public async Task A_stop_while_a_pause_is_awaited_answers_both()
    {
        var path = await RecordAsync();
        Ask(new PauseSession(Sample.Id));
        await Media.ExpectMsgAsync<PauseRecording>();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();

        Assert.Equal(FaultCode.NotRunning, (await Edge.ExpectMsgAsync<ChangeRefused>()).Code);
        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();
    }

    [Fact]
    public async Task Details_hold_the_newest_figures_although_only_some_are_written()
    {
        var path = await RecordAsync();
        var capture = new CaptureStatistics(
            Clock.GetUtcNow(),
            25,
            24,
            1,
            0,
            1000,
            TimeSpan.FromSeconds(1),
            TimeSpan.Zero
        );
        MediaSays(new RecordGrew(path, Clock.GetUtcNow(), 25, 0, 1234, TimeSpan.FromSeconds(1)) { Capture = capture });
        await HeardAllAsync();
        Ask(new GetSession(Sample.Id));

        var details = await Edge.ExpectMsgAsync<SessionDetails>();
        Assert.Equal((capture, 1234L), (details.Capture, Assert.Single(details.Outputs).BytesSent));
    }

    [Fact]
    public async Task A_session_that_was_never_started_has_no_details()
    {
        Ask(new GetSession(Sample.Id));
        await Edge.ExpectMsgAsync(new DetailsUnavailable(Sample.Id));
    }

    [Fact]
    public async Task An_ended_session_that_is_woken_still_knows_its_outputs()
    {
        var path = await RecordAsync();
        MediaSays(new OutputChanged(Output("target-1", OutputState.Active, frames: 70)));
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();

        await LoseNodeAsync();
        Ask(new GetSession(Sample.Id));
        Assert.Equal(
            ["record", "target-1"],
            (await Edge.ExpectMsgAsync<SessionDetails>()).Outputs.Select(output => output.Id)
        );
        Assert.Equal(2, (await ReportAsync(SessionPhase.Stopped)).Outputs.Count);
    }

    [Fact]
    public async Task A_target_that_fails_is_a_fault_of_the_session_once_and_nothing_else_happens()
    {
        await RecordAsync();
        MediaSays(new OutputChanged(Output("target-1", OutputState.Active)));
        MediaSays(new OutputChanged(Output("target-1", OutputState.Retrying, "connection refused")));
        MediaSays(new OutputChanged(Output("target-1", OutputState.Retrying, "connection refused")));
        var summary = await SummaryAsync();

        Assert.Contains("connection refused", Assert.Single(summary.Faults).Message, StringComparison.Ordinal);
        Assert.Equal(SessionPhase.Recording, summary.Phase);
        Assert.Empty(summary.Gaps);
        await NothingForAsync(Media);
    }

    [Fact]
    public async Task One_picture_serves_all_who_ask_for_it_at_once()
    {
        await RecordAsync();
        Ask(new GetThumbnail(Sample.Id));
        Ask(new GetThumbnail(Sample.Id));
        await Media.ExpectMsgAsync<TakeThumbnail>();
        await HeardAllAsync();
        await NothingForAsync(Media);
        MediaSays(new ThumbnailTaken([1, 2], Clock.GetUtcNow()));

        Assert.Equal([1, 2], (await Edge.ExpectMsgAsync<SessionThumbnail>()).Jpeg);
        await Edge.ExpectMsgAsync<SessionThumbnail>();
        Ask(new GetThumbnail(Sample.Id));
        await Media.ExpectMsgAsync<TakeThumbnail>();
        MediaSays(new ThumbnailFailed("There is no picture yet."));
        Assert.Equal("There is no picture yet.", (await Edge.ExpectMsgAsync<ThumbnailUnavailable>()).Message);
    }

    [Fact]
    public async Task A_picture_that_does_not_come_is_answered_at_its_limit_or_with_the_loss_of_the_worker()
    {
        var path = await RecordAsync();
        Ask(new GetThumbnail(Sample.Id));
        await Media.ExpectMsgAsync<TakeThumbnail>();
        AdvanceTimers(TimeSpan.FromSeconds(5));
        Assert.Equal(FaultCode.Unavailable, (await Edge.ExpectMsgAsync<ThumbnailUnavailable>()).Code);

        Ask(new GetThumbnail(Sample.Id));
        await Media.ExpectMsgAsync<TakeThumbnail>();
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        await Edge.ExpectMsgAsync<ThumbnailUnavailable>();
    }
}
