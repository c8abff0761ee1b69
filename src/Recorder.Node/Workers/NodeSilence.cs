using Recorder.Cluster.Hosting;

namespace Recorder.Node.Workers;

/// <summary>How workers behave when their node stands still.</summary>
/// <param name="Limit">How long a worker goes on recording without a word from its node; null: without limit.</param>
internal sealed record NodeSilence(TimeSpan? Limit)
{
    /// <summary>
    /// A farm gives up a silent node and resumes its sessions elsewhere. The silent node's workers end before that, so
    /// that no session is recorded twice. A farm of one has no node that could take over, so there is no limit.
    /// </summary>
    public static NodeSilence In(RecorderClusterOptions farm) =>
        new(
            farm.SeedNodes.Length > 0
                ? farm.Failover.HeartbeatPause + farm.Failover.StableAfter + farm.Failover.RemovalMargin
                : null
        );
}
