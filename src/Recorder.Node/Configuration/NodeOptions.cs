using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Node.Configuration;

/// <summary>The options of the node as a process; section <c>Recorder</c> of the configuration.</summary>
public sealed class NodeOptions
{
    /// <summary>The folder of the node's own state.</summary>
    [Description(
        "The folder of the node's state, above all its database. The node makes the folder when it is "
            + "missing. A relative path counts from the working directory. Two nodes cannot share the folder."
    )]
    public string Data { get; set; } = "./data";

    /// <summary>The least severe entries of the log.</summary>
    [Description("The least severe entries that the log shows.")]
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>The free space of the records folder's disk below which the node takes no new session.</summary>
    [Description(
        "No new session starts here while the disk of the records folder has less free space than this. 2 GB "
            + "hold 45 minutes of one session at 6 Mbit/s."
    )]
    [Range("0 MB", "10 TB")]
    [Unit("MB")]
    public ByteSize DiskLowWater { get; set; } = ByteSize.FromMegabytes(2000);
}
