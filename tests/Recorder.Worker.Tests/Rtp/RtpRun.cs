using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Loop;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>What tests ask of a worker that receives RTP.</summary>
internal static class RtpRun
{
    /// <summary>The command to receive on loopback.</summary>
    public static WorkerCommand.ReceiveRtp Settings(
        WorkerRun run,
        PictureCodec codec,
        FileContainer container,
        RtpLegSettings video,
        RtpLegSettings? audio
    ) =>
        new(
            1,
            "127.0.0.1",
            codec,
            video,
            audio,
            container,
            run.PathOf("record." + container.ToString().ToLowerInvariant()),
            0
        );

    /// <summary>Receives on ports of its choice, or those given, once they are bound.</summary>
    public static async Task<WorkerEvent.RtpReady> ReceiveAsync(
        this WorkerRun run,
        PictureCodec codec = PictureCodec.Vp8,
        FileContainer container = FileContainer.Webm,
        bool sound = false,
        RtpLegSettings? video = null,
        int audioPayloadType = 111
    )
    {
        var audio = sound ? new RtpLegSettings(0, 0, audioPayloadType, RtpLegSettings.OpusClockRate) : null;
        run.Say(Settings(run, codec, container, video ?? new RtpLegSettings(0, 0, 96, 90_000), audio));
        return await run.ExpectAsync<WorkerEvent.RtpReady>();
    }

    /// <summary>Waits until the record has that many pictures.</summary>
    public static async Task PicturesAsync(this WorkerRun run, long pictures)
    {
        while ((await run.ExpectAsync<WorkerEvent.RtpProgress>()).Frames < pictures) { }
    }

    /// <summary>Waits until the record is that many seconds long.</summary>
    public static async Task<WorkerEvent.RtpProgress> ReceivedAsync(this WorkerRun run, double seconds)
    {
        while (true)
        {
            if (await run.ExpectAsync<WorkerEvent.RtpProgress>() is var progress && progress.Duration >= seconds)
            {
                return progress;
            }
        }
    }
}
