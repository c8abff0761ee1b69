using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>What a placement that has just begun may decide, at which second.</summary>
public sealed class FarmViewTests
{
    [Theory]
    [InlineData(0, true, false, nameof(Warmth.Hearing), "Every member has reported.")]
    [InlineData(0, false, false, nameof(Warmth.Gathering), "A member has not reported.")]
    [InlineData(0, true, true, nameof(Warmth.Gathering), "A node that was drained may have left media on another one.")]
    [InlineData(1.9, false, false, nameof(Warmth.Gathering), "There is still time to report.")]
    [InlineData(2, false, true, nameof(Warmth.Hearing), "The members had their time.")]
    [InlineData(3.9, true, false, nameof(Warmth.Hearing), "Sessions may still tell where they run.")]
    [InlineData(4, false, true, nameof(Warmth.Ready), "Sessions had their time too.")]
    public void A_placement_gets_warm_by_what_it_is_told_and_by_time(
        double after,
        bool reported,
        bool drained,
        string expected,
        string why
    )
    {
        var view = Begun(after) with
        {
            Nodes = reported ? Farm.Nodes((Farm.NodeA, 1, null)) : Farm.Nodes(),
            DrainedAtBegin = drained,
        };
        Assert.True(expected == $"{view.Warmth}", why);
    }

    [Theory]
    [InlineData(0, true, true, 0)]
    [InlineData(0, false, true, 3)]
    [InlineData(1, true, false, 2)]
    [InlineData(2.5, false, false, 0.5)]
    [InlineData(3, false, false, 0)]
    public void An_admission_is_held_until_a_node_has_reported_and_shards_are_known_or_for_three_seconds(
        double after,
        bool reported,
        bool known,
        double expected
    )
    {
        var view = Begun(after) with
        {
            Nodes = reported ? Farm.Nodes((Farm.NodeA, 1, null)) : Farm.Nodes(),
            Shards = Farm.Homes() with { Known = known },
        };
        Assert.Equal(TimeSpan.FromSeconds(expected), view.AdmissionHold);
    }

    [Fact]
    public void A_farm_of_one_knows_its_shards()
    {
        var view = Begun(0) with
        {
            Settings = Farm.Settings with { RejoinGrace = TimeSpan.Zero },
            Nodes = Farm.Nodes((Farm.NodeA, 1, null)),
        };
        Assert.Equal(TimeSpan.Zero, view.AdmissionHold);
    }

    [Theory]
    [InlineData(0, Farm.NodeB, true, false)]
    [InlineData(14.9, Farm.NodeB, true, false)]
    [InlineData(15, Farm.NodeB, false, true)]
    [InlineData(0, Farm.NodeA, true, false)]
    [InlineData(15, Farm.NodeA, false, false)]
    public void A_node_that_is_not_there_is_waited_for_and_then_lost_unless_it_is_a_member(
        double after,
        string node,
        bool awaited,
        bool lost
    )
    {
        var session = Farm.With(node).Sessions[1];
        var view = Begun(after);
        Assert.Equal((awaited, lost), (view.IsAwaited(session), view.IsLost(session)));
    }

    [Fact]
    public void A_node_that_was_removed_is_lost_at_once()
    {
        var session = Farm.With(Farm.NodeA).Sessions[1];
        var view = Begun(0) with { Roster = FarmRoster.Empty.Join(Farm.NodeA).Remove(Farm.NodeA) };
        Assert.Equal((false, true), (view.IsAwaited(session), view.IsLost(session)));
    }

    [Fact]
    public void A_node_that_was_silent_for_more_than_four_report_intervals_is_left_out()
    {
        var view = Begun(0) with { Nodes = Farm.Nodes((Farm.NodeA, 1, null)) };
        Assert.Single((view with { Age = Farm.Age + (Farm.Settings.ReportInterval * 4) }).WithoutSilentNodes().Nodes);
        Assert.Empty((view with { Age = Farm.Age + (Farm.Settings.ReportInterval * 4.1) }).WithoutSilentNodes().Nodes);
    }

    [Fact]
    public void The_spare_shards_are_those_without_a_session_and_without_a_hand_over()
    {
        var view = Begun(0) with
        {
            List = Farm.With(Farm.NodeA, Farm.NodeA).Apply(Farm.Reported(1, SessionPhase.Stopped, 5)),
        };
        Assert.Equal(Farm.Shards - 1, view.SpareShards);
        Assert.Equal(
            Farm.Shards - 2,
            HandOverPlan.Begin(view, 2, new HandOverUnderWay(Farm.NodeA, Farm.NodeB, 1, Farm.Age)).SpareShards
        );
    }

    /// <summary>A farm with the member A, so many seconds after its placement began.</summary>
    private static FarmView Begun(double after) =>
        new(Farm.Settings, Sample.Begin)
        {
            Age = TimeSpan.FromSeconds(after),
            Roster = FarmRoster.Empty.Join(Farm.NodeA),
        };
}
