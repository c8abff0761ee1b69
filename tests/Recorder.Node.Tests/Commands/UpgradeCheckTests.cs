using System.Collections.Immutable;
using Recorder.Cluster.Serialization;
using Recorder.Http.Answers;
using Recorder.Node.Commands;

namespace Recorder.Node.Tests.Commands;

public sealed class UpgradeCheckTests
{
    private const string One = "akka.tcp://recorder@10.0.0.1:34569";
    private const string Two = "akka.tcp://recorder@10.0.0.2:34569";
    private const string Three = "akka.tcp://recorder@10.0.0.3:34569";

    private static readonly WireProtocol Old = new(1, 1);
    private static readonly WireProtocol New = new(2, 1);

    [Fact]
    public void Nodes_whose_sessions_have_room_elsewhere_may_be_replaced_the_one_with_the_placement_last()
    {
        var check = Check([Member(One), Member(Two), Member(Three)], [Holds(One, 2), Holds(Two, 2), Holds(Three, 2)]);

        Assert.True(check.MayGoOn);
        Assert.Equal(
            [
                $"{Two} | 0.1.0 | protocol 1 | up | sessions: 2 | may be replaced now",
                $"{Three} | 0.1.0 | protocol 1 | up | sessions: 2 | may be replaced now",
                $"{One} | 0.1.0 | protocol 1 | up | sessions: 2 | may be replaced now",
                "The farm writes protocol 1 and runs 6 sessions. This is 0.2.0, protocol 2 (understands 1).",
                "One node may be replaced now. Ask again before the next one.",
            ],
            check.Lines
        );
    }

    [Fact]
    public void A_node_whose_sessions_have_no_room_elsewhere_has_to_wait_and_an_empty_one_has_not()
    {
        var check = Check(
            [Member(One), Member(Two), Member(Three)],
            [Holds(One, 3), Holds(Two, 0, "The disk is full."), Holds(Three, 3)]
        );

        Assert.True(check.MayGoOn);
        Assert.EndsWith(
            "not now: its 3 sessions need 3 slots, and the other nodes have 1 free",
            check.Lines[2],
            StringComparison.Ordinal
        );
        Assert.EndsWith("may be replaced now", check.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_alone_with_a_session_is_not_replaced_and_without_one_it_is()
    {
        Assert.False(Check([Member(One)], [Holds(One, 1)]).MayGoOn);
        Assert.True(Check([Member(One)], [Holds(One, 0)]).MayGoOn);
    }

    [Theory]
    [InlineData("leaving", true, "10.0.0.2:34569 is leaving")]
    [InlineData("joining", true, "10.0.0.2:34569 is joining")]
    [InlineData("up", false, "10.0.0.2:34569 does not answer")]
    public void While_another_node_goes_or_comes_or_is_lost_nobody_is_replaced(
        string status,
        bool reachable,
        string reason
    )
    {
        var check = Check(
            [Member(One), Member(Two) with { Status = status, Reachable = reachable }],
            [Holds(One, 0), Holds(Two, 0)]
        );

        Assert.False(check.MayGoOn);
        Assert.All(check.Lines.Take(2), line => Assert.Contains(reason, line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_version_that_a_node_does_not_understand_is_told()
    {
        var check = Check([Member(One), Member(Two) with { Protocol = null }], [Holds(One, 0), Holds(Two, 0)]);
        Assert.False(check.MayGoOn);
        Assert.Contains("stop the farm for this upgrade", check.Lines[0], StringComparison.Ordinal);
        Assert.Contains("protocol unknown", check.Lines[0] + check.Lines[1], StringComparison.Ordinal);

        var back = UpgradeCheck.Of(
            Farm([Member(One) with { Version = "0.2.0", Protocol = New }]) with
            {
                Protocol = 2,
            },
            [Holds(One, 0)],
            Old,
            "0.1.0"
        );
        Assert.False(back.MayGoOn);
        Assert.Contains("the farm writes protocol 2", back.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void When_every_node_runs_this_version_nothing_is_left_to_do()
    {
        var check = Check(
            [Member(One) with { Version = "0.2.0", Protocol = New }, Member(Two) with { Version = "0.2.0", Protocol = New }],
            [Holds(One, 4), Holds(Two, 4)]
        );

        Assert.True(check.MayGoOn);
        Assert.Equal("Every node runs this version.", check.Lines[^1]);
    }

    private static UpgradeCheck Check(ImmutableList<ListedMember> members, NodePressureAnswer[] pressure) =>
        UpgradeCheck.Of(Farm(members), pressure, New, "0.2.0");

    private static FarmListing Farm(ImmutableList<ListedMember> members) => new(One, members, One, One);

    private static ListedMember Member(string node) =>
        new(node, "1", "edge, recorder", "up", true, "0.1.0") { Protocol = Old };

    private static NodePressureAnswer Holds(string node, int sessions, string? closed = null) =>
        new(node, 4, null, sessions, sessions, 4 - sessions, null, null, null, closed);
}
