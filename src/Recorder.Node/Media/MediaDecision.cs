using System.Collections.Immutable;
using System.Globalization;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media.Life;
using Recorder.Node.Parts;
using Recorder.Node.Workers;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Media;

/// <summary>
/// Decides what happens next in a media set: a function from its state and one input to its next state and the effects
/// to carry out. Inputs are the session's commands and the parts' events. An input that does not fit the phase changes
/// nothing. <see cref="WorkerLifeDecision"/> decides how a set ends.
/// </summary>
internal static class MediaDecision
{
    /// <summary>Returns the next step.</summary>
    public static MediaStep Next(MediaState state, object input) =>
        input switch
        {
            BeginRecording { Spec: PageSessionSpec spec } begin when state.Life.Phase == MediaPhase.Idle => Begin(
                state,
                spec,
                begin
            ),
            ResumeRecording next when state.Life.Phase == MediaPhase.WorkerLost => Resume(state, next),
            ChangeStreamTargets change => ChangeTargets(state with { Targets = change.Targets }),
            PauseRecording => WhileRecording(state, new WorkerCommand.Pause()),
            UnpauseRecording => WhileRecording(state, new WorkerCommand.Unpause()),
            FindMark mark => WhileRecording(state, new WorkerCommand.Mark(mark.Id, mark.Title, mark.At)),
            TakeThumbnail when state.Life.Phase == MediaPhase.Recording => WhileRecording(
                state,
                new WorkerCommand.TakeThumbnail()
            ),
            TakeThumbnail when state is { Life.Phase: MediaPhase.Starting, PageShown: true } => new MediaStep(
                state,
                [new MediaEffect.TakePagePicture()]
            ),
            TakeThumbnail => Report(
                state,
                new ThumbnailFailed("Nothing is being recorded at this moment; ask again in a few seconds.")
            ),
            FolderReady when state.Life.Phase == MediaPhase.Starting => Advance(
                state with
                {
                    Worker = state.Worker with { FolderReady = true },
                }
            ),
            DisplayReady display when state.Life.Phase == MediaPhase.Starting => Advance(
                state with
                {
                    Display = display,
                }
            ),
            SoundReady sound when state.Life.Phase == MediaPhase.Starting => Advance(state with { Sound = sound }),
            PageLoaded => Advance(state with { PageShown = true }),
            WatchPage watch => new MediaStep(
                state with
                {
                    End = watch.End,
                },
                state.BrowserStarted ? [new MediaEffect.WatchPage(watch.End)] : []
            ),
            ShowPage shown => new MediaStep(
                state with
                {
                    Spec = shown.Spec,
                },
                state.BrowserStarted ? [new MediaEffect.ShowPage(shown.Spec)] : []
            ),
            PageEntered => Advance(state with { Entered = true }),
            BeginAnyway => EnterPage(state),
            BrowserChanged changed
                when state.Life.Phase is MediaPhase.Starting or MediaPhase.Recording or MediaPhase.WorkerLost => Report(
                state,
                changed.Event
            ),
            WorkerSaid said => Hear(state, said),
            _ => Live(state, input),
        };

    /// <summary>The record begins whatever the page shows. The browser is told too: from now on, the page is watched
    /// for what ends the session.</summary>
    private static MediaStep EnterPage(MediaState state)
    {
        var step = Advance(state with { Entered = true, Anyway = true });
        return state.BrowserStarted
            ? step with
            {
                Effects = step.Effects.Insert(0, new MediaEffect.EnterPage()),
            }
            : step;
    }

    /// <summary>Decides the inputs that every kind of media treats alike.</summary>
    private static MediaStep Live(MediaState state, object input) =>
        MediaStep.Of(state, WorkerLifeDecision.Next(state.Life, input));

    private static MediaStep Begin(MediaState state, PageSessionSpec spec, BeginRecording begin) =>
        new(
            state with
            {
                Life = state.Life.WithWorker(begin.RecordPath, spec.Container),
                Spec = spec,
                Targets = begin.Targets,
                Resumes = begin.Resumes,
                Rejoins = begin.Rejoins,
                End = begin.End,
                Entered = spec.Begin is null || begin.Anyway,
                Anyway = begin.Anyway,
                Worker = WorkerFor(begin.RecordPath),
            },
            [
                new MediaEffect.StartDisplay(),
                new MediaEffect.StartSound(),
                new MediaEffect.StartWorker(),
                .. CheckFolder(begin.RecordPath),
            ]
        );

    private static MediaStep Resume(MediaState state, ResumeRecording next) =>
        new(
            state with
            {
                Life = state.Life.WithWorker(next.RecordPath, state.Life.Container),
                Targets = next.Targets,
                Resumes = true,
                Worker = WorkerFor(next.RecordPath),
            },
            [new MediaEffect.StartWorker(), .. CheckFolder(next.RecordPath)]
        );

    /// <summary>Returns the progress of a new worker. A session that writes no record needs no folder check.</summary>
    private static WorkerProgress WorkerFor(string? recordPath) => new() { FolderReady = recordPath is null };

    private static ImmutableList<MediaEffect> CheckFolder(string? recordPath) =>
        recordPath is null ? [] : [new MediaEffect.CheckFolder(recordPath)];

    /// <summary>Sends the targets to a prepared worker. A worker that is not prepared yet gets the targets with its
    /// preparation.</summary>
    private static MediaStep ChangeTargets(MediaState state) =>
        state is { Life.Phase: MediaPhase.Starting or MediaPhase.Recording, Worker.Prepared: true }
            ? new MediaStep(state, [new MediaEffect.Command(new WorkerCommand.ChangeTargets(TargetsOf(state)))])
            : MediaStep.None(state);

    private static MediaStep WhileRecording(MediaState state, WorkerCommand command) =>
        state.Life.Phase == MediaPhase.Recording
            ? new MediaStep(state, [new MediaEffect.Command(command)])
            : MediaStep.None(state);

    /// <summary>Takes every step whose conditions are met, so that each step waits only for what the step
    /// needs.</summary>
    private static MediaStep Advance(MediaState state)
    {
        if (state.Life.Phase != MediaPhase.Starting)
        {
            return MediaStep.None(state);
        }
        var effects = ImmutableList.CreateBuilder<MediaEffect>();
        if (state is { Spec: { } spec, Display: { } display, Sound: { } sound })
        {
            if (!state.BrowserStarted)
            {
                effects.Add(new MediaEffect.StartBrowser(spec, display, sound.Server)
                {
                    Rejoins = state.Rejoins,
                    Anyway = state.Anyway,
                    End = state.End,
                });
                state = state with { BrowserStarted = true };
            }

            if (state.Worker is { FolderReady: true, Prepared: false })
            {
                effects.Add(new MediaEffect.Command(Preparation(state, spec, display, sound)));
                state = state with { Worker = state.Worker with { Prepared = true } };
            }
        }

        if (state is { PageShown: true, Entered: true, Worker: { Ready: true, Begun: false } })
        {
            effects.Add(new MediaEffect.Command(new WorkerCommand.Begin { Resumes = state.Resumes }));
            state = state with { Worker = state.Worker with { Begun = true } };
        }

        return new MediaStep(state, effects.ToImmutable());
    }

    private static ImmutableList<WorkerTarget> TargetsOf(MediaState state) =>
        [.. state.Targets.Select(target => target.ToWorker())];

    private static WorkerCommand.Prepare Preparation(
        MediaState state,
        PageSessionSpec spec,
        DisplayReady display,
        SoundReady sound
    ) =>
        new(
            state.Session.Value,
            display.Display,
            display.FramebufferId,
            sound.Server,
            spec.Video.ToWorker(),
            spec.Audio.ToWorker(),
            spec.Container.ToWorker(),
            state.Life.RecordPath,
            state.MinimumFreeBytes,
            spec.Hls,
            TargetsOf(state)
        )
        {
            Authorities = state.AuthoritiesFile,
            ListenAddress = state.ListenAddress,
            Network = state.Network,
            SoundOnly = spec.SoundOnly,
            AlsoAudio = spec.AlsoAudio?.ToWorker(),
        };

    private static MediaStep Hear(MediaState state, WorkerSaid said)
    {
        var (life, worker) = (state.Life, state.Worker);
        switch (said.Event)
        {
            case WorkerEvent.Ready:
                return Advance(
                    state with
                    {
                        Life = life with { FileMade = true },
                        Worker = worker with { Ready = true },
                    }
                );
            case WorkerEvent.FirstFrame first when life.Phase == MediaPhase.Starting:
                return Report(
                    state with
                    {
                        Life = life with { Phase = MediaPhase.Recording, FirstFrame = true },
                    },
                    new FirstFrameWritten(life.RecordPath, first.At)
                );
            case WorkerEvent.Progress grew when life.Phase is MediaPhase.Recording or MediaPhase.Finishing:
                return Grow(state, grew, said.At);
            case WorkerEvent.OutputChanged changed:
                return Report(state, new OutputChanged(changed.Output.ToSession()));
            case WorkerEvent.PauseChanged changed:
                return Report(state, new PauseChanged(changed.Paused, changed.At));
            case WorkerEvent.Marked marked:
                return Report(
                    state,
                    new MarkFound(state.Life.RecordPath, marked.Id, TimeSpan.FromSeconds(marked.At))
                );
            case WorkerEvent.ThumbnailTaken taken:
                return Report(state, new ThumbnailTaken(taken.Jpeg, taken.At));
            case WorkerEvent.ThumbnailFailed failed:
                return Report(state, new ThumbnailFailed(failed.Message));
            case WorkerEvent.SoundLost lost:
                return Live(state, new PartFailed(FaultCode.SoundFailed, lost.Message));
            case WorkerEvent.DisplayLost lost:
                return Live(state, new PartFailed(FaultCode.DisplayFailed, lost.Message));
            case WorkerEvent.Finished when life.Phase == MediaPhase.Finishing:
                // The record has its last frame, so nobody sees what the page does from now on.
                return Live(state, said) with { Effects = [new MediaEffect.LeavePage()] };
            default:
                return Live(state, said);
        }
    }

    private static MediaStep Grow(MediaState state, WorkerEvent.Progress grew, DateTimeOffset at)
    {
        var duration = TimeSpan.FromSeconds(grew.Duration);
        var (missed, silent) = state.Worker.Missed.Grew(duration, TimeSpan.FromSeconds(grew.SilenceInserted));
        var record = new RecordGrew(state.Life.RecordPath, at, grew.Captured, grew.Dropped, grew.FileBytes, duration)
        {
            FramesRecorded = grew.Recorded,
            Capture = CaptureOf(grew, at),
        };
        return new MediaStep(
            state with
            {
                Life = state.Life with { Duration = duration },
                Worker = state.Worker with { Missed = missed },
            },
            [
                new MediaEffect.TellPictures(grew.Painted),
                new MediaEffect.Report(record),
                .. silent is { } length
                    ? ImmutableList.Create<MediaEffect>(new MediaEffect.Report(SoundMissedBy(state, length, at)))
                    : [],
            ]
        );
    }

    private static MediaStep Report(MediaState state, IMediaEvent told) => new(state, [new MediaEffect.Report(told)]);

    private static SoundMissed SoundMissedBy(MediaState state, TimeSpan length, DateTimeOffset at) =>
        new(
            at,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The sound server of session {state.Session} gave nothing in time for {length.TotalSeconds:0.00} s, which are silence in the record; a machine that is too full does that."
            )
        );

    private static CaptureStatistics CaptureOf(WorkerEvent.Progress progress, DateTimeOffset at) =>
        new(
            at,
            progress.Captured,
            progress.Painted,
            progress.Repeated,
            progress.Dropped,
            progress.EncodedBytes,
            TimeSpan.FromSeconds(progress.Duration),
            TimeSpan.FromSeconds(progress.SilenceInserted)
        )
        {
            SoundLevel = progress.SoundLevel,
            StillFor = progress.Still > 0 ? TimeSpan.FromSeconds(progress.Still) : null,
        };
}
