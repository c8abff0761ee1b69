namespace Recorder.Cluster.Leases;

/// <summary>A node's row in the database.</summary>
internal sealed class LeaseRow
{
    /// <summary>The node's id, from its data folder.</summary>
    public string Id { get; init; } = "";

    /// <summary>The node's address as host:port; null when another node has taken the address.</summary>
    public string? Address { get; init; }

    /// <summary>Goes up at each start of the node, and when the node is given up.</summary>
    public long Epoch { get; init; }

    /// <summary>A text of the node's process alone.</summary>
    public string Life { get; init; } = "";

    /// <summary>The host's boot and the data folder. Only one process at a time can hold the folder of one
    /// place.</summary>
    public string Place { get; init; } = "";

    /// <summary>Above 0 while the node is in a farm.</summary>
    public long InFarm { get; init; }

    /// <summary>How often the lease was renewed.</summary>
    public long Renewals { get; init; }

    /// <summary>Milliseconds until the lease lapses, by the database's clock; below 0 once the lease has
    /// lapsed.</summary>
    public long LeftMs { get; init; }

    /// <summary>Whether the lease holds.</summary>
    public bool Lives => LeftMs > 0;

    /// <summary>The node for people.</summary>
    public override string ToString() => Address is null ? $"node {Id}" : $"node {Id} at {Address}";
}
