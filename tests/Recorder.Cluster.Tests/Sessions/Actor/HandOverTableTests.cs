using Akka.Actor;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>The table of a session's hand-over. Its lines follow from the decisions, and are those of
/// <c>docs/architecture.md</c>.</summary>
public sealed class HandOverTableTests
{
    private const string Header =
        "| the session is | what comes | if | then the session is | what the session does, in this order |";
    private const string Third = "akka.tcp://recorder@127.0.0.3:34569";
    private const int Shard = 3;

    private static readonly HandOverState.Staying Staying = new();
    private static readonly HandOverState.Adopting Adopting = new(WaitedUntil: null);
    private static readonly HandOverState.Preparing Preparing = new(Sample.OtherNode, Shard, Paused: false);
    private static readonly HandOverState.TakenOver TakenOver = new(Sample.OtherNode, Shard);
    private static readonly HandOverState.HandedOver HandedOver = new(Sample.OtherNode, Shard);
    private static readonly HandOverState.Forwarding Forwarding = new(Shard, 4);

    private static readonly HandOverState[] States = [Staying, Adopting, Preparing, TakenOver, HandedOver, Forwarding];

    private static readonly HandOverInput.Asked Asked = new(Sample.OtherNode, Shard);
    private static readonly HandOverInput.Asked AskedForAnother = new(Third, Shard);
    private static readonly HandOverInput.Prepared Prepared = new(OfTarget: true);
    private static readonly HandOverInput.NotPrepared NotPrepared = new(OfTarget: true, "The page did not load.");
    private static readonly HandOverInput.PreparationDue PreparationDue = new();
    private static readonly HandOverInput.PreparationLimitPassed PreparationLimitPassed = new();
    private static readonly HandOverInput.Proceeded Proceeded = new();
    private static readonly HandOverInput.RecordEnded RecordEnded = new();
    private static readonly HandOverInput.AdoptionWished AdoptionWished = new(WaitedUntil: null);
    private static readonly HandOverInput.Kept Kept = new(
        new KeptMedia(Sample.Id, ActorRefs.Nobody, "/records/next.mp4", Sample.Time(9), Paused: false),
        Known: false
    );
    private static readonly HandOverInput.NothingKept NothingKept = new();
    private static readonly HandOverInput.HandOverDue HandOverDue = new();
    private static readonly HandOverInput.Accepted Accepted = new(4);
    private static readonly HandOverInput.Accepted AcceptedHere = new(Shard);
    private static readonly HandOverInput.ForwardingEnded ForwardingEnded = new();
    private static readonly HandOverInput.LeaveWished LeaveWished = new();
    private static readonly HandOverInput.ResumeWished ResumeWished = new();
    private static readonly HandOverInput.StopWished StopWished = new();
    private static readonly HandOverInput.Questioned Questioned = new();

    private static readonly HandOverInput[] Inputs =
    [
        Asked,
        AskedForAnother,
        Prepared,
        new HandOverInput.Prepared(OfTarget: false),
        NotPrepared,
        new HandOverInput.NotPrepared(OfTarget: false, "The page did not load."),
        PreparationDue,
        PreparationLimitPassed,
        Proceeded,
        RecordEnded,
        AdoptionWished,
        Kept,
        Kept with
        {
            Known = true,
        },
        NothingKept,
        HandOverDue,
        Accepted,
        AcceptedHere,
        ForwardingEnded,
        LeaveWished,
        ResumeWished,
        StopWished,
        Questioned,
    ];

    private static readonly Incarnation Recording = Active(Story.Recording.State);
    private static readonly Incarnation Streaming = Active(Streams.Streaming.State);
    private static readonly Incarnation Ending = Active(Story.Stopping.State);
    private static readonly Incarnation Gone = new(Story.Recording.State);
    private static readonly Incarnation Interrupted = Active(Story.WithoutMedia.State);
    private static readonly Incarnation Paused = Active(
        Story.Recording.Then(state => ChangeDecisions.Pause(state, Sample.At(11)).Events).State
    );
    private static readonly Incarnation WithoutRecord = Active(
        Story
            .Recording.Hears(
                15,
                new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(13), 9_000_000, Repaired: false)
            )
            .State
    );

    private static readonly Incarnation[] Incarnations =
    [
        Recording,
        Streaming,
        Active(Streams.Receiving.State),
        Active(Story.Starting.State),
        Ending,
        Active(Story.Stopped.State),
        Gone,
        Interrupted,
        Paused,
        WithoutRecord,
    ];

    private static readonly TransitionRow[] Rows =
    [
        Row([Staying], [Asked], "it records a page", Recording, Paused),
        Row([Staying], [Asked], "it only streams", Streaming),
        Row(
            [Staying],
            [Asked],
            "it has no media, starts, ends, leaves its node, or receives RTP",
            Gone,
            Interrupted,
            Ending,
            Active(Story.Starting.State),
            Recording with
            {
                LeavesNode = true,
            },
            Active(Streams.Receiving.State)
        ),
        Row([Staying, Adopting], [AdoptionWished], "no caller wants it to stop", Gone),
        Row([Staying, Adopting], [AdoptionWished], "a caller wants it to stop", Gone with { StopWished = true }),
        Row([Staying, Adopting], [Kept], "no caller wants it to stop", Gone),
        Row([Staying, Adopting], [Kept], "a caller wants it to stop", Gone with { StopWished = true }),
        Row(
            [Staying, Adopting],
            [Kept],
            "it has media, ends, or leaves its node",
            Recording,
            Ending,
            new Incarnation(Story.Stopping.State),
            Gone with
            {
                LeavesNode = true,
            }
        ),
        Row([Adopting], [NothingKept], "no caller wants it to stop", Gone),
        Row([Adopting], [NothingKept], "a caller wants it to stop", Gone with { StopWished = true }),
        Row([Adopting], [NothingKept], "it has media, or leaves its node", Recording, Gone with { LeavesNode = true }),
        Row(
            [Adopting],
            [NothingKept],
            "it has media, and a caller wants it to stop",
            Recording with
            {
                StopWished = true,
            },
            Interrupted with
            {
                StopWished = true,
            }
        ),
        Row([Adopting], [Asked], "", Gone),
        Row([Preparing], [AskedForAnother], "it records", Recording),
        Row(
            [Preparing],
            [AskedForAnother],
            "it lost its media, ends, or leaves its node",
            Interrupted,
            Ending,
            Recording with
            {
                LeavesNode = true,
            }
        ),
        Row([Preparing], [Prepared], "it records", Recording, Paused),
        Row([Preparing], [Prepared], "it records, and leaves its node", Recording with { LeavesNode = true }),
        Row([Preparing], [Prepared], "it lost its media, or ends", Interrupted, Ending),
        Row(
            [Staying, Adopting, Preparing, TakenOver],
            [new HandOverInput.Prepared(OfTarget: false)],
            "",
            Recording,
            Gone
        ),
        Row([Preparing], [NotPrepared, PreparationLimitPassed], "", Recording, Interrupted),
        Row([Preparing], [PreparationDue], "", Recording, Paused),
        Row([Preparing], [Proceeded], "it was paused or unpaused", Paused),
        Row([Preparing], [Proceeded], "it ends", Ending),
        Row([Preparing, TakenOver], [Kept], "", Recording),
        Row([TakenOver], [PreparationDue], "", Recording),
        Row([TakenOver], [StopWished], "", Recording),
        Row([TakenOver], [RecordEnded], "", WithoutRecord),
        Row([HandedOver], [HandOverDue], "", WithoutRecord),
        Row([HandedOver], [StopWished, Questioned], "", WithoutRecord),
        Row([HandedOver, Forwarding], [AcceptedHere], "", WithoutRecord),
        Row([HandedOver, Forwarding], [Accepted], "", WithoutRecord),
        Row([HandedOver], [LeaveWished], "", WithoutRecord),
        Row([Forwarding], [StopWished, Questioned], "", WithoutRecord),
        Row([Forwarding], [ResumeWished, LeaveWished, ForwardingEnded], "", WithoutRecord),
    ];

    [Fact]
    public void The_page_has_the_table_of_the_session() => TransitionTable.AssertEqual(Header, Rows);

    /// <summary>A line that the table does not have would be a transition that the page keeps silent about.</summary>
    [Fact]
    public void Whatever_comes_in_whatever_state_is_in_the_table_or_changes_nothing()
    {
        foreach (var (state, input) in States.SelectMany(_ => Inputs, (state, input) => (state, input)))
        {
            foreach (
                var here in Incarnations.SelectMany(here => new[]
                {
                    here,
                    here with
                    {
                        LeavesNode = true,
                    },
                    here with
                    {
                        StopWished = true,
                    },
                })
            )
            {
                if (IsPossible(here, state, input))
                {
                    var transition = Transit(here, state, input);
                    Assert.True(
                        transition.IsNothing || Rows.Any(row => row.Tells(Word(input), transition)),
                        $"The table does not tell: {Word(input)}: {transition}, of a session that is {here.State.Phase}"
                    );
                }
            }
        }
    }

    [Fact]
    public void A_session_that_waited_for_room_says_so_when_nothing_was_begun_for_it()
    {
        var waited = Sample.Time(600);
        var step = HandOverDecisions.Next(
            Gone with
            {
                HandOver = new HandOverState.Adopting(waited),
            },
            NothingKept,
            Sample.ResumeWindow,
            Sample.At(620, Sample.OtherNode)
        );
        var written = Assert.IsType<SessionEffect.Write>(Assert.Single(step.Effects));
        Assert.Equal(waited, Assert.Single(written.Events.OfType<AttemptStarted>()).WaitedUntil);
    }

    [Fact]
    public void The_target_is_told_which_records_there_are_and_whether_the_session_is_paused()
    {
        var step = HandOverDecisions.Next(Paused, Asked, Sample.ResumeWindow, Sample.At(12));
        var ask = Assert.Single(step.Effects.OfType<SessionEffect.TellTarget>()).Ask;
        Assert.Equal((Sample.Id, 2, true, false), (ask.Id, ask.Attempt, ask.Paused, ask.Prepared));
        Assert.Equal([Sample.FirstRecord], ask.Taken);
        Assert.Equal(new HandOverState.Preparing(Sample.OtherNode, Shard, Paused: true), step.State);
    }

    /// <summary>Whether an incarnation can be in a state when an input comes. Only a session with media, or soon with
    /// media again, has a target. Only a session without media asks for an adoption.</summary>
    private static bool IsPossible(Incarnation here, HandOverState state, HandOverInput input) =>
        (state, input) switch
        {
            (not HandOverState.Preparing, HandOverInput.Asked { Target: Third }) => false,
            (
                not (HandOverState.Preparing or HandOverState.TakenOver),
                HandOverInput.Prepared { OfTarget: true } or HandOverInput.NotPrepared { OfTarget: true }
            ) => false,
            (_, HandOverInput.AdoptionWished) => here is { Alive: false, LeavesNode: false },
            (HandOverState.Adopting, HandOverInput.Kept or HandOverInput.NothingKept)
            or (HandOverState.Staying, HandOverInput.Kept) => here.State.Lasting && here.State.Spec!.WritesRecord,
            (HandOverState.Preparing, _) => here
                is { Alive: true, State.Spec: PageSessionSpec { WritesRecord: true } },
            _ => true,
        };

    private static Incarnation Active(SessionState state) => new(state) { Media = MediaChild.Present };

    /// <summary>A line of the table. What follows is found by the decisions, and is the same for all states, inputs
    /// and incarnations of the line.</summary>
    private static TransitionRow Row(
        IReadOnlyList<HandOverState> states,
        IReadOnlyList<HandOverInput> inputs,
        string condition,
        params Incarnation[] incarnations
    ) =>
        new(
            [.. inputs.Select(Word)],
            condition,
            [
                .. from state in states
                from input in inputs
                from here in incarnations
                select Transit(here, state, input),
            ]
        );

    private static Transition Transit(Incarnation here, HandOverState state, HandOverInput input)
    {
        var step = HandOverDecisions.Next(
            here with
            {
                HandOver = state,
            },
            input,
            Sample.ResumeWindow,
            Sample.At(30)
        );
        return new Transition(
            Name(state),
            Name(step.State),
            step.Effects.Select(effect => Word(effect, (input as HandOverInput.Asked)?.Target ?? Sample.OtherNode))
        );
    }

    private static string Name(HandOverState state) => state.GetType().Name;

    private static string Word(HandOverInput input) =>
        input switch
        {
            HandOverInput.Asked { Target: Third } => "the placement names another target",
            HandOverInput.Asked => "the placement names a target",
            HandOverInput.Prepared { OfTarget: true } => "the target has the first frame",
            HandOverInput.Prepared => "a node that is not the target has a first frame",
            HandOverInput.NotPrepared { OfTarget: true } => "the target could not begin",
            HandOverInput.NotPrepared => "a node that is not the target could not begin",
            HandOverInput.PreparationDue => "6 s passed since the target was told",
            HandOverInput.PreparationLimitPassed => "35 s passed without an answer",
            HandOverInput.Proceeded => "its state has changed",
            HandOverInput.RecordEnded => "its record is closed, or lost with its media",
            HandOverInput.AdoptionWished => "a resume or a stop, without media here",
            HandOverInput.Kept { Known: false } => "the keeper here has a record",
            HandOverInput.Kept => "the keeper here repeats its answer",
            HandOverInput.NothingKept => "the keeper here has no record",
            HandOverInput.HandOverDue => "2 s passed without an answer",
            HandOverInput.Accepted { Shard: Shard } => "the placement leaves the session its shard",
            HandOverInput.Accepted => "the placement gives another shard",
            HandOverInput.ForwardingEnded => "20 s passed",
            HandOverInput.LeaveWished => "sharding ends it, or the farm's list does not know it",
            HandOverInput.ResumeWished => "a resume",
            HandOverInput.StopWished => "a stop",
            HandOverInput.Questioned => "any other message",
            _ => throw new ArgumentOutOfRangeException(nameof(input), input, "The table has no word for this input."),
        };

    private static string Word(SessionEffect effect, string target) =>
        effect switch
        {
            SessionEffect.Write { Events.IsEmpty: true } => "proceeds",
            SessionEffect.Write write =>
                $"writes {string.Join(", ", write.Events.Select(happened => $"`{happened.GetType().Name}`"))}",
            SessionEffect.TellTarget { Ask.Prepared: false } => "asks the target for the next record",
            SessionEffect.TellTarget => "tells the target that the record is wanted",
            SessionEffect.LimitPreparation => "awaits the answer for 35 s",
            SessionEffect.ForgetPreparationLimit => "awaits no answer",
            SessionEffect.ForgetPreparation => "asks the target no more",
            SessionEffect.Dismiss dismiss => dismiss.Node == target
                ? "dismisses the target's record"
                : "dismisses the earlier target's record",
            SessionEffect.DismissSender => "dismisses that node's record",
            SessionEffect.TellRefused => "tells the placement `HandOverRefused`",
            SessionEffect.TellBegun => "tells the placement `HandOverBegun`",
            SessionEffect.TellHandedOver => "tells the placement `SessionHandedOver`",
            SessionEffect.WriteNoMore => "writes nothing more",
            SessionEffect.Hold => "keeps the message",
            SessionEffect.PassOnHeld => "passes the kept messages on",
            SessionEffect.PassOn => "passes the message on",
            SessionEffect.LimitForwarding => "passes messages on for 20 s",
            SessionEffect.ForgetTimers => "awaits nothing",
            SessionEffect.AskKeeper { Waits: true } => "asks the keeper here, and waits for a first frame",
            SessionEffect.AskKeeper => "asks the keeper here, for a first frame that is already written",
            SessionEffect.TakeMedia => "takes the media",
            SessionEffect.StopKept => "stops the media of that record",
            SessionEffect.Proceed => "finalises its record",
            SessionEffect.Stop => "ends this incarnation",
            _ => throw new ArgumentOutOfRangeException(
                nameof(effect),
                effect,
                "The table has no word for this effect."
            ),
        };
}
