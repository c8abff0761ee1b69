using System.Net;
using System.Net.Sockets;
using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>The two bound sockets of one medium.</summary>
/// <param name="Rtp">The socket for RTP.</param>
/// <param name="Rtcp">The socket for RTCP, in both directions.</param>
internal sealed record RtpSockets(Socket Rtp, Socket Rtcp) : IDisposable
{
    /// <summary>The port of <see cref="Rtp"/>.</summary>
    public int RtpPort => PortOf(Rtp);

    /// <summary>The port of <see cref="Rtcp"/>.</summary>
    public int RtcpPort => PortOf(Rtcp);

    /// <inheritdoc/>
    public void Dispose()
    {
        Rtp.Dispose();
        Rtcp.Dispose();
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}

/// <summary>Binds the ports of RTP sessions.</summary>
internal static class RtpPorts
{
    private const int Tries = 50;

    // A key frame of a large picture comes as hundreds of packets at once.
    private const int ReceiveBuffer = 4 << 20;

    /// <summary>Binds the ports of one medium: the requested ports, else the earlier ports where they are still free,
    /// else any ports.</summary>
    /// <exception cref="WorkerException">A requested port cannot be bound.</exception>
    public static RtpSockets Bind(IPAddress address, RtpLegSettings leg, long session)
    {
        if (leg is { RtpPort: 0, RtcpPort: 0 })
        {
            return TryPair(address, leg.EarlierRtpPort, leg.EarlierRtcpPort) ?? Choose(address, session);
        }

        var rtp = Open(address, leg.RtpPort, session);
        try
        {
            return new RtpSockets(rtp, Open(address, leg.RtcpPort, session));
        }
        catch
        {
            rtp.Dispose();
            throw;
        }
    }

    // RFC 3550, 11: RTP on an even port, its RTCP on the next one.
    private static RtpSockets Choose(IPAddress address, long session)
    {
        for (var i = 0; i < Tries; i++)
        {
            int port;
            using (var any = Open(address, 0, session))
            {
                port = ((IPEndPoint)any.LocalEndPoint!).Port & ~1;
            }

            if (TryPair(address, port, port + 1) is { } pair)
            {
                return pair;
            }
        }

        throw new WorkerException(
            WorkerFailure.PortInUse,
            $"Session {session} found no two free UDP ports side by side on {address}. Name the ports in data.rtpPort and data.rtcpPort."
        );
    }

    private static RtpSockets? TryPair(IPAddress address, int rtpPort, int rtcpPort)
    {
        if (rtpPort == 0 || rtcpPort == 0)
        {
            return null;
        }

        var rtp = NewSocket(address);
        var rtcp = NewSocket(address);
        try
        {
            rtp.Bind(new IPEndPoint(address, rtpPort));
            rtcp.Bind(new IPEndPoint(address, rtcpPort));
            return new RtpSockets(rtp, rtcp);
        }
        catch (SocketException)
        {
            rtp.Dispose();
            rtcp.Dispose();
            return null;
        }
    }

    private static Socket Open(IPAddress address, int port, long session)
    {
        var socket = NewSocket(address);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new WorkerException(
                WorkerFailure.PortInUse,
                error.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse =>
                        $"UDP port {port} on {address} is in use, perhaps by another session. Name another port for session {session}, or 0 to have one chosen.",
                    SocketError.AddressNotAvailable =>
                        $"{address} is no address of this node, so session {session} cannot receive on it. Correct Media:RtpAddress.",
                    _ => $"UDP port {port} on {address} cannot be bound for session {session}: {error.Message}.",
                }
            );
        }
    }

    private static Socket NewSocket(IPAddress address) =>
        new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
        {
            ExclusiveAddressUse = true,
            ReceiveBufferSize = ReceiveBuffer,
        };
}
