using Recorder.ReferencePages;
using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Loop;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>A worker that receives RTP while its node, its disk or its reception fails.</summary>
[Collection(UnhurriedCollection.Name)]
[Trait("ring", "media")]
public class RtpFaultTests
{
    private static readonly ReferenceClipFormat Format = new(640, 360, 25, TimeSpan.FromSeconds(12));

    [Fact]
    public async Task A_node_that_does_not_say_any_more_that_it_is_alive_ends_the_record()
    {
        var path = await RtpSender.EncodeAsync(await ReferenceClip.MakeAsync(Format), "libvpx");
        await using WorkerRun run = new();
        run.Say(new WorkerCommand.Alive(30));
        var ready = await run.ReceiveAsync();
        await using var sender = RtpSender.Send(path, ready.RtpPort, ready.RtcpPort);
        await run.ExpectAsync<WorkerEvent.FirstFrame>();
        run.Say(new WorkerCommand.Alive(30));
        await run.ReceivedAsync(2);
        run.Say(new WorkerCommand.Alive(1));
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal((run.PathOf("record.webm"), WorkerFinishReason.NodeSilent), (finished.Path, finished.Reason));
        Assert.InRange(finished.Duration, 2, 30);
        Assert.Equal(WorkerExitCode.Finished, await run.ExitCodeAsync());
        Assert.DoesNotContain(run.Said, said => said is WorkerEvent.Failed);
    }

    [Fact]
    public async Task The_node_may_have_spoken_last_before_there_was_anything_to_receive()
    {
        await using WorkerRun run = new();
        run.Say(new WorkerCommand.Alive(1));
        await run.ReceiveAsync();

        await run.ExpectAsync<WorkerEvent.Unrecoverable>();
        Assert.Equal(WorkerExitCode.Finished, await run.ExitCodeAsync());
    }

    [Fact]
    public async Task A_disk_that_hangs_ends_the_record_which_keeps_what_it_has()
    {
        var path = await RtpSender.EncodeAsync(await ReferenceClip.MakeAsync(Format), "libx264");
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync(PictureCodec.H264, FileContainer.Mp4);
        await using var sender = RtpSender.Send(path, ready.RtpPort, ready.RtcpPort);
        await run.ExpectAsync<WorkerEvent.FirstFrame>();
        await run.ReceivedAsync(3);
        using HangingFile hanging = new(run.PathOf("record.mp4"));
        var failed = await run.ExpectAsync<WorkerEvent.Failed>();
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal(WorkerFailure.Stalled, failed.Code);
        Assert.Equal(WorkerFailure.Stalled, finished.Reason);
        Assert.InRange(finished.Duration, 2, 60);
        Assert.Equal(WorkerExitCode.Failed, await run.ExitCodeAsync());
        Assert.Equal("", (await Probe.PictureAsync(finished.Path!)).Errors);
    }

    [Fact]
    public async Task A_reception_that_fails_again_and_again_is_told_and_the_worker_goes_on()
    {
        var path = await RtpSender.EncodeAsync(await ReferenceClip.MakeAsync(Format), "libvpx");
        await using WorkerRun run = new();

        // No depayloader takes this clock rate, so each sender breaks the reception; the edge refuses it.
        var ready = await run.ReceiveAsync(video: new RtpLegSettings(0, 0, 96, 48_000));
        await using var sender = RtpSender.Send(path, ready.RtpPort, ready.RtcpPort);
        var failed = await run.ExpectAsync<WorkerEvent.RtpReceptionFailed>();
        await run.ExpectAsync<WorkerEvent.RtpProgress>();
        run.Say(new WorkerCommand.Finish());
        var lost = await run.ExpectAsync<WorkerEvent.Unrecoverable>();

        Assert.Contains(
            "The reception of session 1 failed and is begun anew",
            failed.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("never a whole key frame of VP8", lost.Message, StringComparison.Ordinal);
        Assert.Equal(WorkerExitCode.Finished, await run.ExitCodeAsync());
    }
}
