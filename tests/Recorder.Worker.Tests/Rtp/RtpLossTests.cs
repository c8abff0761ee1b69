using System.Net;
using Recorder.ReferencePages;
using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Loop;
using Xunit.Abstractions;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>A worker at the end of a bad link, and one whose sender changes what it sends.</summary>
[Collection(UnhurriedCollection.Name)]
[Trait("ring", "media")]
public class RtpLossTests(ITestOutputHelper output)
{
    private static readonly ReferenceClipFormat Format = new(640, 360, 25, TimeSpan.FromSeconds(40));
    private static readonly ReferenceClipFormat First = new(640, 360, 25, TimeSpan.FromSeconds(6));
    private static readonly ReferenceClipFormat Second = new(320, 180, 25, TimeSpan.FromSeconds(40));

    [Fact]
    public async Task Lost_packets_are_counted_a_key_frame_is_asked_for_and_the_picture_is_whole_again_with_it()
    {
        var clip = await ReferenceClip.MakeAsync(Format);
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync();
        await using RtpRelay relay = new(ready.RtpPort);
        var ownRtcpPort = FreePort();
        relay.SendRtcpTo(ownRtcpPort);
        await using var sender = RtpSender.SendWithAskedKeyFrames(clip, relay.RtpPort, ownRtcpPort);
        await run.ExpectAsync<WorkerEvent.FirstFrame>();
        await run.ReceivedAsync(2);
        var before = relay.KeyFrameRequests;
        relay.Bad = true;
        var bad = await run.ReceivedAsync(10);
        relay.Bad = false;
        var asked = relay.KeyFrameRequests - before;
        var good = await run.ReceivedAsync(bad.Duration + 8);
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        var track = await new MediaAnalysis(finished.Path!).FrameNumbersAsync();
        var whole = track.Continuity(Format.FrameRate, Format.FrameCount);
        var after = track
            .Between(TimeSpan.FromSeconds(bad.Duration + 4), TimeSpan.MaxValue)
            .Continuity(Format.FrameRate, Format.FrameCount);
        var told = good.Statistics.Video;
        output.WriteLine(
            $"Dropped {relay.Dropped}, late {relay.Swapped}, asked {asked} times; {told}; whole: {whole}; after: {after}"
        );
        Assert.InRange(relay.Dropped, 5, 1000);
        Assert.InRange(relay.Swapped, 5, 1000);
        Assert.Equal((relay.Dropped, 0), (told.Lost, told.SourceChanges));
        Assert.InRange(told.Jitter, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
        Assert.InRange(asked, 1, 100);
        Assert.InRange(told.KeyFrameRequests, asked, 100);
        Assert.InRange(whole.LongestFreeze.TotalSeconds, 0, 3);
        Assert.Equal(0, after.UnreadableFrames);
        Assert.InRange(after.DistinctRatio, 0.8, 1.05);
    }

    [Fact]
    public async Task A_sender_that_changes_the_size_of_its_picture_goes_on_in_the_same_record()
    {
        string[] paths =
        [
            await RtpSender.EncodeAsync(await ReferenceClip.MakeAsync(First), "libvpx"),
            await RtpSender.EncodeAsync(await ReferenceClip.MakeAsync(Second), "libvpx"),
        ];
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync();
        WorkerEvent.RtpProgress received;
        await using (await RtpSender.SendInTurnAsync(paths, ready.RtpPort, ready.RtcpPort))
        {
            await run.ExpectAsync<WorkerEvent.FirstFrame>();
            received = await run.ReceivedAsync(12);
        }

        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        var analysis = new MediaAnalysis(finished.Path!);
        var track = await analysis.FrameNumbersAsync();
        var turn = track
            .Frames.Zip(track.Frames.Skip(1), (first, second) => (First: first, Second: second))
            .Single(pair => pair.Second.Number < pair.First.Number);
        var before = track.Between(TimeSpan.Zero, turn.Second.Time).Continuity(First.FrameRate, First.FrameCount);
        var after = track.Between(turn.Second.Time, TimeSpan.MaxValue).Continuity(Second.FrameRate, Second.FrameCount);
        output.WriteLine($"{received.Statistics.Video}; before: {before}; after: {after}");
        Assert.Equal(["640,360", "320,180"], await Probe.SizesAsync(finished.Path!));
        Assert.Equal(0, received.Statistics.Video.SourceChanges);
        Assert.Equal(
            (0, 0, 0, 0),
            (before.MissingFrames, before.UnreadableFrames, after.MissingFrames, after.UnreadableFrames)
        );
        Assert.Equal((First.FrameCount - 1, 0), (turn.First.Number, turn.Second.Number));
        Assert.InRange(turn.Second.Time - turn.First.Time, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.InRange(finished.Duration, 12, 40);
        Assert.Single(Directory.GetFiles(run.Folder));
    }

    private static int FreePort()
    {
        var (even, next) = RtpRelay.BindPair();
        using (even)
        using (next)
        {
            return ((IPEndPoint)next.LocalEndPoint!).Port;
        }
    }
}
