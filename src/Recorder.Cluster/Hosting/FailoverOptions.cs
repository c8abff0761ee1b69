using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Hosting;

/// <summary>How soon a farm gives up a node that does not answer; section <c>Recorder:Failover</c>. The same on every
/// node.</summary>
[Description("How soon a farm gives up a node that does not answer. Every node needs the same values.")]
public sealed class FailoverOptions
{
    /// <summary>The time between two heartbeats.</summary>
    [Description("How often nodes tell each other that they are alive.")]
    [Range("100 ms", "10 s")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The silence after which a node counts as unreachable. A host that is busy encoding is late by a
    /// second or two.</summary>
    [Description("How long heartbeats may be missing before a node counts as unreachable.")]
    [Range("500 ms", "1 min")]
    public TimeSpan HeartbeatPause { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>How long the reachable nodes must stay the same before the sides of a divided farm decide.</summary>
    [Description(
        "How long the reachable nodes must stay the same before a divided farm decides. Then the smaller side "
            + "ends itself, and the larger side gives up the smaller one."
    )]
    [Range("500 ms", "2 min")]
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a given-up node has to end its sessions before they resume elsewhere.</summary>
    [Description(
        "How long the sessions of a given-up node wait before they go on elsewhere. The node needs this time "
            + "to end them."
    )]
    [Range("100 ms", "1 min")]
    public TimeSpan RemovalMargin { get; set; } = TimeSpan.FromSeconds(1);
}
