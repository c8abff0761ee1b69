using System.Collections.Immutable;
using Recorder.Cluster.Capacity;

namespace Recorder.Node.Capacity;

/// <summary>The capacity of this node: its slots, and the present load of its host.</summary>
internal sealed class NodeLimits(NodeSlots slots, LoadMeter load, DiskMeter disk) : INodeLimits
{
    /// <inheritdoc/>
    public NodeSlots Slots => slots;

    /// <inheritdoc/>
    public NodeLoad Load => load.Standing.Load with { DiskFreeMegabytes = disk.Standing.FreeBytes / 1_000_000 };

    /// <inheritdoc/>
    public string? WhyClosed()
    {
        var reasons = new[] { disk.Standing.WhyClosed, load.Standing.WhyClosed }.OfType<string>().ToList();
        return reasons.Count > 0 ? string.Join(' ', reasons) : null;
    }

    /// <inheritdoc/>
    public ImmutableHashSet<ClosedReason> ClosedBy() =>
        disk.Standing.ClosedBy is { } reason ? load.Standing.ClosedBy.Add(reason) : load.Standing.ClosedBy;
}
