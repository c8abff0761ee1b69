namespace Recorder.Cluster.Capacity;

/// <summary>How many sessions a node can hold, and when it takes none; section <c>Recorder:Capacity</c> of the configuration.</summary>
public sealed class CapacityOptions
{
    /// <summary>The CPU table's file; empty means <c>cpu-table.csv</c> beside the executable.</summary>
    public string CpuTable { get; set; } = "";

    /// <summary>
    /// The share of the processors' time up to which a measurement of the CPU table counts as held, in percent, 10 to 100; calibration stops
    /// above it. Default 90.
    /// </summary>
    public double CpuLimit { get; set; } = 90;

    /// <summary>
    /// The least share of distinct frames with which a measurement of the CPU table counts as held, 0 to 1; calibration stops below it.
    /// Default 0.9.
    /// </summary>
    public double LeastDistinctFrames { get; set; } = 0.9;

    /// <summary>
    /// The node takes no new session once its processors have been busier than this over <see cref="CpuWindow"/>, in percent, 1 to 100; 100:
    /// it never closes for that. Default 95.
    /// </summary>
    public double CpuClosedAbove { get; set; } = 95;

    /// <summary>A node that was closed by its processors opens once they have been less busy than this, in percent, 0 to 100. Default 85.</summary>
    public double CpuOpenBelow { get; set; } = 85;

    /// <summary>The time over which the load of the processors is averaged. Default 30 seconds.</summary>
    public TimeSpan CpuWindow { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The node takes no new session while less memory than this is available, in MB (10^6 bytes), 0 to 10000000; it opens with a quarter more.
    /// Default 1000, about what one session takes.
    /// </summary>
    public long MemoryLowWater { get; set; } = 1000;
}
