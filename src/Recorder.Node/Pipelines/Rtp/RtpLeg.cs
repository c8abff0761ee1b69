using System.Net;
using System.Net.Sockets;

using Recorder.Node.GStreamer;

using Buffer = Recorder.Node.GStreamer.Buffer;
using Socket = System.Net.Sockets.Socket;

namespace Recorder.Node.Pipelines.Rtp;

/// <summary>
/// One medium's ports at work: counts what comes, lets RTP of the right payload type and RTCP into the pipeline, and sends the pipeline's own RTCP
/// to where the sender is. It outlives the pipeline, which may be replaced. The pipeline sees <see cref="RtpPacket.UsualPayloadType"/> whatever the
/// sender uses.
/// </summary>
internal sealed class RtpLeg : IDisposable
{
    private const int LargestDatagram = 65_536;

    private readonly RtpSockets sockets;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource closing = new();
    private readonly Lock guard = new();
    private RtpReception reception = new();
    private (AppSrc Rtp, AppSrc Rtcp)? into;
    private IPEndPoint? sender;
    private IPEndPoint? senderOfRtp;
    private int keyFrameRequests;

    /// <summary>Takes over bound sockets and begins to listen.</summary>
    public RtpLeg(RtpSockets sockets, RtpLegSettings settings, TimeProvider time)
    {
        this.sockets = sockets;
        this.time = time;
        Settings = settings with { RtpPort = sockets.RtpPort, RtcpPort = sockets.RtcpPort };
        _ = ListenAsync(sockets.Rtp, OnRtpPort);
        _ = ListenAsync(sockets.Rtcp, OnRtcpPort);
    }

    /// <summary>What is awaited, with the ports that are bound.</summary>
    public RtpLegSettings Settings { get; }

    /// <summary>What was received so far.</summary>
    public RtpReception Reception
    {
        get
        {
            lock (guard)
            {
                return reception;
            }
        }
    }

    /// <summary>How often a key frame was asked for.</summary>
    public int KeyFrameRequests => Volatile.Read(ref keyFrameRequests);

    /// <summary>Lets packets into these from now on; null: nowhere.</summary>
    public void Feed((AppSrc Rtp, AppSrc Rtcp)? target)
    {
        lock (guard)
        {
            into = target;
        }
    }

    /// <summary>Sends RTCP to the sender, if it is known where that is. From any thread.</summary>
    public void SendRtcp(ReadOnlySpan<byte> packet)
    {
        IPEndPoint? target;
        lock (guard)
        {
            target = sender;
        }

        if (target is null)
        {
            return;
        }

        // Payload-specific feedback (RFC 4585): PLI is format 1, FIR format 4.
        for (ReadOnlySpan<byte> rest = packet; RtpPacket.IsRtcp(rest); rest = rest[(4 * (((rest[2] << 8) | rest[3]) + 1))..])
        {
            if (rest[1] == 206 && (rest[0] & 0x1F) is 1 or 4)
            {
                Interlocked.Increment(ref keyFrameRequests);
            }
        }

        try
        {
            _ = sockets.Rtcp.SendTo(packet, target);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The sender is away, or the session ends: the next report has better luck.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Feed(null);
        closing.Cancel();
        sockets.Dispose();
        closing.Dispose();
    }

    private async Task ListenAsync(Socket socket, Action<Memory<byte>, IPEndPoint> take)
    {
        byte[] datagram = GC.AllocateUninitializedArray<byte>(LargestDatagram, pinned: true);
        var any = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        CancellationToken closed = closing.Token;
        while (!closed.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult received = await socket.ReceiveFromAsync(datagram, SocketFlags.None, any, closed).ConfigureAwait(false);
                take(datagram.AsMemory(0, received.ReceivedBytes), (IPEndPoint)received.RemoteEndPoint);
            }
            catch (SocketException)
            {
                // An ICMP answer to something sent before: it says nothing about what is to come.
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void OnRtpPort(Memory<byte> datagram, IPEndPoint from)
    {
        RtpPacket packet = RtpPacket.Read(datagram.Span);
        switch (packet.Kind)
        {
            case RtpPacketKind.Rtcp:
                OnRtcpPort(datagram, from);
                return;
            case RtpPacketKind.Other:
                Count(before => before.NotRtpCame());
                return;
        }

        RtpReception after = Count(before => before.Came(packet, datagram.Length, time.GetUtcNow(), Settings));
        if (packet.PayloadType != Settings.PayloadType)
        {
            return;
        }

        lock (guard)
        {
            // Until the sender's own RTCP tells better, it is taken to listen on the port above.
            if (after.Ssrc == packet.Ssrc && !from.Equals(senderOfRtp))
            {
                bool known = senderOfRtp is null && from.Address.Equals(sender?.Address);
                senderOfRtp = from;
                sender = known ? sender : new IPEndPoint(from.Address, Math.Min(from.Port + 1, IPEndPoint.MaxPort));
            }

            Push(into?.Rtp, RtpPacket.As(RtpPacket.UsualPayloadType, datagram.Span));
        }
    }

    private void OnRtcpPort(Memory<byte> datagram, IPEndPoint from)
    {
        if (!RtpPacket.IsRtcp(datagram.Span))
        {
            Count(before => before.NotRtpCame());
            return;
        }

        lock (guard)
        {
            // Reports go to where RTP comes from, not to anyone who says a word.
            if (senderOfRtp is null || senderOfRtp.Address.Equals(from.Address))
            {
                sender = from;
            }

            Push(into?.Rtcp, datagram.Span);
        }
    }

    private RtpReception Count(Func<RtpReception, RtpReception> next)
    {
        lock (guard)
        {
            return reception = next(reception);
        }
    }

    private static void Push(AppSrc? source, ReadOnlySpan<byte> datagram)
    {
        if (source is null)
        {
            return;
        }

        Buffer buffer = Buffer.NewAllocate(datagram.Length);
        buffer.Fill(0, datagram);
        _ = source.PushBuffer(buffer);
    }
}
