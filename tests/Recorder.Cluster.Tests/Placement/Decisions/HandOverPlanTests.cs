using System.Collections.Immutable;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

public sealed class HandOverPlanTests
{
    private const string NodeC = "akka.tcp://recorder@10.0.0.3:34569";
    private const string NodeD = "akka.tcp://recorder@10.0.0.4:34569";

    private static readonly ImmutableDictionary<int, HandOverUnderWay> Nothing = ImmutableDictionary<
        int,
        HandOverUnderWay
    >.Empty;

    [Fact]
    public void The_oldest_session_of_a_drained_node_goes_where_most_room_is_and_no_second_one_with_it()
    {
        var state = Recording(Farm.NodeA, Farm.NodeA, Farm.NodeB);
        Assert.Equal(
            [(1, NodeC)],
            Next(state, Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 2, null), (NodeC, 2, null)))
        );
        Assert.Empty(
            Next(
                state,
                Farm.Nodes((Farm.NodeA, 4, null), (NodeC, 2, null)),
                Nothing.Add(2, OnTheWay(Farm.NodeA, NodeC))
            )
        );
    }

    [Fact]
    public void The_finalising_of_one_does_not_hold_up_the_next()
    {
        var state = Recording(Farm.NodeA, Farm.NodeA, Farm.NodeA);
        var nodes = Farm.Nodes((Farm.NodeA, 4, null), (NodeC, 3, null));
        var begun = Nothing.Add(1, OnTheWay(Farm.NodeA, NodeC) with { Begun = true });
        Assert.Equal([(2, NodeC)], Next(state, nodes, begun));
        Assert.Empty(Next(state, nodes, begun.Add(2, OnTheWay(Farm.NodeA, NodeC))));
    }

    [Fact]
    public void Without_a_second_shard_nothing_is_handed_over()
    {
        var state = Recording(Farm.NodeA, Farm.NodeB).Apply(new DrainBegan(Farm.NodeB, Sample.Begin));
        var nodes = Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 4, null), (NodeC, 4, null));
        Assert.Empty(Next(state, nodes, freeShards: 0));
        Assert.Equal([(1, NodeC)], Next(state, nodes, freeShards: 1));
    }

    [Fact]
    public void Nothing_is_handed_over_before_nodes_have_told_what_they_keep()
    {
        var view = Farm.View(Recording(Farm.NodeA), Farm.Nodes((Farm.NodeA, 4, null), (NodeC, 4, null))) with
        {
            DrainedAtBegin = true,
        };
        Assert.Single(HandOverPlan.Next(view with { Age = FarmView.GatheringLimit }));
        Assert.Empty(HandOverPlan.Next(view with { Age = TimeSpan.FromSeconds(1.9) }));
    }

    [Fact]
    public void Nodes_that_are_not_drained_keep_their_sessions() =>
        Assert.Empty(
            Next(
                Recording(Farm.NodeB, Farm.NodeB),
                Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 4, null), (NodeC, 4, null))
            )
        );

    [Theory]
    [InlineData(1, null, false, "It is full.")]
    [InlineData(4, "Its disk is nearly full.", false, "It is closed.")]
    [InlineData(4, null, true, "It is leaving.")]
    public void Without_a_node_that_has_room_everybody_stays(int slots, string? closed, bool leaves, string why)
    {
        var nodes = Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, slots, closed));
        Assert.True(
            Next(Recording(Farm.NodeA, Farm.NodeB), nodes, leaving: leaves ? [Farm.NodeB] : []).Count == 0,
            why
        );
    }

    [Fact]
    public void A_drained_node_takes_nobody() =>
        Assert.Empty(
            Next(
                Recording(Farm.NodeA, Farm.NodeB).Apply(new DrainBegan(Farm.NodeB, Sample.Begin)),
                Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 4, null))
            )
        );

    [Fact]
    public void A_node_that_does_not_report_is_not_emptied() =>
        Assert.Empty(Next(Recording(Farm.NodeA), Farm.Nodes((Farm.NodeB, 4, null))));

    [Fact]
    public void Two_drained_nodes_do_not_get_one_room_for_two()
    {
        var state = Recording(Farm.NodeA, Farm.NodeB).Apply(new DrainBegan(Farm.NodeB, Sample.Begin));
        var nodes = Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 4, null), (NodeC, 1, null));
        Assert.Equal([(1, NodeC)], Next(state, nodes));
        Assert.Equal([(1, NodeC), (2, NodeD)], Next(state, nodes.Add(NodeD, nodes[NodeC])));
    }

    [Fact]
    public void Room_that_was_promised_is_not_given_again_even_on_an_empty_node()
    {
        var state = Recording(Farm.NodeA, Farm.NodeB).Apply(new DrainBegan(Farm.NodeB, Sample.Begin));
        var nodes = Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 4, null), (NodeC, 1, null));
        Assert.Empty(Next(state, nodes, Nothing.Add(2, OnTheWay(Farm.NodeB, NodeC))));
    }

    [Fact]
    public void Where_one_was_refused_it_is_not_tried_and_the_next_one_is()
    {
        var nodes = Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 2, null), (NodeC, 4, null));
        var state = Recording(Farm.NodeA, Farm.NodeA);
        Assert.Equal([(1, Farm.NodeB)], Next(state, nodes, refused: [(1, NodeC)]));
        Assert.Equal([(2, NodeC)], Next(state, nodes, refused: [(1, NodeC), (1, Farm.NodeB)]));
    }

    [Theory]
    [InlineData(SessionPhase.Starting)]
    [InlineData(SessionPhase.Resuming)]
    [InlineData(SessionPhase.Stopping)]
    [InlineData(SessionPhase.WaitingForRoom)]
    public void Only_what_records_is_moved(SessionPhase phase) =>
        Assert.Empty(
            Next(
                Recording(Farm.NodeA).Apply(Farm.Reported(1, phase, 9)),
                Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 4, null))
            )
        );

    [Fact]
    public void Rtp_stays_where_its_ports_are()
    {
        var rtp = Farm.Summary(1, SessionPhase.Recording) with { Spec = new RtpSessionSpec(5000, 5001) };
        Assert.Empty(
            Next(
                Recording(Farm.NodeA).Apply(new SessionReported(rtp, 9)),
                Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 4, null))
            )
        );
    }

    [Fact]
    public void A_start_does_not_get_what_a_hand_over_was_promised_and_the_pressure_says_why()
    {
        var state = Recording(Farm.NodeA);
        var nodes = Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 1, null));
        var promised = Nothing.Add(1, OnTheWay(Farm.NodeA, Farm.NodeB));
        Assert.IsType<SessionAdmitted>(Admission.Decide(Farm.View(state, nodes), Farm.Ask()));

        var refused = Assert.IsType<AdmissionRefused>(
            Admission.Decide(Farm.View(state, nodes) with { HandOvers = promised }, Farm.Ask())
        );
        var pressure = Admission.Measure(Farm.View(state, nodes) with { HandOvers = promised });
        Assert.False(pressure.HasRoom);
        var full = pressure.Nodes.Single(node => node.Node == Farm.NodeB);
        Assert.Equal((0, 1, 1m), (full.Running, full.Coming, full.Used));
        Assert.Equal(
            "It holds 0 sessions and 1 are being handed over to it, which take 1 of its 1 slots.",
            full.Reason
        );
        Assert.Contains(new NodeRefusal(Farm.NodeB, full.Reason!), refused.Nodes);
    }

    [Fact]
    public void A_session_that_has_arrived_or_ended_is_counted_once()
    {
        var nodes = Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 4, null));
        var promised = Nothing.Add(1, OnTheWay(Farm.NodeA, Farm.NodeB));
        foreach (
            var (state, used) in new[]
            {
                (Recording(Farm.NodeA), 1m),
                (
                    Recording(Farm.NodeA)
                        .Apply(new SessionMoved(new SessionId(1), 3, Farm.NodeB, Sample.Begin) { HandedOver = true }),
                    1m
                ),
                (Recording(Farm.NodeA).Apply(Farm.Reported(1, SessionPhase.Stopped, 9)), 0m),
            }
        )
        {
            Assert.Equal(
                used,
                Admission
                    .Measure(Farm.View(state, nodes) with { HandOvers = promised })
                    .Nodes.Single(node => node.Node == Farm.NodeB)
                    .Used
            );
        }
    }

    [Fact]
    public void One_that_loses_its_node_in_the_middle_goes_on_where_it_was_handed_over_to_and_others_do_not_get_that_room()
    {
        var state = Recording(Farm.NodeA, Farm.NodeA);
        var farm = FarmRoster.Empty.Join(Farm.NodeA).Join(Farm.NodeB).Join(NodeC).Remove(Farm.NodeA);
        var promised = Nothing.Add(2, OnTheWay(Farm.NodeA, Farm.NodeB));
        Assert.Equal([(1, NodeC), (2, Farm.NodeB)], Moves(Farm.Nodes((Farm.NodeB, 1, null), (NodeC, 1, null)), farm));
        Assert.Equal([(2, Farm.NodeB)], Moves(Farm.Nodes((Farm.NodeB, 1, null)), farm));

        // Not on one that is on its way out, nor on one that is not there.
        Assert.Equal(
            [(1, NodeC), (2, NodeC)],
            Moves(Farm.Nodes((Farm.NodeB, 1, null), (NodeC, 4, null)), farm.Leave(Farm.NodeB))
        );
        Assert.Equal([(1, NodeC), (2, NodeC)], Moves(Farm.Nodes((NodeC, 4, null)), farm));

        IEnumerable<(int, string)> Moves(ImmutableSortedDictionary<string, NodeCapacity> nodes, FarmRoster roster) =>
            Relocation
                .Decide(Farm.View(state, nodes) with { Roster = roster, HandOvers = promised })
                .OfType<SessionMoved>()
                .Select(moved => (moved.Id.Value, moved.Node));
    }

    [Fact]
    public void What_was_handed_over_to_a_node_that_is_gone_goes_to_another_one_or_waits_although_its_earlier_node_lives()
    {
        var view = Farm.View(
            Recording(Farm.NodeA, Farm.NodeA),
            Farm.Nodes((Farm.NodeA, 4, null), (NodeC, 1, null))
        ) with
        {
            Roster = FarmRoster.Empty.Join(Farm.NodeA).Join(Farm.NodeB).Join(NodeC),
        };
        Assert.Equal((Farm.NodeB, true), To(HandOverPlan.Arrival(view, new SessionId(2), Farm.NodeB)));

        view = view with { Roster = view.Roster.Remove(Farm.NodeB) };
        Assert.Equal((NodeC, false), To(HandOverPlan.Arrival(view, new SessionId(2), Farm.NodeB)));
        view = view with { Nodes = view.Nodes.Remove(NodeC) };
        Assert.Equal(
            2,
            Assert.IsType<SessionWaiting>(HandOverPlan.Arrival(view, new SessionId(2), Farm.NodeB)).Id.Value
        );

        static (string, bool) To(IPlacementEvent? happened) =>
            happened is SessionMoved { Id.Value: 2 } moved ? (moved.Node, moved.HandedOver) : default;
    }

    private static HandOverUnderWay OnTheWay(string from, string target) => new(from, target, 1, Farm.Until);

    /// <summary>Sessions 1, 2, 3 … record on these nodes, and node A is drained.</summary>
    private static PlacementState Recording(params string[] nodes) =>
        nodes
            .Index()
            .Aggregate(
                Farm.With(nodes),
                (state, placed) => state.Apply(Farm.Reported(placed.Index + 1, SessionPhase.Recording, 5, placed.Item))
            )
            .Apply(new DrainBegan(Farm.NodeA, Sample.Begin));

    private static List<(int Session, string Target)> Next(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        ImmutableDictionary<int, HandOverUnderWay>? underWay = null,
        ImmutableHashSet<string>? leaving = null,
        (int, string)[]? refused = null,
        int freeShards = Farm.Shards
    )
    {
        var view = Farm.View(state, nodes) with
        {
            Roster = FarmRoster.Empty with { Leaving = leaving ?? [] },
            HandOvers = underWay ?? Nothing,
            Refusals = (refused ?? []).ToImmutableDictionary(one => one, _ => Farm.Age),
        };
        view = view with
        {
            Settings = view.Settings with { Shards = freeShards + view.TakenShards.Count + view.HandOvers.Count },
        };
        return [.. HandOverPlan.Next(view).Select(next => (next.Session.Summary.Id.Value, next.HandOver.Target))];
    }
}
