using Recorder.Worker.Files;
using Recorder.Worker.Files.Formats;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Live;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>Records a page: picture and sound are captured, encoded, written and streamed.</summary>
internal sealed partial class PageSource : RecordSource, IRecordingEvents
{
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPictureInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StartMessageLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly WorkerCommand.Prepare settings;
    private readonly Func<WorkerCommand.Prepare, Task<CaptureSources>> open;
    private readonly TaskCompletionSource<Message?> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PageRecording? recording;
    private DateTimeOffset? begunAt;
    private long ticks;

    /// <summary>Nothing is opened before <see cref="PrepareAsync"/>.</summary>
    /// <param name="settings">What to record.</param>
    /// <param name="port">The loop.</param>
    /// <param name="open">Connects to what is to be recorded; throws <see cref="WorkerException"/>.</param>
    public PageSource(WorkerCommand.Prepare settings, LoopPort port, Func<WorkerCommand.Prepare, Task<CaptureSources>> open)
        : base(new RecordPlace(settings.Session, settings.Path, settings.Container, settings.MinimumFreeBytes), port)
    {
        this.settings = settings;
        this.open = open;
    }

    /// <inheritdoc/>
    public override bool HasBegun => begunAt is not null;

    /// <inheritdoc/>
    public override TimeSpan TickInterval { get; } = TimeSpan.FromSeconds(1);

    void IRecordingEvents.DisplayLost() => Port.Post(new WorkerInput.DisplayLost());

    void IRecordingEvents.SoundLost() => Port.Post(new WorkerInput.SoundLost());

    void IRecordingEvents.PipelineMessage(Message message)
    {
        // Whoever waits for the end of the stream has left the loop.
        end.TrySetResult(message);
        Port.Post(new WorkerInput.Pipeline(message));
    }

    /// <inheritdoc/>
    public override async Task PrepareAsync()
    {
        PrepareCheck.Throw(settings);
        if (settings.Path is { } path)
        {
            Reserve(path);
        }

        Application.Init();
        CaptureSources sources = await open(settings).ConfigureAwait(false);
        recording = new PageRecording(settings, sources, this, Port.Time);
        if (!recording.Started)
        {
            // An error message is on its way and says more.
            (string code, string text) = await EndOfPipelineAsync(StartMessageLimit).ConfigureAwait(false) is { } message
                ? PipelineFault.Of(message)
                : (WorkerFailure.EncoderFailed, "no reason given");
            throw new WorkerException(code, $"Session {settings.Session} cannot start its pipeline: {text}");
        }

        Port.Tell(new WorkerEvent.Ready());
    }

    /// <inheritdoc/>
    public override string CannotBuild(string reason) => $"Session {settings.Session} cannot encode: {reason}";

    /// <inheritdoc/>
    public override async Task<RecordFault?> ObeyAsync(WorkerCommand command)
    {
        switch (command)
        {
            case WorkerCommand.Begin when HasBegun:
                return Refuse("The worker can only begin once.");
            case WorkerCommand.Begin begin:
                resumes = begin.Resumes;
                await BeginAsync(recording!).ConfigureAwait(false);
                return null;
            case WorkerCommand.ChangeTargets change:
                ChangeTargets(change.Targets);
                return null;
            case WorkerCommand.Pause:
                return Pause(paused: true);
            case WorkerCommand.Unpause:
                return Pause(paused: false);
            case WorkerCommand.TakeThumbnail:
                TakeThumbnail();
                return null;
            default:
                return Refuse("A worker that records a page does not know this command.");
        }
    }

    /// <inheritdoc/>
    public override async Task<RecordFault?> ReactAsync(WorkerInput input)
    {
        switch (input)
        {
            case WorkerInput.DisplayLost:
                string lost = $"The display of session {settings.Session} is gone.";
                Port.Tell(new WorkerEvent.DisplayLost(lost));
                return new RecordFault(WorkerFailure.DisplayLost, lost);
            case WorkerInput.SoundLost:
                Port.Tell(new WorkerEvent.SoundLost($"The sound server of session {settings.Session} is gone; its record goes on with silence."));
                return null;
            case WorkerInput.Pipeline { Message: var message }:
                (string code, string text) = message.Type == MessageType.Eos
                    ? (WorkerFailure.EncoderFailed, "the stream ended by itself")
                    : PipelineFault.Of(message);
                return new RecordFault(code, $"The pipeline of session {settings.Session} failed: {text}");
            case WorkerInput.TargetChanged target:
                return OnTargetChanged(target.Id);
            case WorkerInput.KeyFrameWanted:
                recording!.ForceKeyFrame();
                return null;
            case WorkerInput.ThumbnailMade made:
                Port.Tell(made.Event);
                return null;
            case WorkerInput.FirstPictureWritten:
                Port.Tell(new WorkerEvent.FirstFrame(begunAt!.Value, settings.Path));
                return null;
            default:
                return null;
        }
    }

    /// <inheritdoc/>
    public override Task<RecordFault?> OnTickAsync()
    {
        PageRecording running = recording!;
        WorkerEvent.Progress progress = running.Measure();
        Port.Tell(progress);
        TellStreams();
        TellHls();
        if (settings.Path is null && resumes && !streamBegan && progress.EncodedBytes > 0)
        {
            TellStreamBegan();
        }

        if (LiveKeyFrames.Due(++ticks, settings.Picture, streams is { Summaries.Count: > 0 }, hls is not null))
        {
            running.ForceKeyFrame();
        }

        return Task.FromResult(running.SinceLastEncoded > StallLimit
            ? new RecordFault(WorkerFailure.Stalled, $"Session {settings.Session} has encoded no picture for {StallLimit.TotalSeconds:0} s; its record was ended.")
            : null);
    }

    /// <inheritdoc/>
    public override async Task<RecordEnd> EndAsync(TimeSpan limit)
    {
        PageRecording running = recording!;
        bool ended = false;
        if (!end.Task.IsCompleted)
        {
            await running.EndAsync().ConfigureAwait(false);
            ended = await EndOfPipelineAsync(limit).ConfigureAwait(false) is { Type: MessageType.Eos };
        }

        Port.Tell(running.Measure());
        Task closing = CloseStreamsAsync();
        await thumbnail.ConfigureAwait(false);
        bool stopped = await StopAsync(running).ConfigureAwait(false);
        WorkerEvent.Progress figures = running.Measure();
        await closing.ConfigureAwait(false);
        await CloseHlsAsync().ConfigureAwait(false);

        // A Matroska file or a transport stream that was ended properly is final; MP4 still has to become fast-start.
        bool isFinal = ended && stopped && settings.Container != FileContainer.Mp4;
        return new RecordEnd(figures.Duration, figures.FileBytes, settings.Path is null ? figures.Captured : figures.Recorded)
        {
            Final = isFinal ? new FileSummary(figures.Duration, figures.FileBytes, figures.Recorded) : null,
            Hls = hls?.Length,
        };
    }

    /// <inheritdoc/>
    public override async Task AbandonAsync()
    {
        if (recording is not null)
        {
            await StopAsync(recording).ConfigureAwait(false);
        }
    }

    /// <summary>Nothing: after a fault of ours, threads and file are let go of with the process.</summary>
    public override void Dispose()
    {
    }

    private async Task BeginAsync(PageRecording prepared)
    {
        StartHls(prepared);
        long origin = await prepared.BeginAsync().ConfigureAwait(false);
        begunAt = Port.Time.GetUtcNow() + Port.Time.GetElapsedTime(Port.Time.GetTimestamp(), origin);
        hls?.BeganAt(begunAt.Value);
        StartStreams(prepared);
        if (settings.Path is { } path)
        {
            _ = WatchForFirstPictureAsync(path);
        }
    }

    private async Task WatchForFirstPictureAsync(string path)
    {
        using PeriodicTimer timer = new(FirstPictureInterval, Port.Time);
        long looked = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(Port.Watching).ConfigureAwait(false))
            {
                long length = RecordFile.Length(path);
                if (length != looked && RecordFormat.HoldsPicture(path, settings.Container))
                {
                    Port.Post(new WorkerInput.FirstPictureWritten());
                    return;
                }

                looked = length;
            }
        }
        catch (OperationCanceledException)
        {
            // The record ends.
        }
        catch (IOException)
        {
            // The file is gone; the pipeline notices too.
        }
    }

    private async Task<Message?> EndOfPipelineAsync(TimeSpan limit)
    {
        try
        {
            return await end.Task.WaitAsync(limit, Port.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    // An element that hangs must not keep what is on disk from being finalised.
    private Task<bool> StopAsync(PageRecording running) => OwnThread.EndsAsync(
        () =>
        {
            running.Stop();
            running.Dispose();
        },
        StopLimit,
        Port.Time);
}
