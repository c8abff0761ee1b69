using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Recorder.Worker.Protocol;
using Socket = System.Net.Sockets.Socket;

namespace Recorder.Worker.Rtp;

/// <summary>
/// One medium's ports at work: counts what comes, hands RTP of the right payload type and RTCP to the senders, and sends RTCP of its own to where the
/// recorded sender is. Behind it packets have <see cref="RtpPacket.UsualPayloadType"/> whatever the sender uses.
/// </summary>
internal sealed class RtpLeg : IDisposable
{
    private const int LargestDatagram = 65_536;

    private static readonly TimeSpan ReadingPause = TimeSpan.FromMilliseconds(5);

    private readonly RtpSockets sockets;
    private readonly TimeProvider time;
    private readonly bool isPicture;
    private readonly uint own = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
    private readonly CancellationTokenSource closing = new();
    private readonly Lock guard = new();
    private RtpSenders? senders;
    private RtpReception reception = new();
    private RtpReception reported = new();
    private RtcpRoute route = RtcpRoute.Empty;
    private DateTimeOffset? heardAt;
    private int keyFrameRequests;

    /// <summary>Takes over bound sockets; what comes waits in them until <see cref="Listen"/>.</summary>
    public RtpLeg(RtpSockets sockets, RtpLegSettings settings, bool isPicture, TimeProvider time)
    {
        this.sockets = sockets;
        this.time = time;
        this.isPicture = isPicture;
        Settings = settings with { RtpPort = sockets.RtpPort, RtcpPort = sockets.RtcpPort };
    }

    /// <summary>What is awaited, with the ports that are bound.</summary>
    public RtpLegSettings Settings { get; }

    /// <summary>What was received so far of recorded senders.</summary>
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

    /// <summary>When anything of the recorded sender came last, RTP or RTCP; null before the first.</summary>
    public DateTimeOffset? HeardAt
    {
        get
        {
            lock (guard)
            {
                return heardAt;
            }
        }
    }

    /// <summary>How often a key frame was asked for.</summary>
    public int KeyFrameRequests => Volatile.Read(ref keyFrameRequests);

    /// <summary>Begins to hand over what comes.</summary>
    public void Listen(RtpSenders into)
    {
        senders = into;
        _ = ListenAsync(sockets.Rtp, OnRtpPort);
        _ = ListenAsync(sockets.Rtcp, (datagram, from) => OnRtcp(RtpPortKind.Rtcp, datagram, from));
    }

    /// <summary>Tells the recorded sender what was received of it, if it is known where that is. To be called about once a second.</summary>
    public void Report()
    {
        if (Reception is { Ssrc: { } ssrc } now)
        {
            (uint Report, uint Since)? last = senders?.LastReport(isPicture, ssrc);
            Send(now.BlockSince(reported, last?.Report ?? 0, last?.Since ?? 0), null);
            reported = now;
        }
    }

    /// <summary>Asks a sender for a key frame. From any thread.</summary>
    public void AskForKeyFrame(uint ssrc)
    {
        Interlocked.Increment(ref keyFrameRequests);
        Send(null, ssrc);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        closing.Cancel();
        sockets.Dispose();
        closing.Dispose();
    }

    private void Send(ReceptionBlock? block, uint? keyFrameOf)
    {
        ImmutableList<(RtpPortKind From, IPEndPoint To)> ways;
        lock (guard)
        {
            ways = route.Ways();
        }

        byte[] packet = ReceiverReport.Write(own, "recorder", block, keyFrameOf);
        foreach ((RtpPortKind from, IPEndPoint to) in ways)
        {
            try
            {
                _ = (from == RtpPortKind.Rtp ? sockets.Rtp : sockets.Rtcp).SendTo(packet, to);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The sender is away, or the session ends: the next report has better luck.
            }
        }
    }

    /// <summary>Waits until everything that had come to the media's port is taken from its socket, which takes a busy host a moment.</summary>
    /// <param name="limit">How long at most: a sender that never pauses is not waited for.</param>
    public async Task ReadEmptyAsync(TimeSpan limit)
    {
        long began = time.GetTimestamp();
        while (sockets.Rtp.Available > 0 && time.GetElapsedTime(began) < limit)
        {
            await Task.Delay(ReadingPause, time).ConfigureAwait(false);
        }
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
                OnRtcp(RtpPortKind.Rtp, datagram, from);
                return;
            case RtpPacketKind.Other:
                Count(before => before.NotRtpCame());
                return;
        }

        DateTimeOffset now = time.GetUtcNow();
        lock (guard)
        {
            // The first packets lead to the first request.
            route = packet.PayloadType == Settings.PayloadType ? route.RtpCameFirst(from) : route;
        }

        bool isRecorded = false;
        if (packet.PayloadType == Settings.PayloadType)
        {
            isRecorded = senders!.Came(isPicture, packet, RtpPacket.As(RtpPacket.UsualPayloadType, datagram.Span), from);
        }
        else
        {
            senders!.Passed(isPicture, packet, from);
        }

        if (!isRecorded && packet.PayloadType == Settings.PayloadType)
        {
            return;
        }

        lock (guard)
        {
            reception = reception.Came(packet, datagram.Length, now, Settings);
            (route, heardAt) = isRecorded ? (route.RtpCame(from), now) : (route, heardAt);
        }
    }

    private void OnRtcp(RtpPortKind port, Memory<byte> datagram, IPEndPoint from)
    {
        if (!RtpPacket.IsRtcp(datagram.Span))
        {
            Count(before => before.NotRtpCame());
            return;
        }

        RtcpContent content = RtcpContent.Read(datagram.Span);
        if (content.Author == own)
        {
            // What was sent from here and comes back says nothing of a sender.
            return;
        }

        // What a sender says that is not recorded is of use for its own times only. The senders' lock is never taken within the own one: they ask for
        // key frames within theirs.
        bool isOther = content.Author is { } author && senders!.IsOther(isPicture, author);
        lock (guard)
        {
            // Reports go to where RTP comes from, not to anyone who says a word.
            if (!isOther && !route.IsOfSender(from))
            {
                return;
            }

            (route, heardAt) = isOther ? (route, heardAt) : (route.RtcpCame(port, from), time.GetUtcNow());
        }

        senders!.Said(isPicture, content);
    }

    private void Count(Func<RtpReception, RtpReception> next)
    {
        lock (guard)
        {
            reception = next(reception);
        }
    }
}
