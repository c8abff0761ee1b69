using Recorder.Worker.Files;
using Recorder.Worker.Files.Formats;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Recorder.Worker.Sound;

namespace Recorder.Worker.Loop;

/// <summary>Records the sound of a page, without a picture: nothing is grabbed and no picture is encoded.</summary>
internal sealed class SoundSource : RecordSource, IRecordingEvents
{
    /// <summary>The answer to a request for a picture.</summary>
    public const string NoPicture = "The session records sound alone (video: false), so there is no picture.";

    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstSoundInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StartMessageLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly WorkerCommand.Prepare _settings;
    private readonly Func<WorkerCommand.Prepare, Task<ISoundSource?>> _hear;
    private readonly TaskCompletionSource<Message?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SoundRecording? _recording;
    private DateTimeOffset? _begunAt;

    /// <summary>A source that opens nothing before <see cref="PrepareAsync"/>.</summary>
    /// <param name="settings">What to record; its path is not null.</param>
    /// <param name="port">The loop.</param>
    /// <param name="hear">Connects to the sound server; throws <see cref="WorkerException"/>.</param>
    public SoundSource(
        WorkerCommand.Prepare settings,
        LoopPort port,
        Func<WorkerCommand.Prepare, Task<ISoundSource?>> hear
    )
        : base(new RecordPlace(settings.Session, settings.Path, settings.Container, settings.MinimumFreeBytes), port)
    {
        _settings = settings;
        _hear = hear;
    }

    /// <inheritdoc/>
    public override bool HasBegun => _begunAt is not null;

    /// <inheritdoc/>
    public override TimeSpan TickInterval { get; } = TimeSpan.FromSeconds(1);

    void IRecordingEvents.DisplayLost() { }

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
        Reserve(_settings.Path!);
        Application.Init();
        _recording = new SoundRecording(_settings, await _hear(_settings), this, Port.Time);
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
    public override Task<RecordFault?> ObeyAsync(WorkerCommand command) => Task.FromResult(Obey(command));

    /// <inheritdoc/>
    public override Task<RecordFault?> ReactAsync(WorkerInput input) => Task.FromResult(React(input));

    /// <inheritdoc/>
    public override Task<RecordFault?> OnTickAsync()
    {
        var running = _recording!;
        Port.Tell(running.Measure());
        return Task.FromResult(
            running.Stalled() > StallLimit
                ? new RecordFault(
                    WorkerFailure.Stalled,
                    $"Session {_settings.Session} has encoded no sound for {StallLimit.TotalSeconds:0} s; its record was ended."
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
            running.End();
            ended = await EndOfPipelineAsync(limit) is { Type: MessageType.Eos };
        }

        var stopped = await StopAsync(running);
        var figures = running.Measure();
        Port.Tell(figures);

        // An M4A file still has to become fast-start. The others are final after a proper end.
        var isFinal = ended && stopped && _settings.Container != FileContainer.M4a;
        return new RecordEnd(figures.Duration, figures.FileBytes, 0)
        {
            Final = isFinal ? new FileSummary(figures.Duration, figures.FileBytes, 0) : null,
        };
    }

    /// <inheritdoc/>
    public override async Task AbandonAsync()
    {
        if (_recording is not null)
        {
            await StopAsync(_recording);
        }
    }

    /// <summary>Does nothing: after a fault of the worker itself, the end of the process releases threads and
    /// file.</summary>
    public override void Dispose() { }

    private RecordFault? Obey(WorkerCommand command)
    {
        switch (command)
        {
            case WorkerCommand.Begin when HasBegun:
                return Refuse("The worker can only begin once.");
            case WorkerCommand.Begin:
                var origin = _recording!.Begin();
                _begunAt = Port.Time.GetUtcNow() + Port.Time.GetElapsedTime(Port.Time.GetTimestamp(), origin);
                _ = WatchForFirstSoundAsync(_settings.Path!);
                return null;
            case WorkerCommand.ChangeTargets { Targets.IsEmpty: true }:
                return null;
            case WorkerCommand.ChangeTargets:
                return Refuse("A record of sound alone is not streamed.");
            case WorkerCommand.Pause or WorkerCommand.Unpause when !HasBegun:
                return Refuse("There is no record that could pause or go on.");
            case WorkerCommand.Pause:
                _recording!.Pause();
                Port.Tell(new WorkerEvent.PauseChanged(Paused: true, Port.Time.GetUtcNow()));
                return null;
            case WorkerCommand.Unpause:
                if (_recording!.IsPaused)
                {
                    _recording.Unpause();
                }

                Port.Tell(new WorkerEvent.PauseChanged(Paused: false, Port.Time.GetUtcNow()));
                return null;
            case WorkerCommand.Mark mark:
                Mark(mark);
                return null;
            case WorkerCommand.TakeThumbnail:
                Port.Tell(new WorkerEvent.ThumbnailFailed(NoPicture));
                return null;
            default:
                return Refuse("A worker that records sound does not know this command.");
        }
    }

    // The command may be older than a pause or a wait of its sender. Only the differences of the host's clock count,
    // because that clock may be set.
    private void Mark(WorkerCommand.Mark mark)
    {
        if (!HasBegun)
        {
            _ = Refuse("There is no record in which a moment could be marked.");
            return;
        }

        var age = Port.Time.GetUtcNow() - mark.At;
        var ago = age > TimeSpan.Zero ? age : TimeSpan.Zero;
        Mark(mark, _recording!.PositionOf(ago));
    }

    private RecordFault? React(WorkerInput input)
    {
        switch (input)
        {
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
            case WorkerInput.FirstPictureWritten:
                _recording!.FirstSoundIsWritten();
                Port.Tell(new WorkerEvent.FirstFrame(_begunAt!.Value, _settings.Path));
                return null;
            default:
                return null;
        }
    }

    private async Task WatchForFirstSoundAsync(string path)
    {
        using PeriodicTimer timer = new(FirstSoundInterval, Port.Time);
        long looked = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(Port.Watching))
            {
                var length = RecordFile.Length(path);
                if (length != looked && RecordFormat.HoldsSound(path, _settings.Container))
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
        catch (Exception error) when (error is IOException or InvalidDataException)
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
    private Task<bool> StopAsync(SoundRecording running) =>
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
