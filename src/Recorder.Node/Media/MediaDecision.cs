using System.Collections.Immutable;

using Recorder.Cluster.Sessions;
using Recorder.Node.Pipelines;

namespace Recorder.Node.Media;

/// <summary>
/// What happens next in a media set: a function from its state and one input to its next state and the effects to carry out. Inputs are the session's
/// commands and the parts' events. What does not fit the phase changes nothing.
/// </summary>
internal static class MediaDecision
{
    /// <summary>The next step.</summary>
    public static MediaStep Next(MediaState state, object input) => input switch
    {
        BeginRecording begin when state.Phase == MediaPhase.Idle => Begin(state, begin),
        ContinueRecording { RecordPath: { } path } when state.Phase == MediaPhase.WorkerLost => Continue(state, path),
        FinishRecording => Finish(state),
        TakeThumbnail => new MediaStep(state, [new MediaEffect.Report(new ThumbnailFailed("This node cannot take a picture of a running session yet."))]),
        FolderReady when state.Phase == MediaPhase.Starting => Advance(state with { Worker = state.Worker with { FolderReady = true } }),
        DisplayReady display when state.Phase == MediaPhase.Starting => Advance(state with { Display = display }),
        SoundReady sound when state.Phase == MediaPhase.Starting => Advance(state with { Sound = sound }),
        PageLoaded => Advance(state with { PageShown = true }),
        BrowserChanged changed when state.Phase is MediaPhase.Starting or MediaPhase.Recording or MediaPhase.WorkerLost =>
            new MediaStep(state, [new MediaEffect.Report(changed.Event)]),
        WorkerSaid said => Hear(state, said),
        WorkerGone gone => WorkerEnded(state, gone),
        PartFailed failed => Lose(state, failed),
        EverythingEnded when state.Phase == MediaPhase.Ending => Ended(state),
        LastRecordRepaired repaired when state.Phase == MediaPhase.Ending => Told(state with { Final = state.Final.Insert(0, repaired.Result) }),
        _ => MediaStep.None(state),
    };

    private static MediaStep Begin(MediaState state, BeginRecording begin) => begin switch
    {
        // What this media side cannot do yet is refused: a session that says it streams and does not is worse than none.
        { Spec: PageSessionSpec { Mode: RecordingMode.Record, Hls: false } spec, RecordPath: { } path } => new MediaStep(
            state with { Phase = MediaPhase.Starting, Spec = spec, RecordPath = path },
            [
                new MediaEffect.StartDisplay(),
                new MediaEffect.StartSound(),
                new MediaEffect.StartWorker(),
                new MediaEffect.CheckFolder(path),
            ]),
        { Spec: PageSessionSpec } => End(state, new MediaFailed(FaultCode.NotSupported, "This node cannot stream yet; record with mode record and without hls.")),
        _ => End(state, new MediaFailed(FaultCode.NotSupported, "This node cannot receive RTP yet; record a page with type uri.")),
    };

    private static MediaStep Continue(MediaState state, string path) => new(
        state with { Phase = MediaPhase.Starting, RecordPath = path, Worker = new WorkerProgress() },
        [new MediaEffect.StartWorker(), new MediaEffect.CheckFolder(path)]);

    /// <summary>Takes every step whose conditions are met: nothing waits for what it does not need.</summary>
    private static MediaStep Advance(MediaState state)
    {
        if (state.Phase != MediaPhase.Starting)
            return MediaStep.None(state);
        var effects = ImmutableList.CreateBuilder<MediaEffect>();
        if (state is { Spec: { } spec, Display: { } display, Sound: { } sound })
        {
            if (!state.BrowserStarted)
            {
                effects.Add(new MediaEffect.StartBrowser(spec, display, sound.Server));
                state = state with { BrowserStarted = true };
            }

            if (state.Worker is { FolderReady: true, Prepared: false })
            {
                effects.Add(new MediaEffect.Command(Preparation(state, spec, display, sound)));
                state = state with { Worker = state.Worker with { Prepared = true } };
            }
        }

        if (state is { PageShown: true, Worker: { Ready: true, Begun: false } })
        {
            effects.Add(new MediaEffect.Command(new WorkerCommand.Begin()));
            state = state with { Worker = state.Worker with { Begun = true } };
        }

        return new MediaStep(state, effects.ToImmutable());
    }

    private static WorkerCommand.Prepare Preparation(MediaState state, PageSessionSpec spec, DisplayReady display, SoundReady sound) => new(
        state.Session.Value,
        display.Display,
        display.FramebufferId,
        sound.Server,
        spec.Video.Width,
        spec.Video.Height,
        spec.Video.Framerate,
        spec.Video.Bitrate,
        spec.Video.Preset.ToString().ToLowerInvariant(),
        spec.Video.Profile.ToString().ToLowerInvariant(),
        spec.Video.KeyframeInterval,
        spec.Audio.Bitrate,
        spec.Container,
        state.RecordPath,
        state.MinimumFreeBytes);

    private static MediaStep Hear(MediaState state, WorkerSaid said)
    {
        var worker = state.Worker;
        switch (said.Event)
        {
            case WorkerEvent.Ready:
                return Advance(state with { Worker = worker with { Ready = true } });
            case WorkerEvent.FirstFrame first when state.Phase == MediaPhase.Starting:
                return new MediaStep(
                    state with { Phase = MediaPhase.Recording, Worker = worker with { FirstFrame = true } },
                    [new MediaEffect.Report(new FirstFrameWritten(state.RecordPath, first.At))]);
            case WorkerEvent.Progress grew when state.Phase is MediaPhase.Recording or MediaPhase.Finishing:
                return new MediaStep(state, [new MediaEffect.Report(new RecordGrew(
                    state.RecordPath, said.At, grew.Captured, grew.Dropped, grew.FileBytes, TimeSpan.FromSeconds(grew.Duration))
                {
                    Capture = CaptureOf(grew, said.At),
                })]);
            case WorkerEvent.SoundLost lost:
                return Lose(state, new PartFailed(FaultCode.SoundFailed, lost.Message));
            case WorkerEvent.DisplayLost lost:
                return Lose(state, new PartFailed(FaultCode.DisplayFailed, lost.Message));
            case WorkerEvent.Failed failed when failed.Code != WorkerFailure.InvalidCommand:
                return MediaStep.None(state with { Worker = worker with { Failed = failed } });
            case WorkerEvent.Finished finished:
                return MediaStep.None(state with { Worker = worker with { Finished = finished } });
            case WorkerEvent.Unrecoverable lost:
                return MediaStep.None(state with { Worker = worker with { Unrecoverable = lost } });
            default:
                return MediaStep.None(state);
        }
    }

    private static CaptureStatistics CaptureOf(WorkerEvent.Progress progress, DateTimeOffset at) => new(
        at,
        progress.Captured,
        progress.Painted,
        progress.Repeated,
        progress.Dropped,
        progress.EncodedBytes,
        TimeSpan.FromSeconds(progress.Duration),
        TimeSpan.FromSeconds(progress.SilenceInserted));

    private static MediaStep Finish(MediaState state) => state.Phase switch
    {
        MediaPhase.Idle => End(state, new RecordUnrecoverable(state.RecordPath, "Nothing was being recorded.")),
        MediaPhase.Starting => End(state, new RecordUnrecoverable(state.RecordPath, "It was stopped before its first picture was written.")),
        MediaPhase.Recording => new MediaStep(
            state with { Phase = MediaPhase.Finishing }, [new MediaEffect.Command(new WorkerCommand.Finish())]),
        MediaPhase.WorkerLost => EndAndRepair(state),
        _ => MediaStep.None(state),
    };

    /// <summary>A part is gone. The record that is open is finalised first, as far as the worker can.</summary>
    private static MediaStep Lose(MediaState state, PartFailed failed) => state.Phase switch
    {
        MediaPhase.Starting => End(state, new MediaFailed(failed.Code, failed.Message)),
        MediaPhase.Recording => new MediaStep(
            state with { Phase = MediaPhase.Finishing, Cause = failed }, [new MediaEffect.Command(new WorkerCommand.Finish())]),
        MediaPhase.WorkerLost => End(state, new MediaFailed(failed.Code, failed.Message)),
        _ => MediaStep.None(state),
    };

    private static MediaStep WorkerEnded(MediaState state, WorkerGone gone)
    {
        var fault = state.Cause ?? WorkerFaults.Of(state.Worker.Failed, gone.Message);
        switch (state.Phase)
        {
            case MediaPhase.Starting:
                return End(state, new MediaFailed(fault.Code, fault.Message));
            case MediaPhase.Recording when WorkerFaults.AnotherWorkerMayHelp(fault.Code):
                return new MediaStep(
                    state with { Phase = MediaPhase.WorkerLost },
                    [.. ReportClosed(state), new MediaEffect.Report(new WorkerLost(state.RecordPath, fault.Code, fault.Message))]);
            case MediaPhase.Recording:
            case MediaPhase.Finishing when state.Cause is not null:
                var step = End(state, new MediaFailed(fault.Code, fault.Message));
                return step with { Effects = [.. ReportClosed(state), .. step.Effects] };
            case MediaPhase.Finishing:
                return Closed(state) is { } closed ? End(state, closed) : EndAndRepair(state);
            default:
                return MediaStep.None(state);
        }
    }

    /// <summary>What became of the record, when the worker said so itself.</summary>
    private static IMediaEvent? Closed(MediaState state) => state.Worker switch
    {
        { Finished: { } finished } => new RecordFinished(state.RecordPath, TimeSpan.FromSeconds(finished.Duration), finished.Bytes, Repaired: false),
        { Unrecoverable: { } lost } => new RecordUnrecoverable(state.RecordPath, lost.Message),
        _ => null,
    };

    private static ImmutableList<MediaEffect> ReportClosed(MediaState state) =>
        Closed(state) is { } closed ? [new MediaEffect.Report(closed)] : [];

    private static MediaStep End(MediaState state, IMediaEvent final) => new(
        state with { Phase = MediaPhase.Ending, Final = [final] },
        [new MediaEffect.EndEverything(state.Worker is { Ready: true, FirstFrame: false } ? state.RecordPath : null)]);

    private static MediaStep EndAndRepair(MediaState state) => new(
        state with { Phase = MediaPhase.Ending, RepairAtEnd = true }, [new MediaEffect.EndEverything(RemoveFile: null)]);

    private static MediaStep Ended(MediaState state) => state.RepairAtEnd
        ? new MediaStep(state, [new MediaEffect.RepairLast(state.RecordPath, state.Spec!.Container)])
        : Told(state);

    private static MediaStep Told(MediaState state) => new(
        state with { Phase = MediaPhase.Ended },
        [.. state.Final.Select(final => new MediaEffect.Report(final))]);
}
