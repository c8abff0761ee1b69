using Recorder.Node.Pipelines;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.Node.Tests.Pipelines.Rtp;

/// <summary>A worker at the end of a bad link, and one whose sender changes what it sends.</summary>
public class RtpLossTests(ITestOutputHelper output)
{
    private static readonly ReferenceClipFormat Format = new(640, 360, 25, TimeSpan.FromSeconds(40));

    [Fact]
    public async Task Lost_packets_are_counted_a_key_frame_is_asked_for_and_the_picture_is_whole_again_with_it()
    {
        var clip = await ReferenceClip.MakeAsync(Format);
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync();
        await using RtpRelay relay = new(ready.RtpPort);
        var (own, ownRtcp) = RtpRelay.BindPair();
        int ownRtcpPort = ((System.Net.IPEndPoint)ownRtcp.LocalEndPoint!).Port;
        own.Dispose();
        ownRtcp.Dispose();
        relay.SendRtcpTo(ownRtcpPort);
        await using RtpSender sender = RtpSender.SendWithAskedKeyFrames(clip, relay.RtpPort, ownRtcpPort);
        await run.ExpectAsync<WorkerEvent.FirstFrame>();
        await run.ReceivedAsync(2);
        int before = relay.KeyFrameRequests;
        relay.Bad = true;
        var bad = await run.ReceivedAsync(10);
        relay.Bad = false;
        int asked = relay.KeyFrameRequests - before;
        var good = await run.ReceivedAsync(bad.Duration + 6);

        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();
        var track = await new MediaAnalysis(finished.Path!).FrameNumbersAsync();
        var worst = track.Continuity(Format.FrameRate, Format.FrameCount);
        var after = track.Between(TimeSpan.FromSeconds(bad.Duration + 3), TimeSpan.MaxValue).Continuity(Format.FrameRate, Format.FrameCount);
        output.WriteLine($"relay dropped {relay.Dropped}, late {relay.Swapped}, asked {asked}; {good.Statistics.Video}");
        output.WriteLine($"whole {worst}");
        output.WriteLine($"after {after}");
    }
}
