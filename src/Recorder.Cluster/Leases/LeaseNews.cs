using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Leases;

/// <summary>This node has lost its way to the database, or has found it again. Published on the node's event
/// stream.</summary>
/// <param name="WhyLost">Why the lease is not renewed, as one sentence; null while it is.</param>
internal sealed record LeaseNews(string? WhyLost) : INodeNews;

/// <summary>Whether this node's lease is renewed, for those who cannot wait for <see cref="LeaseNews"/>. Safe to use
/// from several threads.</summary>
internal sealed class LeaseStanding
{
    private volatile string? _whyLost;

    /// <summary>Why the lease is not renewed, as one sentence; null while it is.</summary>
    public string? WhyLost
    {
        get => _whyLost;
        set => _whyLost = value;
    }
}
