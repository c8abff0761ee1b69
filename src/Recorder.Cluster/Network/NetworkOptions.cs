using System.ComponentModel;

namespace Recorder.Cluster.Network;

/// <summary>Which addresses of its own network the node may call for others; section <c>Recorder:Network</c>.</summary>
[Description("Which addresses of its own network the node may call when others name them, as in webhooks.")]
public sealed class NetworkOptions
{
    /// <summary>What is allowed beside https addresses of the public internet.</summary>
    [Description(
        "The receivers that may be called although they are on this machine, on a link-local or private network, or "
            + "without TLS. Each is a host name, *.domain, an address or a range such as 10.0.0.0/8, and may end in "
            + ":port. Every node of a farm needs the same list."
    )]
    public IList<string> Allow { get; } = [];
}
