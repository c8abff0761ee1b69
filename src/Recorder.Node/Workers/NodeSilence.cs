using Recorder.Cluster.Hosting;

namespace Recorder.Node.Workers;

/// <summary>What the workers of a node that stands still do.</summary>
/// <param name="Limit">For how long they go on recording without a word of it; null: for as long as it runs.</param>
internal sealed record NodeSilence(TimeSpan? Limit)
{
    /// <summary>
    /// A farm gives a silent node up and goes on with its sessions elsewhere; its workers end by then, so that no
    /// session is recorded twice. Nobody takes over from a farm of one.
    /// </summary>
    public static NodeSilence In(RecorderClusterOptions farm) =>
        new(
            farm.SeedNodes.Length > 0
                ? farm.Failover.HeartbeatPause + farm.Failover.StableAfter + farm.Failover.RemovalMargin
                : null
        );
}
