using Recorder.Worker.GStreamer;

namespace Recorder.Worker.Streams.Rtmp;

/// <summary>
/// While this object lives, the kernel closes each connection of GStreamer's elements whose peer has taken nothing for
/// <see cref="Limit"/>. A frozen server's kernel goes on acknowledging until its buffers are full. The node's buffers
/// then fill for a minute at a low bit rate, and rtmp2sink would notice nothing before. The same limit holds for a host
/// that does not answer a connection at all. rtmp2sink does not expose its sockets, hence the hook at the class that
/// makes them.
/// </summary>
internal sealed class UnacknowledgedLimit : IDisposable
{
    /// <summary>How long data may wait for the peer to take the data.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    // From <netinet/in.h> and <linux/tcp.h>.
    private const int ProtocolTcp = 6;
    private const int TcpUserTimeout = 18;

    private readonly SocketClientHook _hook = SocketClientHook.OnConnecting(socket =>
        socket.SetOption(ProtocolTcp, TcpUserTimeout, (int)Limit.TotalMilliseconds)
    );

    /// <inheritdoc/>
    public void Dispose() => _hook.Dispose();
}
