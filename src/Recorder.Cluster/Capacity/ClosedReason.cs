namespace Recorder.Cluster.Capacity;

/// <summary>What keeps a node from taking sessions. The words are metric labels.</summary>
public enum ClosedReason
{
    /// <summary>The disk of the records folder is below the low-water mark.</summary>
    Disk,

    /// <summary>The records folder is missing, cannot be read, or its disk does not answer.</summary>
    RecordsFolder,

    /// <summary>The processors are busy.</summary>
    Cpu,

    /// <summary>Little memory is left.</summary>
    Memory,

    /// <summary>The node has lost its way to the database.</summary>
    Database,
}
