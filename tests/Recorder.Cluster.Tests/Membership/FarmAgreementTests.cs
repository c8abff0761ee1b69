using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Tests.Membership;

public sealed class FarmAgreementTests
{
    [Theory]
    [InlineData(1, 1, 1, 1, true)]
    [InlineData(2, 1, 1, 1, true)]
    [InlineData(3, 2, 1, 1, false)]
    [InlineData(3, 2, 2, 1, true)]
    [InlineData(3, 1, 4, 3, true)]
    [InlineData(3, 1, 5, 4, false)]
    public void Builds_form_one_farm_exactly_when_each_understands_what_the_other_speaks(
        int speaks,
        int understands,
        int otherSpeaks,
        int otherUnderstands,
        bool together
    )
    {
        var (one, other) = (new WireProtocol(speaks, understands), new WireProtocol(otherSpeaks, otherUnderstands));

        Assert.Equal(together, one.Overlaps(other));
        Assert.Equal(together, other.Overlaps(one));
        Assert.Equal(together, FarmAgreement.WhyNotIn(one, [Told(one), Told(other)]) is null);
        Assert.Equal(together, FarmAgreement.WhyNotIn(other, [Told(one)]) is null);
    }

    [Fact]
    public void A_node_that_cannot_stay_is_told_what_differs_and_what_to_do()
    {
        var old = FarmAgreement.WhyNotIn(new WireProtocol(1, 1), [Told(new WireProtocol(3, 2))]);
        Assert.Contains("speaks protocol 3 (understands 2)", old, StringComparison.Ordinal);
        Assert.Contains("Install a newer build on this node", old, StringComparison.Ordinal);
        Assert.Contains(
            "without leaving one out",
            FarmAgreement.WhyNotIn(new WireProtocol(3, 2), [Told(new WireProtocol(1, 1))]),
            StringComparison.Ordinal
        );

        // The builds before protocols had numbers told a fingerprint, and end themselves beside any other build.
        var fingerprint = new ToldBuild("b", "0.1.0", FarmVersion.ProtocolOf("0.1.0-1a2b3c4d"));
        Assert.Contains(
            "Stop the farm",
            FarmAgreement.WhyNotIn(WireProtocol.OfThisBuild, [fingerprint]),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_farm_without_members_takes_any_node() =>
        Assert.Null(FarmAgreement.WhyNotIn(new WireProtocol(9, 9), []));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(12, 9)]
    public void The_protocols_stand_in_the_version_that_a_node_tells(int speaks, int understands)
    {
        var version = FarmVersion.Of(new WireProtocol(speaks, understands));

        Assert.Equal(new WireProtocol(speaks, understands), FarmVersion.ProtocolOf(version));
        Assert.Equal(FarmNames.Version, FarmVersion.Plain(version));
        Assert.Equal(version, Akka.Util.AppVersion.Create(version).Version);
    }

    [Theory]
    [InlineData("0.1.0")]
    [InlineData("0.1.0-1a2b3c4d")]
    [InlineData("0.1.0-speaks1-understands2")]
    [InlineData("0.1.0-speaks0-understands0")]
    [InlineData("0.1.0-speaks-understands1")]
    [InlineData("0.1.0-understands1-speaks1")]
    [InlineData("")]
    public void Any_other_version_names_no_protocol(string version) => Assert.Null(FarmVersion.ProtocolOf(version));

    [Fact]
    public void A_build_of_a_later_time_may_tell_more() =>
        Assert.Equal(new WireProtocol(7, 6), FarmVersion.ProtocolOf("1.0.0-speaks7-understands6-more"));

    [Fact]
    public void A_farm_speaks_what_all_of_its_nodes_speak()
    {
        Assert.Equal(0, ProtocolGate.SpokenByAll([]));
        Assert.Equal(2, ProtocolGate.SpokenByAll([new(2, 1), new(3, 2)]));
        Assert.Equal(0, ProtocolGate.SpokenByAll([new(2, 1), null]));
        Assert.True(new ProtocolGate(2).Allows(2));
        Assert.False(new ProtocolGate(2).Allows(3));
    }

    private static ToldBuild Told(WireProtocol protocol) => new("akka.tcp://recorder@a:1", "0.2.0", protocol);
}
