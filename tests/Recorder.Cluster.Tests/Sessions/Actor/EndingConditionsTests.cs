using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>Sessions that end by silence, by a still picture, by their page or by their sender. No clock runs
/// here.</summary>
public sealed class EndingConditionsTests
{
    private static readonly EndRules Silence = new() { Silence = new EndSilence(TimeSpan.FromMinutes(10)) };

    private static readonly EndRules Page = new()
    {
        Page = [EndPageWord.EndSignal, EndPageWord.SelectorGone, EndPageWord.NavigatedAway],
        Selector = ".call",
        Text = ["The meeting has ended"],
        Alone = new EndAlone(".person", 1, TimeSpan.FromSeconds(30)),
        Grace = TimeSpan.FromSeconds(30),
    };

    [Fact]
    public void Silence_ends_the_session_and_what_people_say_in_between_begins_anew()
    {
        var life = new Life(Silence);
        life.Seconds(3, 600, level: -70);
        Assert.Equal((EndReason.Silence, Sample.Time(602)), life.Planned);
        life.Seconds(601, 601, level: -20);
        Assert.Equal(["ConditionEnded"], life.Events);
        Assert.Equal(EndReason.MaxDuration, life.Planned?.Reason);

        life.Seconds(602, 1200, level: -50.1);
        Assert.Equal((EndReason.Silence, Sample.Time(1201)), life.Planned);
        var end = Assert.IsType<EndDecided>(Assert.Single(EndingDecisions.Due(life.State, Life.At(1201))));
        Assert.Equal((SessionPhase.Stopped, EndReason.Silence), (end.Outcome, end.Reason));
        Assert.Contains("10 min", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Short_pauses_of_people_are_not_written_down()
    {
        var life = new Life(Silence);
        for (var from = 3; from < 300; from += 15)
        {
            life.Seconds(from, from + 13, level: -70);
            life.Seconds(from + 14, from + 14, level: -10);
        }
        Assert.Empty(life.Events);
    }

    [Fact]
    public void Silence_counts_from_the_given_time_on_only()
    {
        var life = new Life(
            new EndRules
            {
                Silence = new EndSilence(TimeSpan.FromMinutes(1)) { NotBefore = TimeSpan.FromMinutes(20) },
            }
        );
        life.Seconds(3, 1201, level: -100);
        Assert.Empty(life.Events);
        life.Seconds(1202, 1230, level: -100);
        Assert.Equal((EndReason.Silence, Sample.Time(1261)), life.Planned);
    }

    [Fact]
    public void A_pause_stops_what_a_condition_counts()
    {
        var life = new Life(Silence);
        life.Seconds(3, 100, level: -70);
        life.Apply(ChangeDecisions.Pause(life.State, Life.At(100)).Events);
        life.Seconds(101, 199, level: -10);
        Assert.Equal(EndReason.MaxDuration, life.Planned?.Reason);
        life.Apply(ChangeDecisions.Unpause(life.State, Life.At(200)).Events);
        Assert.Equal((EndReason.Silence, Sample.Time(702)), life.Planned);
    }

    [Fact]
    public void What_was_counted_is_kept_over_a_lost_worker_and_over_another_node()
    {
        var life = new Life(Silence);
        life.Seconds(3, 100, level: -70);
        var elsewhere = Life.At(120, Sample.OtherNode);
        life.Apply(SessionDecisions.Resume(life.State, Sample.Spec, Sample.ResumeWindow, elsewhere));
        life.Apply(
            SessionDecisions.Hear(
                life.State,
                new FirstFrameWritten(life.State.Current, Sample.Time(125)),
                Life.At(125, Sample.OtherNode)
            )
        );
        life.NewMedia();
        life.Seconds(126, 130, level: -70);
        Assert.Equal((EndReason.Silence, Sample.Time(602)), life.Planned);
    }

    [Fact]
    public void A_picture_that_stands_still_ends_the_session()
    {
        var life = new Life(new EndRules { Still = TimeSpan.FromMinutes(1) });
        life.Seconds(3, 60, level: -10, still: second => second - 3);
        Assert.Equal((EndReason.Still, Sample.Time(63)), life.Planned);
        life.Seconds(61, 61, level: -10, still: _ => 0.4);
        Assert.Equal(EndReason.MaxDuration, life.Planned?.Reason);
    }

    [Fact]
    public void A_new_worker_ends_no_watch_over_a_picture_unless_the_worker_has_seen_movement()
    {
        var life = new Life(new EndRules { Still = TimeSpan.FromMinutes(10) });
        life.Seconds(3, 100, level: -10, still: second => second - 3);
        var elsewhere = Life.At(120, Sample.OtherNode);
        life.Apply(SessionDecisions.Resume(life.State, Sample.Spec, Sample.ResumeWindow, elsewhere));
        life.Apply(
            SessionDecisions.Hear(
                life.State,
                new FirstFrameWritten(life.State.Current, Sample.Time(125)),
                Life.At(125, Sample.OtherNode)
            )
        );
        life.Seconds(126, 200, level: -10, still: second => second - 126);
        Assert.Empty(life.Events);
        Assert.Equal((EndReason.Still, Sample.Time(603)), life.Planned);

        life.Seconds(201, 201, level: -10, still: _ => 0);
        Assert.Equal(["ConditionEnded"], life.Events);
    }

    [Theory]
    [InlineData(EndReason.EndSignal)]
    [InlineData(EndReason.SelectorGone)]
    [InlineData(EndReason.NavigatedAway)]
    [InlineData(EndReason.Text)]
    [InlineData(EndReason.Alone)]
    public void A_word_of_the_page_ends_the_session_after_the_grace_unless_the_page_takes_it_back(string reason)
    {
        var life = new Life(Page);
        life.Apply(SessionDecisions.Hear(life.State, new PageSays(reason, true, Sample.Time(50)), Life.At(50)));
        Assert.Equal((reason, Sample.Time(80)), life.Planned);
        Assert.Empty(SessionDecisions.Hear(life.State, new PageSays(reason, true, Sample.Time(60)), Life.At(60)));

        life.Apply(SessionDecisions.Hear(life.State, new PageSays(reason, false, Sample.Time(70)), Life.At(70)));
        Assert.Equal(EndReason.MaxDuration, life.Planned?.Reason);
    }

    [Fact]
    public void A_word_that_is_in_no_rule_ends_nothing()
    {
        var life = new Life(Page);
        Assert.Empty(
            SessionDecisions.Hear(life.State, new PageSays(EndReason.Closed, true, Sample.Time(50)), Life.At(50))
        );
        var plain = new Life(null);
        Assert.Empty(
            SessionDecisions.Hear(plain.State, new PageSays(EndReason.EndSignal, true, Sample.Time(50)), Life.At(50))
        );
    }

    [Fact]
    public void Without_a_grace_the_session_ends_at_once()
    {
        var life = new Life(Page with { Grace = null });
        life.Apply(
            SessionDecisions.Hear(life.State, new PageSays(EndReason.EndSignal, true, Sample.Time(50)), Life.At(50))
        );
        Assert.Equal(EndReason.EndSignal, EndingDecisions.Overdue(life.State, Life.At(50))?.Reason);
    }

    [Fact]
    public void A_rule_that_is_taken_away_ends_nothing_although_its_condition_holds()
    {
        var life = new Life(Silence);
        life.Seconds(3, 100, level: -70);
        life.Apply([new EndRulesChanged(EndRules.None, Sample.Time(101), Sample.Node)]);
        Assert.Equal(EndReason.MaxDuration, life.Planned?.Reason);
    }

    [Fact]
    public void The_earliest_end_counts()
    {
        var life = new Life(Silence with { MaxDuration = TimeSpan.FromMinutes(5) });
        life.Seconds(3, 100, level: -70);
        Assert.Equal((EndReason.MaxDuration, Sample.Time(302)), life.Planned);
    }

    [Fact]
    public void Media_are_told_the_rules_once_they_have_changed()
    {
        var life = new Life(Page);
        var told = new MediaStanding { Up = true, Writing = life.State.Current, End = Page };
        Assert.Empty(SessionWork.Next(life.State, told, leaving: false).Commands);
        life.Apply([new EndRulesChanged(Page with { Selector = ".room" }, Sample.Time(20), Sample.Node)]);
        var (commands, standing) = SessionWork.Next(life.State, told, leaving: false);
        Assert.Equal(".room", Assert.IsType<WatchPage>(Assert.Single(commands)).End.Selector);
        Assert.Empty(SessionWork.Next(life.State, standing, leaving: false).Commands);
    }

    [Fact]
    public void A_silent_sender_ends_the_session()
    {
        var spec = new RtpSessionSpec(0, 0) { End = new EndRules { SenderSilent = TimeSpan.FromMinutes(5) } };
        var story = Story
            .New.Then(state => SessionDecisions.Start(state, spec, Sample.At(0)));
        story = story
            .Hears(1, new PortsBound(story.CurrentPath, new RtpEndpoint("h", 5000, 5001, null, null), Sample.Time(1)))
            .Hears(2, new FirstFrameWritten(story.CurrentPath, Sample.Time(2)))
            .Hears(65, new SenderSilent(Sample.Time(60), "Nothing came."));
        Assert.Equal(
            (EndReason.SenderSilent, Sample.Time(360)),
            EndingDecisions.Next(story.State, Sample.At(65)) is { } planned ? (planned.Reason, planned.At) : default
        );
        story = story.Hears(90, new SenderHeard(Sample.Time(90)));
        Assert.NotEqual(EndReason.SenderSilent, EndingDecisions.Next(story.State, Sample.At(91))?.Reason);
    }

    [Fact]
    public void A_silent_sender_ends_the_session_also_when_a_worker_was_lost_before()
    {
        var spec = new RtpSessionSpec(0, 0) { End = new EndRules { SenderSilent = TimeSpan.FromMinutes(5) } };
        var story = Story.New.Then(state => SessionDecisions.Start(state, spec, Sample.At(0)));
        story = story
            .Hears(1, new PortsBound(story.CurrentPath, new RtpEndpoint("h", 5000, 5001, null, null), Sample.Time(1)))
            .Hears(2, new FirstFrameWritten(story.CurrentPath, Sample.Time(2)))
            .Hears(50, new WorkerLost(story.CurrentPath, FaultCode.PipelineFailed, "It crashed."))
            .Then(state => SessionDecisions.ResumeMedia(state, Sample.At(51)));
        story = story
            .Hears(52, new PortsBound(story.CurrentPath, new RtpEndpoint("h", 5000, 5001, null, null), Sample.Time(52)))
            .Hears(65, new SenderSilent(Sample.Time(60), "Nothing came."));
        Assert.NotEqual(FaultCode.SenderSilent, story.State.Gaps[^1].Code);
        Assert.Equal(
            (EndReason.SenderSilent, Sample.Time(360)),
            EndingDecisions.Next(story.State, Sample.At(65)) is { } planned ? (planned.Reason, planned.At) : default
        );
        story = story.Hears(90, new SenderHeard(Sample.Time(90)));
        Assert.NotEqual(EndReason.SenderSilent, EndingDecisions.Next(story.State, Sample.At(91))?.Reason);
    }

    [Fact]
    public void What_the_page_says_before_the_first_frame_counts_from_then_on()
    {
        var state = Story
            .New.Then(state => SessionDecisions.Start(state, Sample.Spec with { End = Page }, Life.At(0)))
            .State;
        var said = new[]
        {
            new PageSays(EndReason.EndSignal, true, Sample.Time(1)),
            new PageSays(EndReason.NavigatedAway, false, Sample.Time(1)),
            new PageSays(EndReason.Closed, true, Sample.Time(1)),
        }.ToImmutableDictionary(word => word.Reason);

        var began = Assert.IsType<ConditionBegan>(Assert.Single(EndingDecisions.HearEarly(state, said, Life.At(2))));

        Assert.Equal((EndReason.EndSignal, Sample.Time(1)), (began.Reason, began.Since));
    }

    [Fact]
    public void A_record_that_nobody_has_repaired_counts_with_what_was_seen_of_its_size()
    {
        var life = new Life(new EndRules { MaxBytes = 1000 });
        RecordGrew Grown(long bytes) => new(life.State.Current, Sample.Time(100), 1, 0, bytes, TimeSpan.Zero);
        life.Apply(SessionDecisions.Hear(life.State, Grown(900), Life.At(100)));
        var elsewhere = Life.At(120, Sample.OtherNode);
        life.Apply(SessionDecisions.Resume(life.State, Sample.Spec, Sample.ResumeWindow, elsewhere));
        life.Apply(
            SessionDecisions.Hear(
                life.State,
                new FirstFrameWritten(life.State.Current, Sample.Time(125)),
                Life.At(125, Sample.OtherNode)
            )
        );

        Assert.Empty(EndingDecisions.Hear(life.State, Grown(99), Life.At(130)));
        var end = Assert.IsType<EndDecided>(Assert.Single(EndingDecisions.Hear(life.State, Grown(100), Life.At(131))));
        Assert.Equal(EndReason.MaxBytes, end.Reason);
    }

    [Fact]
    public void A_pause_does_not_count_for_a_picture_that_stands_still()
    {
        var life = new Life(new EndRules { Still = TimeSpan.FromMinutes(1) });
        life.Apply(ChangeDecisions.Pause(life.State, Life.At(10)).Events);
        life.Apply(ChangeDecisions.Unpause(life.State, Life.At(3610)).Events);
        life.Seconds(3611, 3645, level: -10, still: second => second - 3);
        Assert.Equal((EndReason.Still, Sample.Time(3670)), life.Planned);
    }

    [Fact]
    public void A_condition_whose_rule_was_taken_away_or_changed_begins_anew()
    {
        var alone = new EndRules { Alone = new EndAlone(".person", 1, TimeSpan.FromMinutes(2)) };
        foreach (
            var between in new[]
            {
                EndRules.None,
                new EndRules { Alone = new EndAlone(".tile", 1, TimeSpan.FromMinutes(2)) },
            }
        )
        {
            var life = new Life(alone);
            life.Apply(
                SessionDecisions.Hear(life.State, new PageSays(EndReason.Alone, true, Sample.Time(50)), Life.At(50))
            );
            life.Apply([new EndRulesChanged(between, Sample.Time(60), Sample.Node)]);
            life.Apply([new EndRulesChanged(alone, Sample.Time(3660), Sample.Node)]);
            Assert.Equal(EndReason.MaxDuration, life.Planned?.Reason);
        }

        // Only the time is another: what was counted counts.
        var longer = new Life(alone);
        longer.Apply(
            SessionDecisions.Hear(longer.State, new PageSays(EndReason.Alone, true, Sample.Time(50)), Life.At(50))
        );
        var patient = new EndRules { Alone = new EndAlone(".person", 1, TimeSpan.FromMinutes(5)) };
        longer.Apply([new EndRulesChanged(patient, Sample.Time(60), Sample.Node)]);
        Assert.Equal((EndReason.Alone, Sample.Time(350)), longer.Planned);
    }

    [Fact]
    public void An_empty_meeting_ends_in_time_through_a_pause_and_on_another_node()
    {
        var life = new Life(new EndRules { Alone = new EndAlone(".person", 1, TimeSpan.FromMinutes(2)) });
        var says = new PageSays(EndReason.Alone, true, Sample.Time(50));
        life.Apply(SessionDecisions.Hear(life.State, says, Life.At(50)));
        life.Apply(ChangeDecisions.Pause(life.State, Life.At(60)).Events);
        life.Apply(ChangeDecisions.Unpause(life.State, Life.At(100)).Events);
        Assert.Equal((EndReason.Alone, Sample.Time(210)), life.Planned);

        var elsewhere = Life.At(120, Sample.OtherNode);
        life.Apply(SessionDecisions.Resume(life.State, Sample.Spec, Sample.ResumeWindow, elsewhere));
        Assert.Equal((EndReason.Alone, Sample.Time(210)), life.Planned);
        var end = EndingDecisions.Overdue(life.State, Life.At(211, Sample.OtherNode));
        Assert.Equal(EndReason.Alone, end?.Reason);
        Assert.Contains("no more than 1 elements of end.alone for 2 min", end!.Message, StringComparison.Ordinal);
    }

    /// <summary>A session whose figures come once a second, as the actor hears them.</summary>
    private sealed class Life
    {
        private DateTimeOffset? _silentSince;

        public Life(EndRules? rules) =>
            State = Story
                .New.Then(state => SessionDecisions.Start(state, Sample.Spec with { End = rules }, At(0)))
                .Hears(2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)))
                .State;

        public SessionState State { get; private set; }

        /// <summary>The names of the events of the last seconds.</summary>
        public List<string> Events { get; } = [];

        public (string Reason, DateTimeOffset At)? Planned =>
            EndingDecisions.Next(State, At(0)) is { } planned ? (planned.Reason, planned.At) : null;

        public static Moment At(double seconds, string node = Sample.Node) =>
            Sample.At(seconds, node) with
            {
                LongestSession = TimeSpan.FromHours(24),
            };

        public void NewMedia() => _silentSince = null;

        public void Apply(IEnumerable<ISessionEvent> events) =>
            State = events.Aggregate(State, (state, happened) => state.Apply(happened));

        public void Seconds(int from, int to, double level, Func<int, double>? still = null)
        {
            Events.Clear();
            for (var second = from; second <= to; second++)
            {
                var at = Sample.Time(second);
                var figures = new CaptureStatistics(at, 1, 1, 0, 0, 1, TimeSpan.Zero, TimeSpan.Zero)
                {
                    SoundLevel = level,
                    StillFor = still is null ? null : TimeSpan.FromSeconds(still(second)),
                };
                var grew = new RecordGrew(State.Current, at, 1, 0, 1, TimeSpan.Zero) { Capture = figures };
                _silentSince = EndingDecisions.SilentSince(State, _silentSince, grew);
                var decided = EndingDecisions.Hear(State, grew, At(second), _silentSince);
                Events.AddRange(decided.Select(happened => happened.GetType().Name));
                Apply(decided);
            }
        }
    }
}
