using System.Globalization;
using Recorder.Worker.Files;
using Recorder.Worker.Files.Matroska;
using Recorder.Worker.Files.Mp4;
using Recorder.Worker.Protocol;
using Recorder.Worker.Rtp;

namespace Recorder.Worker.Tests.Rtp;

public class RtpTableTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);
    private static readonly RtpLegSettings Leg = new(5000, 5001, 96, 90_000);

    [Theory]
    [InlineData("", "Other")]
    [InlineData("80", "Other")]
    [InlineData("800000010000000200000003", "Rtp")]
    [InlineData("400000010000000200000003", "Other")] // version 1
    [InlineData("8F0000010000000200000003", "Other")] // fifteen contributing sources that are not there
    [InlineData("900000010000000200000003", "Other")] // an extension that is not there
    [InlineData("900000010000000200000003BEDE0001", "Other")]
    [InlineData("900000010000000200000003BEDE000100000000", "Rtp")]
    [InlineData("A00000010000000200000003FF", "Other")] // more padding than payload
    [InlineData("81C90001000000020000000300000000", "Rtcp")]
    [InlineData("80C8000600000002", "Other")] // RTCP that claims to be longer than it is, and too short for RTP
    public void A_datagram_is_known_by_its_head(string bytes, string kind) =>
        Assert.Equal(kind, RtpPacket.Read(Convert.FromHexString(bytes)).Kind.ToString());

    [Fact]
    public void No_datagram_whatever_is_in_it_makes_the_reader_fail()
    {
        Random random = new(5);
        var datagram = new byte[64];
        var rtp = 0;
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(datagram);
            rtp += RtpPacket.Read(datagram.AsSpan(0, random.Next(datagram.Length))).Kind == RtpPacketKind.Rtp ? 1 : 0;
        }

        Assert.InRange(rtp, 1, 10_000);
    }

    [Theory]
    [InlineData("1 2 3 4", 4, 0)]
    [InlineData("1 2 4 5 8", 5, 3)]
    [InlineData("1 2 4 3 5", 5, 0)] // out of order
    [InlineData("65534 65535 0 1", 4, 0)]
    [InlineData("65533 65534 0 2", 4, 2)]
    [InlineData("7", 0, 0)]
    public void Packets_and_losses_are_counted_by_sequence_numbers(string sequence, int packets, int lost)
    {
        var reception = Receive(new RtpReception(), 9, sequence.Split(' ').Select(ushort.Parse));

        // The first packet of a source only counts as the evidence for the second.
        Assert.Equal((Math.Max(0, packets - 1), lost), (reception.Packets, reception.Lost));
    }

    [Fact]
    public void Another_source_is_a_change_once_two_of_its_packets_follow_each_other()
    {
        var first = Receive(new RtpReception(), 1, [10, 11, 12]);
        var stray = Receive(first, 2, [500]);
        var back = Receive(Receive(stray, 1, [13]), 3, [7000]);
        var changed = Receive(back, 2, [900, 901, 903]);

        Assert.Equal((1u, 0), (back.Ssrc, back.SourceChanges));
        Assert.Equal((2u, 1, 1), (changed.Ssrc, changed.SourceChanges, changed.Lost));
    }

    [Fact]
    public void Other_payload_types_and_other_datagrams_are_counted_and_nothing_else()
    {
        var reception = new RtpReception()
            .NotRtpCame()
            .Came(new RtpPacket(RtpPacketKind.Rtp, 97, 1, 0, 1), 100, Start, Leg)
            .Came(new RtpPacket(RtpPacketKind.Rtp, 97, 2, 0, 1), 100, Start, Leg);

        Assert.Equal(
            (0, 2, 97, 1),
            (reception.Packets, reception.WrongPayloadTypes, reception.WrongPayloadType, reception.NotRtp)
        );
        Assert.Equal(3, reception.Statistics(90_000, 0).Rejected);
        Assert.Null(reception.LastPacketAt);
    }

    [Fact]
    public void Packets_of_another_payload_type_are_not_missing_in_their_senders_count()
    {
        RtpReception reception = new();
        foreach (
            var (sequence, type) in ((ushort, int)[])
                [(65533, 96), (65534, 97), (65535, 96), (0, 97), (1, 96), (2, 97), (4, 96), (30_000, 97)]
        )
        {
            reception = reception.Came(new RtpPacket(RtpPacketKind.Rtp, type, sequence, 0, 1), 100, Start, Leg);
        }

        Assert.Equal((3, 4, 1), (reception.Packets, reception.WrongPayloadTypes, reception.Lost));
    }

    [Theory]
    [InlineData(PictureCodec.H264, RecordPicture.MostConfiguration)]
    [InlineData(PictureCodec.H264, 40)]
    [InlineData(PictureCodec.Vp8, 0)]
    public void What_is_called_short_enough_has_room_in_a_record(PictureCodec codec, int bytes)
    {
        RecordPicture picture = new(codec, 7680, 4320, new byte[bytes]);

        Assert.Equal(8192, MatroskaHead.TrackOf(picture).Length);
        Assert.Equal(8192, MovieHead.Of(sound: true, Start).TrackOf(picture).Length);
    }

    [Fact]
    public void Jitter_is_that_of_the_standard()
    {
        RtpReception reception = new();
        for (var i = 0; i < 400; i++)
        {
            // Every other packet is 10 ms late: the difference from one to the next is always 10 ms.
            var at = Start + TimeSpan.FromMilliseconds((40 * i) + (i % 2 * 10));
            reception = reception.Came(
                new RtpPacket(RtpPacketKind.Rtp, 96, (ushort)i, (uint)(3600 * i), 1),
                100,
                at,
                Leg
            );
        }

        Assert.InRange(reception.Statistics(90_000, 0).Jitter.TotalMilliseconds, 9.9, 10.1);
    }

    [Fact]
    public void A_sender_is_silent_within_five_seconds_and_heard_again_and_each_is_told_once()
    {
        SenderWatch watch = new(Start);
        RtpReception reception = new();
        List<(double At, WorkerEvent Told)> told = [];
        for (var second = 0.25; second <= 20; second += 0.25)
        {
            if (second is 8 or 8.25)
            {
                reception = reception.Came(
                    new RtpPacket(RtpPacketKind.Rtp, 96, (ushort)(second * 4), 0, 1),
                    100,
                    Start.AddSeconds(second),
                    Leg
                );
            }

            (watch, var news) = watch.Look(Signs(reception), Leg, "127.0.0.1", 1, Start.AddSeconds(second));
            if (news is not null)
            {
                told.Add((second, news));
            }
        }

        Assert.Collection(
            told,
            first =>
                Assert.True(
                    first is { At: <= 5, Told: WorkerEvent.RtpSenderSilent { At: var since } } && since == Start
                ),
            second => Assert.True(second is { At: 8.25, Told: WorkerEvent.RtpSenderHeard }),
            third => Assert.True(third is { At: <= 13.25, Told: WorkerEvent.RtpSenderSilent })
        );
    }

    [Theory]
    [InlineData(0, 0, "Nothing came at all")]
    [InlineData(3, 0, "3 packets of payload type 97 came instead")]
    [InlineData(0, 2, "2 packets came that are no RTP")]
    public void The_message_of_a_silent_sender_says_what_came_instead(int wrong, int noRtp, string expected)
    {
        RtpReception reception = new();
        for (var i = 0; i < wrong; i++)
        {
            reception = reception.Came(new RtpPacket(RtpPacketKind.Rtp, 97, (ushort)i, 0, 1), 100, Start, Leg);
        }

        for (var i = 0; i < noRtp; i++)
        {
            reception = reception.NotRtpCame();
        }

        var (_, told) = new SenderWatch(Start).Look(Signs(reception), Leg, "127.0.0.1", 4, Start.AddSeconds(5));

        var message = Assert.IsType<WorkerEvent.RtpSenderSilent>(told).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains("payload type 96 on UDP port 5000", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_begins_with_a_key_frame_and_so_does_each_later_sender()
    {
        var frames = new (int Source, long Milliseconds, bool IsKey, long? Expected)[]
        {
            (1, 1000, false, null),
            (1, 1040, true, 0),
            (1, 1080, false, 40),
            (2, 3000, false, null),
            (1, 3010, false, 1970),
            (2, 3040, true, 2000),
            (1, 3050, false, null),
            (2, 3080, false, 2040),
            (3, 3070, true, 2041),
            (3, 3110, false, 2070),
            (3, 3110, false, 2071),
            (3, 3110, false, 2072),
            (3, 3150, false, 2110),
            // The first sender comes back.
            (1, 3190, false, null),
            (1, 3230, true, 2190),
            (1, 3270, false, 2230),
            (3, 3280, false, null),
        };
        var timeline = RtpTimeline.Empty;
        foreach (var (source, milliseconds, isKey, expected) in frames)
        {
            (timeline, var time) = timeline.Picture(new ReceivedFrame(source, milliseconds * 1_000_000, isKey));
            Assert.Equal(expected * 1_000_000, time);
        }
    }

    [Theory]
    [InlineData(false, "1000 1040 1033 1080 1080", "0 40 41 80 81")]
    [InlineData(true, "1000 1160 1080 1040 1120", "0 160 80 40 120")]
    [InlineData(true, "1000 1040 1040 1000", "0 40 41 0")]
    public void A_step_back_in_time_is_one_of_b_frames_or_else_none(bool reorders, string received, string placed)
    {
        var timeline = RtpTimeline.Empty with { Reorders = reorders };
        List<long?> times = [];
        foreach (var (index, milliseconds) in received.Split(' ').Index())
        {
            (timeline, var time) = timeline.Picture(
                new ReceivedFrame(1, long.Parse(milliseconds, CultureInfo.InvariantCulture) * 1_000_000, index == 0)
            );
            times.Add(time / 1_000_000);
        }

        Assert.Equal(placed, string.Join(' ', times));
    }

    [Fact]
    public void A_record_begins_with_sound_where_that_comes_first()
    {
        const long Millisecond = 1_000_000;
        var (begun, first) = RtpTimeline.Empty.Sound(1000 * Millisecond, 20 * Millisecond);
        var (_, earlier) = begun.Picture(new ReceivedFrame(1, 990 * Millisecond, true));
        var (_, delta) = begun.Picture(new ReceivedFrame(1, 1040 * Millisecond, false));
        var (next, key) = begun.Picture(new ReceivedFrame(1, 5000 * Millisecond, true));
        var (_, sound) = next.Sound(1020 * Millisecond, 20 * Millisecond);

        Assert.Equal((0L, 0L, null, 4000 * Millisecond, 20 * Millisecond), (first, earlier, delta, key, sound));
    }

    [Fact]
    public void Sound_from_before_the_record_is_left_out_and_never_overlaps()
    {
        var begun = RtpTimeline.Empty.Picture(new ReceivedFrame(1, 1000, true)).Next;
        var (_, tooEarly) = begun.Sound(950, 20);
        var (first, at) = begun.Sound(1000, 20);
        var (second, late) = first.Sound(1015, 20);
        var (_, again) = second.Sound(1010, 20);

        Assert.Equal((null, 0L, 20L, null), (tooEarly, at, late, again));
    }

    [Theory]
    // Where picture and sound are in milliseconds, looked at every 250 ms; and up to where silence is filled in, - for
    // nowhere.
    [InlineData("3900/0 3999/0", "- -")]
    [InlineData("4000/0 4250/0 4500/0 4750/0 5000/0 5250/1500", "- - - - 1500 -")]
    // Sound that belongs 3 s before its picture, and a burst whose pictures come first.
    [InlineData("10000/7000 10250/7250 10500/7500 10750/7750 11000/8000 11250/8250", "- - - - - -")]
    [InlineData(
        "9000/5000 9250/5000 9500/5000 9500/9400 13600/9400 13600/9400 13600/9400 13600/9400",
        "- - - - - - - -"
    )]
    // A picture that jumps far ahead of sound that goes on.
    [InlineData("60000/0 60250/20 60500/40 60750/60 61000/80", "- - - - 57500")]
    public void Silence_is_filled_in_where_no_sound_has_come_for_long(string reached, string expected)
    {
        SoundGap gap = new(null);
        List<string> filled = [];
        foreach (var (index, text) in reached.Split(' ').Index())
        {
            var parts = text.Split('/')
                .Select(part => long.Parse(part, CultureInfo.InvariantCulture) * 1_000_000)
                .ToArray();
            (gap, var until) = gap.Look(parts[0], parts[1], Start.AddMilliseconds(index * 250));
            filled.Add(until is { } at ? (at / 1_000_000).ToString(CultureInfo.InvariantCulture) : "-");
        }

        Assert.Equal(expected, string.Join(' ', filled));
    }

    private static SenderSigns Signs(RtpReception reception) => new(reception, reception.LastPacketAt, null, null, 0);

    private static RtpReception Receive(RtpReception reception, uint ssrc, IEnumerable<ushort> sequence) =>
        sequence.Aggregate(
            reception,
            (before, number) => before.Came(new RtpPacket(RtpPacketKind.Rtp, 96, number, 0, ssrc), 100, Start, Leg)
        );
}
