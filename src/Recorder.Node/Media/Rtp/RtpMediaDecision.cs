using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media.Life;
using Recorder.Node.Parts;
using Recorder.Node.Workers;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Media.Rtp;

/// <summary>
/// Decides what happens next in the media side of an RTP session: a function from its state and one input to its next
/// state and the effects to carry out. An input that does not fit the phase changes nothing.
/// <see cref="WorkerLifeDecision"/> decides how that side ends.
/// </summary>
internal static class RtpMediaDecision
{
    private const string NoPicture =
        "A session of type rtp has no picture to show: what it receives is written as it is, without decoding. Download its record instead.";

    /// <summary>Returns the next step.</summary>
    public static RtpMediaStep Next(RtpMediaState state, object input) =>
        input switch
        {
            BeginRecording { Spec: RtpSessionSpec spec, RecordPath: { } path } begin
                when state.Life.Phase == MediaPhase.Idle => Begin(state, spec, path, begin.Endpoint),
            ResumeRecording { RecordPath: { } path } next
                when state is { Life.Phase: MediaPhase.WorkerLost, Spec: { } spec } => Begin(
                state,
                spec,
                path,
                next.Endpoint ?? state.Earlier
            ),
            FindMark mark when state.Life is { Phase: MediaPhase.Recording, FirstFrame: true } => new RtpMediaStep(
                state,
                [new MediaEffect.Command(new WorkerCommand.Mark(mark.Id, mark.Title, mark.At))]
            ),
            TakeThumbnail => Report(state, new ThumbnailFailed(NoPicture)),
            FolderReady when state.Life.Phase == MediaPhase.Starting => new RtpMediaStep(
                state,
                [new MediaEffect.Command(Reception(state))]
            ),
            PartFailed when state.Life.Phase != MediaPhase.Starting => RtpMediaStep.None(state),
            WorkerSaid said => Hear(state, said),
            _ => RtpMediaStep.Of(state, WorkerLifeDecision.Next(state.Life, input)),
        };

    private static RtpMediaStep Begin(RtpMediaState state, RtpSessionSpec spec, string path, RtpEndpoint? earlier) =>
        new(
            state with
            {
                Life = state.Life.WithWorker(path, spec.Container),
                Spec = spec,
                Earlier = earlier,
            },
            [new MediaEffect.StartWorker(), new MediaEffect.CheckFolder(path)]
        );

    private static WorkerCommand.ReceiveRtp Reception(RtpMediaState state)
    {
        var spec = state.Spec!;
        var earlier = state.Earlier;
        return new WorkerCommand.ReceiveRtp(
            state.Session.Value,
            state.Reach.Address,
            spec.Codec.ToWorker(),
            new RtpLegSettings(spec.RtpPort, spec.RtcpPort, spec.PayloadType, spec.ClockRate)
            {
                EarlierRtpPort = earlier?.RtpPort ?? 0,
                EarlierRtcpPort = earlier?.RtcpPort ?? 0,
            },
            spec.Audio is not { } audio
                ? null
                : new RtpLegSettings(audio.RtpPort, audio.RtcpPort, audio.PayloadType, RtpLegSettings.OpusClockRate)
                {
                    EarlierRtpPort = earlier?.AudioRtpPort ?? 0,
                    EarlierRtcpPort = earlier?.AudioRtcpPort ?? 0,
                },
            spec.Container.ToWorker(),
            state.Life.RecordPath!,
            state.MinimumFreeBytes
        );
    }

    private static RtpMediaStep Hear(RtpMediaState state, WorkerSaid said)
    {
        var life = state.Life;
        var running = life.Phase is MediaPhase.Recording or MediaPhase.Finishing;
        switch (said.Event)
        {
            case WorkerEvent.RtpReady ready when life.Phase == MediaPhase.Starting:
                var endpoint = new RtpEndpoint(
                    state.Reach.Host,
                    ready.RtpPort,
                    ready.RtcpPort,
                    ready.AudioRtpPort,
                    ready.AudioRtcpPort
                );
                return Report(
                    state with
                    {
                        Life = life with { Phase = MediaPhase.Recording },
                        Earlier = endpoint,
                    },
                    new PortsBound(life.RecordPath!, endpoint, ready.At)
                );
            case WorkerEvent.FirstFrame first when running:
                return Report(
                    state with
                    {
                        Life = life with { FirstFrame = true },
                    },
                    new FirstFrameWritten(life.RecordPath, first.At)
                );
            case WorkerEvent.RtpProgress grew when running:
                return Report(
                    state,
                    new RecordGrew(
                        life.RecordPath,
                        said.At,
                        grew.Frames,
                        0,
                        grew.FileBytes,
                        TimeSpan.FromSeconds(grew.Duration)
                    )
                    {
                        Rtp = grew.Statistics.ToSession(),
                    }
                );
            case WorkerEvent.Marked marked:
                return Report(state, new MarkFound(life.RecordPath, marked.Id, TimeSpan.FromSeconds(marked.At)));
            case WorkerEvent.RtpSenderSilent silent when life.Phase == MediaPhase.Recording:
                return Report(state, new SenderSilent(silent.At, silent.Message));
            case WorkerEvent.RtpSenderHeard heard when life.Phase == MediaPhase.Recording:
                return Report(state, new SenderHeard(heard.At));
            case WorkerEvent.RtpSenderIgnored ignored when life.Phase == MediaPhase.Recording:
                return Report(state, new SenderIgnored(ignored.At, ignored.Message));
            case WorkerEvent.RtpReceptionFailed failed when life.Phase == MediaPhase.Recording:
                return Report(state, new ReceptionFailed(failed.At, failed.Message));
            default:
                return RtpMediaStep.Of(state, WorkerLifeDecision.Next(life, said));
        }
    }

    private static RtpMediaStep Report(RtpMediaState state, IMediaEvent told) =>
        new(state, [new MediaEffect.Report(told)]);
}
