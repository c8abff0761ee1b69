using System.Globalization;
using Recorder.Worker.Rtp;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>Where packets and frames belong in time: order, the sender's clock, sound and picture together.</summary>
public class RtpClockTests
{
    private const long Millisecond = 1_000_000;
    private const long Epoch = 1_000_000 * Millisecond;

    [Theory]
    // sequence[@milliseconds]; the packets come every 20 ms where nothing is said.
    [InlineData("1 2 3", "1 2 3", 0)]
    [InlineData("1 3 2 4", "1 2 3 4", 0)]
    [InlineData("1 2 2 3 1 4", "1 2 3 4", 0)]
    [InlineData("65534 65535 0 1", "65534 65535 0 1", 0)]
    [InlineData("65534 0 65535 1", "65534 65535 0 1", 0)]
    [InlineData("1 3 4@100 5@150", "1", 0)]
    [InlineData("1 3 4@100 5@230", "1 3 4 5", 1)]
    [InlineData("1 3 4@100 2@150 5@230", "1 2 3 4 5", 0)]
    [InlineData("1 3 4@100 5@230 2@240 6@250", "1 3 4 5 6", 1)]
    // Another count: of two packets that follow each other, not of one.
    [InlineData("1 2 30000 3", "1 2 3", 0)]
    [InlineData("1 2 30000 30001 30002", "1 2 30000 30001 30002", 1)]
    [InlineData("1 3 30000@50 30001@60", "1 3 30000 30001", 1)]
    [InlineData("5000 5001 10 11 12", "5000 5001 10 11 12", 1)]
    public void Packets_are_put_in_order_and_what_is_missing_is_given_up_after_a_while(
        string came,
        string expected,
        int losses
    )
    {
        var order = PacketOrder<int>.Empty;
        List<int> seen = [];
        var lost = 0;
        foreach (var (index, packet) in came.Split(' ').Index())
        {
            var parts = packet.Split('@');
            var sequence = ushort.Parse(parts[0], CultureInfo.InvariantCulture);
            var at = parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture) : index * 20;
            (order, var ready, var lossy) = order.Came(sequence, sequence, at * Millisecond);
            seen.AddRange(ready);
            lost += lossy ? 1 : 0;
        }

        Assert.Equal((expected, losses), (string.Join(' ', seen), lost));
    }

    [Theory]
    // What came before the sender was known, and what came then.
    [InlineData("2 1 3 4", "", "1 2 3 4", 0)]
    [InlineData("1 2", "3", "1 2 3", 0)]
    [InlineData("2 1 4 5", "3 6", "1 2 3 4 5 6", 0)]
    [InlineData("0 65535 1 2", "3", "65535 0 1 2 3", 0)]
    [InlineData("4 4 3 3 5 6", "5 7", "3 4 5 6 7", 0)]
    // A packet of another count, and one that is lost.
    [InlineData("30000 7 8", "9", "7 8 9", 0)]
    [InlineData("200 400 401", "402", "400 401 402", 0)]
    [InlineData("1 3 4", "5@230 6@235", "1 3 4 5 6", 1)]
    public void Packets_may_be_out_of_order_from_the_very_first(string early, string came, string expected, int losses)
    {
        var (order, ready, lossy) = PacketOrder<int>.Begin([
            .. early
                .Split(' ')
                .Select(ushort.Parse)
                .Select((sequence, index) => (sequence, (int)sequence, index * Millisecond)),
        ]);
        List<int> seen = [.. ready];
        var lost = lossy ? 1 : 0;
        foreach (var parts in came.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split('@')))
        {
            var sequence = ushort.Parse(parts[0], CultureInfo.InvariantCulture);
            (order, ready, lossy) = order.Came(
                sequence,
                sequence,
                long.Parse(parts.ElementAtOrDefault(1) ?? "10", CultureInfo.InvariantCulture) * Millisecond
            );
            seen.AddRange(ready);
            lost += lossy ? 1 : 0;
        }

        Assert.Equal((expected, losses), (string.Join(' ', seen), lost));
    }

    [Fact]
    public void What_is_awaited_is_given_up_without_another_packet()
    {
        var order = PacketOrder<int>.Empty.Came(1, 1, 0).Next.Came(3, 3, 10 * Millisecond).Next;

        Assert.Empty(order.Look(200 * Millisecond).Ready);
        Assert.Equal([3], order.Look(210 * Millisecond).Ready);
        Assert.Equal([3], order.Look(long.MaxValue).Ready);
    }

    [Theory]
    // timestamp@arrival, in milliseconds; and the media time in milliseconds, from the first packet's.
    [InlineData("0@0 40@40 80@95 120@125", "0 40 80 120")]
    // A burst, a longer one that comes at one and a half times the rate, and pictures in decoding order.
    [InlineData("0@0 40@2000 80@2000 120@2000 2000@2001 2040@2040", "0 40 80 120 2000 2040")]
    [InlineData(
        "0@0 40@3000 400@3240 800@3500 1200@3770 1600@4040 2000@4300 4000@5640 8000@8000",
        "0 40 400 800 1200 1600 2000 4000 8000"
    )]
    [InlineData("0@0 160@40 80@80 40@120 120@160", "0 160 80 40 120")]
    // A way that has become longer by a second.
    [InlineData("0@0 40@1040 80@1080 540@1540 580@1580 5000@6000", "0 40 80 540 580 5000")]
    // Timestamps that stood still for ten seconds: told from a burst within half a second.
    [InlineData("0@0 40@10040 80@10080 540@10540 580@10580 5000@15000", "0 40 80 10540 10580 15000")]
    // Timestamps that begin anew, forwards and backwards, by more than the network can do.
    [InlineData("0@0 40@40 500000@80 500040@120", "0 40 80 120")]
    [InlineData("0@0 40@40 -500000@80 -499960@120", "0 40 80 120")]
    // The count turns.
    [InlineData("4294967000@0 4294967040@40", "0 40")]
    public void Media_time_is_that_of_the_timestamps_as_long_as_they_go_on(string came, string expected)
    {
        SenderClock clock = new(1000);
        List<long> seen = [];
        foreach (var packet in came.Split(' ').Select(text => text.Split('@')))
        {
            (clock, var mediaTime) = clock.Came(
                (uint)long.Parse(packet[0], CultureInfo.InvariantCulture),
                Epoch + (long.Parse(packet[1], CultureInfo.InvariantCulture) * Millisecond)
            );
            seen.Add(mediaTime / Millisecond);
        }

        Assert.Equal(expected, string.Join(' ', seen.Select(time => time - seen[0])));
    }

    [Fact]
    public void The_time_of_arrival_is_that_of_the_least_delay_and_follows_a_clock_that_drifts()
    {
        SenderClock clock = new(1000);
        for (var i = 0; i < 5000; i++)
        {
            // 100 s of a clock that is slow by one thousandth, every other packet 30 ms late.
            clock = clock
                .Came((uint)(i * 20), Epoch + (i * 20 * Millisecond) + (i * 20_000) + (i % 2 * 30 * Millisecond))
                .Next;
        }

        var first = new SenderClock(1000).Came(0, Epoch).Next.Arrival!.Value;
        Assert.InRange(clock.Arrival!.Value - first, 79 * Millisecond, 100 * Millisecond);
    }

    [Fact]
    public void Reports_tell_the_senders_own_time_also_before_the_first_packet()
    {
        RtcpSenderReport report = new(1, 7_000_000 * Millisecond, 500, 0);
        var before = new SenderClock(1000).Said(report, Epoch).Came(480, Epoch).Next;
        var after = new SenderClock(1000).Came(480, Epoch).Next.Said(report, Epoch);
        var media = new SenderClock(1000).Came(480, Epoch).MediaTime;
        var set = after.Said(report with { Time = report.Time + (5000 * Millisecond) }, Epoch + 1);

        Assert.Equal(((7_000_000 - 20) * Millisecond) - media, after.Reported);
        Assert.Equal(after.Reported, before.Reported);
        Assert.Equal((Epoch + 1, long.MinValue), (set.SteppedAt, after.SteppedAt));
        Assert.Equal(after, after.Said(report with { Time = 0 }, Epoch));
        Assert.Equal(after, after.Said(report with { Timestamp = 4_000_000 }, Epoch));
        Assert.Null(after.Came(900_000, Epoch + 1).Next.Reported);
    }

    [Fact]
    public void Reports_bring_sound_and_picture_together_whatever_ways_they_came()
    {
        // Sound that is 400 ms later on its way.
        var picture = Sender(1, 0, told: true);
        var sound = Sender(2, 400, told: true);
        var (shown, pictureAt) = LipSync.Empty.PlacePicture(Media(0), picture, null);
        var (_, soundAt) = shown.PlaceSound(Media(0), sound, picture);

        Assert.Equal(pictureAt, soundAt);
        Assert.True(LipSync.IsTold(picture, sound));
        Assert.False(LipSync.IsTold(picture, sound with { Name = "another host" }));
        Assert.False(LipSync.IsTold(picture, Sender(2, 400, told: false)));
        Assert.False(LipSync.IsTold(picture, Sender(2, 4000, told: true)));
    }

    [Theory]
    [InlineData(-400)]
    [InlineData(400)]
    [InlineData(1500)]
    public void Reports_that_come_late_move_the_picture_within_two_seconds_and_the_sound_never(int apart)
    {
        var picture = Sender(1, Math.Max(0, -apart), told: false);
        var sound = Sender(2, Math.Max(0, apart), told: false);
        var (sync, soundAt) = LipSync.Empty.PlaceSound(Media(0), sound, null);
        (sync, var before) = sync.PlacePicture(Media(0), picture, sound);
        Assert.Equal(-apart, (before - soundAt) / Millisecond);
        (picture, sound) = (Sender(1, Math.Max(0, -apart), told: true), Sender(2, Math.Max(0, apart), told: true));
        for (var at = 40; at <= 2000; at += 40)
        {
            (sync, var next) = sync.PlacePicture(Media(at), picture, sound);
            Assert.True(next > before);
            before = next;
        }

        (sync, var later) = sync.PlaceSound(Media(2000), sound, picture);
        Assert.Equal(soundAt + (2000 * Millisecond), later);
        Assert.InRange((before - later) / Millisecond, -45, 45);
    }

    [Fact]
    public void A_sender_in_anothers_place_goes_on_with_the_clock()
    {
        var first = Sender(1, 0, told: false);
        var (sync, at) = LipSync.Empty.PlacePicture(Media(0), first, null);
        TimedSender second = new(3, new SenderClock(1000).Came(77_000, Epoch + (8000 * Millisecond)).Next, null);
        var (_, later) = sync.PlacePicture(Media(0), second, null);

        Assert.Equal(8000 * Millisecond, later - at);
    }

    private static TimedSender Sender(uint ssrc, int delay, bool told)
    {
        var clock = new SenderClock(1000).Came(0, Epoch + (delay * Millisecond)).Next;
        return new TimedSender(
            ssrc,
            told ? clock.Said(new RtcpSenderReport(ssrc, 9_000_000 * Millisecond, 0, 0), Epoch) : clock,
            "reference"
        );
    }

    // At a thousand timestamps a second.
    private static long Media(int milliseconds) => ((1L << 32) + milliseconds) * Millisecond;
}
