using System.ComponentModel;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Placement;

/// <summary>Where sessions may run; section <c>Recorder:Placement</c> of the configuration.</summary>
[Description("Where sessions may run.")]
public sealed class PlacementOptions
{
    /// <summary>The slots of this node (<see cref="SessionCost"/>); 0 takes the number from the CPU table
    /// (<see cref="SlotDecision"/>).</summary>
    [Description(
        "How many page sessions of 1920x1080 at 25 frames/s this node holds at the same time. Larger sessions "
            + "count more. Smaller sessions and RTP sessions count less. 0: the number that the CPU table gives for "
            + "this host."
    )]
    [Range(0, 1_000)]
    public int Sessions { get; set; }

    /// <summary>The number of shards of the farm. The highest number of all nodes counts.</summary>
    [Description(
        "How many shards the farm has. Never more sessions than this run in the whole farm at the same time. "
            + "The highest number of all nodes counts, so it can be raised node by node."
    )]
    [Range(1, 100_000)]
    [Formerly("SlotPool")]
    public int Shards { get; set; } = 1000;

    /// <summary>The time from one report of a node's capacity to the next.</summary>
    [Description("How often a node reports how many sessions it can hold.")]
    [Range("100 ms", "1 min")]
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether sessions of a lost node may overfill another node, which harms the sessions already on that
    /// node.</summary>
    [Description(
        "Whether sessions of a lost node may fill another node beyond its slots. If not, sessions without "
            + "room wait, and go on by themselves when there is room."
    )]
    public bool OverfillOnNodeLoss { get; set; }

    /// <summary>How long a node of a farm has to hand its sessions over after it was told to stop.</summary>
    [Description(
        "How long a stopping node of a farm waits until other nodes have taken its sessions over. A "
            + "supervisor must wait 160 s longer before it kills the node."
    )]
    [Range("0 s", "1 h")]
    public TimeSpan HandOverLimit { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a node has to come back after the restart of a whole farm.</summary>
    [Description(
        "How long a node may take to come back after the restart of a whole farm. Later its sessions go on "
            + "elsewhere."
    )]
    [Range("0 s", "1 h")]
    public TimeSpan RejoinGrace { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a running session may be silent before it is asked to resume.</summary>
    [Description("The farm asks a running session to resume when the session has not been heard of for this long.")]
    [Range("1 s", "10 min")]
    public TimeSpan SilenceLimit { get; set; } = TimeSpan.FromSeconds(25);
}
