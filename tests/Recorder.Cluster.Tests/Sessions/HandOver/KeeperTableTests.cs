using Akka.Actor;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.HandOver;

/// <summary>The table of a record that a keeper has begun. Its lines follow from the decisions, and are those of
/// <c>docs/architecture.md</c>.</summary>
public sealed class KeeperTableTests
{
    private const string Header =
        "| the record is | what comes | if | then the record is | what the keeper does, in this order |";
    private const string Path = "/records/next.mp4";
    private const string None = "None";

    private static readonly KeeperPlace Here = new(Sample.Node) { ClockOffset = TimeSpan.FromSeconds(2) };

    private static readonly IActorRef Asker = new NamedRef("asker");
    private static readonly IActorRef Session = new NamedRef("session");
    private static readonly IActorRef NextSession = new NamedRef("next");

    private static readonly PrepareMedia Ask = new(Sample.Id, 2, Sample.Spec, [Sample.FirstRecord], Paused: false);
    private static readonly RecordGrew Grew = new(Path, Sample.Time(9), 10, 0, 1000, TimeSpan.FromSeconds(1));

    private static readonly KeptRecord Preparing = new(Ask, Path, Asker);
    private static readonly KeptRecord Prepared = Preparing with
    {
        Step = KeptStep.Prepared,
        OpenedAt = Sample.Time(8),
    };
    private static readonly KeptRecord Adopted = Prepared with { Step = KeptStep.Adopted, Session = Session };
    private static readonly KeptRecord Finishing = Prepared with { Step = KeptStep.Finishing };
    private static readonly KeptRecord Removing = Preparing with { Step = KeptStep.Removing };

    private static readonly KeptRecord?[] Kept =
    [
        null,
        Preparing,
        Preparing with
        {
            Session = Session,
        },
        Prepared,
        Prepared with
        {
            Said = [Grew],
        },
        Adopted,
        Finishing,
        Removing,
        Removing with
        {
            Failure = "The page did not load.",
        },
        Removing with
        {
            Session = Session,
        },
        Removing with
        {
            Failure = "The page did not load.",
            Session = Session,
        },
    ];

    private static readonly KeeperInput.Wanted Wanted = new(Ask, Asker, () => Path);
    private static readonly KeeperInput.Wanted WantedPaused = new(Ask with { Paused = true }, Asker, () => Path);
    private static readonly KeeperInput.Wanted WantedStill = new(Ask with { Prepared = true }, Asker, () => Path);
    private static readonly KeeperInput.Dismissed Dismissed = new();
    private static readonly KeeperInput.AdoptionWished Wish = new(new AdoptMedia(Sample.Id, Waits: true), Session);
    private static readonly KeeperInput.AdoptionWished WishAtOnce = new(
        new AdoptMedia(Sample.Id, Waits: false),
        Session
    );
    private static readonly KeeperInput.AdoptionWished WishOfNext = new(
        new AdoptMedia(Sample.Id, Waits: true),
        NextSession
    );
    private static readonly KeeperInput.Heard FirstFrame = new(new FirstFrameWritten(Path, Sample.Time(8)));
    private static readonly KeeperInput.Heard Failed = new(
        new MediaFailed(FaultCode.PageFailed, "The page did not load.")
    );
    private static readonly KeeperInput.Heard Finished = new(
        new RecordFinished(Path, TimeSpan.FromSeconds(9), 1000, Repaired: false)
    );
    private static readonly KeeperInput.Heard Unrecoverable = new(
        new RecordUnrecoverable(Path, "The file has no frame.")
    );
    private static readonly KeeperInput.Heard Growth = new(Grew);
    private static readonly KeeperInput.LimitPassed LimitPassed = new();
    private static readonly KeeperInput.SessionGone SessionGone = new();
    private static readonly KeeperInput.MediaGone MediaGone = new();

    private static readonly KeeperInput[] Inputs =
    [
        Wanted,
        WantedPaused,
        WantedStill,
        Dismissed,
        Wish,
        WishAtOnce,
        WishOfNext,
        FirstFrame,
        Failed,
        Finished,
        Unrecoverable,
        Growth,
        LimitPassed,
        SessionGone,
        MediaGone,
    ];

    private static readonly TransitionRow[] Rows =
    [
        Row([null], [Wanted], "the record was not prepared before", WantedPaused),
        Row([null], [Wish], "", WishAtOnce),
        Row([Preparing], [Wanted], "", WantedStill),
        Row([Prepared], [Wanted], "the session is as paused as the record", WantedStill),
        Row([Prepared], [WantedPaused], "the session was paused"),
        Row([Prepared with { Paused = true }], [Wanted], "the session was unpaused"),
        Row([Adopted, Finishing, Removing], [Wanted], "", WantedStill),
        Row([Preparing, Prepared], [Dismissed], ""),
        Row([Preparing], [Wish], "the session waits for a first frame"),
        Row([Preparing], [WishAtOnce], "a caller wants the session to stop"),
        Row([Prepared], [Wish], "nothing was reported since the first frame", WishAtOnce),
        Row([Prepared with { Said = [Grew] }], [Wish], "the media child has reported more", WishAtOnce),
        Row([Adopted], [Wish], "the same incarnation asks"),
        Row([Adopted], [WishOfNext], "another incarnation asks"),
        Row([Finishing], [Wish], ""),
        Row([Removing], [Wish], ""),
        Row([Preparing], [FirstFrame], "no session waits"),
        Row([Preparing with { Session = Session }], [FirstFrame], "a session waits"),
        Row([Preparing], [Failed], ""),
        Row([Prepared], [Growth], ""),
        Row([Adopted], [Growth], "", FirstFrame, Finished, Failed),
        Row([Finishing], [Finished, Unrecoverable, Failed], ""),
        Row([Preparing], [LimitPassed], ""),
        Row([Prepared], [LimitPassed], ""),
        Row([Adopted], [SessionGone], ""),
        Row([Preparing], [MediaGone], "no session waits"),
        Row([Preparing with { Session = Session }], [MediaGone], "a session waits"),
        Row([Prepared, Finishing], [MediaGone], ""),
        Row([Adopted], [MediaGone], ""),
        Row([Removing], [MediaGone], "the record was dismissed"),
        Row([Removing with { Failure = "The page did not load." }], [MediaGone], "the record could not be prepared"),
        Row([Removing with { Session = Session }], [MediaGone], "the record was dismissed, and a session waits"),
        Row(
            [Removing with { Failure = "The page did not load.", Session = Session }],
            [MediaGone],
            "the record could not be prepared, and a session waits"
        ),
    ];

    [Fact]
    public void The_page_has_the_table_of_the_keeper() => TransitionTable.AssertEqual(Header, Rows);

    /// <summary>A line that the table does not have would be a transition that the page keeps silent about.</summary>
    [Fact]
    public void Whatever_comes_in_whatever_state_is_in_the_table_or_changes_nothing()
    {
        foreach (var (kept, input) in Kept.SelectMany(_ => Inputs, (kept, input) => (kept, input)))
        {
            var transition = Transit(kept, input);
            Assert.True(
                transition.IsNothing || Rows.Any(row => row.Tells(Word(kept, input), transition)),
                $"The table does not tell: {Word(kept, input)}: {transition}"
            );
        }
    }

    [Fact]
    public void What_was_reported_since_the_first_frame_is_kept_for_the_adopter()
    {
        var said = Next(Next(Prepared, Growth), new KeeperInput.Heard(Grew with { FramesCaptured = 20 }));
        var given = KeeperDecisions.Next(Sample.Id, said, Wish, Here);
        Assert.Equal(
            [10L, 20L],
            given
                .Effects.OfType<KeeperEffect.PassOn>()
                .Select(passed => Assert.IsType<RecordGrew>(passed.Event).FramesCaptured)
        );
        Assert.Empty(given.Kept!.Said);
    }

    [Fact]
    public void A_record_that_was_finalised_is_listed_with_its_length()
    {
        var left = Left(Next(Finishing, Finished));
        Assert.Equal(
            new RecordLeft(Sample.Id, 2, Path, Sample.Node, Sample.Time(8), TimeSpan.FromSeconds(9), 1000),
            left
        );
        Assert.Null(Left(Prepared).Duration);
    }

    [Fact]
    public void The_first_frame_is_told_in_the_time_of_the_farm() =>
        Assert.Equal(Sample.Time(10), Next(Preparing, FirstFrame)!.OpenedAt);

    [Fact]
    public void The_latest_asker_is_answered()
    {
        var next = new NamedRef("latest");
        var asked = Next(Preparing, Wanted with { Asker = next });
        var answered = KeeperDecisions.Next(Sample.Id, asked, FirstFrame, Here);
        Assert.Equal(next, Assert.Single(answered.Effects.OfType<KeeperEffect.AnswerAsker>()).Asker);
    }

    private static KeptRecord? Next(KeptRecord? kept, KeeperInput input) =>
        KeeperDecisions.Next(Sample.Id, kept, input, Here).Kept;

    private static RecordLeft Left(KeptRecord? kept) =>
        Assert
            .Single(
                KeeperDecisions
                    .Next(Sample.Id, kept, MediaGone, Here)
                    .Effects.OfType<KeeperEffect.Leave>()
            )
            .Record;

    /// <summary>A line of the table. What follows is found by the decisions, and is the same for all records and
    /// inputs of the line.</summary>
    private static TransitionRow Row(
        IReadOnlyList<KeptRecord?> states,
        IReadOnlyList<KeeperInput> inputs,
        string condition,
        params KeeperInput[] more
    ) =>
        new(
            [.. inputs.Select(input => Word(states[0], input))],
            condition,
            [.. from kept in states from input in inputs.Concat(more) select Transit(kept, input)]
        );

    private static Transition Transit(KeptRecord? kept, KeeperInput input)
    {
        var step = KeeperDecisions.Next(Sample.Id, kept, input, Here);
        return new Transition(Name(kept), Name(step.Kept), step.Effects.Select(Word));
    }

    private static string Name(KeptRecord? kept) => kept?.Step.ToString() ?? None;

    private static string Word(KeptRecord? kept, KeeperInput input) =>
        input switch
        {
            KeeperInput.Wanted => "`PrepareMedia`",
            KeeperInput.Dismissed => "`DismissMedia`",
            KeeperInput.AdoptionWished => "`AdoptMedia`",
            KeeperInput.Heard when kept?.Step is KeptStep.Prepared or KeptStep.Adopted => "an event of the media child",
            KeeperInput.Heard heard => $"`{heard.Event.GetType().Name}`",
            KeeperInput.LimitPassed => "the limit passes",
            KeeperInput.SessionGone => "the session's incarnation is gone",
            KeeperInput.MediaGone => "the media child is gone",
            _ => throw new ArgumentOutOfRangeException(nameof(input), input, "The table has no word for this input."),
        };

    private static string Word(KeeperEffect effect) =>
        effect switch
        {
            KeeperEffect.Begin => "begins the record",
            KeeperEffect.Command command => $"commands `{command.ToMedia.GetType().Name}`",
            KeeperEffect.Finish => "finalises the record",
            KeeperEffect.StopMedia => "stops the media child",
            KeeperEffect.LimitFrame => "sets a limit of 30 s",
            KeeperEffect.LimitAdoption => "sets a limit of 60 s",
            KeeperEffect.ForgetLimit => "ends the limit",
            KeeperEffect.AnswerAsker answer => $"answers `{answer.Reply.GetType().Name}`",
            KeeperEffect.Give => "gives the record to the session",
            KeeperEffect.AnswerNothing => "answers the session `NoKeptMedia`",
            KeeperEffect.WatchSession => "watches the session",
            KeeperEffect.PassOn => "passes the event on to the session",
            KeeperEffect.TellPlacement => "tells the placement what is kept",
            KeeperEffect.Leave => "tells the placement `RecordLeft`",
            KeeperEffect.RemoveRecord => "removes the file",
            _ => throw new ArgumentOutOfRangeException(
                nameof(effect),
                effect,
                "The table has no word for this effect."
            ),
        };

    private sealed class NamedRef(string name) : MinimalActorRef
    {
        public override ActorPath Path { get; } = new RootActorPath(new Address("akka", "test")) / name;

        public override IActorRefProvider Provider =>
            throw new NotSupportedException("This reference is only compared.");
    }
}
