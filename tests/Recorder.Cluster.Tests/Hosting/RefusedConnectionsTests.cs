using Recorder.Cluster.Hosting;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Hosting;

public sealed class RefusedConnectionsTests
{
    [Theory]
    [InlineData(false, "10.0.0.7:40000", "(10.0.0.7:40000)")]
    [InlineData(false, "", "the same Remoting:SecretFile")]
    [InlineData(true, "", "a farm of one")]
    public void A_refused_connection_is_told_once_a_minute(bool alone, string peer, string told)
    {
        var clock = new ManualClock(Sample.Begin);
        var refused = new RefusedConnections(alone, clock);

        Assert.Contains(told, refused.Sentence(peer), StringComparison.Ordinal);
        clock.Advance(RefusedConnections.Pause - TimeSpan.FromSeconds(1));
        Assert.Null(refused.Sentence(peer));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(refused.Sentence(peer));
    }
}
