using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Capacity;

/// <summary>How many sessions a node can hold, and when the node takes none; section <c>Recorder:Capacity</c> of the
/// configuration.</summary>
[Description("How many sessions this node can hold where Placement:Sessions is 0, and when the node takes no session.")]
public sealed class CapacityOptions
{
    /// <summary>The CPU table's file.</summary>
    [Description(
        "The CPU table's file. Empty: cpu-table.csv beside the executable. Rows that recorder calibrate "
            + "measured on this host come first; they are in the data folder."
    )]
    public string CpuTable { get; set; } = "";

    /// <summary>The greatest share of the processors' time with which a measurement counts as held.</summary>
    [Description(
        "A measurement of the CPU table counts as held up to this share of the processors' time. Calibration "
            + "stops above this share."
    )]
    [Range(10, 100)]
    [Unit("%")]
    public double CpuLimit { get; set; } = 90;

    /// <summary>The least share of distinct frames with which a measurement counts as held.</summary>
    [Description(
        "A measurement of the CPU table counts as held with at least this share of distinct frames. "
            + "Calibration stops below this share."
    )]
    [Range(0, 1)]
    public double LeastDistinctFrames { get; set; } = 0.9;

    /// <summary>The load of the processors over <see cref="CpuWindow"/> above which the node takes no new
    /// session.</summary>
    [Description(
        "No new session starts here after the processors were busier than this over CpuWindow. Where the "
            + "control group has a quota, the load is a share of that quota. 100: the processors never close the "
            + "node."
    )]
    [Range(1, 100)]
    [Unit("%")]
    public double CpuClosedAbove { get; set; } = 95;

    /// <summary>The load below which a node that was closed by its processors opens again.</summary>
    [Description("A node that its processors closed opens again when they are less busy than this.")]
    [Range(0, 100)]
    [Unit("%")]
    public double CpuOpenBelow { get; set; } = 85;

    /// <summary>The time over which the load of the processors is averaged.</summary>
    [Description("The time over which the load of the processors is averaged.")]
    [Range("2 s", "10 min")]
    public TimeSpan CpuWindow { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The available memory below which the node takes no new session.</summary>
    [Description(
        "No new session starts here while less memory than this is available, on the host or in the control "
            + "group. A closed node opens again with a quarter more. One session takes about 1 GB."
    )]
    [Range("0 MB", "10 TB")]
    [Unit("MB")]
    public ByteSize MemoryLowWater { get; set; } = ByteSize.FromMegabytes(1000);
}
