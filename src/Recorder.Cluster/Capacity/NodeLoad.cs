using System.Collections.Immutable;

namespace Recorder.Cluster.Capacity;

/// <summary>How many slots a node has, and how the number was found out.</summary>
/// <param name="Count">How many page sessions of 1920x1080 and 25 frames/s the node can hold at once
/// (<see cref="SessionCost"/>), at least 1.</param>
/// <param name="Found">How the number was found out, and why in this way, as one sentence.</param>
public sealed record NodeSlots(int Count, string Found);

/// <summary>How much of a node is used at present; each figure is null while it is not known.</summary>
/// <param name="CpuPercent">
/// Processor time in use by any process, in percent of what the node may use: 100 is all of its processors, or all of
/// its quota. Smoothed.
/// </param>
/// <param name="MemoryAvailableMegabytes">Memory that the node could still take, in MB (10^6 bytes).</param>
/// <param name="DiskFreeMegabytes">Free space on the disk of the records folder, in MB (10^6 bytes).</param>
public sealed record NodeLoad(double? CpuPercent, long? MemoryAvailableMegabytes, long? DiskFreeMegabytes);

/// <summary>How much a node can hold. The product's implementation reads the CPU table, processors, memory and the
/// disk of the records folder.</summary>
public interface INodeLimits
{
    /// <summary>The node's slots, the same for its whole life.</summary>
    NodeSlots Slots { get; }

    /// <summary>How much of the node is used at present, or null before the first measurement. Must not
    /// block.</summary>
    NodeLoad? Load { get; }

    /// <summary>Why this node takes no session at present, as one sentence, or null. Must not block.</summary>
    string? WhyClosed();

    /// <summary>The reasons of <see cref="WhyClosed"/>, in words of a closed set. Must not block.</summary>
    ImmutableHashSet<ClosedReason> ClosedBy();
}
