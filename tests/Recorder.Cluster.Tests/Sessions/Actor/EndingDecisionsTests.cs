using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>When a session ends by itself, through pauses, crashes, restarts and hand-overs. No clock runs
/// here.</summary>
public sealed class EndingDecisionsTests
{
    private static readonly EndRules Hour = new() { MaxDuration = TimeSpan.FromHours(1) };

    /// <summary>A session with rules, whose first frame came 2 s after the start.</summary>
    private static Story With(EndRules? rules) =>
        Story
            .New.Then(state => SessionDecisions.Start(state, Sample.Spec with { End = rules }, Sample.At(0)))
            .Hears(2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)));

    private static Moment At(double seconds, string node = Sample.Node) =>
        Sample.At(seconds, node) with
        {
            LongestSession = TimeSpan.FromHours(24),
        };

    private static Story Looks(Story story, double at) => story.Then(state => EndingDecisions.Due(state, At(at)));

    private static DateTimeOffset? EndOf(Story story) => EndingDecisions.Next(story.State, At(10))?.At;

    [Fact]
    public void The_time_counts_from_the_first_frame_and_the_end_is_said_a_minute_before()
    {
        var story = With(Hour);
        Assert.Equal(Sample.Time(3602), EndOf(story));
        Assert.Equal(TimeSpan.FromSeconds(3540), EndingDecisions.Sleep(story.State, At(2)) + TimeSpan.FromMinutes(49));
        Assert.Empty(Looks(story, 3541).Last);

        story = Looks(story, 3542);
        var soon = Assert.IsType<SessionEndsSoon>(Assert.Single(story.Last));
        Assert.Equal((EndReason.MaxDuration, Sample.Time(3602)), (soon.Reason, soon.EndsAt));
        Assert.Empty(Looks(story, 3600).Last);
        Assert.Equal(TimeSpan.FromSeconds(2), EndingDecisions.Sleep(story.State, At(3600)));

        var end = Assert.IsType<EndDecided>(Assert.Single(Looks(story, 3602).Last));
        Assert.Equal((SessionPhase.Stopped, EndReason.MaxDuration), (end.Outcome, end.Reason));
        Assert.Contains("1 h, the most of end.max_duration", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_without_rules_ends_at_the_limit_of_the_farm()
    {
        var end = Assert.IsType<EndDecided>(Assert.Single(Looks(With(null), 86_402).Last));
        Assert.Contains("Sessions:MaxDuration", end.Message, StringComparison.Ordinal);
        Assert.Empty(Looks(With(null), 86_000).Last);

        // A limit of the farm that was lowered meanwhile applies to the sessions that run.
        Assert.Equal(
            Sample.Time(62),
            EndingDecisions.Next(With(Hour).State, At(10) with { LongestSession = TimeSpan.FromMinutes(1) })?.At
        );
    }

    [Theory]
    [InlineData(null, 120, 30, EndReason.KeyLimit, "the most that the API key of its start allows")]
    [InlineData(60, 120, 30, EndReason.KeyLimit, "the most that the API key of its start allows")]
    [InlineData(20, 120, 20, EndReason.MaxDuration, "end.max_duration")]
    [InlineData(30, 120, 30, EndReason.MaxDuration, "end.max_duration")]
    [InlineData(60, 10, 10, EndReason.MaxDuration, "Sessions:MaxDuration")]
    public void The_shortest_of_the_key_the_rule_and_the_farm_counts(
        int? rule,
        int farm,
        int minutes,
        string reason,
        string words
    )
    {
        var rules = rule is { } own ? new EndRules { MaxDuration = TimeSpan.FromMinutes(own) } : null;
        var state = Story
            .New.Then(state =>
                SessionDecisions.Start(
                    state,
                    Sample.Spec with
                    {
                        End = rules,
                        KeyDuration = TimeSpan.FromMinutes(30),
                    },
                    Sample.At(0)
                )
            )
            .Hears(2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)))
            .State;
        var at = At(2 + (60 * minutes)) with { LongestSession = TimeSpan.FromMinutes(farm) };

        var end = Assert.IsType<EndDecided>(Assert.Single(EndingDecisions.Due(state, at)));

        Assert.Equal((SessionPhase.Stopped, reason), (end.Outcome, end.Reason));
        Assert.Contains(words, end.Message, StringComparison.Ordinal);
        var before = EndingDecisions.Due(state, at with { At = at.At.AddSeconds(-1) });
        Assert.IsType<SessionEndsSoon>(Assert.Single(before));
    }

    [Fact]
    public void A_pause_stops_the_time_and_takes_the_announcement_back()
    {
        var story = Looks(With(Hour), 3590).Then(state => ChangeDecisions.Pause(state, At(3592)).Events);
        Assert.Equal(Sample.Time(86_402), EndOf(story));
        Assert.Empty(Looks(story, 9000).Last);

        story = story.Then(state => ChangeDecisions.Unpause(state, At(9592)).Events);
        Assert.Equal(Sample.Time(9602), EndOf(story));
        Assert.IsType<SessionEndsSoon>(Assert.Single(Looks(story, 9592).Last));

        // A second pause adds to the first.
        story = story
            .Then(state => ChangeDecisions.Pause(state, At(9600)).Events)
            .Then(state => ChangeDecisions.Unpause(state, At(9700)).Events);
        Assert.Equal(Sample.Time(9702), EndOf(story));
    }

    [Theory]
    [InlineData(null, 86_402, EndReason.MaxDuration, "the most of Sessions:MaxDuration")]
    [InlineData(30, 1802, EndReason.KeyLimit, "the API key")]
    public void A_session_that_is_paused_and_forgotten_ends_at_the_limit_of_its_farm_or_key(
        int? key,
        double second,
        string reason,
        string words
    )
    {
        var limit = key is { } minutes ? TimeSpan.FromMinutes(minutes) : (TimeSpan?)null;
        var spec = Sample.Spec with { End = Hour, KeyDuration = limit };
        var story = Story
            .New.Then(state => SessionDecisions.Start(state, spec, Sample.At(0)))
            .Hears(2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)))
            .Then(state => ChangeDecisions.Pause(state, At(100)).Events);
        Assert.Equal(
            Sample.Time(second),
            Assert.IsType<SessionEndsSoon>(Assert.Single(Looks(story, second - 30).Last)).EndsAt
        );
        var end = Assert.IsType<EndDecided>(Assert.Single(Looks(story, second).Last));
        Assert.Equal((SessionPhase.Stopped, reason), (end.Outcome, end.Reason));
        Assert.Contains(words, end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_time_is_kept_over_a_lost_worker_and_over_another_node()
    {
        var story = With(Hour)
            .Hears(12, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "The worker was killed."))
            .Then(state => SessionDecisions.ResumeMedia(state, At(12)));
        story = story.Hears(20, new FirstFrameWritten(story.CurrentPath, Sample.Time(20)));
        Assert.Equal(Sample.Time(3602), EndOf(story));

        story = story.Then(state =>
            SessionDecisions.Resume(state, state.Spec!, Sample.ResumeWindow, At(100, Sample.OtherNode))
        );
        story = story.Hears(101, new FirstFrameWritten(story.CurrentPath, Sample.Time(101)));
        Assert.Equal((3, Sample.Time(3602)), (story.State.Records.Count, EndOf(story)));
    }

    [Fact]
    public void A_session_handed_over_keeps_its_time()
    {
        var story = With(Hour)
            .Then(state => ChangeDecisions.Pause(state, At(100)).Events)
            .Then(state => ChangeDecisions.Unpause(state, At(200)).Events)
            .Then(state =>
                SessionDecisions.Adopt(
                    state,
                    "/records/2021-09-22_08:00:00__0.mp4",
                    Sample.Time(240),
                    At(241, Sample.OtherNode)
                )
            );
        Assert.Equal(Sample.Time(3702), EndOf(story));
    }

    [Fact]
    public void A_session_whose_time_passed_while_its_node_was_away_ends_instead_of_resuming()
    {
        var story = With(new EndRules { MaxDuration = TimeSpan.FromMinutes(5) }).Hears(
            290,
            new RecordGrew(Sample.FirstRecord, Sample.Time(290), 7000, 0, 1_000_000, TimeSpan.FromSeconds(288))
        );
        story = story.Then(state =>
            SessionDecisions.Resume(state, state.Spec!, Sample.ResumeWindow, At(310, Sample.OtherNode))
        );
        Assert.Equal(["FaultMet", "RecordingInterrupted", "EndDecided"], story.Events);
        Assert.Equal((SessionPhase.Stopping, EndReason.MaxDuration), (story.State.Phase, story.State.EndReason));
        Assert.Null(story.State.Current);
    }

    [Fact]
    public void The_rules_change_while_the_session_runs_and_a_rule_is_taken_away()
    {
        var longer = new EndChange(new EndRules { MaxDuration = TimeSpan.FromHours(2) }, [EndField.MaxDuration]);
        var story = Looks(With(Hour with { MaxBytes = 1_000_000 }), 3590)
            .Then(state => Change(state, longer, 3595));
        Assert.Equal((Sample.Time(7202), 1_000_000), (EndOf(story), story.State.EndRules.MaxBytes));
        Assert.Equal(story.State.EndRules, story.State.Summarise().End);
        Assert.Empty(Looks(story, 3602).Last);
        Assert.Empty(Change(story.State, longer, 3602));

        // The end is announced once more.
        Assert.IsType<SessionEndsSoon>(Assert.Single(Looks(story, 7150).Last));

        story = story.Then(state =>
            Change(state, new EndChange(EndRules.None, [EndField.MaxDuration, EndField.MaxBytes]), 4000)
        );
        Assert.Equal(Sample.Time(86_402), EndOf(story));
        Assert.Empty(EndingDecisions.Hear(story.State, Grew(2_000_000), At(4001)));
    }

    [Fact]
    public void Targets_and_end_change_together_or_not_at_all()
    {
        var change = new ChangeTargets(Sample.Id, [], [new StreamTarget("rtmp://h/app/none")])
        {
            End = new EndChange(Hour, [EndField.MaxDuration]),
        };
        var refused = ChangeDecisions.Change(With(null).State, change, At(5));
        Assert.Equal(FaultCode.InvalidRequest, refused.Refusal?.Code);
        Assert.Empty(refused.Events);
        Assert.Equal(
            FaultCode.NotRunning,
            ChangeDecisions.Change(Story.Stopping.State, change, At(25)).Refusal?.Code
        );
    }

    [Fact]
    public void A_page_goes_elsewhere_in_the_same_record_and_the_next_record_knows()
    {
        var story = With(null);
        var change = new PageChange { Page = new Uri("https://example.org/next"), Css = "a{}" };
        var wish = new ChangeTargets(Sample.Id, [], []) { Page = change };
        story = story.Then(state => ChangeDecisions.Change(state, wish, At(5)).Events);
        Assert.Equal([new PageChanged(change, Sample.Time(5), Sample.Node)], story.Last);
        var spec = Assert.IsType<PageSessionSpec>(story.State.Spec);
        Assert.Equal(("https://example.org/next", "a{}"), (spec.Page.OriginalString, spec.Settings?.Css));
        Assert.Single(story.State.Records);
        Assert.Empty(ChangeDecisions.Change(story.State, wish, At(6)).Events);

        var told = new MediaStanding
        {
            Up = true,
            Writing = story.State.Current,
            Page = Assert.IsType<PageSessionSpec>(Sample.Spec),
        };
        var (commands, standing) = SessionWork.Next(story.State, told, leaving: false);
        Assert.Equal([new ShowPage(spec)], commands);
        Assert.Empty(SessionWork.Next(story.State, standing, leaving: false).Commands);

        var away = new ChangeTargets(Sample.Id, [], []) { Page = new PageChange { Css = "" } };
        story = story.Then(state => ChangeDecisions.Change(state, away, At(7)).Events);
        Assert.Null(Assert.IsType<PageSessionSpec>(story.State.Spec).Settings?.Css);
    }

    [Fact]
    public void The_bytes_of_all_records_count()
    {
        var story = With(new EndRules { MaxBytes = 10_000_000 })
            .Hears(12, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "The worker was killed."))
            .Then(state => SessionDecisions.ResumeMedia(state, At(12)))
            .Hears(13, new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(9), 6_000_000, Repaired: true));
        var path = story.CurrentPath;
        story = story.Hears(14, new FirstFrameWritten(path, Sample.Time(14)));
        Assert.Empty(EndingDecisions.Hear(story.State, Grew(3_999_999) with { RecordPath = path }, At(20)));

        var end = Assert.IsType<EndDecided>(
            Assert.Single(EndingDecisions.Hear(story.State, Grew(4_000_000) with { RecordPath = path }, At(20)))
        );
        Assert.Equal((SessionPhase.Stopped, EndReason.MaxBytes), (end.Outcome, end.Reason));
    }

    [Fact]
    public void A_session_that_has_not_started_or_is_ending_has_no_end_of_its_own()
    {
        Assert.Null(EndOf(Story.Starting));
        Assert.Null(EndOf(Story.Stopping));
        Assert.Null(EndOf(Story.Stopped));
    }

    [Fact]
    public void The_reason_of_the_end_is_told_whoever_ended_the_session()
    {
        Assert.Null(Story.Recording.State.EndReason);
        Assert.Equal(EndReason.Requested, Story.Stopped.State.Summarise().EndReason);
        Assert.Equal(FaultCode.StoppedAtStart, Story.StoppedAtStart.State.EndReason);
        Assert.Equal(EndReason.MaxDuration, Looks(With(Hour), 3602).State.Summarise().EndReason);
    }

    private static System.Collections.Immutable.ImmutableList<ISessionEvent> Change(
        SessionState state,
        EndChange change,
        double at
    )
    {
        var decided = ChangeDecisions.Change(state, new ChangeTargets(Sample.Id, [], []) { End = change }, At(at));
        Assert.Null(decided.Refusal);
        return decided.Events;
    }

    private static RecordGrew Grew(long bytes) =>
        new(Sample.FirstRecord, Sample.Time(10), 200, 1, bytes, TimeSpan.FromSeconds(8));
}
