using System.Net;
using System.Net.Sockets;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>TCP ports of 127.0.0.1.</summary>
internal static class LoopbackPort
{
    /// <summary>A port nobody listens on.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Whether nobody listens on this port.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
