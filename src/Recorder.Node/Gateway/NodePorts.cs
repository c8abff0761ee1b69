using System.Net;
using Recorder.Worker.Network;

namespace Recorder.Node.Gateway;

/// <summary>The services of this node that no page reaches, whatever <c>Network:Allow</c> lists. The node's API is not
/// among them, since the API refuses pages itself.</summary>
/// <param name="remoting">The port for other nodes; 0: unknown.</param>
internal sealed class NodePorts(int remoting)
{
    /// <summary>Why a page may not reach an address; null when the node has nothing against it.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port.</param>
    public string? WhyRefused(IPAddress address, int port)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.Equals(PageGateway.Address) ? $"{plain} is the address of the recorder's gateways, and no page's."
            : port == remoting && (IPAddress.IsLoopback(plain) || OwnAddresses.Has(plain))
                ? $"The port {port} is for other nodes of the farm, and no page's."
            : null;
    }
}
