using Akka.Actor;
using Akka.TestKit;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class SessionActorStartTests : SessionActorTestKit
{
    [Fact]
    public async Task A_start_is_answered_once_the_first_frame_is_written()
    {
        Ask(Start);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        Assert.Equal(new BeginRecording(1, Sample.Spec, Sample.FirstRecord), begin);
        Assert.Equal(SessionPhase.Starting, (await SummaryAsync()).Phase);
        await NothingForAsync(Edge);

        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        await Edge.ExpectMsgAsync(new SessionRecords(Sample.Id));
    }

    [Fact]
    public async Task A_start_that_fails_answers_the_medias_own_code_after_the_media_has_ended()
    {
        Ask(Start);
        await Media.ExpectMsgAsync<BeginRecording>();
        var child = Child;
        await Media.WatchAsync(child);
        MediaSays(new MediaFailed(FaultCode.PageFailed, "net::ERR_NAME_NOT_RESOLVED at https://example.org/"));

        var failed = await Edge.ExpectMsgAsync<StartFailed>();
        Assert.Equal(
            (FaultCode.PageFailed, "net::ERR_NAME_NOT_RESOLVED at https://example.org/"),
            (failed.Code, failed.Message)
        );
        await Media.ExpectTerminatedAsync(child);
        Assert.False((await ReportAsync(SessionPhase.Failed)).EverRecorded);
    }

    [Fact]
    public async Task A_start_whose_media_side_crashes_is_answered()
    {
        Ask(Start);
        await Media.ExpectMsgAsync<BeginRecording>();
        Child.Tell(new ScriptedMedia.Crash());

        Assert.Equal(FaultCode.PipelineFailed, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        await ReportAsync(SessionPhase.Failed);
    }

    [Fact]
    public async Task A_start_without_a_frame_is_undone_at_its_limit()
    {
        Ask(Start);
        await Media.ExpectMsgAsync<BeginRecording>();
        await Media.WatchAsync(Child);

        AdvanceTimers(Options.StartLimit - TimeSpan.FromMilliseconds(1));
        Assert.Equal(SessionPhase.Starting, (await SummaryAsync()).Phase);
        AdvanceTimers(TimeSpan.FromMilliseconds(1));
        await UndoAsync();

        Assert.Equal(FaultCode.StartTimeout, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        await Media.ExpectTerminatedAsync(Child);
        Assert.Equal(FaultCode.StartTimeout, Assert.Single((await ReportAsync(SessionPhase.Failed)).Faults).Code);
    }

    [Fact]
    public async Task A_start_whose_media_side_hangs_while_it_is_undone_ends_all_the_same()
    {
        Ask(Start);
        await Media.ExpectMsgAsync<BeginRecording>();
        await Media.WatchAsync(Child);
        AdvanceTimers(Options.StartLimit);
        await Media.ExpectMsgAsync<FinishRecording>();
        await HeardAllAsync();

        AdvanceTimers(TimeSpan.FromSeconds(20) - TimeSpan.FromMilliseconds(1));
        await HeardAllAsync();
        await NothingForAsync(Edge);
        AdvanceTimers(TimeSpan.FromMilliseconds(1));
        Assert.Equal(FaultCode.StartTimeout, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        await Media.ExpectTerminatedAsync(Child);
    }

    [Fact]
    public async Task A_start_whose_media_side_fails_while_it_is_undone_ends_at_once()
    {
        Ask(Start);
        await Media.ExpectMsgAsync<BeginRecording>();
        await Media.WatchAsync(Child);
        AdvanceTimers(Options.StartLimit);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(new MediaFailed(FaultCode.PageFailed, "net::ERR_TIMED_OUT"));

        Assert.Equal(FaultCode.StartTimeout, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        await Media.ExpectTerminatedAsync(Child);
    }

    [Fact]
    public async Task A_start_that_is_told_again_does_not_get_more_time()
    {
        Ask(Start);
        await Media.ExpectMsgAsync<BeginRecording>();
        AdvanceTimers(Options.StartLimit - TimeSpan.FromMilliseconds(1));
        Ask(Start);
        await SummaryAsync();
        AdvanceTimers(TimeSpan.FromMilliseconds(1));
        await UndoAsync();

        Assert.Equal(FaultCode.StartTimeout, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        Assert.Equal(FaultCode.StartTimeout, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
    }

    [Fact]
    public async Task A_start_that_is_told_again_begins_nothing_again_and_every_asker_is_answered()
    {
        Ask(Start);
        Ask(Start);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        await Edge.ExpectMsgAsync<SessionRecords>();
        await Edge.ExpectMsgAsync<SessionRecords>();

        Ask(Start);
        await Edge.ExpectMsgAsync<SessionRecords>();
        await SummaryAsync();
        await NothingForAsync(Media);
    }

    [Fact]
    public async Task The_limit_of_a_start_means_nothing_to_a_session_that_records()
    {
        await RecordAsync();
        AdvanceTimers(Options.StartLimit * 2);

        Assert.Equal(SessionPhase.Recording, (await SummaryAsync()).Phase);
    }

    [Fact]
    public async Task Nothing_begins_and_nothing_is_answered_before_the_journal_has_written()
    {
        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor));
        Ask(Start);
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        await NothingForAsync(Media);
        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        var begin = await Media.ExpectMsgAsync<BeginRecording>();

        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor));
        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        await NothingForAsync(Edge);
        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        await Edge.ExpectMsgAsync<SessionRecords>();
    }

    [Fact]
    public async Task A_stop_that_arrives_while_the_start_is_being_written_is_heard_after_it()
    {
        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor));
        Ask(Start);
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        Ask(Stop);
        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        await Media.ExpectMsgAsync<BeginRecording>();
        await UndoAsync();

        Assert.Equal(FaultCode.StoppedAtStart, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        await Edge.ExpectMsgAsync<StopDone>();
    }

    [Fact]
    public async Task A_start_that_the_journal_does_not_take_is_answered_and_begins_nothing()
    {
        await Edge.WatchAsync(Session);
        await JournalAsync(new ScriptedJournal.FailWrites(1));
        Ask(Start);

        Assert.Equal(FaultCode.Unavailable, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        await Edge.ExpectTerminatedAsync(Session);
        await NothingForAsync(Media);
    }

    [Fact]
    public async Task The_answer_waits_until_the_farms_list_has_the_news()
    {
        Ask(Start);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        await ReportAsync(SessionPhase.Starting);
        Placement.SetAutoPilot(NoAutoPilot.Instance);

        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        var report = (ReportSession)
            await Placement.FishForMessageAsync(message =>
                message is ReportSession { Summary.Phase: SessionPhase.Recording }
            );
        await NothingForAsync(Edge);

        // An acceptance of older news is none of this news.
        Session.Tell(new ReportAccepted(Sample.Id, report.Version - 1));

        // Nor does something else that happens meanwhile let the answer out.
        MediaSays(new BrowserRestored(Clock.GetUtcNow()));
        await SummaryAsync();
        await NothingForAsync(Edge);

        Session.Tell(new ReportAccepted(Sample.Id, report.Version));
        await Edge.ExpectMsgAsync<SessionRecords>();
    }

    [Fact]
    public async Task A_placement_that_does_not_answer_delays_the_answer_no_longer_than_the_report_limit()
    {
        Ask(Start);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        await ReportAsync(SessionPhase.Starting);
        Placement.SetAutoPilot(NoAutoPilot.Instance);
        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        await ReportAsync(SessionPhase.Recording);

        // The timer is set once the report has gone out.
        await HeardAllAsync();
        AdvanceTimers(Options.ReportLimit);
        await Edge.ExpectMsgAsync<SessionRecords>();
    }

    [Fact]
    public async Task A_report_is_repeated_until_it_is_accepted_and_then_is_a_sign_of_life()
    {
        await RecordAsync();
        await ReportAsync(SessionPhase.Recording);
        var path = (await SummaryAsync()).Records[0].Path;
        Placement.SetAutoPilot(NoAutoPilot.Instance);
        MediaSays(new BrowserLost(Clock.GetUtcNow(), "It crashed."));
        await ReportAsync(summary => summary.Faults.Count == 1);

        AdvanceTimers(TimeSpan.FromSeconds(2));
        var repeated = (ReportSession)await Placement.FishForMessageAsync(message => message is ReportSession);
        Assert.Single(repeated.Summary.Faults);
        Session.Tell(new ReportAccepted(Sample.Id, repeated.Version), Placement);
        MediaSays(new RecordFinished("/records/other.mp4", TimeSpan.Zero, 0, Repaired: false));
        AcceptReports(Placement);
        await GrowAsync(path, 77);

        AdvanceTimers(TimeSpan.FromSeconds(10));
        var life = await Placement.ExpectMsgAsync<ReportSession>();
        Assert.Equal(repeated.Version, life.Version);
        Assert.Equal(77, life.Summary.Records[0].FramesCaptured);
    }

    [Fact]
    public async Task A_start_told_to_an_incarnation_that_finds_it_half_done_is_answered_and_not_begun_again()
    {
        Ask(Start);
        await Media.ExpectMsgAsync<BeginRecording>();
        await LoseNodeAsync();
        await Edge.ExpectMsgAsync<StartFailed>();

        Ask(Start);
        var repair = await Media.ExpectMsgAsync<RepairRecord>();
        Assert.Equal(Sample.FirstRecord, repair.RecordPath);
        MediaSays(new RecordUnrecoverable(repair.RecordPath, "There is no file."));
        Assert.Equal(FaultCode.NodeLost, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
    }
}
