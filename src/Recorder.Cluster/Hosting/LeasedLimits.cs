using System.Collections.Immutable;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Leases;

namespace Recorder.Cluster.Hosting;

/// <summary>The limits of a node, which takes no sessions either while the node's lease is not renewed.</summary>
/// <param name="limits">The node's own limits.</param>
/// <param name="lease">Whether the node reaches the database.</param>
internal sealed class LeasedLimits(INodeLimits limits, LeaseStanding lease) : INodeLimits
{
    /// <inheritdoc/>
    public NodeSlots Slots => limits.Slots;

    /// <inheritdoc/>
    public NodeLoad? Load => limits.Load;

    /// <inheritdoc/>
    public string? WhyClosed()
    {
        var reasons = new[] { lease.WhyLost, limits.WhyClosed() }.OfType<string>().ToList();
        return reasons.Count > 0 ? string.Join(' ', reasons) : null;
    }

    /// <inheritdoc/>
    public ImmutableHashSet<ClosedReason> ClosedBy() =>
        lease.WhyLost is null ? limits.ClosedBy() : limits.ClosedBy().Add(ClosedReason.Database);
}
