using System.Collections.Immutable;

using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Workers;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Media.Rtp;

/// <summary>
/// What happens next in the media side of an RTP session: a function from its state and one input to its next state and the effects to carry
/// out. What does not fit the phase changes nothing.
/// </summary>
internal static class RtpMediaDecision
{
    private const string NoPicture = "A session of type rtp has no picture to show: what it receives is written as it is, without decoding. Download its record instead.";

    /// <summary>The next step.</summary>
    public static RtpMediaStep Next(RtpMediaState state, object input) => input switch
    {
        BeginRecording { Spec: RtpSessionSpec spec, RecordPath: { } path } begin when state.Phase == MediaPhase.Idle =>
            Begin(state with { Spec = spec }, path, begin.Endpoint),
        BeginRecording when state.Phase == MediaPhase.Idle => End(state, new MediaFailed(FaultCode.NotSupported, "This is no session of type rtp with a record.")),
        ResumeRecording { RecordPath: { } path } next when state.Phase == MediaPhase.WorkerLost => Begin(state, path, next.Endpoint ?? state.Earlier),
        FinishRecording => Finish(state),
        TakeThumbnail => Report(state, new ThumbnailFailed(NoPicture)),
        FolderReady when state.Phase == MediaPhase.Starting => new RtpMediaStep(state, [new MediaEffect.Command(Reception(state))]),
        PartFailed failed when state.Phase == MediaPhase.Starting => End(state, new MediaFailed(failed.Code, failed.Message)),
        WorkerSaid said => Hear(state, said),
        WorkerGone gone => WorkerEnded(state, gone),
        EverythingEnded when state.Phase == MediaPhase.Ending => Ended(state),
        LastRecordRepaired repaired when state.Phase == MediaPhase.Ending => Told(state with { Final = state.Final.Insert(0, repaired.Result) }),
        _ => RtpMediaStep.None(state),
    };

    private static RtpMediaStep Begin(RtpMediaState state, string path, RtpEndpoint? earlier) => new(
        state with { Phase = MediaPhase.Starting, RecordPath = path, Earlier = earlier, FirstFrame = false, Failed = null, Closed = null },
        [new MediaEffect.StartWorker(), new MediaEffect.CheckFolder(path)]);

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
            spec.Audio is not { } audio ? null : new RtpLegSettings(audio.RtpPort, audio.RtcpPort, audio.PayloadType, RtpLegSettings.OpusClockRate)
            {
                EarlierRtpPort = earlier?.AudioRtpPort ?? 0,
                EarlierRtcpPort = earlier?.AudioRtcpPort ?? 0,
            },
            spec.Container.ToWorker(),
            state.RecordPath,
            state.MinimumFreeBytes);
    }

    private static RtpMediaStep Hear(RtpMediaState state, WorkerSaid said)
    {
        var running = state.Phase is MediaPhase.Recording or MediaPhase.Finishing;
        switch (said.Event)
        {
            case WorkerEvent.RtpReady ready when state.Phase == MediaPhase.Starting:
                var endpoint = new RtpEndpoint(state.Reach.Host, ready.RtpPort, ready.RtcpPort, ready.AudioRtpPort, ready.AudioRtcpPort);
                return Report(state with { Phase = MediaPhase.Recording, Earlier = endpoint }, new PortsBound(state.RecordPath, endpoint, ready.At));
            case WorkerEvent.FirstFrame first when running:
                return Report(state with { FirstFrame = true }, new FirstFrameWritten(state.RecordPath, first.At));
            case WorkerEvent.RtpProgress grew when running:
                return Report(state, new RecordGrew(state.RecordPath, said.At, grew.Frames, 0, grew.FileBytes, TimeSpan.FromSeconds(grew.Duration)) { Rtp = grew.Statistics.ToSession() });
            case WorkerEvent.RtpSenderSilent silent when state.Phase == MediaPhase.Recording:
                return Report(state, new SenderSilent(silent.At, silent.Message));
            case WorkerEvent.RtpSenderHeard heard when state.Phase == MediaPhase.Recording:
                return Report(state, new SenderHeard(heard.At));
            case WorkerEvent.RtpSenderIgnored ignored when state.Phase == MediaPhase.Recording:
                return Report(state, new SenderIgnored(ignored.At, ignored.Message));
            case WorkerEvent.RtpReceptionFailed failed when state.Phase == MediaPhase.Recording:
                return Report(state, new ReceptionFailed(failed.At, failed.Message));
            case WorkerEvent.Failed failed when failed.Code != WorkerFailure.InvalidCommand:
                return RtpMediaStep.None(state with { Failed = failed });
            case WorkerEvent.Finished finished:
                return RtpMediaStep.None(state with { Closed = new RecordFinished(state.RecordPath, TimeSpan.FromSeconds(finished.Duration), finished.Bytes, Repaired: false) });
            case WorkerEvent.Unrecoverable lost:
                var code = state.FirstFrame ? FaultCode.PipelineFailed : FaultCode.SenderSilent;
                return RtpMediaStep.None(state with { Closed = new RecordUnrecoverable(state.RecordPath, lost.Message, code) });
            default:
                return RtpMediaStep.None(state);
        }
    }

    private static RtpMediaStep Finish(RtpMediaState state) => state.Phase switch
    {
        MediaPhase.Idle => End(state, new RecordUnrecoverable(state.RecordPath, "Nothing was being recorded.")),
        MediaPhase.Starting => End(state, new RecordUnrecoverable(state.RecordPath, "It was stopped before its ports were bound.")),
        MediaPhase.Recording => new RtpMediaStep(state with { Phase = MediaPhase.Finishing }, [new MediaEffect.Command(new WorkerCommand.Finish())]),
        MediaPhase.WorkerLost => EndAndRepair(state),
        _ => RtpMediaStep.None(state),
    };

    private static RtpMediaStep WorkerEnded(RtpMediaState state, WorkerGone gone)
    {
        var fault = WorkerFaults.Of(state.Failed, gone.Message);
        switch (state.Phase)
        {
            case MediaPhase.Starting:
                return End(state, new MediaFailed(fault.Code, fault.Message));
            case MediaPhase.Recording when WorkerFaults.AnotherWorkerMayHelp(fault.Code):
                return new RtpMediaStep(
                    state with { Phase = MediaPhase.WorkerLost },
                    [.. ReportClosed(state), new MediaEffect.Report(new WorkerLost(state.RecordPath, fault.Code, fault.Message))]);
            case MediaPhase.Recording:
                var step = End(state, new MediaFailed(fault.Code, fault.Message));
                return step with { Effects = [.. ReportClosed(state), .. step.Effects] };
            case MediaPhase.Finishing:
                return state.Closed is { } closed ? End(state, closed) : EndAndRepair(state);
            default:
                return RtpMediaStep.None(state);
        }
    }

    private static ImmutableList<MediaEffect> ReportClosed(RtpMediaState state) => state.Closed is { } closed ? [new MediaEffect.Report(closed)] : [];

    private static RtpMediaStep Report(RtpMediaState state, IMediaEvent told) => new(state, [new MediaEffect.Report(told)]);

    private static RtpMediaStep End(RtpMediaState state, IMediaEvent final) =>
        new(state with { Phase = MediaPhase.Ending, Final = [final] }, [new MediaEffect.EndEverything(RemoveFile: null)]);

    private static RtpMediaStep EndAndRepair(RtpMediaState state) =>
        new(state with { Phase = MediaPhase.Ending, RepairAtEnd = true }, [new MediaEffect.EndEverything(RemoveFile: null)]);

    private static RtpMediaStep Ended(RtpMediaState state) => state.RepairAtEnd
        ? new RtpMediaStep(state, [new MediaEffect.RepairLast(state.RecordPath, state.Spec!.Container)])
        : Told(state);

    private static RtpMediaStep Told(RtpMediaState state) =>
        new(state with { Phase = MediaPhase.Ended }, [.. state.Final.Select(final => new MediaEffect.Report(final))]);
}
