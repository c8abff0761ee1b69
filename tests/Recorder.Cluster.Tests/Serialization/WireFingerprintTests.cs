using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Tests.Serialization;

public sealed class WireFingerprintTests
{
    [Fact]
    public void It_is_the_same_each_time_and_changes_with_the_manifests_and_with_what_is_inside_them()
    {
        var whole = WireFingerprint.OfThisBuild();

        Assert.Equal(whole, WireFingerprint.OfThisBuild());
        Assert.Matches("^[0-9a-f]{16}$", whole);
        var less = Manifests.ToType.Where(entry => entry.Key != "session/start:1").ToDictionary();
        Assert.NotEqual(whole, WireFingerprint.Of(less));
        less["session/start:2"] = Manifests.ToType["session/start:1"];
        Assert.NotEqual(whole, WireFingerprint.Of(less));
        Assert.NotEqual(
            WireFingerprint.Of(new Dictionary<string, Type> { ["one:1"] = typeof(Recorder.Cluster.Sessions.StartSession) }),
            WireFingerprint.Of(new Dictionary<string, Type> { ["one:1"] = typeof(Recorder.Cluster.Sessions.StopSession) }));
    }
}
