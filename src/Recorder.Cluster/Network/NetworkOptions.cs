using System.ComponentModel;
using Recorder.Cluster.Settings;
using Recorder.Worker.Network;

namespace Recorder.Cluster.Network;

/// <summary>Which addresses may be reached when callers or pages name them; section <c>Recorder:Network</c>.</summary>
[Description(
    "Where pages, streams, webhooks and uploads may go. Every node of a farm needs the same lists. See docs/security.md."
)]
public sealed class NetworkOptions
{
    /// <summary>What is allowed beside the public internet.</summary>
    [Words]
    [Description(
        "What may be reached although the address is of this machine, link-local, of a private network or not public; "
            + "webhooks and uploads also without TLS. Each entry is a host name, *.domain, an address or a range such as "
            + "10.0.0.0/8, and may end in :port. Every recorded page may then reach what is listed."
    )]
    public IList<string> Allow { get; } = [];

    /// <summary>What is refused, also when <see cref="Allow"/> has the address.</summary>
    [Words]
    [Description("What may not be reached, in the form of Allow. Deny wins over Allow and Private.")]
    public IList<string> Deny { get; } = [];

    /// <summary>Whether private networks may be reached.</summary>
    [Description(
        "Whether addresses of private networks may be reached (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, "
            + "fc00::/7), but for this machine's own. Where a database or other nodes are in such a network, list the "
            + "meeting servers in Allow instead."
    )]
    public bool Private { get; set; }

    /// <summary>Whether pages may send by UDP.</summary>
    [Description(
        "Whether WebRTC of pages may use UDP, which goes around the node's gateway. Without UDP, meetings need a TURN "
            + "server that takes TCP."
    )]
    public bool WebRtcUdp { get; set; } = true;

    /// <summary>The options as rules.</summary>
    public NetworkRules Rules() => new([.. Allow], [.. Deny], Private);

    /// <summary>The policy of these options, which have been checked.</summary>
    public NetworkPolicy Policy() => NetworkPolicy.Read(Rules(), []);
}
