namespace Recorder.Cluster.Hosting;

/// <summary>How soon a farm gives up a node that does not answer; section <c>Recorder:Failover</c>. The same on every node.</summary>
public sealed class FailoverOptions
{
    /// <summary>How often nodes tell each other that they live. Default 1 second.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// For how long heartbeats may be missing before a node counts as unreachable. Default 4 seconds: a host busy with encoders
    /// is late by a second or two.
    /// </summary>
    public TimeSpan HeartbeatPause { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// For how long what is reachable must not change before the smaller side of a divided farm ends itself and the larger gives it up.
    /// Default 4 seconds.
    /// </summary>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// How long after giving up a node its sessions wait before they go on elsewhere: the node's time to end them. Default 1 second.
    /// </summary>
    public TimeSpan RemovalMargin { get; set; } = TimeSpan.FromSeconds(1);
}
