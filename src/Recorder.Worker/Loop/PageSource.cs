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

    private readonly WorkerCommand.Prepare _settings;
    private readonly Func<WorkerCommand.Prepare, Task<CaptureSources>> _open;
    private readonly TaskCompletionSource<Message?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PageRecording? _recording;
    private DateTimeOffset? _begunAt;
    private long _origin;
    private long _ticks;
    private bool _soundBesideIsOurs;

    /// <summary>A source that opens nothing before <see cref="PrepareAsync"/>.</summary>
    /// <param name="settings">What to record.</param>
    /// <param name="port">The loop.</param>
    /// <param name="open">Connects to the display and the sound server; throws <see cref="WorkerException"/>.</param>
    public PageSource(
        WorkerCommand.Prepare settings,
        LoopPort port,
        Func<WorkerCommand.Prepare, Task<CaptureSources>> open
    )
        : base(new RecordPlace(settings.Session, settings.Path, settings.Container, settings.MinimumFreeBytes), port)
    {
        this._settings = settings;
        this._open = open;
    }

    /// <inheritdoc/>
    public override bool HasBegun => _begunAt is not null;

    /// <inheritdoc/>
    public override TimeSpan TickInterval { get; } = TimeSpan.FromSeconds(1);

    void IRecordingEvents.DisplayLost() => Port.Post(new WorkerInput.DisplayLost());

    void IRecordingEvents.SoundLost() => Port.Post(new WorkerInput.SoundLost());

    void IRecordingEvents.PipelineMessage(Message message)
    {
        // The code that awaits the end of the stream no longer reads the loop's inputs.
        _end.TrySetResult(message);
        Port.Post(new WorkerInput.Pipeline(message));
    }

    /// <inheritdoc/>
    public override async Task PrepareAsync()
    {
        PrepareCheck.Throw(_settings);
        if (_settings.Path is { } path)
        {
            Reserve(path);
            if (_settings.AlsoAudio is { } container)
            {
                PrepareCheck.Reserve(_settings.Session, FileContainers.SoundBeside(path, container));
                _soundBesideIsOurs = true;
            }
        }

        Application.Init();
        var sources = await _open(_settings);
        _recording = new PageRecording(_settings, sources, this, Port.Time);
        if (!_recording.Started)
        {
            // An error message is on its way and says more than the refused start.
            (var code, var text) = await EndOfPipelineAsync(StartMessageLimit) is { } message
                ? PipelineFault.Of(message)
                : (WorkerFailure.EncoderFailed, "no reason given");
            throw new WorkerException(code, $"Session {_settings.Session} cannot start its pipeline: {text}");
        }

        Port.Tell(new WorkerEvent.Ready());
    }

    /// <inheritdoc/>
    public override string CannotBuild(string reason) => $"Session {_settings.Session} cannot encode: {reason}";

    /// <inheritdoc/>
    public override async Task<RecordFault?> ObeyAsync(WorkerCommand command)
    {
        switch (command)
        {
            case WorkerCommand.Begin when HasBegun:
                return Refuse("The worker can only begin once.");
            case WorkerCommand.Begin begin:
                _resumes = begin.Resumes;
                await BeginAsync(_recording!);
                return null;
            case WorkerCommand.ChangeTargets change:
                ChangeTargets(change.Targets);
                return null;
            case WorkerCommand.Pause:
                return Pause(paused: true);
            case WorkerCommand.Unpause:
                return Pause(paused: false);
            case WorkerCommand.Mark mark:
                return Mark(mark);
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
                var lost = $"The display of session {_settings.Session} is gone.";
                Port.Tell(new WorkerEvent.DisplayLost(lost));
                return new RecordFault(WorkerFailure.DisplayLost, lost);
            case WorkerInput.SoundLost:
                Port.Tell(
                    new WorkerEvent.SoundLost(
                        $"The sound server of session {_settings.Session} is gone; its record goes on with silence."
                    )
                );
                return null;
            case WorkerInput.Pipeline { Message: var message }:
                (var code, var text) =
                    message.Type == MessageType.Eos
                        ? (WorkerFailure.EncoderFailed, "the stream ended by itself")
                        : PipelineFault.Of(message);
                return new RecordFault(code, $"The pipeline of session {_settings.Session} failed: {text}");
            case WorkerInput.TargetChanged target:
                return OnTargetChanged(target.Id);
            case WorkerInput.KeyFrameWanted:
                _recording!.ForceKeyFrame();
                return null;
            case WorkerInput.ThumbnailMade made:
                Port.Tell(made.Event);
                return null;
            case WorkerInput.FirstPictureWritten:
                _recording!.FirstPictureIsWritten();
                Port.Tell(new WorkerEvent.FirstFrame(_begunAt!.Value, _settings.Path));
                return null;
            default:
                return null;
        }
    }

    /// <inheritdoc/>
    public override Task<RecordFault?> OnTickAsync()
    {
        var running = _recording!;
        var progress = running.Measure();
        Port.Tell(progress);
        TellStreams();
        TellHls();
        if (_settings.Path is null && _resumes && !_streamBegan && progress.EncodedBytes > 0)
        {
            TellStreamBegan();
        }

        if (LiveKeyFrames.Due(++_ticks, _settings.Picture, _streams is { Summaries.Count: > 0 }, _hls is not null))
        {
            running.ForceKeyFrame();
        }

        return Task.FromResult(
            running.SinceLastEncoded > StallLimit
                ? new RecordFault(
                    WorkerFailure.Stalled,
                    $"Session {_settings.Session} has encoded no picture for {StallLimit.TotalSeconds:0} s; its record was ended."
                )
                : null
        );
    }

    /// <inheritdoc/>
    public override async Task<RecordEnd> EndAsync(TimeSpan limit)
    {
        var running = _recording!;
        var ended = false;
        if (!_end.Task.IsCompleted)
        {
            await running.EndAsync();
            ended = await EndOfPipelineAsync(limit) is { Type: MessageType.Eos };
        }

        Port.Tell(running.Measure());
        var closing = CloseStreamsAsync();
        await _thumbnail;
        var stopped = await StopAsync(running);
        var figures = running.Measure();
        await closing;
        await CloseHlsAsync();

        // A Matroska file or a transport stream is final after a proper end. An MP4 file still has to become
        // fast-start.
        var isFinal = ended && stopped && _settings.Container != FileContainer.Mp4;
        return new RecordEnd(
            figures.Duration,
            figures.FileBytes,
            _settings.Path is null ? figures.Captured : figures.Recorded
        )
        {
            Final = isFinal ? new FileSummary(figures.Duration, figures.FileBytes, figures.Recorded) : null,
            Hls = _hls?.Length,
        };
    }

    /// <inheritdoc/>
    public override async Task AbandonAsync()
    {
        if (_recording is not null)
        {
            await StopAsync(_recording);
        }

        if (_soundBesideIsOurs)
        {
            File.Delete(FileContainers.SoundBeside(_settings.Path!, _settings.AlsoAudio!.Value));
        }
    }

    /// <summary>Does nothing: after a fault of the worker itself, the end of the process releases threads and
    /// file.</summary>
    public override void Dispose() { }

    private async Task BeginAsync(PageRecording prepared)
    {
        StartHls(prepared);
        _origin = await prepared.BeginAsync();
        _begunAt = Port.Time.GetUtcNow() + Port.Time.GetElapsedTime(Port.Time.GetTimestamp(), _origin);
        _hls?.BeganAt(_begunAt.Value);
        StartStreams(prepared);
        if (_settings.Path is { } path)
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
            while (await timer.WaitForNextTickAsync(Port.Watching))
            {
                var length = RecordFile.Length(path);
                if (length != looked && RecordFormat.HoldsPicture(path, _settings.Container))
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
            return await _end.Task.WaitAsync(limit, Port.Time);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    // A hanging element must not keep the file on the disk from being finalised.
    private Task<bool> StopAsync(PageRecording running) =>
        OwnThread.EndsAsync(
            () =>
            {
                running.Stop();
                running.Dispose();
            },
            StopLimit,
            Port.Time
        );
}
