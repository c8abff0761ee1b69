namespace Recorder.Node.Hosting;

/// <summary>What concerns the node as a process; section <c>Recorder</c> of the configuration.</summary>
public sealed class NodeOptions
{
    /// <summary>
    /// The folder of the node's own state: the SQLite database and what running sessions need. Made when it is missing.
    /// A relative path counts from the working directory. Default <c>./data</c>. One node has it for itself.
    /// </summary>
    public string Data { get; set; } = "./data";

    /// <summary>The least severe entries the log shows: Trace, Debug, Information, Warning, Error, Critical. Default Information.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>
    /// The node takes no new session while the records folder's disk has less free space than this, in MB (10^6 bytes),
    /// 0 to 10000000. Default 2000, which is 45 minutes of one session at 6 Mbit/s.
    /// </summary>
    public int DiskLowWater { get; set; } = 2000;
}
