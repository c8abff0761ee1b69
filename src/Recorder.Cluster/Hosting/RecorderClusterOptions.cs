using System.ComponentModel;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Hosting;

/// <summary>The cluster side of a node; section <c>Recorder</c> of the configuration.</summary>
public sealed class RecorderClusterOptions
{
    /// <summary>The roles of this node (<see cref="NodeRoles"/>).</summary>
    [Description(
        "What this node does: recorder, edge, voter, parted by commas. A recorder runs sessions, an edge answers HTTP for the whole farm, "
            + "a voter does neither and only counts when the farm is divided."
    )]
    public string Roles { get; set; } = $"{NodeRoles.Recorder}, {NodeRoles.Edge}";

    /// <summary>The seed nodes of the farm (<see cref="SeedNodeList"/>).</summary>
    [Description(
        "The nodes by which this one finds its farm, as host:port parted by commas. The same list on every node; the first of them may begin a farm "
            + "by itself. Needs Database:ConnectionString. Empty: a farm of one."
    )]
    public string SeedNodes { get; set; } = "";

    /// <summary>Remoting: where other nodes reach this one.</summary>
    public RemotingOptions Remoting { get; set; } = new();

    /// <summary>Where events are kept.</summary>
    public DatabaseOptions Database { get; set; } = new();

    /// <summary>How soon a farm gives up a node.</summary>
    public FailoverOptions Failover { get; set; } = new();

    /// <summary>Limits and intervals of sessions.</summary>
    public SessionOptions Sessions { get; set; } = new();

    /// <summary>Where sessions may run.</summary>
    public PlacementOptions Placement { get; set; } = new();

    /// <summary>How many sessions this node can hold, and when it takes none.</summary>
    public CapacityOptions Capacity { get; set; } = new();

    /// <summary>The wire of the node's build. No option: tests put several builds into one process.</summary>
    internal WireSetup Wire { get; set; } = WireSetup.OfThisBuild();
}

/// <summary>Where other nodes reach this one; section <c>Recorder:Remoting</c>.</summary>
[Description("Where other nodes of a farm reach this one.")]
public sealed class RemotingOptions
{
    /// <summary>The host name or address that this node binds.</summary>
    [Description(
        "The host name or address this node binds, and is known by unless PublicHostname says otherwise. Short: --hostname."
    )]
    public string Hostname { get; set; } = "127.0.0.1";

    /// <summary>The TCP port that this node binds.</summary>
    [Description("The TCP port; 0 takes any free one. Short: --port.")]
    [Range(0, 65_535)]
    public int Port { get; set; } = 34569;

    /// <summary>The host name or address by which other nodes reach this node, if not
    /// <see cref="Hostname"/>.</summary>
    [Description(
        "The host name or address other nodes reach this one by, where that is another: behind NAT, in a container. Short: --public-hostname."
    )]
    public string PublicHostname { get; set; } = "";

    /// <summary>The port by which other nodes reach this node, if not <see cref="Port"/>.</summary>
    [Description("The port other nodes reach this one by. 0: that of Remoting:Port.")]
    [Range(0, 65_535)]
    public int PublicPort { get; set; }

    /// <summary>The file with the farm's secret, which has at least
    /// <see cref="RemotingCertificate.LeastSecretLength"/> characters.</summary>
    [Description(
        "A file whose first line is the secret by which the nodes of a farm know each other, at least 32 characters, the same on every node. Their "
            + "connections are then encrypted, and nobody without it is let in. Empty: a farm of one keeps everybody out; the nodes of a larger farm let "
            + "everybody in that reaches their port."
    )]
    public string SecretFile { get; set; } = "";

    /// <summary>The host name or address by which other nodes reach this node.</summary>
    public string KnownHostname => PublicHostname.Length > 0 ? PublicHostname : Hostname;
}

/// <summary>Where events are kept; section <c>Recorder:Database</c>.</summary>
[Description("Where the farm's events are kept.")]
public sealed class DatabaseOptions
{
    /// <summary>The SQLite file of a farm of one.</summary>
    [Description("The SQLite file of a farm of one. Empty: recorder.db in the data folder.")]
    public string File { get; set; } = "";

    /// <summary>The PostgreSQL of a farm of several nodes, in Npgsql's form.</summary>
    [Description(
        "The PostgreSQL that all nodes of a farm share: Host=db.example.org;Database=recorder;Username=recorder. Empty: SQLite. "
            + "A password on the command line is seen by every user of the machine; it belongs into the environment or a file."
    )]
    public string ConnectionString { get; set; } = "";

    /// <summary>The file with the password of <see cref="ConnectionString"/>.</summary>
    [Description(
        "A file whose first line is the password of ConnectionString. Empty: the password stands in ConnectionString, PGPASSWORD or PGPASSFILE."
    )]
    public string PasswordFile { get; set; } = "";

    /// <summary>How long an event waits for a database that is away.</summary>
    [Description(
        "How long an event waits for a database that is away before the session it belongs to gives up; the recording goes on meanwhile."
    )]
    [Range("1 s", "7 d")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromHours(1);
}
