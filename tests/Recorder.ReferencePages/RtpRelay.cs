using System.Net;
using System.Net.Sockets;

namespace Recorder.ReferencePages;

/// <summary>
/// A bad link between an RTP sender and its receiver on loopback: of the sender's packets it drops every
/// <see cref="DropEvery"/>th and lets every <see cref="SwapEvery"/>th overtake the one before, always the same ones.
/// The receiver's RTCP passes whole and is looked at.
/// </summary>
public sealed class RtpRelay : IAsyncDisposable
{
    /// <summary>How many packets come to one that is dropped.</summary>
    public const int DropEvery = 50;

    /// <summary>How many packets come to one that is late.</summary>
    public const int SwapEvery = 21;

    private readonly Socket _rtp;
    private readonly Socket _rtcp;
    private readonly IPEndPoint _receiver;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _work;
    private IPEndPoint? _senderRtcp;
    private long _passed;
    private int _dropped;
    private int _swapped;
    private int _keyFrameRequests;

    /// <summary>Stands between; both sides are told its ports.</summary>
    /// <param name="receiverRtpPort">The receiver's RTP port on loopback.</param>
    public RtpRelay(int receiverRtpPort)
    {
        _receiver = new IPEndPoint(IPAddress.Loopback, receiverRtpPort);
        (_rtp, _rtcp) = BindPair();
        RtpPort = ((IPEndPoint)_rtp.LocalEndPoint!).Port;
        _work = Task.WhenAll(PassRtpAsync(), PassRtcpAsync());
    }

    /// <summary>Where the sender sends to. The receiver finds the relay's RTCP on the port above, as RFC 3550 has
    /// it.</summary>
    public int RtpPort { get; }

    /// <summary>Whether the link is bad now.</summary>
    public bool Bad { get; set; }

    /// <summary>Packets dropped.</summary>
    public int Dropped => Volatile.Read(ref _dropped);

    /// <summary>Packets that came after a later one.</summary>
    public int Swapped => Volatile.Read(ref _swapped);

    /// <summary>Picture loss indications and full intra requests that the receiver has sent.</summary>
    public int KeyFrameRequests => Volatile.Read(ref _keyFrameRequests);

    /// <summary>Tells where the sender hears RTCP.</summary>
    public void SendRtcpTo(int port) => Volatile.Write(ref _senderRtcp, new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>Two free ports on loopback, an even one and the next.</summary>
    /// <exception cref="InvalidOperationException">There are none.</exception>
    public static (Socket Even, Socket Next) BindPair()
    {
        for (var i = 0; i < 50; i++)
        {
            // A busy machine reads late: what is lost is what the relay drops, not what the kernel has no room for.
            var even = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
            {
                ReceiveBufferSize = 4 << 20,
            };
            var next = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
            {
                ReceiveBufferSize = 4 << 20,
            };
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
        await _closing.CancelAsync();
        await _work;
        _rtp.Dispose();
        _rtcp.Dispose();
        _closing.Dispose();
    }

    private async Task PassRtpAsync()
    {
        var datagram = new byte[2048];
        byte[]? late = null;
        await foreach (var length in ReceiveAsync(_rtp, datagram))
        {
            // The receiver may try the sender's RTP port for RTCP (RFC 5761) as long as it has heard none: this sender
            // takes none there.
            if (length > 1 && datagram[1] is >= 192 and <= 223)
            {
                continue;
            }
            _passed++;
            if (Bad && _passed % DropEvery == 0)
            {
                Interlocked.Increment(ref _dropped);
                continue;
            }

            if (Bad && late is null && _passed % SwapEvery == 0)
            {
                late = datagram[..length];
                continue;
            }

            await SendAsync(_rtp, datagram.AsMemory(0, length), _receiver);
            if (late is not null)
            {
                await SendAsync(_rtp, late, _receiver);
                Interlocked.Increment(ref _swapped);
                late = null;
            }
        }
    }

    private async Task PassRtcpAsync()
    {
        var datagram = new byte[2048];
        await foreach (var length in ReceiveAsync(_rtcp, datagram))
        {
            // Payload-specific feedback (RFC 4585): PLI is format 1, FIR format 4; a datagram holds several packets,
            // each with its length.
            for (var at = 0; at + 4 <= length; at += 4 * (((datagram[at + 2] << 8) | datagram[at + 3]) + 1))
            {
                if (datagram[at + 1] == 206 && (datagram[at] & 0x1F) is 1 or 4)
                {
                    Interlocked.Increment(ref _keyFrameRequests);
                }
            }

            if (Volatile.Read(ref _senderRtcp) is { } sender)
            {
                await SendAsync(_rtcp, datagram.AsMemory(0, length), sender);
            }
        }
    }

    private static async Task SendAsync(Socket from, ReadOnlyMemory<byte> datagram, IPEndPoint to)
    {
        try
        {
            await from.SendToAsync(datagram, to);
        }
        catch (SocketException)
        {
            // The other side is not there yet, or not any more.
        }
    }

    private async IAsyncEnumerable<int> ReceiveAsync(Socket socket, Memory<byte> datagram)
    {
        var any = new IPEndPoint(IPAddress.Any, 0);
        while (!_closing.IsCancellationRequested)
        {
            var length = 0;
            try
            {
                length = (await socket.ReceiveFromAsync(datagram, SocketFlags.None, any, _closing.Token)).ReceivedBytes;
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
            {
                yield return length;
            }
        }
    }
}
