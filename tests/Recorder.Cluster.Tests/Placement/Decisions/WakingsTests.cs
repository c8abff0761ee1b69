using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>When sessions that sleep are woken for their deliveries.</summary>
public sealed class WakingsTests
{
    [Theory]
    [InlineData(DeliveryState.Failed, 3600, 0, false)]
    [InlineData(DeliveryState.Failed, 3600, 3599, false)]
    [InlineData(DeliveryState.Failed, 3600, 3600, true)]
    [InlineData(DeliveryState.Waiting, null, 0, true)]
    [InlineData(DeliveryState.Running, null, 0, true)]
    [InlineData(DeliveryState.Delivered, null, 4000, false)]
    [InlineData(DeliveryState.GivenUp, null, 4000, false)]
    public void A_placement_that_has_begun_wakes_a_session_at_the_time_of_its_next_attempt(
        DeliveryState state,
        int? next,
        int seconds,
        bool woken
    ) => Assert.Equal(woken, Woken(View(state, next, seconds)));

    [Theory]
    [InlineData(100, 3600, 3599, false)]
    [InlineData(100, 3600, 3600, true)]
    [InlineData(3601, 3600, 3602, false)]
    [InlineData(3601, 3600, 3900, false)]
    [InlineData(3601, 3600, 3901, true)]
    [InlineData(100, null, 399, false)]
    [InlineData(100, null, 400, true)]
    public void A_session_that_was_asked_is_woken_at_its_next_attempt_and_else_after_five_minutes(
        int asked,
        int? next,
        int seconds,
        bool woken
    )
    {
        var state = next is null ? DeliveryState.Waiting : DeliveryState.Failed;
        var view = View(state, next, seconds);
        view = view with
        {
            RepairsAsked = view.RepairsAsked.SetItem((1, Farm.NodeA), TimeSpan.FromSeconds(asked)),
        };

        Assert.Equal(woken, Woken(view));
    }

    [Fact]
    public void A_delivery_that_was_asked_for_again_wakes_its_session_at_once()
    {
        var view = View(DeliveryState.Waiting, null, 1000);
        var session = view.List.Sessions[1].Summary;
        var record = session.Records[0];
        session = session with
        {
            Records = [record with { Deliveries = [record.Deliveries[0] with { Since = Sample.Time(1000) }] }],
        };
        view = view with
        {
            List = view.List.Apply(new SessionReported(session, 6)),
            RepairsAsked = view.RepairsAsked.SetItem((1, Farm.NodeA), TimeSpan.FromSeconds(999)),
        };

        Assert.True(Woken(view));
    }

    [Theory]
    [InlineData(true, 5, DeliveryState.Waiting, null, Farm.NodeB, true)]
    [InlineData(true, 5, DeliveryState.Failed, 100, Farm.NodeB, true)]
    [InlineData(true, 5, DeliveryState.Failed, 2000, Farm.NodeB, false)]
    [InlineData(true, 5, DeliveryState.Delivered, null, Farm.NodeB, false)]
    [InlineData(true, 5, DeliveryState.GivenUp, null, Farm.NodeB, false)]
    [InlineData(true, null, DeliveryState.Waiting, null, Farm.NodeB, false)]
    [InlineData(false, 5, DeliveryState.Waiting, null, Farm.NodeB, false)]
    public void A_session_that_has_ended_is_woken_for_the_parts_of_a_record_whose_node_is_gone(
        bool growing,
        int? sent,
        DeliveryState state,
        int? next,
        string node,
        bool woken
    )
    {
        var view = Gone(View(state, next, 1000), growing, sent);

        var repairs = Upkeep.Next(view, parts: UpkeepParts.Left).Repairs;

        Assert.Equal(woken ? [node] : [], repairs.Select(repair => repair.Node));
    }

    [Fact]
    public void A_session_that_was_woken_for_a_record_whose_node_is_gone_is_woken_again_after_five_minutes()
    {
        var view = Gone(View(DeliveryState.Waiting, null, 1000), growing: true, sent: 5);
        view = Upkeep.AfterRepairs(view, Upkeep.Next(view, parts: UpkeepParts.Left).Repairs);
        view = Upkeep.AfterRepairs(view, []);

        Assert.False(Woken(view with { Age = TimeSpan.FromSeconds(1299), Now = Sample.Time(1299) }));
        Assert.True(Woken(view with { Age = TimeSpan.FromSeconds(1300), Now = Sample.Time(1300) }));
    }

    /// <summary>The farm after the node of the record is gone for good, and another node has come.</summary>
    private static FarmView Gone(FarmView view, bool growing, int? sent)
    {
        var session = view.List.Sessions[1].Summary;
        var record = session.Records[0];
        session = session with
        {
            Records =
            [
                record with
                {
                    Finished = false,
                    Deliveries = [record.Deliveries[0] with { WhileRecording = growing, SentBytes = sent }],
                },
            ],
        };
        return view with
        {
            List = view.List.Apply(new SessionReported(session, 6)),
            Nodes = Farm.Nodes((Farm.NodeB, 2, null)),
        };
    }

    private static bool Woken(FarmView view) => !Upkeep.Next(view, parts: UpkeepParts.Left).Repairs.IsEmpty;

    /// <summary>A farm some seconds after the beginning of its placement, with an ended session whose only record has
    /// one delivery.</summary>
    private static FarmView View(DeliveryState state, int? next, int seconds)
    {
        var delivery = new DeliverySummary("archive", state, Sample.Begin)
        {
            NextTry = next is { } at ? Sample.Time(at) : null,
        };
        var record = new RecordSummary(
            Sample.FirstRecord,
            1,
            true,
            Sample.Begin,
            TimeSpan.FromSeconds(1),
            1,
            false,
            1,
            0
        )
        {
            Node = Farm.NodeA,
            Deliveries = [delivery],
        };
        var summary = Farm.Summary(1, SessionPhase.Stopped) with { Records = [record] };
        var list = Farm.With(Farm.NodeA).Apply(new SessionReported(summary, 5));
        return Farm.View(list, Farm.Nodes((Farm.NodeA, 2, null))) with
        {
            Now = Sample.Time(seconds),
            Age = TimeSpan.FromSeconds(seconds),
        };
    }
}
