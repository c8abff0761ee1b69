using System.Net;
using System.Net.Sockets;
using Recorder.ReferencePages;

namespace Recorder.Harness;

/// <summary>TCP ports of 127.0.0.1.</summary>
internal static class LoopbackPort
{
    /// <summary>A port nobody listens on, below those that the kernel gives to clients: none of them takes it before it
    /// is bound.</summary>
    public static int Free() => RtmpServer.FreePort();

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
