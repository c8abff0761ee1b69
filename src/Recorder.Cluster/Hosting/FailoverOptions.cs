using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Hosting;

/// <summary>How soon a farm gives up a node that does not answer; section <c>Recorder:Failover</c>. The same on every
/// node.</summary>
[Description("How soon a farm gives up a node that does not answer. The same on every node.")]
public sealed class FailoverOptions
{
    /// <summary>The time between two heartbeats.</summary>
    [Description("How often nodes tell each other that they live.")]
    [Range("100 ms", "10 s")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The silence after which a node counts as unreachable. A host that is busy encoding is late by a
    /// second or two.</summary>
    [Description("For how long heartbeats may be missing before a node counts as unreachable.")]
    [Range("500 ms", "1 min")]
    public TimeSpan HeartbeatPause { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>How long the reachable nodes must stay the same before the sides of a divided farm decide.</summary>
    [Description(
        "For how long what is reachable must not change before the smaller side of a divided farm ends itself and the larger gives it up."
    )]
    [Range("500 ms", "2 min")]
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a given-up node has to end its sessions before they resume elsewhere.</summary>
    [Description(
        "How long after giving up a node its sessions wait before they go on elsewhere: the node's time to end them."
    )]
    [Range("100 ms", "1 min")]
    public TimeSpan RemovalMargin { get; set; } = TimeSpan.FromSeconds(1);
}
