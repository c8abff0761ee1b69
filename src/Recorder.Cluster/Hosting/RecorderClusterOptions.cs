using Recorder.Cluster.Capacity;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Actor;

namespace Recorder.Cluster.Hosting;

/// <summary>The cluster side of a node; section <c>Recorder</c> of the configuration.</summary>
public sealed class RecorderClusterOptions
{
    /// <summary>
    /// What this node does, parted by commas: <c>recorder</c> runs sessions, <c>edge</c> answers HTTP for the whole farm, <c>voter</c>
    /// does neither. Default <c>recorder, edge</c>.
    /// </summary>
    public string Roles { get; set; } = $"{NodeRoles.Recorder}, {NodeRoles.Edge}";

    /// <summary>The nodes a farm is found by, as <c>host:port</c> parted by commas. Default empty: a farm of one.</summary>
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
}

/// <summary>Where other nodes reach this one; section <c>Recorder:Remoting</c>.</summary>
public sealed class RemotingOptions
{
    /// <summary>The host name or address this node binds, and is known by unless <see cref="PublicHostname"/> says otherwise. Default 127.0.0.1.</summary>
    public string Hostname { get; set; } = "127.0.0.1";

    /// <summary>The TCP port, 1 to 65535, or 0 for any. Default 34569.</summary>
    public int Port { get; set; } = 34569;

    /// <summary>The host name or address other nodes reach this one by, where that is not <see cref="Hostname"/>: behind NAT, in a container. Default empty.</summary>
    public string PublicHostname { get; set; } = "";

    /// <summary>The port other nodes reach this one by, where that is not <see cref="Port"/>, 1 to 65535; 0 when it is. Default 0.</summary>
    public int PublicPort { get; set; }

    /// <summary>
    /// A file whose first line is the secret by which the nodes of a farm know each other, at least <see cref="RemotingCertificate.LeastSecretLength"/>
    /// characters, the same on every node; their connections are then encrypted, and nobody without it is let in. Default empty: a farm of one keeps
    /// everybody out, the nodes of a larger farm let everybody in that reaches their port.
    /// </summary>
    public string SecretFile { get; set; } = "";

    /// <summary>The host name or address other nodes reach this one by.</summary>
    public string KnownHostname => PublicHostname.Length > 0 ? PublicHostname : Hostname;
}

/// <summary>Where events are kept; section <c>Recorder:Database</c>.</summary>
public sealed class DatabaseOptions
{
    /// <summary>The SQLite file of a farm of one; empty means <c>recorder.db</c> in the data folder.</summary>
    public string File { get; set; } = "";

    /// <summary>
    /// The PostgreSQL that the nodes of a farm share, in Npgsql's form. Default empty: SQLite. The password may stand in <see cref="PasswordFile"/>
    /// or in Npgsql's own <c>PGPASSWORD</c> and <c>PGPASSFILE</c> instead.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>A file whose first line is the password of <see cref="ConnectionString"/>. Default empty: none.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>
    /// How long an event waits for a database that is away before the session it belongs to gives up; the recording goes on meanwhile.
    /// Default 1 hour.
    /// </summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromHours(1);
}
