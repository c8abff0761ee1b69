using System.Globalization;
using System.Net;
using Recorder.Worker.Protocol;
using Recorder.Worker.Rtp;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>Which sender is recorded, where it is asked for key frames, what is said by RTCP, and when a sender is
/// silent.</summary>
public class RtpSenderTableTests
{
    private const long Millisecond = 1_000_000;
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);
    private static readonly RtpLegSettings Leg = new(5000, 5001, 96, 90_000);
    private static readonly IPEndPoint Rtp = new(IPAddress.Loopback, 6000);

    [Theory]
    // Which senders send in which seconds, with k for those of whom something can be recorded; ! has said good-bye at
    // the end.
    [InlineData("1k:0-4 2k:4-8 1k:8-12", "1111 2222 1111", "")]
    [InlineData("1k:0-12 2k:3-8", "1111 1111 1111", "2")]
    [InlineData("1k:0-4 2k:3-8", "1111 2222 2222", "")]
    [InlineData("1k:0-4 2k:1-8", "1111 2222 2222", "2")]
    [InlineData("1k:0-4", "1111 1111 1111", "")]
    [InlineData("1k:0-4! 2k:4-8", "1111 2222 2222", "")]
    [InlineData("1k:0-4! 1k:4-8 2k:6-12", "1111 1111 2222", "2")]
    // A first sender of whom nothing can be used.
    [InlineData("1:0-12 2k:2-12", "1112 2222 2222", "1")]
    [InlineData("1:0-12 2:2-12", "1111 1111 1111", "2")]
    [InlineData("1k:0-12 2k:1-12 3k:2-12", "1111 1111 1111", "2 3")]
    public void The_sender_that_is_recorded_stays_so_as_long_as_it_sends(
        string senders,
        string expected,
        string ignored
    )
    {
        var choice = SenderChoice.Empty;
        List<uint> recorded = [];
        List<uint> told = [];
        var parts = senders
            .Split(' ')
            .Select(text =>
                (
                    Ssrc: text[0] - '0',
                    IsUsable: text[1] == 'k',
                    Leaves: text.EndsWith('!'),
                    Times: text.TrimEnd('!')
                        .Split(':')[1]
                        .Split('-')
                        .Select(second => int.Parse(second, CultureInfo.InvariantCulture) * 50)
                        .ToArray()
                )
            )
            .ToList();
        for (var turn = 0; turn < 12 * 50; turn++)
        {
            foreach (var part in parts.Where(part => turn >= part.Times[0] && turn < part.Times[1]))
            {
                choice = choice.Came((uint)part.Ssrc, (ushort)turn, turn * 20 * Millisecond);
                choice = part.IsUsable && choice.Knows((uint)part.Ssrc) ? choice.Gave((uint)part.Ssrc) : choice;
                choice = part.Leaves && turn == part.Times[1] - 1 ? choice.Left((uint)part.Ssrc) : choice;
            }

            var look = choice.Look(turn * 20 * Millisecond, 900 * Millisecond);
            choice = look.Next;
            told.AddRange(look.Ignored is { } other ? [other.Ssrc] : []);

            // At the end of each second, when a sender that went has had the time to be away.
            if (turn % 50 == 49)
            {
                recorded.Add(choice.Recorded!.Value);
            }
        }

        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), string.Concat(recorded));
        Assert.Equal(ignored, string.Join(' ', told));
    }

    [Theory]
    // Pictures, reports in () with the seconds between them; what is told stands with the seconds without pictures
    // after which a place was lost. A share that is still for a while, with reports as a browser sends them.
    [InlineData("1:0-3,8-8.2,15-15.2(1.4) 2:4-20", "1111 1111 1111 1111 1111", "2")]
    // Without reports it has its place for twice the pause it made before.
    [InlineData("1:0-2,5-5.2,10-10.2,15-15.2 2:6-20", "1111 1111 1111 1111 1111", "2")]
    [InlineData("1:0-2,5-5.2 2:6-20", "1111 1111 1112 2222 2222", "2")]
    // Without a pause before it loses its place at once, and that is told when it sends on.
    [InlineData("1:0-3,8-8.2 2:3.5-20", "1112 2222 2222 2222 2222", "1/1")]
    [InlineData("1:0-3,8-8.2,10-10.2,12-20 2:3.5-20", "1112 2222 2222 2222 2222", "1/1")]
    [InlineData("1:0-3,8-8.2 2:3.5-8.5", "1112 2222 2222 2222 2222", "")]
    // A camera that is off says so by its reports, and is waited for to the limit.
    [InlineData("1:0-3(1) 2:3-20", "1111 1111 1111 2222 2222", "2 1/10")]
    [InlineData("1:0-3(1) 2:12-20", "1111 1111 1111 2222 2222", "1/10")]
    // A sender that is gone does not come back.
    [InlineData("1:0-4(1)! 2:4-20", "1111 2222 2222 2222 2222", "")]
    [InlineData("1:0-4.2[1] 2:4.2-20", "1111 1122 2222 2222 2222", "")]
    // A long absence is no pause.
    [InlineData("1:0-2,14-16 2:16-20", "1111 1111 1111 1111 2222", "")]
    public void A_sender_of_pictures_that_seldom_sends_keeps_its_place_for_a_while(
        string senders,
        string expected,
        string ignored
    )
    {
        var choice = SenderChoice.Patient;
        List<uint> recorded = [];
        List<string> told = [];
        var parts = senders.Split(' ').Select(ScriptedSender.Parse).ToList();
        for (var turn = 0; turn < 20 * 50; turn++)
        {
            var at = turn * 20 * Millisecond;
            foreach (var part in parts)
            {
                choice = part.Sends(turn) ? choice.Came(part.Ssrc, (ushort)turn, at) : choice;
                choice = part.Sends(turn) && choice.Knows(part.Ssrc) ? choice.Gave(part.Ssrc) : choice;
                choice = part.Reports(turn) ? choice.Said(part.Ssrc, at) : choice;
                choice = part.Leaves(turn) ? choice.Said(part.Ssrc, at).Left(part.Ssrc) : choice;
            }

            var look = choice.Look(at);
            choice = look.Next;
            told.AddRange(
                look.Ignored is { } other
                    ? [other.LostAfter is { } silence ? $"{other.Ssrc}/{silence / 1_000_000_000}" : $"{other.Ssrc}"]
                    : []
            );
            if (turn % 50 == 49)
            {
                recorded.Add(choice.Recorded!.Value);
            }
        }

        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), string.Concat(recorded));
        Assert.Equal(ignored, string.Join(' ', told));
    }

    [Fact]
    public void Reports_are_no_sign_of_sound_of_which_only_the_latest_second_is_kept()
    {
        var choice = SenderChoice.Empty;
        for (var turn = 0; turn < 200; turn++)
        {
            choice =
                turn < 100
                    ? choice.Came(1, (ushort)turn, turn * 20 * Millisecond)
                    : choice.Said(1, turn * 20 * Millisecond).Came(2, (ushort)turn, turn * 20 * Millisecond);
            choice = choice.Look(turn * 20 * Millisecond).Next;
            Assert.Equal(
                turn < 1 ? null
                    : turn < 149 ? 1u
                    : 2u,
                choice.Recorded
            );
        }
    }

    [Fact]
    public void At_the_end_a_sender_is_missed_that_is_silent_for_longer_than_it_was_before()
    {
        var choice = SenderChoice.Patient;
        for (var turn = 0; turn < 400; turn++)
        {
            choice = turn is < 100 or (>= 200 and < 250)
                ? choice.Came(1, (ushort)turn, turn * 20 * Millisecond).Gave(1)
                : choice;
            choice = turn >= 230 ? choice.Came(2, (ushort)turn, turn * 20 * Millisecond).Gave(2) : choice;
            choice = choice.Look(turn * 20 * Millisecond).Next;
        }

        // The sender was silent for 2 s, and is now for 3 s.
        Assert.Equal((1u, 2u), (choice.Recorded, choice.Look(8000 * Millisecond, 300 * Millisecond).Next.Recorded));
        Assert.Equal(1u, choice.Look(6000 * Millisecond, 300 * Millisecond).Next.Recorded);
    }

    [Fact]
    public void Noise_is_no_sender_and_does_not_keep_one_from_being_heard()
    {
        var choice = SenderChoice.Empty;
        Random random = new(3);
        for (var i = 0; i < 1000; i++)
        {
            choice = choice.Came((uint)random.Next(100, int.MaxValue), (ushort)random.Next(), i);
            Assert.InRange(choice.Senders.Count, 1, 20);
        }

        Assert.Null(choice.Recorded);
        choice = choice.Came(7, 1, 2000).Came(8, 9, 2001).Came(7, 2, 2002);
        Assert.Equal((7u, true, false), (choice.Recorded, choice.Knows(7), choice.Knows(8)));
        var look = choice.Look(120_000 * Millisecond);
        Assert.Equal([7u], look.Next.Senders.Keys);
        Assert.Equal(15, look.Gone.Count);
    }

    [Theory]
    // The address by its letter, and when it sends in milliseconds; . is taken, x left out, ! tells of two senders with
    // one SSRC.
    [InlineData("a0 a20 a40 a1000", "....")]
    [InlineData("a0 b20 a40 b60", ".x.x")]
    [InlineData("a0 b100 b199 b200 b220 a240", ".xx..x")]
    [InlineData("a0 b1 b2 b3 b4 b5 b6 b7 b8 b9 b10 a20 b30", ".xxxxxxxxxx!x")]
    [InlineData("a0 b1 b2 b3 b4 b5 b6 b7 b8 b9 b10 b300 b320", ".xxxxxxxxxx..")]
    public void A_senders_packets_come_from_one_address_as_long_as_that_sends(string came, string expected)
    {
        SenderAddress address = default;
        var seen = "";
        foreach (var packet in came.Split(' '))
        {
            (address, var isOfSender) = address.Came(
                At(packet[0]),
                long.Parse(packet[1..], CultureInfo.InvariantCulture) * Millisecond
            );
            seen +=
                !isOfSender ? 'x'
                : address.IsShared ? '!'
                : '.';
        }

        Assert.Equal(expected, seen);
    }

    [Fact]
    public void Packets_of_another_payload_type_do_not_keep_a_sender_from_being_known()
    {
        var choice = SenderChoice.Empty.Came(7, 1, 0).Passed(7, 2).Passed(8, 3);

        Assert.False(choice.Knows(7));
        Assert.True(choice.Came(7, 3, Millisecond).Knows(7));
        Assert.Equal([7u], choice.Senders.Keys);
    }

    [Fact]
    public void Of_ten_senders_in_turn_within_a_minute_each_is_recorded()
    {
        const int turns = 10 * 100;
        var choice = SenderChoice.Empty;
        List<uint> recorded = [];
        List<uint> gone = [];
        for (var turn = 0; turn < turns; turn++)
        {
            var ssrc = (uint)(1 + (turn / 100));
            choice = choice.Came(ssrc, (ushort)turn, turn * 20 * Millisecond);
            var look = choice.Look(turn * 20 * Millisecond);
            choice = look.Next;
            gone.AddRange(look.Gone);
            recorded.AddRange(turn % 100 == 99 ? [choice.Recorded!.Value] : []);
        }

        Assert.Equal([1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 9u, 10u], recorded);

        // Who has been away for longest has made room.
        Assert.Equal([1u, 2u, 3u], gone);
    }

    [Fact]
    public void Of_more_senders_at_a_time_than_there_is_room_for_none_is_dropped()
    {
        var choice = SenderChoice.Empty;
        for (var turn = 0; turn < 200; turn++)
        {
            for (var ssrc = 1u; ssrc <= 10; ssrc++)
            {
                choice = choice.Came(ssrc, (ushort)turn, turn * 20 * Millisecond);
            }

            var look = choice.Look(turn * 20 * Millisecond);
            choice = look.Next;
            Assert.Empty(look.Gone);
        }

        Assert.Equal((1u, 8), (choice.Recorded, choice.Senders.Values.Count(sender => sender.IsKnown)));
    }

    [Fact]
    public void Rtcp_goes_back_the_way_it_came_and_both_ways_before()
    {
        var heard = RtcpRoute.Empty.RtpCame(Rtp);
        IPEndPoint stranger = new(IPAddress.Parse("10.0.0.9"), 6001);

        Assert.Empty(RtcpRoute.Empty.Ways());
        Assert.Equal([(RtpPortKind.Rtp, Rtp), (RtpPortKind.Rtcp, At(6001))], heard.Ways());
        Assert.Equal([(RtpPortKind.Rtp, Rtp)], heard.RtcpCame(RtpPortKind.Rtp, Rtp).Ways());
        Assert.Equal([(RtpPortKind.Rtcp, At(7000))], heard.RtcpCame(RtpPortKind.Rtcp, At(7000)).Ways());
        Assert.Equal(
            [(RtpPortKind.Rtcp, At(7000))],
            RtcpRoute.Empty.RtcpCame(RtpPortKind.Rtcp, At(7000)).RtpCame(Rtp).Ways()
        );
        Assert.Equal(heard, heard.RtcpCame(RtpPortKind.Rtcp, stranger));
        Assert.Equal((heard, heard), (RtcpRoute.Empty.RtpCameFirst(Rtp), heard.RtpCameFirst(stranger)));

        // A sender at another address is asked anew, and what the first one had said is forgotten.
        var moved = heard.RtcpCame(RtpPortKind.Rtp, Rtp).RtpCame(stranger);
        Assert.Equal(
            [(RtpPortKind.Rtp, stranger), (RtpPortKind.Rtcp, new IPEndPoint(stranger.Address, 6002))],
            moved.Ways()
        );
    }

    [Fact]
    public void A_receivers_report_holds_what_was_received_and_the_request()
    {
        var packet = ReceiverReport.Write(
            0x01020304,
            "recorder",
            new ReceptionBlock(0x0A0B0C0D, 64, 1000, 0x00010203, 9, 0x11121314, 65536),
            0x0A0B0C0D
        );

        Assert.Equal(
            "81C9000701020304"
                + "0A0B0C0D400003E80001020300000009111213140001"
                + "0000"
                + "81CA000401020304"
                + "01087265636F726465720000"
                + "81CE0002010203040A0B0C0D",
            Convert.ToHexString(packet)
        );
        Assert.Equal(8 + 20, ReceiverReport.Write(1, "recorder", null, null).Length);
        Assert.Equal(0x01020304u, RtcpContent.Read(packet).Author);
    }

    [Fact]
    public void Reports_names_and_good_byes_are_read_whatever_else_is_there()
    {
        var report = Convert.FromHexString(
            "80C8000600000007"
                + "0000000180000000"
                + "00000064"
                + "0000000100000002"
                + "81CA000300000007"
                + "0102616200000000"
                + "82CB0002"
                + "0000000700000008"
        );
        var content = RtcpContent.Read(report);

        Assert.Equal([new RtcpSenderReport(7, 1_500_000_000, 100, 0x00018000)], content.Reports);
        Assert.Equal("ab", content.Names[7]);
        Assert.Equal([7u, 8u], content.Left);
        Random random = new(9);
        for (var i = 0; i < 20_000; i++)
        {
            var noise = new byte[random.Next(64)];
            random.NextBytes(noise);
            report.AsSpan(0, Math.Min(random.Next(12), noise.Length)).CopyTo(noise);
            RtcpContent.Read(noise);
        }
    }

    [Theory]
    // Packets of the picture every so many seconds, signs by RTCP or sound every so many, 0 for none: what is told in
    // 10 minutes.
    [InlineData(7, 0, 0, "s h")]
    [InlineData(20, 0, 0, "s h s h s h")]
    [InlineData(7, 5, 0, "s h")]
    [InlineData(7, 1, 0, "")]
    [InlineData(30, 0, 1, "")]
    [InlineData(0.04, 0, 0, "")]
    public void A_picture_that_seldom_changes_is_told_a_few_times_at_most(
        double picture,
        int rtcp,
        int sound,
        string expected
    )
    {
        SenderWatch watch = new(Start);
        RtpReception reception = new();
        ushort sequence = 0;
        DateTimeOffset? rtcpAt = null;
        DateTimeOffset? soundAt = null;
        List<string> told = [];
        for (var turn = 0; turn < 4 * 600; turn++)
        {
            var second = turn / 4d;
            var now = Start.AddSeconds(second);
            if (turn == 0 || Math.Floor(second / picture) > Math.Floor((second - 0.25) / picture))
            {
                for (var i = 0; i < 3; i++)
                {
                    reception = reception.Came(new RtpPacket(RtpPacketKind.Rtp, 96, sequence++, 0, 1), 100, now, Leg);
                }
            }

            rtcpAt = rtcp > 0 && turn % (4 * rtcp) == 0 ? now : rtcpAt;
            soundAt = sound > 0 && turn % (4 * sound) == 0 ? now : soundAt;
            (watch, var said) = watch.Look(
                new SenderSigns(reception, rtcpAt, soundAt, null, 0),
                Leg,
                "127.0.0.1",
                1,
                now
            );
            told.AddRange(said is null ? [] : [said is WorkerEvent.RtpSenderSilent ? "s" : "h"]);
        }

        Assert.Equal(expected, string.Join(' ', told));
    }

    [Fact]
    public void A_picture_that_never_comes_again_beside_its_sound_is_told_once()
    {
        SenderWatch watch = new(Start);
        var reception = new RtpReception()
            .Came(new RtpPacket(RtpPacketKind.Rtp, 96, 1, 0, 1), 100, Start, Leg)
            .Came(new RtpPacket(RtpPacketKind.Rtp, 96, 2, 0, 1), 100, Start, Leg);
        List<double> told = [];
        for (var second = 0.25; second <= 600; second += 0.25)
        {
            (watch, var said) = watch.Look(
                new SenderSigns(reception, Start, Start.AddSeconds(second), null, 0),
                Leg,
                "127.0.0.1",
                1,
                Start.AddSeconds(second)
            );
            told.AddRange(said is null ? [] : [second]);
        }

        Assert.InRange(Assert.Single(told), 60, 66);
    }

    [Fact]
    public void Packets_without_a_picture_that_can_be_recorded_are_told()
    {
        SenderWatch watch = new(Start);
        var reception = new RtpReception();
        List<WorkerEvent> told = [];
        for (var turn = 1; turn <= 80; turn++)
        {
            var now = Start.AddSeconds(turn / 4d);
            reception = reception.Came(new RtpPacket(RtpPacketKind.Rtp, 96, (ushort)turn, 0, 1), 100, now, Leg);
            (watch, var said) = watch.Look(
                new SenderSigns(reception, now, null, turn < 60 ? Start : null, 12),
                Leg,
                "127.0.0.1",
                1,
                now
            );
            told.AddRange(said is null ? [] : [said]);
        }

        var silent = Assert.IsType<WorkerEvent.RtpSenderSilent>(told[0]);
        Assert.Contains("key frame, for which the sender was asked 12 times", silent.Message, StringComparison.Ordinal);
        Assert.IsType<WorkerEvent.RtpSenderHeard>(told[1]);
        Assert.Equal(2, told.Count);
    }

    /// <summary>A sender: <c>ssrc:from-to,from-to</c> in seconds, then the seconds between reports, in () for all the
    /// time or in [] while it sends, and ! for a good-bye.</summary>
    private sealed record ScriptedSender(
        uint Ssrc,
        List<(int From, int To)> Times,
        int ReportTurns,
        bool ReportsAlways,
        bool HasGoodbye
    )
    {
        public static ScriptedSender Parse(string text)
        {
            var parts = text.TrimEnd('!', ')', ']').Split(':', '(', '[');
            var times = parts[1]
                .Split(',')
                .Select(range => range.Split('-').Select(Turns).ToArray())
                .Select(range => (range[0], range[1]))
                .ToList();
            return new ScriptedSender(
                uint.Parse(parts[0], CultureInfo.InvariantCulture),
                times,
                parts.Length > 2 ? Turns(parts[2]) : 0,
                text.Contains('(', StringComparison.Ordinal),
                text.EndsWith('!')
            );
        }

        public bool Sends(int turn) => Times.Exists(range => turn >= range.From && turn < range.To);

        public bool Reports(int turn) =>
            ReportTurns > 0
            && turn % ReportTurns == 0
            && (ReportsAlways ? !HasGoodbye || turn < Times[^1].To : Sends(turn));

        public bool Leaves(int turn) => HasGoodbye && turn == Times[^1].To;

        private static int Turns(string seconds) =>
            (int)Math.Round(50 * double.Parse(seconds, CultureInfo.InvariantCulture));
    }

    private static IPEndPoint At(int port) => new(IPAddress.Loopback, port);
}
