using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>Records that are sent while they grow, and what becomes of them when their node is lost.</summary>
public sealed class GrowthDecisionsTests
{
    private const string Store = "store";
    private const string Record = Sample.FirstRecord;
    private static readonly TimeSpan After = TimeSpan.FromMinutes(5);

    private static readonly DestinationList Destinations = new(
        [
            new Destination(Store, "s3", true, NameTemplate.Own, [], KeepsColons: true)
            {
                TakesGrowing = true,
                WhileRecording = true,
            },
            new Destination("archive", "folder", true, NameTemplate.Own, [], KeepsColons: false),
        ],
        [Store, "archive"]
    );

    /// <summary>A session whose first record grows and is sent meanwhile.</summary>
    private static SessionState Growing => Planned(Story.Recording.State, Opened).State;

    private static readonly RecordOpened Opened = new(Record, Sample.Time(2), Sample.Node);

    private static readonly RecordClosed Closed = new(
        Record,
        TimeSpan.FromSeconds(1),
        1,
        false,
        Sample.Time(600),
        Sample.Node
    );

    [Fact]
    public void A_record_that_opens_is_planned_for_the_destinations_that_take_it_while_it_grows()
    {
        var (state, events) = Planned(Story.Recording.State, Opened);

        var planned = Assert.Single(events.OfType<DeliveryPlanned>());
        Assert.Equal((Store, true), (planned.To, planned.WhileRecording));
        Assert.Equal((Record, Store), GrowingOf(state).Single());
        Assert.Empty(DeliveryDecisions.Open(state));
    }

    [Fact]
    public void A_closed_record_is_planned_for_the_other_destinations_only()
    {
        var (state, events) = Planned(Growing, Closed);

        Assert.Equal(["archive"], events.OfType<DeliveryPlanned>().Select(planned => planned.To));
        Assert.Empty(GrowingOf(state));
    }

    [Theory]
    [InlineData(true, false, 0)]
    [InlineData(false, true, 1)]
    [InlineData(false, null, 0)]
    public void A_start_decides_before_the_destination(bool byDefault, bool? byStart, int planned)
    {
        var destinations = Destinations with
        {
            All = [Destinations.All[0] with { WhileRecording = byDefault }, Destinations.All[1]],
        };
        var state = Story.Recording.State;
        state = state with
        {
            Spec = state.Spec! with
            {
                Deliver = new DeliverySpec([new DeliveryOrder(Store, null, [], []) { WhileRecording = byStart }]),
            },
        };

        Assert.Equal(
            planned,
            DeliveryDecisions.WithPlans(state, [Opened], destinations).OfType<DeliveryPlanned>().Count()
        );
    }

    [Fact]
    public void Confirmed_parts_are_in_the_journal_once_each()
    {
        var state = Hear(Hear(Growing, 1, "a"), 2, "b");

        Assert.Empty(GrowthDecisions.Hear(state, Part(2, "b"), Sample.At(30)));
        Assert.Equal(["a", "b"], Parts(state).Tags);
        Assert.Equal(2 * 5_000_000, state.Records[0].Deliveries[0].SentBytes);
        Assert.Equal(["c", "b"], Parts(Hear(state, 1, "c")).Tags);
        Assert.Equal(["a", "b"], Parts(Hear(state, 4, "d")).Tags);
        Assert.Equal(["x"], Parts(Hear(state, 1, "x", "another upload")).Tags);
        Assert.Empty(GrowthDecisions.Hear(state, Part(3, "c") with { Path = "/records/other.mp4" }, Sample.At(30)));
    }

    [Fact]
    public void Another_node_completes_the_parts_when_the_record_s_node_stays_away()
    {
        var state = Hear(Growing, 1, "a");
        Assert.Empty(Abandoned(state, here: false));

        // The session goes on elsewhere with its next record.
        var next = MovedOn(state, 100);
        Assert.Empty(Abandoned(next, here: true));
        Assert.Equal(Sample.Time(100) + After, Assert.Single(Abandoned(next, here: false)).Due);

        var done = DeliveryDecisions
            .Hear(
                next,
                new DeliveryDone(Record, Store, 1, null, null) { Partial = true },
                new DeliveryPatience(TimeSpan.FromDays(1)),
                Sample.At(500)
            )
            .Aggregate(next, (before, happened) => before.Apply(happened));
        var delivery = done.Records[0].Deliveries[0];
        Assert.Equal((DeliveryState.Delivered, true), (delivery.State, delivery.Partial));
        Assert.Empty(done.Records[0].Uploads);
        Assert.Empty(Abandoned(done, here: false));

        // The node is back after all, and the whole record goes there.
        var (back, events) = Planned(done, Closed);
        Assert.Single(events.OfType<DeliveryAskedAgain>());
        var waiting = back.Records[0].Deliveries[0];
        Assert.Equal((DeliveryState.Waiting, false), (waiting.State, waiting.Partial));
    }

    [Fact]
    public void A_record_that_is_found_while_another_node_completes_its_parts_is_sent_whole()
    {
        var next = MovedOn(Hear(Growing, 1, "a"), 100);
        var found = Planned(next, Closed).State.Apply(
            new ManifestWritten(Record, new string('a', 64), Sample.Time(601), Sample.Node)
        );

        Assert.Empty(
            DeliveryDecisions.Hear(
                found,
                new DeliveryDone(Record, Store, 1, null, null) { Partial = true },
                new DeliveryPatience(TimeSpan.FromDays(1)),
                Sample.At(602)
            )
        );
        Assert.True(found.Records[0].Deliveries.Find(delivery => delivery.To == Store)!.Open);
    }

    [Fact]
    public void A_record_without_a_confirmed_part_is_not_completed() =>
        Assert.Empty(Abandoned(MovedOn(Growing, 100), here: false));

    [Fact]
    public void A_record_that_is_lost_is_completed_at_once_or_given_up()
    {
        var lost = new RecordLost(Record, "There is no file.", Sample.Time(50), Sample.Node);

        var (without, events) = Planned(Growing, lost);
        Assert.Single(events.OfType<DeliveryGivenUp>());
        Assert.Equal(DeliveryState.GivenUp, without.Records[0].Deliveries[0].State);
        var (with, none) = Planned(Hear(Growing, 1, "a"), lost);
        Assert.Empty(none.OfType<DeliveryGivenUp>());
        Assert.Equal(Sample.Time(30), Assert.Single(Abandoned(with, here: true)).Due);
    }

    [Fact]
    public void What_hinders_the_sending_is_told_and_a_part_takes_that_back()
    {
        var patience = new DeliveryPatience(TimeSpan.FromDays(1));
        var held = DeliveryDecisions
            .Hear(Growing, new DeliveryHeldUp(Record, Store, 0, "No route."), patience, Sample.At(20))
            .Aggregate(Growing, (before, happened) => before.Apply(happened));
        var delivery = held.Records[0].Deliveries[0];

        Assert.Equal((DeliveryState.Waiting, "No route.", 0), (delivery.State, delivery.Error, delivery.Attempts));
        Assert.Null(Hear(held, 1, "a").Records[0].Deliveries[0].Error);
    }

    private static (SessionState State, ImmutableList<ISessionEvent> Events) Planned(
        SessionState state,
        ISessionEvent happened
    )
    {
        var events = DeliveryDecisions.WithPlans(state, [happened], Destinations);
        return (events.Aggregate(state, (before, next) => before.Apply(next)), events);
    }

    private static SessionState MovedOn(SessionState state, double at)
    {
        var next = Record.Replace("07:56:00", "07:57:40", StringComparison.Ordinal);
        return state.Apply(new RecordNamed(next, 2, Sample.Time(at), Sample.OtherNode)) with
        {
            Here = Sample.OtherNode,
        };
    }

    private static PartDelivered Part(int number, string tag, string upload = "upload") =>
        new(Record, Store, "a.mp4", upload, 5_000_000, number, tag);

    private static SessionState Hear(SessionState state, int number, string tag, string upload = "upload") =>
        GrowthDecisions
            .Hear(state, Part(number, tag, upload), Sample.At(30))
            .Aggregate(state, (before, happened) => before.Apply(happened));

    private static GrownParts Parts(SessionState state) => Assert.Single(state.Records[0].Uploads).Parts;

    private static IEnumerable<(string, string)> GrowingOf(SessionState state) =>
        GrowthDecisions.Growing(state).Select(growing => (growing.Record.Path, growing.Delivery.To));

    private static List<(RecordState Record, DeliverySummary Delivery, GrownParts Parts, DateTimeOffset Due)> Abandoned(
        SessionState state,
        bool here
    ) => [.. GrowthDecisions.Abandoned(state, _ => here, After)];
}
