using System.Net;
using System.Net.Sockets;
using Recorder.ReferencePages;
using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Loop;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>A worker that receives from real senders on loopback.</summary>
[Collection(UnhurriedCollection.Name)]
[Trait("ring", "media")]
public class RtpWorkerTests
{
    private static readonly ReferenceClipFormat Format = new(640, 360, 25, TimeSpan.FromSeconds(12));

    [Theory]
    [InlineData(PictureCodec.Vp8, FileContainer.Webm, "libvpx", "vp8", 96, 111)]
    [InlineData(PictureCodec.Vp9, FileContainer.Webm, "libvpx-vp9", "vp9", 0, 35)]
    [InlineData(PictureCodec.H264, FileContainer.Mp4, "libx264", "h264", 63, 127)]
    [InlineData(PictureCodec.H264, FileContainer.Mkv, "libx264", "h264", 127, 0)]
    public async Task What_is_sent_is_in_the_record_with_sound_and_picture_together(
        PictureCodec codec,
        FileContainer container,
        string encoder,
        string expected,
        int payloadType,
        int audioPayloadType
    )
    {
        var clip = await ReferenceClip.MakeAsync(Format);
        var path = await RtpSender.EncodeAsync(clip, encoder);
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync(
            codec,
            container,
            sound: true,
            new RtpLegSettings(0, 0, payloadType, 90_000),
            audioPayloadType
        );
        await using (
            RtpSender.Send(
                path,
                ready.RtpPort,
                ready.RtcpPort,
                payloadType,
                ready.AudioRtpPort,
                ready.AudioRtcpPort,
                audioPayloadType
            )
        )
        {
            await run.ExpectAsync<WorkerEvent.FirstFrame>();
            await run.ReceivedAsync(8);
        }

        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal(WorkerExitCode.Finished, await run.ExitCodeAsync());
        MediaAnalysis analysis = new(finished.Path!);
        var probe = await analysis.ProbeAsync();
        var seen = (await analysis.FrameNumbersAsync()).Continuity(clip.Format.FrameRate, clip.Format.FrameCount);
        var sync = await analysis.SyncOffsetsAsync();
        Assert.Equal((expected, "opus"), (probe.Video?.Codec, probe.Sound?.Codec));
        Assert.InRange(finished.Duration, 8, 60);
        Assert.InRange(probe.Duration!.Value.TotalSeconds, finished.Duration - 0.5, finished.Duration + 0.5);
        Assert.True(seen is { MissingFrames: 0, BackwardSteps: 0, UnreadableFrames: 0 }, $"Not what was sent: {seen}");
        Assert.InRange(Math.Abs(sync.Median), 0, 80);

        // Nothing of the start is lost: the sender's sound never pauses, and silence would stand where some is missing.
        Assert.Empty(
            (await analysis.SoundAsync())
                .SilentStretches(TimeSpan.FromSeconds(0.05))
                .Select(stretch => stretch.ToString())
        );
        Assert.Equal(0, (await analysis.FrameNumbersAsync()).Frames[0].Number);
    }

    [Fact]
    public async Task A_stream_that_began_long_before_is_recorded_because_a_key_frame_is_asked_for()
    {
        await using WorkerRun run = new();
        var leg = FreePair();
        var own = FreePair().RtpPort;

        // The sender sends its first key frame to nobody.
        await using var sender = RtpSender.SendWithRareKeyFrames(leg.RtpPort, own);
        using (Socket listener = new(SocketType.Dgram, ProtocolType.Udp))
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, leg.RtpPort));
            var packet = new byte[2048];
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
            for (var i = 0; i < 60; i++)
            {
                await listener.ReceiveAsync(packet, limit.Token);
            }
        }

        await run.ReceiveAsync(PictureCodec.Vp8, FileContainer.Webm, sound: false, leg);
        await run.ExpectAsync<WorkerEvent.FirstFrame>();
        var progress = await run.ReceivedAsync(1);

        Assert.InRange(progress.Statistics.Video.KeyFrameRequests, 1, 100);
    }

    [Fact]
    public async Task Garbage_another_payload_type_and_a_restarted_sender_leave_one_whole_record()
    {
        var clip = await ReferenceClip.MakeAsync(Format);
        var path = await RtpSender.EncodeAsync(clip, "libvpx");
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync(PictureCodec.Vp8, FileContainer.Webm, sound: false);
        WorkerEvent.RtpSenderSilent silent;
        await using (RtpSender.Send(path, ready.RtpPort, ready.RtcpPort, payloadType: 97))
        {
            silent = await run.ExpectAsync<WorkerEvent.RtpSenderSilent>();
        }

        Assert.Contains("of payload type 97 came instead", silent.Message, StringComparison.Ordinal);
        await using (RtpSender.Send(path, ready.RtpPort, ready.RtcpPort))
        {
            // That the sender is heard may be told before or after it.
            await run.ExpectAsync<WorkerEvent.FirstFrame>();
            await SendGarbageAsync(ready.RtpPort, ready.RtcpPort);
            await run.ReceivedAsync(3);
        }

        await run.ExpectAsync<WorkerEvent.RtpSenderSilent>();
        await using (RtpSender.Send(path, ready.RtpPort, ready.RtcpPort))
        {
            await run.ExpectAsync<WorkerEvent.RtpSenderHeard>();
            var before = await run.ExpectAsync<WorkerEvent.RtpProgress>();
            var after = await run.ReceivedAsync(before.Duration + 8);
            Assert.True(
                after.Statistics.Video is { SourceChanges: 1, Rejected: > 100, Lost: 0 },
                $"Counted: {after.Statistics.Video}"
            );
        }

        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();
        MediaAnalysis analysis = new(finished.Path!);
        var track = await analysis.FrameNumbersAsync();

        // ffmpeg rounds times to a constant frame rate and complains where pictures come faster for a moment; that is
        // no fault of decoding.
        Assert.DoesNotContain(
            await analysis.DecodeErrorsAsync(),
            line =>
                !line.Contains("non monotonically", StringComparison.Ordinal)
                && !line.Contains("Last message repeated", StringComparison.Ordinal)
        );
        var steps = track.Frames.Zip(track.Frames.Skip(1), (before, after) => after.Time - before.Time).ToList();
        Assert.All(steps, step => Assert.True(step > TimeSpan.Zero));
        Assert.Single(steps, step => step > TimeSpan.FromSeconds(3));
        Assert.DoesNotContain(track.Frames, frame => frame.Number is null);
    }

    [Fact]
    public async Task Nothing_received_leaves_no_file_and_says_so()
    {
        await using WorkerRun run = new();
        await run.ReceiveAsync(PictureCodec.Vp8, FileContainer.Webm, sound: true);
        run.Say(new WorkerCommand.Finish());
        var lost = await run.ExpectAsync<WorkerEvent.Unrecoverable>();

        Assert.Contains("no RTP of payload type 96 ever came", lost.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(run.Folder));
    }

    [Fact]
    public async Task A_port_in_use_is_told_and_leaves_nothing()
    {
        using Socket taken = new(SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        await using WorkerRun run = new();
        run.Say(
            RtpRun.Settings(run, PictureCodec.Vp8, FileContainer.Webm, new RtpLegSettings(0, port, 96, 90_000), null)
        );
        var failed = await run.ExpectAsync<WorkerEvent.Failed>();

        Assert.Equal((WorkerFailure.PortInUse, WorkerExitCode.NotPrepared), (failed.Code, await run.ExitCodeAsync()));
        Assert.Contains($"UDP port {port}", failed.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(run.Folder));
    }

    [Fact]
    public async Task Chosen_ports_are_pairs_and_those_of_before_where_they_are_free()
    {
        WorkerEvent.RtpReady first;
        await using (WorkerRun run = new())
        {
            first = await run.ReceiveAsync(PictureCodec.Vp8, FileContainer.Webm, sound: true);
        }

        await using WorkerRun next = new();
        var leg = new RtpLegSettings(0, 0, 96, 90_000)
        {
            EarlierRtpPort = first.RtpPort,
            EarlierRtcpPort = first.RtcpPort,
        };
        var second = await next.ReceiveAsync(PictureCodec.Vp8, FileContainer.Webm, sound: true, leg);

        Assert.Equal(
            (0, first.RtpPort + 1, 0, first.AudioRtpPort + 1),
            (first.RtpPort % 2, first.RtcpPort, first.AudioRtpPort % 2, first.AudioRtcpPort)
        );
        Assert.Equal((first.RtpPort, first.RtcpPort), (second.RtpPort, second.RtcpPort));
    }

    private static RtpLegSettings FreePair()
    {
        using Socket any = new(SocketType.Dgram, ProtocolType.Udp);
        any.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var even = ((IPEndPoint)any.LocalEndPoint!).Port & ~1;
        return new RtpLegSettings(even, even + 1, 96, 90_000);
    }

    /// <summary>Noise, and noise that has the head of what is awaited, each packet of another source.</summary>
    private static async Task SendGarbageAsync(int rtpPort, int rtcpPort)
    {
        using UdpClient client = new();
        Random random = new(7);
        for (var i = 0; i < 300; i++)
        {
            var noise = new byte[random.Next(1, 1200)];
            random.NextBytes(noise);
            if (i % 3 == 0 && noise.Length > 12)
            {
                (noise[0], noise[1]) = (0x80, 96);
            }
            await client.SendAsync(noise, new IPEndPoint(IPAddress.Loopback, i % 2 == 0 ? rtpPort : rtcpPort));
        }
    }
}
