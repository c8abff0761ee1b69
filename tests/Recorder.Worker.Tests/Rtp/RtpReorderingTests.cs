using Recorder.ReferencePages;
using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Loop;
using Xunit.Abstractions;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>A sender of H.264 with B-frames, which are sent in another order than they are shown.</summary>
[Collection(UnhurriedCollection.Name)]
[Trait("ring", "media")]
public class RtpReorderingTests(ITestOutputHelper output)
{
    private static readonly ReferenceClipFormat Format = new(640, 360, 25, TimeSpan.FromSeconds(20));

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Mkv)]
    public async Task Pictures_are_shown_in_their_order_and_decoded_before(FileContainer container)
    {
        var clip = await ReferenceClip.MakeAsync(Format);
        var path = await RtpSender.EncodeAsync(clip, RtpSender.ReorderingEncoder);
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync(PictureCodec.H264, container, sound: true);
        await using (RtpSender.Send(path, ready.RtpPort, ready.RtcpPort, 96, ready.AudioRtpPort, ready.AudioRtcpPort))
        {
            await run.ExpectAsync<WorkerEvent.FirstFrame>();
            await run.ReceivedAsync(15);
        }

        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        MediaAnalysis analysis = new(finished.Path!);

        // What is sent last may be shown after pictures that were still to come.
        var end = TimeSpan.FromSeconds(finished.Duration - 0.5);
        var seen = (await analysis.FrameNumbersAsync())
            .Between(TimeSpan.Zero, end)
            .Continuity(clip.Format.FrameRate, clip.Format.FrameCount);
        var sync = await analysis.SyncOffsetsAsync();
        var packets = await Probe.PacketsAsync(finished.Path!);
        var probe = await analysis.ProbeAsync();
        output.WriteLine(
            $"{seen}; sync {string.Join(' ', sync.Offsets)}; {finished}, {probe.Duration}; {string.Join("; ", packets)}"
        );
        Assert.True(seen is { MissingFrames: 0, BackwardSteps: 0, UnreadableFrames: 0 }, $"Not what was sent: {seen}");
        Assert.All(
            packets,
            packet =>
                Assert.True(
                    packet.Shown >= packet.Decoded,
                    $"Shown at {packet.Shown} s and decoded at {packet.Decoded} s."
                )
        );
        Assert.Contains(
            packets.Zip(packets.Skip(1), (before, after) => after.Shown < before.Shown),
            backward => backward
        );

        // ffmpeg sends pictures ahead of their sound and tells the rest by RTCP, its own start included.
        Assert.InRange(Math.Abs(sync.Median), 0, 150);
        Assert.InRange(finished.Duration, 15, 60);
        Assert.InRange(probe.Duration!.Value.TotalSeconds, finished.Duration - 0.5, finished.Duration + 0.5);
    }
}
