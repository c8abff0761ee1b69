using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Hosting;

/// <summary>The cluster side of a node; section <c>Recorder</c> of the configuration.</summary>
public sealed class RecorderClusterOptions
{
    /// <summary>The name of the actor system, the same on every node of a farm.</summary>
    public const string SystemName = "recorder";

    /// <summary>The role of nodes that run sessions.</summary>
    public const string RecorderRole = "recorder";

    /// <summary>The role of nodes that answer HTTP.</summary>
    public const string EdgeRole = "edge";

    /// <summary>Remoting: where other nodes reach this one.</summary>
    public RemotingOptions Remoting { get; set; } = new();

    /// <summary>Where events are kept.</summary>
    public DatabaseOptions Database { get; set; } = new();

    /// <summary>Limits and intervals of sessions.</summary>
    public SessionOptions Sessions { get; set; } = new();

    /// <summary>Where sessions may run.</summary>
    public PlacementOptions Placement { get; set; } = new();

    /// <summary>How many sessions this node can hold, and when it takes none.</summary>
    public CapacityOptions Capacity { get; set; } = new();
}

/// <summary>Where other nodes reach this one; section <c>Recorder:Remoting</c>.</summary>
public sealed class RemotingOptions
{
    /// <summary>The host name or address this node binds and is known by. Default 127.0.0.1.</summary>
    public string Hostname { get; set; } = "127.0.0.1";

    /// <summary>The TCP port, 1 to 65535, or 0 for any. Default 34569.</summary>
    public int Port { get; set; } = 34569;
}

/// <summary>Where events are kept; section <c>Recorder:Database</c>.</summary>
public sealed class DatabaseOptions
{
    /// <summary>The SQLite file; empty means <c>recorder.db</c> in the data folder.</summary>
    public string File { get; set; } = "";
}
