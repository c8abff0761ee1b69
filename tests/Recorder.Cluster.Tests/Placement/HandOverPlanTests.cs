using System.Collections.Immutable;

using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement;

public sealed class HandOverPlanTests
{
    private const string NodeC = "akka.tcp://recorder@10.0.0.3:34569";

    private static readonly ImmutableDictionary<int, HandOverUnderWay> None = ImmutableDictionary<int, HandOverUnderWay>.Empty;

    /// <summary>Sessions 1 on A and 2 on B, both of which are drained.</summary>
    private static readonly PlacementState TwoDrained = Farm.With(Farm.NodeA, Farm.NodeB)
        .Apply(Farm.Reported(1, SessionPhase.Recording, 1))
        .Apply(Farm.Reported(2, SessionPhase.Recording, 1, Farm.NodeB))
        .Apply(new DrainBegan(Farm.NodeA, Sample.Begin))
        .Apply(new DrainBegan(Farm.NodeB, Sample.Begin));

    private static readonly ImmutableDictionary<int, HandOverUnderWay> FirstToC = None.Add(1, new HandOverUnderWay(Farm.NodeA, NodeC, 1, Sample.Begin));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void Two_drained_nodes_together_hand_over_no_more_than_the_next_node_has_room_for(int slots, int handedOver)
    {
        var next = HandOverPlan.Next(TwoDrained, NodesWith(slots), [], None, _ => true, Sample.Begin);

        Assert.Equal(Enumerable.Range(1, handedOver), next.Select(one => one.Session.Summary.Id.Value));
        Assert.All(next, one => Assert.Equal(NodeC, one.HandOver.Target));
    }

    [Fact]
    public void The_room_that_a_hand_over_needs_is_not_given_away_meanwhile()
    {
        var nodes = NodesWith(1);

        Assert.Empty(HandOverPlan.Next(TwoDrained, nodes, [], FirstToC, _ => true, Sample.Begin));
        Assert.False(Admission.Measure(TwoDrained, nodes, underWay: FirstToC).HasRoom);
        Assert.IsType<AdmissionRefused>(Admission.Decide(TwoDrained, nodes, Farm.SlotPool, Farm.Ask(), _ => null, underWay: FirstToC));

        var decided = Relocation.Decide(
            TwoDrained, nodes, FarmRoster.Empty.Join(Farm.NodeA).Join(NodeC), session => session.Summary.Node == Farm.NodeB, false, Farm.SlotPool, _ => null, Sample.Begin, FirstToC);
        Assert.Equal(2, Assert.IsType<SessionWaiting>(Assert.Single(decided)).Id.Value);
    }

    [Fact]
    public void A_hand_over_stands_while_its_session_runs_on_the_drained_node()
    {
        Assert.Equal(FirstToC, Standing(TwoDrained, NodesWith(1)));
        Assert.Empty(Standing(TwoDrained.Apply(Farm.Reported(1, SessionPhase.Stopped, 2)), NodesWith(1)));
        Assert.Empty(Standing(TwoDrained.Apply(new SessionMoved(new SessionId(1), 0, NodeC, Sample.Begin)), NodesWith(1)));
        Assert.Empty(Standing(TwoDrained, NodesWith(1).Remove(Farm.NodeA)));
        Assert.Empty(Standing(TwoDrained, NodesWith(1), Sample.Begin.AddMinutes(2)));
    }

    private static ImmutableDictionary<int, HandOverUnderWay> Standing(
        PlacementState state, ImmutableSortedDictionary<string, NodeCapacity> nodes, DateTimeOffset? now = null) =>
        HandOverPlan.Standing(FirstToC, state, nodes, now ?? Sample.Begin);

    private static ImmutableSortedDictionary<string, NodeCapacity> NodesWith(int slotsOfC) =>
        Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 4, null), (NodeC, slotsOfC, null));
}
