using System.Collections.Immutable;
using System.Globalization;

using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Workers;
using Recorder.Worker.Protocol;

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
        ResumeRecording next when state.Phase == MediaPhase.WorkerLost => Resume(state, next),
        ChangeStreamTargets change => ChangeTargets(state with { Targets = change.Targets }),
        PauseRecording => WhileRecording(state, new WorkerCommand.Pause()),
        UnpauseRecording => WhileRecording(state, new WorkerCommand.Unpause()),
        TakeThumbnail when state.Phase == MediaPhase.Recording => WhileRecording(state, new WorkerCommand.TakeThumbnail()),
        TakeThumbnail => new MediaStep(state, [new MediaEffect.Report(new ThumbnailFailed("Nothing is being recorded at this moment; ask again in a few seconds."))]),
        FinishRecording => Finish(state),
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

    private static MediaStep Begin(MediaState state, BeginRecording begin) => begin.Spec switch
    {
        PageSessionSpec spec => new MediaStep(
            state with
            {
                Phase = MediaPhase.Starting,
                Spec = spec,
                RecordPath = begin.RecordPath,
                Targets = begin.Targets,
                Resumes = begin.Resumes,
                Worker = WorkerFor(begin.RecordPath),
            },
            [
                new MediaEffect.StartDisplay(),
                new MediaEffect.StartSound(),
                new MediaEffect.StartWorker(),
                .. CheckFolder(begin.RecordPath),
            ]),
        // What this media side cannot do yet is refused: a session that says it receives and does not is worse than none.
        _ => End(state, new MediaFailed(FaultCode.NotSupported, "This node cannot receive RTP yet; record a page with type uri.")),
    };

    private static MediaStep Resume(MediaState state, ResumeRecording next) => new(
        state with { Phase = MediaPhase.Starting, RecordPath = next.RecordPath, Targets = next.Targets, Resumes = true, Worker = WorkerFor(next.RecordPath) },
        [new MediaEffect.StartWorker(), .. CheckFolder(next.RecordPath)]);

    /// <summary>A session that writes no record needs no folder.</summary>
    private static WorkerProgress WorkerFor(string? recordPath) => new() { FolderReady = recordPath is null };

    private static ImmutableList<MediaEffect> CheckFolder(string? recordPath) =>
        recordPath is null ? [] : [new MediaEffect.CheckFolder(recordPath)];

    /// <summary>A worker that is not prepared yet gets the targets with its preparation.</summary>
    private static MediaStep ChangeTargets(MediaState state) =>
        state is { Phase: MediaPhase.Starting or MediaPhase.Recording, Worker.Prepared: true }
            ? new MediaStep(state, [new MediaEffect.Command(new WorkerCommand.ChangeTargets(TargetsOf(state)))])
            : MediaStep.None(state);

    private static MediaStep WhileRecording(MediaState state, WorkerCommand command) =>
        state.Phase == MediaPhase.Recording ? new MediaStep(state, [new MediaEffect.Command(command)]) : MediaStep.None(state);

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
            effects.Add(new MediaEffect.Command(new WorkerCommand.Begin { Resumes = state.Resumes }));
            state = state with { Worker = state.Worker with { Begun = true } };
        }

        return new MediaStep(state, effects.ToImmutable());
    }

    private static ImmutableList<WorkerTarget> TargetsOf(MediaState state) => [.. state.Targets.Select(target => target.ToWorker())];

    private static WorkerCommand.Prepare Preparation(MediaState state, PageSessionSpec spec, DisplayReady display, SoundReady sound) => new(
        state.Session.Value,
        display.Display,
        display.FramebufferId,
        sound.Server,
        spec.Video.ToWorker(),
        spec.Audio.ToWorker(),
        spec.Container.ToWorker(),
        state.RecordPath,
        state.MinimumFreeBytes,
        spec.Hls,
        TargetsOf(state))
    {
        Authorities = state.AuthoritiesFile,
        ListenAddress = state.ListenAddress,
    };

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
                var duration = TimeSpan.FromSeconds(grew.Duration);
                var (missed, silent) = worker.Missed.Grew(duration, TimeSpan.FromSeconds(grew.SilenceInserted));
                var step = new MediaStep(state with { Worker = worker with { Duration = duration, Missed = missed } }, [new MediaEffect.TellPictures(grew.Painted), new MediaEffect.Report(new RecordGrew(
                    state.RecordPath, said.At, grew.Captured, grew.Dropped, grew.FileBytes, duration)
                {
                    FramesRecorded = grew.Recorded,
                    Capture = CaptureOf(grew, said.At),
                })]);
                return silent is { } length ? step with { Effects = step.Effects.Add(new MediaEffect.Report(SoundMissedBy(state, length, said.At))) } : step;
            case WorkerEvent.OutputChanged changed:
                return new MediaStep(state, [new MediaEffect.Report(new OutputChanged(changed.Output.ToSession()))]);
            case WorkerEvent.PauseChanged changed:
                return new MediaStep(state, [new MediaEffect.Report(new PauseChanged(changed.Paused, changed.At))]);
            case WorkerEvent.ThumbnailTaken taken:
                return new MediaStep(state, [new MediaEffect.Report(new ThumbnailTaken(taken.Jpeg, taken.At))]);
            case WorkerEvent.ThumbnailFailed failed:
                return new MediaStep(state, [new MediaEffect.Report(new ThumbnailFailed(failed.Message))]);
            case WorkerEvent.SoundLost lost:
                return Lose(state, new PartFailed(FaultCode.SoundFailed, lost.Message));
            case WorkerEvent.DisplayLost lost:
                return Lose(state, new PartFailed(FaultCode.DisplayFailed, lost.Message));
            case WorkerEvent.Failed failed when failed.Code != WorkerFailure.InvalidCommand:
                return MediaStep.None(state with { Worker = worker with { Failed = failed } });
            case WorkerEvent.Finished finished:
                state = state with { Worker = worker with { Finished = finished } };

                // The record has its last frame: what the page does from now on, nobody sees.
                return state.Phase == MediaPhase.Finishing ? new MediaStep(state, [new MediaEffect.LeavePage()]) : MediaStep.None(state);
            case WorkerEvent.Unrecoverable lost:
                return MediaStep.None(state with { Worker = worker with { Unrecoverable = lost } });
            default:
                return MediaStep.None(state);
        }
    }

    private static SoundMissed SoundMissedBy(MediaState state, TimeSpan length, DateTimeOffset at) => new(at, string.Create(
        CultureInfo.InvariantCulture,
        $"The sound server of session {state.Session} gave nothing in time for {length.TotalSeconds:0.00} s, which are silence in the record; a machine that is too full does that."));

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
        MediaPhase.Starting => End(state, new RecordUnrecoverable(state.RecordPath, "It was stopped before its first picture was written or sent.")),
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
        { Finished: { } finished } => new RecordFinished(state.RecordPath, TimeSpan.FromSeconds(finished.Duration), finished.Bytes, Repaired: false) { Hls = finished.Hls?.ToSession() },
        { Unrecoverable: { } lost } => new RecordUnrecoverable(state.RecordPath, lost.Message),
        _ => null,
    };

    private static ImmutableList<MediaEffect> ReportClosed(MediaState state) =>
        Closed(state) is { } closed ? [new MediaEffect.Report(closed)] : [];

    private static MediaStep End(MediaState state, IMediaEvent final) => new(
        state with { Phase = MediaPhase.Ending, Final = [final] },
        [new MediaEffect.EndEverything(state.Worker is { Ready: true, FirstFrame: false } ? state.RecordPath : null)]);

    /// <summary>Of streams there is nothing to repair.</summary>
    private static MediaStep EndAndRepair(MediaState state) => state.RecordPath is null
        ? End(state, new RecordFinished(null, state.Worker.Duration, 0, Repaired: false))
        : new(state with { Phase = MediaPhase.Ending, RepairAtEnd = true }, [new MediaEffect.EndEverything(RemoveFile: null)]);

    private static MediaStep Ended(MediaState state) => state.RepairAtEnd
        ? new MediaStep(state, [new MediaEffect.RepairLast(state.RecordPath!, state.Spec!.Container)])
        : Told(state);

    private static MediaStep Told(MediaState state) => new(
        state with { Phase = MediaPhase.Ended },
        [.. state.Final.Select(final => new MediaEffect.Report(final))]);
}
