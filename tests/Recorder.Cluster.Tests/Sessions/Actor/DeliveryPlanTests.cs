using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Cluster.Tests.Sessions.Actor.DeliveryStory;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>Which deliveries a record gets, under which name, and when they may begin.</summary>
public sealed class DeliveryPlanTests
{
    [Fact]
    public void Each_closing_of_a_record_is_followed_by_the_plan_of_its_deliveries()
    {
        var closed = new RecordClosed(RecordPath, TimeSpan.FromSeconds(1), 1, false, Sample.Time(5), Sample.Node);
        var decided = DeliveryDecisions.WithPlans(
            Story.Recording.State,
            [closed, new SessionEnded(Sample.Time(6), Sample.Node)],
            Sample.Destinations("command", "other")
        );

        Assert.Equal(
            ["RecordClosed", "DeliveryPlanned", "DeliveryPlanned", "SessionEnded"],
            decided.Select(happened => happened.GetType().Name)
        );
        Assert.Equal(["command", "other"], decided.OfType<DeliveryPlanned>().Select(planned => planned.To));
        Assert.All(decided.OfType<DeliveryPlanned>(), planned =>
            Assert.Equal((RecordPath, closed.At), (planned.Path, planned.At))
        );
    }

    [Fact]
    public void Nothing_is_planned_without_a_kind_or_for_a_record_that_is_lost_or_still_to_be_repaired()
    {
        ImmutableList<ISessionEvent> open =
        [
            new RecordLost(RecordPath, "Nothing.", Sample.Time(5), Sample.Node),
            new RecordFound(RecordPath, 2, Sample.Time(5), null, null, Sample.Time(6), Sample.Node),
        ];

        Assert.Equal(open, DeliveryDecisions.WithPlans(Story.Recording.State, open, Sample.Destinations(Kind)));
        ImmutableList<ISessionEvent> closed =
        [
            new RecordClosed(RecordPath, TimeSpan.FromSeconds(1), 1, false, Sample.Time(5), Sample.Node),
        ];
        Assert.Equal(closed, DeliveryDecisions.WithPlans(Story.Recording.State, closed, DestinationList.None));
    }

    [Fact]
    public void A_record_that_is_closed_twice_is_delivered_once()
    {
        var again = Running.Then(_ => [new DeliveryPlanned(RecordPath, Kind, Sample.Time(30), Sample.Node)]);

        Assert.Equal(DeliveryState.Running, Of(again).State);
    }

    [Fact]
    public void A_delivery_waits_until_the_manifest_is_written_or_given_up()
    {
        var waiting = Story.Stopped.Then(_ => [new DeliveryPlanned(RecordPath, Kind, Sample.Time(21), Sample.Node)]);
        Assert.Empty(DeliveryDecisions.Open(waiting.State));

        Assert.Single(DeliveryDecisions.Open(Ready.State));
        Assert.Single(
            DeliveryDecisions.Open(
                waiting.Then(_ => [new ManifestGivenUp(RecordPath, "Gone.", Sample.Time(22), Sample.Node)]).State
            )
        );
    }

    [Fact]
    public void A_plan_says_where_and_under_which_name_and_a_start_decides_before_the_options()
    {
        var closed = new RecordClosed(RecordPath, TimeSpan.FromSeconds(1), 1, false, Sample.Time(5), Sample.Node);
        var options = Sample.Destinations("one", "two");
        var asked = Story.Recording.State with
        {
            Spec = Story.Recording.State.Spec! with
            {
                Deliver = new DeliverySpec([
                    new DeliveryOrder("two", "{date}/{session}-{n}", [DeliveredFile.Record], []),
                ]),
            },
        };

        var planned = Assert.Single(DeliveryDecisions.WithPlans(asked, [closed], options).OfType<DeliveryPlanned>());
        Assert.Equal(("two", "folder"), (planned.To, planned.DestinationKind));
        Assert.Equal($"2021-09-22/{Sample.Id.Value}-1.mp4", planned.Name);
        Assert.Equal([DeliveredFile.Record], planned.What);

        var none = asked with { Spec = asked.Spec! with { Deliver = new DeliverySpec([]) } };
        Assert.Equal([closed], DeliveryDecisions.WithPlans(none, [closed], options));
    }

    [Fact]
    public void A_record_that_is_found_between_two_others_has_a_name_and_an_address_of_its_own()
    {
        Uri[] given = [.. Enumerable.Range(1, 3).Select(n => new Uri($"https://store.example.org/{n}"))];
        var state = Story.OnTheWayToTheNextRecord.State;
        state = state with
        {
            Spec = state.Spec! with
            {
                Deliver = new DeliverySpec([new DeliveryOrder("archive", "{session}-{n}", [], [.. given])]),
            },
        };
        var second = state.Current!;
        var found = RecordPath.Replace("07:56:00", "07:56:05", StringComparison.Ordinal);
        var names = new Dictionary<string, string?>();
        var addresses = new Dictionary<string, Uri?>();
        ISessionEvent[] closings =
        [
            new RecordClosed(RecordPath, TimeSpan.FromSeconds(1), 1, false, Sample.Time(13), Sample.Node),
            new RecordClosed(second, TimeSpan.FromSeconds(1), 1, false, Sample.Time(15), Sample.Node),
            new RecordFound(found, 2, Sample.Time(5), TimeSpan.FromSeconds(1), 1, Sample.Time(60), Sample.OtherNode),
        ];

        foreach (var closing in closings)
        {
            var decided = DeliveryDecisions.WithPlans(state, [closing], Sample.Destinations("archive"));
            state = decided.Aggregate(state, (before, happened) => before.Apply(happened));
            var planned = Assert.Single(decided.OfType<DeliveryPlanned>());
            names[planned.Path] = planned.Name;
        }
        foreach (var record in state.Records)
        {
            addresses[record.Path] = DeliveryDecisions.AddressOf(state, record.Path, "archive");
        }

        Assert.Equal([RecordPath, found, second], state.Records.Select(record => record.Path));
        Assert.Equal(["1-1.mp4", "1-3.mp4", "1-2.mp4"], state.Records.Select(record => names[record.Path]));
        Assert.Equal([given[0], given[2], given[1]], state.Records.Select(record => addresses[record.Path]));
    }

    [Fact]
    public void Each_record_of_a_session_has_its_own_address_and_a_record_too_many_has_none()
    {
        Uri[] given = [new("https://store.example.org/1?key=a"), new("https://store.example.org/2?key=b")];
        var state = Story.Stopped.State with
        {
            Spec = Story.Stopped.State.Spec! with
            {
                Deliver = new DeliverySpec([new DeliveryOrder(Kind, null, [], [.. given])]),
            },
            Records = [.. Enumerable.Range(0, 3).Select(n => new RecordState($"/records/{n}", n + 1, Sample.Time(n)))],
        };

        Assert.Equal(
            [given[0], given[1], CallersAddress.None],
            state.Records.Select(record => DeliveryDecisions.AddressOf(state, record.Path, Kind))
        );
        Assert.Null(DeliveryDecisions.AddressOf(state, "/records/0", "other"));
    }
}
