using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Recorder.Worker.Protocol;
using Socket = System.Net.Sockets.Socket;

namespace Recorder.Worker.Rtp;

/// <summary>
/// One medium's ports at work. Counts the packets, hands RTP of the right payload type and RTCP to the senders, and
/// sends its own RTCP to the recorded sender. Packets handed on have <see cref="RtpPacket.UsualPayloadType"/>, whatever
/// type the sender uses.
/// </summary>
internal sealed class RtpLeg : IDisposable
{
    private const int LargestDatagram = 65_536;

    private static readonly TimeSpan ReadingPause = TimeSpan.FromMilliseconds(5);

    private readonly RtpSockets _sockets;
    private readonly TimeProvider _time;
    private readonly bool _isPicture;
    private readonly uint _own = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _guard = new();
    private RtpSenders? _senders;
    private RtpReception _reception = new();
    private RtpReception _reported = new();
    private RtcpRoute _route = RtcpRoute.Empty;
    private DateTimeOffset? _heardAt;
    private int _keyFrameRequests;

    /// <summary>Takes over bound sockets. Packets wait in the sockets until <see cref="Listen"/>.</summary>
    public RtpLeg(RtpSockets sockets, RtpLegSettings settings, bool isPicture, TimeProvider time)
    {
        this._sockets = sockets;
        this._time = time;
        this._isPicture = isPicture;
        Settings = settings with { RtpPort = sockets.RtpPort, RtcpPort = sockets.RtcpPort };
    }

    /// <summary>The expected packets, with the bound ports.</summary>
    public RtpLegSettings Settings { get; }

    /// <summary>The reception so far of recorded senders.</summary>
    public RtpReception Reception
    {
        get
        {
            lock (_guard)
            {
                return _reception;
            }
        }
    }

    /// <summary>When RTP or RTCP of the recorded sender came last; null before the first.</summary>
    public DateTimeOffset? HeardAt
    {
        get
        {
            lock (_guard)
            {
                return _heardAt;
            }
        }
    }

    /// <summary>How often a key frame was asked for.</summary>
    public int KeyFrameRequests => Volatile.Read(ref _keyFrameRequests);

    /// <summary>Begins to hand packets to the senders.</summary>
    public void Listen(RtpSenders into)
    {
        _senders = into;
        _ = ListenAsync(_sockets.Rtp, OnRtpPort);
        _ = ListenAsync(_sockets.Rtcp, (datagram, from) => OnRtcp(RtpPortKind.Rtcp, datagram, from));
    }

    /// <summary>Sends the recorded sender a report about its reception, if the sender's address is known. To be called
    /// about once a second.</summary>
    public void Report()
    {
        if (Reception is { Ssrc: { } ssrc } now)
        {
            var last = _senders?.LastReport(_isPicture, ssrc);
            Send(now.BlockSince(_reported, last?.Report ?? 0, last?.Since ?? 0), null);
            _reported = now;
        }
    }

    /// <summary>Asks a sender for a key frame. From any thread.</summary>
    public void AskForKeyFrame(uint ssrc)
    {
        Interlocked.Increment(ref _keyFrameRequests);
        Send(null, ssrc);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Cancel();
        _sockets.Dispose();
        _closing.Dispose();
    }

    private void Send(ReceptionBlock? block, uint? keyFrameOf)
    {
        ImmutableList<(RtpPortKind From, IPEndPoint To)> ways;
        lock (_guard)
        {
            ways = _route.Ways();
        }

        var packet = ReceiverReport.Write(_own, "recorder", block, keyFrameOf);
        foreach ((var from, var to) in ways)
        {
            try
            {
                _ = (from == RtpPortKind.Rtp ? _sockets.Rtp : _sockets.Rtcp).SendTo(packet, to);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The sender is away, or the session ends. The next report may get through.
            }
        }
    }

    /// <summary>Waits until all datagrams that had come to the medium's port are taken from the socket. A busy host
    /// needs a moment for that.</summary>
    /// <param name="limit">The longest wait, because a sender may never pause.</param>
    public async Task ReadEmptyAsync(TimeSpan limit)
    {
        var began = _time.GetTimestamp();
        while (_sockets.Rtp.Available > 0 && _time.GetElapsedTime(began) < limit)
        {
            await Task.Delay(ReadingPause, _time);
        }
    }

    private async Task ListenAsync(Socket socket, Action<Memory<byte>, IPEndPoint> take)
    {
        var datagram = GC.AllocateUninitializedArray<byte>(LargestDatagram, pinned: true);
        var any = new IPEndPoint(
            socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any,
            0
        );
        var closed = _closing.Token;
        while (!closed.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(datagram, SocketFlags.None, any, closed);
                take(datagram.AsMemory(0, received.ReceivedBytes), (IPEndPoint)received.RemoteEndPoint);
            }
            catch (SocketException)
            {
                // An ICMP answer to an earlier datagram of ours says nothing about later packets.
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void OnRtpPort(Memory<byte> datagram, IPEndPoint from)
    {
        var packet = RtpPacket.Read(datagram.Span);
        switch (packet.Kind)
        {
            case RtpPacketKind.Rtcp:
                OnRtcp(RtpPortKind.Rtp, datagram, from);
                return;
            case RtpPacketKind.Other:
                Count(before => before.NotRtpCame());
                return;
        }

        var now = _time.GetUtcNow();
        lock (_guard)
        {
            // The address is known from the first packets on, so that the first request for a key frame can be sent.
            _route = packet.PayloadType == Settings.PayloadType ? _route.RtpCameFirst(from) : _route;
        }

        var isRecorded = false;
        if (packet.PayloadType == Settings.PayloadType)
        {
            isRecorded = _senders!.Came(
                _isPicture,
                packet,
                RtpPacket.As(RtpPacket.UsualPayloadType, datagram.Span),
                from
            );
        }
        else
        {
            _senders!.Passed(_isPicture, packet, from);
        }

        if (!isRecorded && packet.PayloadType == Settings.PayloadType)
        {
            return;
        }

        lock (_guard)
        {
            _reception = _reception.Came(packet, datagram.Length, now, Settings);
            (_route, _heardAt) = isRecorded ? (_route.RtpCame(from), now) : (_route, _heardAt);
        }
    }

    private void OnRtcp(RtpPortKind port, Memory<byte> datagram, IPEndPoint from)
    {
        if (!RtpPacket.IsRtcp(datagram.Span))
        {
            Count(before => before.NotRtpCame());
            return;
        }

        var content = RtcpContent.Read(datagram.Span);
        if (content.Author == _own)
        {
            // RTCP that was sent from here and comes back says nothing about a sender.
            return;
        }

        // RTCP of a sender that is not recorded serves only that sender's own times. The senders ask for key frames
        // under their lock, so their lock is never taken under this leg's own lock.
        var isOther = content.Author is { } author && _senders!.IsOther(_isPicture, author);
        lock (_guard)
        {
            // Reports go to the address that RTP comes from, and not to any address that sends RTCP.
            if (!isOther && !_route.IsOfSender(from))
            {
                return;
            }

            (_route, _heardAt) = isOther ? (_route, _heardAt) : (_route.RtcpCame(port, from), _time.GetUtcNow());
        }

        _senders!.Said(_isPicture, content);
    }

    private void Count(Func<RtpReception, RtpReception> next)
    {
        lock (_guard)
        {
            _reception = next(_reception);
        }
    }
}
