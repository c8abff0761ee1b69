using Recorder.Cluster.Placement;

namespace Recorder.Node.Hosting;

/// <summary>What this node can hold: its slots, and what is used of it just now.</summary>
internal sealed class NodeLimits(NodeSlots slots, DiskLimits disk) : INodeLimits
{
    /// <inheritdoc/>
    public NodeSlots Slots => slots;

    /// <inheritdoc/>
    public NodeLoad? Load => new(null, null, disk.Standing.FreeBytes / 1_000_000);

    /// <inheritdoc/>
    public string? WhyClosed() => disk.Standing.WhyClosed;
}
