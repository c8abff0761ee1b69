using System.ComponentModel;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Network;
using Recorder.Cluster.Placement;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Settings;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Hosting;

/// <summary>The cluster side of a node; section <c>Recorder</c> of the configuration.</summary>
public sealed class RecorderClusterOptions
{
    /// <summary>The roles of this node (<see cref="NodeRoles"/>).</summary>
    [Description(
        "What this node does: recorder, edge, voter, separated by commas. A recorder runs sessions. An edge "
            + "answers HTTP for the whole farm. A voter does neither, and only counts when the farm is divided."
    )]
    public string Roles { get; set; } = $"{NodeRoles.Recorder}, {NodeRoles.Edge}";

    /// <summary>The seed nodes of the farm (<see cref="SeedNodeList"/>).</summary>
    [Description(
        "The nodes by which this node finds its farm, as host:port, separated by commas. Every node needs the "
            + "same list. The first node of the list may begin a farm by itself. The list needs "
            + "Database:ConnectionString. Empty: a farm of one node."
    )]
    public string SeedNodes { get; set; } = "";

    /// <summary>Remoting: where other nodes reach this one.</summary>
    public RemotingOptions Remoting { get; set; } = new();

    /// <summary>Where events are kept.</summary>
    public DatabaseOptions Database { get; set; } = new();

    /// <summary>How long the database keeps what nobody needs any more.</summary>
    public RetentionOptions Retention { get; set; } = new();

    /// <summary>Which addresses of its own network the node may call for others.</summary>
    public NetworkOptions Network { get; set; } = new();

    /// <summary>The receivers of events.</summary>
    [Description(
        "The receivers of events. Each is { \"Name\": \"who\", \"Url\": \"https://…\", \"Secret\": \"whsec_…\" or "
            + "\"SecretFile\": \"/path\", \"Types\": \"record.*, session.*\", \"Labels\": \"room=Sal\" }. Further ones are made by "
            + "the API. Every node of a farm needs the same list."
    )]
    public IList<WebhookOptions> Webhooks { get; } = [];

    /// <summary>The secrets that starts may name.</summary>
    [Description(
        "The secrets that a start may name for its page instead of a text, each under a name of letters, digits, - and _: "
            + "{ \"room-pass\": { \"File\": \"/etc/recorder/room-pass\", \"Hosts\": \"meet.example.org\" } }. Every node of a farm needs the same names."
    )]
    public IDictionary<string, SecretOptions> Secrets { get; } =
        new Dictionary<string, SecretOptions>(StringComparer.Ordinal);

    /// <summary>How soon a farm gives up a node.</summary>
    public FailoverOptions Failover { get; set; } = new();

    /// <summary>Limits and intervals of sessions.</summary>
    public SessionOptions Sessions { get; set; } = new();

    /// <summary>Where sessions may run.</summary>
    public PlacementOptions Placement { get; set; } = new();

    /// <summary>Sessions that start without a caller.</summary>
    public ScheduleOptions Schedules { get; set; } = new();

    /// <summary>How many sessions this node can hold, and when it takes none.</summary>
    public CapacityOptions Capacity { get; set; } = new();

    /// <summary>How long every node must have run a newer version before the farm writes what older versions do not
    /// understand.</summary>
    [Description(
        "How long every node of the farm must have run a newer version before the farm writes what the earlier version does not understand. "
            + "Until then the earlier version can be put back, node by node."
    )]
    [Range("0 s", "30 d")]
    public TimeSpan DowngradeWindow { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long after its start a node begins to fill the read model. The first work of the read model takes a
    /// second of a processor, and the first session of the node needs that second. Until then the placement keeps every
    /// session that has ended, so that no list lacks one. No option: tests do not wait.</summary>
    internal TimeSpan ReadModelDelay { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The wire of the node's build. No option: tests put several builds into one process.</summary>
    internal WireSetup Wire { get; set; } = WireSetup.OfThisBuild();
}

/// <summary>Where other nodes reach this one; section <c>Recorder:Remoting</c>.</summary>
[Description("Where other nodes of a farm reach this one.")]
public sealed class RemotingOptions
{
    /// <summary>The host name or address that this node binds.</summary>
    [Description(
        "The host name or address that this node binds. Other nodes know this node by it, unless "
            + "PublicHostname is set. Short: --hostname."
    )]
    public string Hostname { get; set; } = "127.0.0.1";

    /// <summary>The TCP port that this node binds.</summary>
    [Description("The TCP port that this node binds. 0: any free port. Short: --port.")]
    [Range(0, 65_535)]
    public int Port { get; set; } = 34569;

    /// <summary>The host name or address by which other nodes reach this node, if not
    /// <see cref="Hostname"/>.</summary>
    [Description(
        "The host name or address by which other nodes reach this node, where Remoting:Hostname is not "
            + "reachable. Examples are a node behind NAT and a node in a container. Short: --public-hostname."
    )]
    public string PublicHostname { get; set; } = "";

    /// <summary>The port by which other nodes reach this node, if not <see cref="Port"/>.</summary>
    [Description("The port by which other nodes reach this node. 0: the port of Remoting:Port.")]
    [Range(0, 65_535)]
    public int PublicPort { get; set; }

    /// <summary>The file with the farm's secret, which has at least
    /// <see cref="RemotingCertificate.LeastSecretLength"/> characters.</summary>
    [Description(
        "A file whose first line is the secret by which the nodes of a farm know each other. The secret has "
            + "at least 32 characters and is the same on every node. Connections between nodes are then encrypted, "
            + "and only nodes with the secret are let in. Empty: a farm of one node lets nobody in. A larger farm "
            + "then needs certificates, or addresses that only this machine reaches."
    )]
    public string SecretFile { get; set; } = "";

    /// <summary>The file of the node's certificate.</summary>
    [Description(
        "The PEM file with the certificate by which other nodes know this node, instead of a secret. The node reads "
            + "the file again when it changes. `recorder farm certificates` makes certificates."
    )]
    public string Certificate { get; set; } = "";

    /// <summary>The file of the certificate's key.</summary>
    [Description(
        "The PEM file with the certificate's key, without a password. Other users must not be able to read the file. "
            + "Empty: the key is in the file of Certificate."
    )]
    public string CertificateKey { get; set; } = "";

    /// <summary>The file of the farm's authorities.</summary>
    [Description(
        "The PEM file with the certificate of the farm's authority. Whoever has a certificate of this authority is a "
            + "node of the farm. Two authorities may stand in the file while they are exchanged."
    )]
    public string Authorities { get; set; } = "";

    /// <summary>Whether a farm may do without secret and certificates on addresses that other machines reach.</summary>
    [Description(
        "Lets a node of a farm without a secret and without certificates start on an address that other machines "
            + "reach. Whoever reaches the port can then act as a node. For the time until all nodes have a secret."
    )]
    public bool AllowUnsecured { get; set; }

    /// <summary>The host name or address by which other nodes reach this node.</summary>
    public string KnownHostname => PublicHostname.Length > 0 ? PublicHostname : Hostname;
}
