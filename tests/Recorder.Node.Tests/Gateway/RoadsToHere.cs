using Recorder.Cluster.Network;
using Recorder.Node.Browsing;
using Recorder.Node.Gateway;
using Recorder.Worker.Network;

namespace Recorder.Node.Tests.Gateway;

/// <summary>Roads of gateways that lead to pages of this machine, where the pages of the tests are.</summary>
internal static class RoadsToHere
{
    public static GatewayRoad Of(BrowserNetwork network) =>
        new(
            new AddressGate(NetworkPolicy.Read(["127.0.0.0/8", "::1"], []), SystemResolver.Instance),
            network.Proxy.For,
            new NodePorts(0).WhyRefused,
            new PageConnections(),
            new ProxyTrust(network.Authorities)
        );
}
