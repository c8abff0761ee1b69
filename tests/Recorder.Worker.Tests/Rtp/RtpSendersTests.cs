using System.Net;
using System.Net.Sockets;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Recorder.Worker.Rtp;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>What becomes of single packets of senders, and where RTCP goes.</summary>
[Trait("ring", "media")]
public class RtpSendersTests
{
    private static readonly IPEndPoint From = new(IPAddress.Loopback, 6000);
    private static readonly RtpLegSettings Leg = new(0, 0, RtpPacket.UsualPayloadType, RtpLegSettings.OpusClockRate);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_look_between_the_first_two_packets_of_a_sender_costs_none()
    {
        const int packets = 10;
        TakenSound taken = new();
        var senders = New(taken);
        for (ushort i = 0; i < packets; i++)
        {
            Send(senders, i);
            senders.Look();
        }

        await EndAsync(senders);
        Assert.Equal(packets, taken.Pieces);
    }

    [Fact]
    public async Task The_first_packets_may_come_in_any_order()
    {
        TakenSound taken = new();
        var senders = New(taken);
        foreach (var i in (ushort[])[2, 1, 3, 4])
        {
            Send(senders, i);
            senders.Look();
        }

        await EndAsync(senders);
        Assert.Equal(4, taken.Pieces);
    }

    [Fact]
    public async Task Packets_of_another_payload_type_leave_no_hole_and_those_of_a_sender_with_the_same_ssrc_are_left_out()
    {
        IPEndPoint elsewhere = new(IPAddress.Loopback, 6002);
        TakenSound taken = new();
        SetTime time = new();
        var senders = New(taken, time);
        for (ushort i = 0; i < 9; i++)
        {
            Send(senders, i);
        }

        // The record's beginning waits a moment for a picture.
        for (
            var until = TimeProvider.System.GetUtcNow() + Limit;
            taken.Pieces < 9 && TimeProvider.System.GetUtcNow() < until;

        )
        {
            time.Milliseconds += 100;
            senders.Look();
            await Task.Delay(10);
        }

        for (ushort i = 9; i < 40; i++)
        {
            if (i % 3 == 1)
            {
                senders.Passed(isPicture: false, Head(i), From);
            }
            else
            {
                Send(senders, i);
            }

            Assert.False(senders.Came(isPicture: false, Head((ushort)(i + 50)), Packet((ushort)(i + 50)), elsewhere));
            senders.Passed(isPicture: false, Head((ushort)(i + 1)), elsewhere);
        }

        // Nothing is awaited: there is no look that gives up what is missing.
        for (
            var until = TimeProvider.System.GetUtcNow() + Limit;
            taken.Pieces < 30 && TimeProvider.System.GetUtcNow() < until;

        )
        {
            await Task.Delay(10);
        }

        Assert.Equal(30, taken.Pieces);

        // Told once.
        Assert.Equal([new IgnoredSender(7, 7, IsPicture: false, LostAfter: null)], senders.Look().Ignored);
        Assert.Empty(senders.Look().Ignored);
        await EndAsync(senders);
        Assert.Equal(30, taken.Pieces);
    }

    [Fact]
    public async Task Rtcp_of_a_sender_that_is_not_recorded_is_neither_its_sign_nor_redirects_its_key_frame_requests()
    {
        Application.Init();
        RtpLegSettings settings = new(0, 0, RtpPacket.UsualPayloadType, 90_000);
        using RtpLeg leg = new(
            RtpPorts.Bind(IPAddress.Loopback, settings, 1),
            settings,
            isPicture: true,
            TimeProvider.System
        );
        RtpSenders senders = new(
            PictureCodec.Vp8,
            leg.Settings,
            null,
            new TakenSound(),
            _ => { },
            (_, _) => { },
            TimeProvider.System
        );
        leg.Listen(senders);
        IPEndPoint to = new(IPAddress.Loopback, leg.Settings.RtpPort);
        using var recorded = Bound();
        using var other = Bound();
        foreach (var (socket, ssrc) in ((System.Net.Sockets.Socket, byte)[])[(recorded, 7), (other, 8)])
        {
            for (ushort i = 0; i < 3; i++)
            {
                socket.SendTo(Packet(i, ssrc), to);
            }

            socket.SendTo(ReceiverReport.Write(ssrc, "sender", null, null), to);
            socket.SendTo([1], to);
            var heard = ssrc == 7 ? 1 : 2;
            for (
                var until = TimeProvider.System.GetUtcNow() + Limit;
                leg.Reception.NotRtp < heard && TimeProvider.System.GetUtcNow() < until;

            )
            {
                await Task.Delay(10);
            }

            Assert.Equal(heard, leg.Reception.NotRtp);
            if (ssrc == 7)
            {
                await Task.Delay(50);
            }
            else
            {
                Assert.True(
                    senders.IsOther(isPicture: true, 8)
                        && !senders.IsOther(isPicture: true, 7)
                        && !senders.IsOther(isPicture: true, 9)
                );
            }
        }

        var signs = TimeProvider.System.GetUtcNow() - leg.HeardAt!.Value;
        leg.AskForKeyFrame(7);
        Assert.True(signs >= TimeSpan.FromMilliseconds(50), $"Heard {signs} ago.");
        Assert.NotEqual(0, recorded.Available);
        Assert.Equal(0, other.Available);
        await EndAsync(senders, drain: false);
    }

    private static RtpSenders New(TakenSound taken, TimeProvider? time = null)
    {
        Application.Init();
        return new RtpSenders(PictureCodec.Vp8, Leg, Leg, taken, _ => { }, (_, _) => { }, time ?? new SetTime());
    }

    private static void Send(RtpSenders senders, ushort sequence) =>
        senders.Came(isPicture: false, Head(sequence), Packet(sequence), From);

    private static RtpPacket Head(ushort sequence) => RtpPacket.Read(Packet(sequence));

    private static byte[] Packet(ushort sequence, byte ssrc = 7) =>
        [
            0x80,
            RtpPacket.UsualPayloadType,
            0,
            (byte)sequence,
            0,
            0,
            (byte)(sequence * 960 >> 8),
            (byte)(sequence * 960),
            0,
            0,
            0,
            ssrc,
            0xFC,
            0xFF,
            0xFE,
        ];

    private static System.Net.Sockets.Socket Bound()
    {
        System.Net.Sockets.Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static async Task EndAsync(RtpSenders senders, bool drain = true)
    {
        if (drain)
        {
            await senders.DrainAsync().WaitAsync(Limit);
        }

        senders
            .End()
            .ForEach(receiver =>
            {
                receiver.Stop();
                receiver.Dispose();
            });
    }

    /// <summary>Stands until it is set: nothing is away or awaited for too long before.</summary>
    private sealed class SetTime : TimeProvider
    {
        public long Milliseconds { get; set; }

        public override long GetTimestamp() => Milliseconds * TimestampFrequency / 1000;
    }

    /// <summary>Counts what is given to the record.</summary>
    private sealed class TakenSound : IRtpFrames
    {
        public int Pieces { get; private set; }

        public void Picture(int source, Recorder.Worker.GStreamer.Buffer buffer, Pad pad) { }

        public void Sound(Recorder.Worker.GStreamer.Buffer buffer) => Pieces++;
    }
}
