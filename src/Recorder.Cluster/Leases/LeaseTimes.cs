namespace Recorder.Cluster.Leases;

/// <summary>The times of a node's lease.</summary>
internal sealed record LeaseTimes
{
    /// <summary>How long a lease lasts after a renewal, by the database's clock. Also how long a lapsed lease is
    /// watched before another node goes on without its holder.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time between two renewals.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one renewal may take. Two renewals that fail one after the other close the node, within 5 s
    /// of the loss.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the oldest recorder stays without the database before it makes way for another node.</summary>
    public TimeSpan OldestPatience { get; init; } = TimeSpan.FromSeconds(10);
}
