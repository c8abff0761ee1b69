using Recorder.Cluster.Capacity;

namespace Recorder.Cluster.Placement;

/// <summary>Where sessions may run; section <c>Recorder:Placement</c> of the configuration.</summary>
public sealed class PlacementOptions
{
    /// <summary>
    /// How many page sessions of 1920x1080 and 25 frames/s this node holds at once (<see cref="SessionCost"/>). Default 0: what the CPU table
    /// says of its host (<see cref="SlotDecision"/>).
    /// </summary>
    public int Sessions { get; set; }

    /// <summary>
    /// The number of shards of the farm, the same on every node: an upper bound of the sessions that run in it at once.
    /// Default 1000.
    /// </summary>
    public int Shards { get; set; } = 1000;

    /// <summary>How often a node tells its capacity. Default 5 seconds.</summary>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the nodes that are left take the sessions of one that died beyond their slots, rather than let them wait for room. Default
    /// false: an overfull node harms the sessions it has.
    /// </summary>
    public bool OverfillOnNodeLoss { get; set; }

    /// <summary>How long a node of a farm that is told to stop waits until its sessions were handed over to others. Default 1 minute.</summary>
    public TimeSpan HandOverLimit { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long after the restart of a whole farm a node may take to come back before its sessions go on elsewhere. Default 15 seconds.
    /// </summary>
    public TimeSpan RejoinGrace { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A running session that has not been heard of for this long is asked to resume. Default 25 seconds.</summary>
    public TimeSpan SilenceLimit { get; set; } = TimeSpan.FromSeconds(25);
}
