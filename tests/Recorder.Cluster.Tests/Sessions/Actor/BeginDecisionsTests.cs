using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>How a session waits for the beginning of its record, whatever is lost meanwhile. No clock runs
/// here.</summary>
public sealed class BeginDecisionsTests
{
    private static readonly BeginRule Signal = new()
    {
        When = BeginWhen.Signal,
        LobbySelector = "#lobby",
        Timeout = TimeSpan.FromSeconds(60),
        LobbyTimeout = TimeSpan.FromMinutes(10),
    };

    private static Story Starting(BeginRule rule) =>
        Story.New.Then(state =>
            SessionDecisions.Start(state, (PageSessionSpec)Sample.Spec with { Begin = rule }, Sample.At(0))
        );

    /// <summary>A session whose page was shown at 5 s.</summary>
    private static Story Waiting(BeginRule? rule = null, bool inLobby = false) =>
        Starting(rule ?? Signal).Hears(5, new PageWaits(inLobby, Sample.Time(5)));

    private static Story Looks(Story story, double at) =>
        story.Then(state => BeginDecisions.Due(state, Sample.At(at)));

    private static (SessionPhase, string?) OutcomeOf(Story story) =>
        (story.State.Outcome?.Phase ?? story.State.Phase, story.State.Outcome?.Code);

    [Fact]
    public void A_page_that_is_shown_waits_and_the_start_limit_no_longer_counts()
    {
        var story = Waiting();
        Assert.Equal(["SessionWaits"], story.Events);
        Assert.Equal(SessionPhase.WaitingToBegin, story.State.Summarise().Phase);
        Assert.Empty(SessionDecisions.StartLimitPassed(story.State, TimeSpan.FromSeconds(30), Sample.At(30)));
        Assert.Equal(["WaitConfirmed"], story.Hears(10, new PageWaits(false, Sample.Time(10))).Events);

        // Before that, the limit of the start counts as ever.
        Assert.NotEmpty(
            SessionDecisions.StartLimitPassed(Starting(Signal).State, TimeSpan.FromSeconds(30), Sample.At(30))
        );
    }

    [Fact]
    public void The_first_frame_ends_the_wait_and_the_time_of_the_session_counts_from_there()
    {
        var story = Waiting().Hears(47, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(47)));
        Assert.Equal(["RecordOpened"], story.Events);
        Assert.Equal(SessionPhase.Recording, story.State.Summarise().Phase);
        Assert.Equal((null, Sample.Time(47)), (story.State.Wait, story.State.BeganAt));
        Assert.Empty(Looks(story, 9000).Last);
        Assert.Empty(story.Hears(50, new PageWaits(true, Sample.Time(50))).Last);
    }

    [Theory]
    [InlineData(BeginWhen.Signal, BeginOtherwise.Fail, "begin_timeout")]
    [InlineData(BeginWhen.Selector, BeginOtherwise.Fail, "begin_timeout")]
    [InlineData(BeginWhen.Script, BeginOtherwise.Fail, "begin_timeout")]
    [InlineData(BeginWhen.Signal, BeginOtherwise.Record, null)]
    [InlineData(BeginWhen.Timeout, BeginOtherwise.Fail, null)]
    public void A_page_that_never_begins_fails_or_is_recorded_all_the_same(
        BeginWhen when,
        BeginOtherwise otherwise,
        string? code
    )
    {
        var story = Waiting(Signal with { When = when, Otherwise = otherwise });
        Assert.Empty(Looks(story, 64.9).Last);
        Assert.Equal(TimeSpan.FromSeconds(60), BeginDecisions.Sleep(story.State, Sample.At(5)));

        story = Looks(story, 65);
        if (code is null)
        {
            Assert.Equal(["SessionBeginsAnyway"], story.Events);
            Assert.Empty(Looks(story, 66).Last);
            Assert.Null(BeginDecisions.Sleep(story.State, Sample.At(66)));
        }
        else
        {
            Assert.Equal((SessionPhase.Failed, code), OutcomeOf(story));
        }
    }

    [Fact]
    public void Nobody_is_let_in_for_ever()
    {
        var story = Waiting(inLobby: true);
        Assert.Equal(SessionPhase.WaitingToEnter, story.State.Summarise().Phase);
        Assert.Empty(Looks(story, 604).Last);
        Assert.Equal((SessionPhase.Failed, FaultCode.NotAdmitted), OutcomeOf(Looks(story, 605)));

        // That is so although the record would begin all the same outside the lobby.
        story = Waiting(Signal with { Otherwise = BeginOtherwise.Record }, inLobby: true);
        Assert.Equal((SessionPhase.Failed, FaultCode.NotAdmitted), OutcomeOf(Looks(story, 605)));
    }

    [Fact]
    public void The_times_in_and_outside_the_lobby_are_counted_apart()
    {
        var story = Waiting()
            .Hears(35, new PageWaits(true, Sample.Time(35)))
            .Hears(335, new PageWaits(false, Sample.Time(335)));
        Assert.Equal(Sample.Time(365), BeginDecisions.Limit(story.State));
        story = story.Hears(345, new PageWaits(true, Sample.Time(345)));
        Assert.Equal(Sample.Time(645), BeginDecisions.Limit(story.State));
    }

    [Fact]
    public void A_lost_node_does_not_end_the_wait_and_the_time_goes_on()
    {
        var story = Waiting(inLobby: true).Hears(400, new PageWaits(true, Sample.Time(400)));
        Assert.Empty(SessionDecisions.Settle(story.State, Sample.At(410)));
        story = story.Then(state =>
            SessionDecisions.Resume(
                state,
                state.Spec!,
                Sample.ResumeWindow,
                Sample.At(420, Sample.OtherNode)
            )
        );
        Assert.Equal(["FaultMet", "RecordLost", "AttemptStarted", "RecordNamed"], story.Events);
        var summary = story.State.Summarise();
        Assert.Equal(
            (SessionPhase.WaitingToEnter, 2, Sample.OtherNode),
            (summary.Phase, summary.Attempt, summary.Node)
        );
        Assert.False(summary.EverRecorded);
        Assert.Empty(summary.Gaps);

        story = story.Hears(425, new PageWaits(true, Sample.Time(425)));
        Assert.Equal((SessionPhase.Failed, FaultCode.NotAdmitted), OutcomeOf(Looks(story, 605)));
        story = story.Hears(430, new FirstFrameWritten(story.CurrentPath, Sample.Time(430)));
        Assert.True(story.State.Started);
    }

    [Fact]
    public void A_wait_that_was_away_for_longer_than_the_window_is_interrupted()
    {
        var story = Waiting().Then(state =>
            SessionDecisions.Resume(state, state.Spec!, Sample.ResumeWindow, Sample.At(700, Sample.OtherNode))
        );
        Assert.Equal((SessionPhase.Interrupted, FaultCode.NodeLost), OutcomeOf(story));
    }

    [Fact]
    public void A_session_that_waits_is_handed_over_by_ending_here_and_waiting_there()
    {
        var story = Waiting();
        Assert.True(SessionDecisions.MayHandOver(story.State));
        story = story.Hears(20, new RecordUnrecoverable(Sample.FirstRecord, "It was stopped before its first picture."));
        Assert.Equal(["RecordLost"], story.Events);
        Assert.Null(story.State.Current);
        Assert.Empty(story.State.Faults);
        Assert.Empty(SessionDecisions.LeaveNode(story.State, alive: true, Sample.At(20)));

        story = story.Then(state =>
            SessionDecisions.Resume(state, state.Spec!, Sample.ResumeWindow, Sample.At(21, Sample.OtherNode))
        );
        Assert.Equal(["AttemptStarted", "RecordNamed"], story.Events);
        Assert.Equal(Sample.Time(65), BeginDecisions.Limit(story.State));
    }

    [Fact]
    public void Lost_media_are_tried_again_and_a_full_disk_is_not()
    {
        var story = Waiting().Hears(20, new MediaFailed(FaultCode.DisplayFailed, "The display server died."));
        Assert.Equal(["FaultMet", "RecordLost"], story.Events);
        story = story.Then(state => SessionDecisions.ResumeMedia(state, Sample.At(21)));
        Assert.Equal(["RecordNamed"], story.Events);

        Assert.Equal(
            (SessionPhase.Failed, FaultCode.DiskFull),
            OutcomeOf(Waiting().Hears(20, new MediaFailed(FaultCode.DiskFull, "The disk is full.")))
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stop_ends_the_wait(bool alive)
    {
        var story = Waiting(inLobby: true).Then(state => SessionDecisions.Stop(state, alive, Sample.At(30)));
        Assert.Equal((SessionPhase.Failed, FaultCode.StoppedAtStart), OutcomeOf(story));
        Assert.Equal(alive, story.State.Current is not null);
    }

    [Fact]
    public void A_browser_that_is_lost_while_the_page_waits_is_a_fault_and_no_gap()
    {
        var story = Waiting().Hears(20, new BrowserLost(Sample.Time(20), "The page crashed."));
        Assert.Equal(["FaultMet"], story.Events);
        Assert.Empty(story.State.Gaps);
        Assert.True(story.State.Waits);
    }

    [Fact]
    public void A_scheduled_page_begins_at_its_time_or_as_soon_as_the_page_is_shown_afterwards()
    {
        var rule = BeginRule.AtOnce with { NotBefore = Sample.Time(50) };
        var story = Waiting(rule);
        Assert.Equal(Sample.Time(50), BeginDecisions.Limit(story.State));
        Assert.Empty(Looks(story, 49).Last);
        Assert.Equal(["SessionBeginsAnyway"], Looks(story, 50).Events);

        var late = Waiting(BeginRule.AtOnce with { NotBefore = Sample.Time(2) });
        Assert.Equal(["SessionBeginsAnyway"], Looks(late, 5).Events);
    }

    [Fact]
    public void The_times_of_a_scheduled_page_count_from_the_time_of_its_schedule()
    {
        var rule = Signal with { NotBefore = Sample.Time(50) };
        var story = Waiting(rule);
        Assert.Equal(Sample.Time(110), BeginDecisions.Limit(story.State));

        story = story.Hears(20, new PageWaits(true, Sample.Time(20)));
        Assert.Equal(Sample.Time(650), BeginDecisions.Limit(story.State));
        story = story.Hears(60, new PageWaits(false, Sample.Time(60)));
        Assert.Equal(Sample.Time(120), BeginDecisions.Limit(story.State));
        Assert.Equal(TimeSpan.FromSeconds(10), story.State.Wait?.Inside);
    }

    [Fact]
    public void Media_are_told_once_to_begin_anyway()
    {
        var story = Looks(Waiting(Signal with { Otherwise = BeginOtherwise.Record }), 65);
        var asked = new MediaStanding { Up = true, Writing = story.State.Current };
        var (commands, standing) = SessionWork.Next(story.State, asked, leaving: false);
        Assert.IsType<BeginAnyway>(Assert.Single(commands));
        Assert.Empty(SessionWork.Next(story.State, standing, leaving: false).Commands);

        // New media begin without waiting.
        Assert.True(
            Assert
                .IsType<BeginRecording>(
                    Assert.Single(SessionWork.Next(story.State, new MediaStanding(), leaving: false).Commands)
                )
                .Anyway
        );
    }

    [Fact]
    public void A_picture_is_there_while_the_page_waits() =>
        Assert.Null(ChangeDecisions.WhyNoThumbnail(Waiting(inLobby: true).State));
}
