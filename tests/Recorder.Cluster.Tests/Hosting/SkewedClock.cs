namespace Recorder.Cluster.Tests.Hosting;

/// <summary>The clock of a host that is set wrong.</summary>
/// <param name="ahead">By how much it is ahead.</param>
internal sealed class SkewedClock(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
}
