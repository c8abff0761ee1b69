using System.Net;
using System.Net.Sockets;
using Recorder.ReferencePages;
using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Loop;
using Xunit.Abstractions;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>Records of senders that come back, say good-bye and go on, send late, or send beside another one; and where
/// they are asked for key frames.</summary>
[Collection(UnhurriedCollection.Name)]
[Trait("ring", "media")]
public class RtpSenderTests(RtpScenarios scenarios, ITestOutputHelper output) : IClassFixture<RtpScenarios>
{
    private const int Pictures = 12 * 25;
    private const int Pieces = 12 * 50;

    [Theory]
    [InlineData("a sender that comes back")]
    [InlineData("a stray sender")]
    [InlineData("a burst")]
    public void Nothing_is_lost_and_all_is_at_its_time(string scenario)
    {
        var outcome = Of(scenario);

        var (least, most) = outcome.Displacement(RtpScenarios.Format);
        Assert.Equal(Enumerable.Range(0, Pictures), outcome.Track.Frames.Select(frame => frame.Number ?? -1));
        Assert.InRange(most - least, 0, 45);
        Assert.InRange(outcome.SoundTimes.Count, Pieces - 1, Pieces);
        Assert.All(
            outcome.SoundTimes.Zip(outcome.SoundTimes.Skip(1), (before, after) => after - before),
            step => Assert.InRange(step, 0.018, 0.022)
        );
        Assert.All(outcome.Sync.Offsets, offset => Assert.InRange(Math.Abs(offset), 0, 80));
        Assert.InRange(outcome.Sync.Offsets.Count, 8, 20);
    }

    [Fact]
    public void A_sender_beside_another_one_is_told_once()
    {
        var told = Of("a stray sender")
            .Told.OfType<WorkerEvent.RtpSenderIgnored>()
            .Select(ignored => ignored.Message)
            .Order()
            .ToList();

        Assert.Collection(
            told,
            picture =>
                Assert.Contains(
                    "The one with SSRC 1 is recorded, the one with SSRC 2 is not",
                    picture,
                    StringComparison.Ordinal
                ),
            sound =>
                Assert.Contains(
                    "The one with SSRC 8 is recorded, the one with SSRC 9 is not",
                    sound,
                    StringComparison.Ordinal
                )
        );
        Assert.DoesNotContain(Of("a sender that comes back").Told, said => said is WorkerEvent.RtpSenderIgnored);
    }

    [Fact]
    public void Pictures_of_the_next_sender_wait_while_the_one_before_has_its_place_and_none_is_lost()
    {
        var outcome = Of("a camera that is off and says so");

        var (least, most) = outcome.Displacement(RtpScenarios.Format);
        Assert.Equal(Enumerable.Range(0, 13 * 25), outcome.Track.Frames.Select(frame => frame.Number ?? -1));
        Assert.InRange(most - least, 0, 45);
        Assert.All(outcome.Sync.Offsets, offset => Assert.InRange(Math.Abs(offset), 0, 80));
        Assert.Collection(
            outcome.Told.OfType<WorkerEvent.RtpSenderIgnored>(),
            beside =>
                Assert.Contains(
                    "The one with SSRC 1 is recorded, the one with SSRC 2 is not",
                    beside.Message,
                    StringComparison.Ordinal
                ),
            lost =>
                Assert.Contains(
                    "The one with SSRC 1 had sent none for 10 s, so the one with SSRC 2 is recorded in its place.",
                    lost.Message,
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void A_sender_of_nonsense_gives_way_to_one_of_pictures_and_is_told()
    {
        var outcome = Of("nonsense before and beside the sender");

        var (least, most) = outcome.Displacement(RtpScenarios.Format);
        Assert.Equal(Enumerable.Range(25, Pictures - 25), outcome.Track.Frames.Select(frame => frame.Number ?? -1));
        Assert.InRange(most - least, 0, 45);
        Assert.InRange(least, -45, 45);
        Assert.Contains(
            "The one with SSRC 1 is recorded, the one with SSRC 2 is not",
            Assert.Single(outcome.Told.OfType<WorkerEvent.RtpSenderIgnored>()).Message,
            StringComparison.Ordinal
        );

        // The record begins when its first sound came, not when that was written: 11.96 s before the last picture.
        var began = outcome.Told.OfType<WorkerEvent.FirstFrame>().Single().At;
        var last = outcome.Told.OfType<WorkerEvent.RtpProgress>().Last().Statistics.Video.LastPacketAt!.Value;
        Assert.InRange((last - began).TotalSeconds, 11.7, 12.2);
    }

    [Fact]
    public void A_good_bye_that_is_taken_back_leaves_a_record_in_real_time()
    {
        var outcome = Of("a good-bye that is taken back");

        var (least, most) = outcome.Displacement(RtpScenarios.Format);
        Assert.Equal(
            [.. Enumerable.Range(0, 125), .. Enumerable.Range(175, 125)],
            outcome.Track.Frames.Select(frame => frame.Number ?? -1)
        );
        Assert.InRange(most - least, 0, 45);
        Assert.InRange(outcome.Finished.Duration, 11.8, 12.2);
        Assert.All(outcome.Sync.Offsets, offset => Assert.InRange(Math.Abs(offset), 0, 80));
        Assert.DoesNotContain(outcome.Told, said => said is WorkerEvent.RtpReceptionFailed);
    }

    [Fact]
    public void Reports_bring_late_sound_and_its_picture_together_from_the_start()
    {
        var outcome = Of("late sound");

        Assert.InRange(outcome.Sync.Offsets.Count, 8, 20);
        Assert.All(outcome.Sync.Offsets, offset => Assert.InRange(Math.Abs(offset), 0, 80));
    }

    [Fact]
    public void Reports_that_come_later_bring_them_together_within_two_seconds()
    {
        var outcome = Of("late sound with late reports");

        // From the fifth second on: the first flashes are as they came, with silence before the sound.
        Assert.InRange(outcome.Sync.Offsets.Count, 8, 20);
        Assert.All(outcome.Sync.Offsets.TakeLast(6), offset => Assert.InRange(Math.Abs(offset), 0, 80));
        Assert.InRange(outcome.SoundTimes.Count, Pieces - 1, Pieces + 21);
    }

    [Fact]
    public async Task A_sender_with_one_port_is_asked_for_a_key_frame_from_the_port_it_sends_to()
    {
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync();
        using Socket sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        // As mediasoup's PlainTransport: what comes from any other port is dropped.
        await sender.ConnectAsync(IPAddress.Loopback, ready.RtpPort);
        var script = await RtpScript.ReadAsync(await ReferenceClip.MakeAsync(RtpScenarios.Format));
        var stream = script.Picture(1, 0, 1).Where(datagram => datagram.At > TimeSpan.Zero).ToList();
        var keyFrame = script.Picture(1, 1, 1.03).ToList();
        await sender.SendAsync(stream[0].Content);
        await sender.SendAsync(stream[1].Content);
        var asked = new byte[2048];
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        var length = 0;
        while (!IsKeyFrameRequest(asked.AsSpan(0, length)))
        {
            length = await sender.ReceiveAsync(asked, limit.Token);
        }

        foreach (var datagram in keyFrame.Concat(script.Picture(1, 1.03, 2)))
        {
            await sender.SendAsync(datagram.Content);
        }

        await run.ExpectAsync<WorkerEvent.FirstFrame>();
    }

    private static bool IsKeyFrameRequest(ReadOnlySpan<byte> datagram)
    {
        for (; datagram.Length >= 12; datagram = datagram[(4 * (((datagram[2] << 8) | datagram[3]) + 1))..])
        {
            if (datagram[1] == 206 && (datagram[0] & 0x1F) == 1)
            {
                return true;
            }
        }

        return false;
    }

    private RtpOutcome Of(string scenario)
    {
        var outcome = scenarios[scenario];
        output.WriteLine($"{scenario}: {outcome.Describe(RtpScenarios.Format)}");
        return outcome;
    }
}
