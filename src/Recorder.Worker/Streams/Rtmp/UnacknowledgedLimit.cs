using Recorder.Worker.GStreamer;

namespace Recorder.Worker.Streams.Rtmp;

/// <summary>
/// While it lives, each connection that GStreamer's elements open is closed by the kernel when the peer has taken
/// nothing for <see cref="Limit"/>. A frozen server's own kernel goes on acknowledging until its buffers are full, and
/// ours then fill for a minute at a low bit rate; rtmp2sink would not notice before. The same limit holds for a host
/// that does not answer a connection at all. rtmp2sink does not show its sockets, hence the hook at the class that
/// makes them.
/// </summary>
internal sealed class UnacknowledgedLimit : IDisposable
{
    /// <summary>How long data may wait for the peer to take it.</summary>
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
