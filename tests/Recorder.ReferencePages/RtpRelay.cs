using System.Net;
using System.Net.Sockets;

namespace Recorder.ReferencePages;

/// <summary>
/// A bad link between an RTP sender and its receiver on loopback: of the sender's packets it drops every <see cref="DropEvery"/>th and lets every
/// <see cref="SwapEvery"/>th overtake the one before, always the same ones. The receiver's RTCP passes whole and is looked at.
/// </summary>
public sealed class RtpRelay : IAsyncDisposable
{
    /// <summary>How many packets come to one that is dropped.</summary>
    public const int DropEvery = 50;

    /// <summary>How many packets come to one that is late.</summary>
    public const int SwapEvery = 21;

    private readonly Socket rtp;
    private readonly Socket rtcp;
    private readonly IPEndPoint receiver;
    private readonly CancellationTokenSource closing = new();
    private readonly Task work;
    private IPEndPoint? senderRtcp;
    private long passed;
    private int dropped;
    private int swapped;
    private int keyFrameRequests;

    /// <summary>Stands between; both sides are told its ports.</summary>
    /// <param name="receiverRtpPort">The receiver's RTP port on loopback.</param>
    public RtpRelay(int receiverRtpPort)
    {
        receiver = new IPEndPoint(IPAddress.Loopback, receiverRtpPort);
        (rtp, rtcp) = BindPair();
        RtpPort = ((IPEndPoint)rtp.LocalEndPoint!).Port;
        work = Task.WhenAll(PassRtpAsync(), PassRtcpAsync());
    }

    /// <summary>Where the sender sends to. The receiver finds the relay's RTCP on the port above, as RFC 3550 has it.</summary>
    public int RtpPort { get; }

    /// <summary>Whether the link is bad now.</summary>
    public bool Bad { get; set; }

    /// <summary>Packets dropped.</summary>
    public int Dropped => Volatile.Read(ref dropped);

    /// <summary>Packets that came after a later one.</summary>
    public int Swapped => Volatile.Read(ref swapped);

    /// <summary>Picture loss indications and full intra requests that the receiver has sent.</summary>
    public int KeyFrameRequests => Volatile.Read(ref keyFrameRequests);

    /// <summary>Tells where the sender hears RTCP.</summary>
    public void SendRtcpTo(int port) => Volatile.Write(ref senderRtcp, new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>Two free ports on loopback, an even one and the next.</summary>
    /// <exception cref="InvalidOperationException">There are none.</exception>
    public static (Socket Even, Socket Next) BindPair()
    {
        for (var i = 0; i < 50; i++)
        {
            // A busy machine reads late: what is lost is what the relay drops, not what the kernel has no room for.
            var even = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
            var next = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
            try
            {
                even.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                var port = ((IPEndPoint)even.LocalEndPoint!).Port;
                if (port % 2 == 0)
                {
                    next.Bind(new IPEndPoint(IPAddress.Loopback, port + 1));
                    return (even, next);
                }
            }
            catch (SocketException)
            {
                // Taken meanwhile: the next pair.
            }

            even.Dispose();
            next.Dispose();
        }

        throw new InvalidOperationException("No two free UDP ports side by side on loopback.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        await work.ConfigureAwait(false);
        rtp.Dispose();
        rtcp.Dispose();
        closing.Dispose();
    }

    private async Task PassRtpAsync()
    {
        var datagram = new byte[2048];
        byte[]? late = null;
        await foreach (var length in ReceiveAsync(rtp, datagram).ConfigureAwait(false))
        {
            // The receiver may try the sender's RTP port for RTCP (RFC 5761) as long as it has heard none: this sender takes none there.
            if (length > 1 && datagram[1] is >= 192 and <= 223)
                continue;
            passed++;
            if (Bad && passed % DropEvery == 0)
            {
                Interlocked.Increment(ref dropped);
                continue;
            }

            if (Bad && late is null && passed % SwapEvery == 0)
            {
                late = datagram[..length];
                continue;
            }

            await SendAsync(rtp, datagram.AsMemory(0, length), receiver).ConfigureAwait(false);
            if (late is not null)
            {
                await SendAsync(rtp, late, receiver).ConfigureAwait(false);
                Interlocked.Increment(ref swapped);
                late = null;
            }
        }
    }

    private async Task PassRtcpAsync()
    {
        var datagram = new byte[2048];
        await foreach (var length in ReceiveAsync(rtcp, datagram).ConfigureAwait(false))
        {
            // Payload-specific feedback (RFC 4585): PLI is format 1, FIR format 4; a datagram holds several packets, each with its length.
            for (var at = 0; at + 4 <= length; at += 4 * (((datagram[at + 2] << 8) | datagram[at + 3]) + 1))
            {
                if (datagram[at + 1] == 206 && (datagram[at] & 0x1F) is 1 or 4)
                    Interlocked.Increment(ref keyFrameRequests);
            }

            if (Volatile.Read(ref senderRtcp) is { } sender)
                await SendAsync(rtcp, datagram.AsMemory(0, length), sender).ConfigureAwait(false);
        }
    }

    private static async Task SendAsync(Socket from, ReadOnlyMemory<byte> datagram, IPEndPoint to)
    {
        try
        {
            await from.SendToAsync(datagram, to).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // The other side is not there yet, or not any more.
        }
    }

    private async IAsyncEnumerable<int> ReceiveAsync(Socket socket, Memory<byte> datagram)
    {
        var any = new IPEndPoint(IPAddress.Any, 0);
        while (!closing.IsCancellationRequested)
        {
            var length = 0;
            try
            {
                length = (await socket.ReceiveFromAsync(datagram, SocketFlags.None, any, closing.Token).ConfigureAwait(false)).ReceivedBytes;
            }
            catch (SocketException)
            {
                // The other side is not there yet, or not any more.
            }
            catch (OperationCanceledException)
            {
                yield break;
            }

            if (length > 0)
                yield return length;
        }
    }
}
