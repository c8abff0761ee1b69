using System.Net;
using System.Net.Sockets;

namespace Recorder.Worker.Network;

/// <summary>The addresses of this machine. The kernel is asked each time, because addresses come and go: a socket can
/// be bound to an address of this machine only.</summary>
public static class OwnAddresses
{
    /// <summary>An address of no machine (RFC 5737).</summary>
    private static readonly IPAddress Nobodys = IPAddress.Parse("192.0.2.1");

    /// <summary>Whether an address is one of this machine's.</summary>
    /// <param name="address">The address.</param>
    public static bool Has(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        // Where the kernel lets sockets be bound to every address (net.ipv4.ip_nonlocal_bind), the answer says nothing.
        return CanBind(address) && !CanBind(Nobodys);
    }

    private static bool CanBind(IPAddress address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
