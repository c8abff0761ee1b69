using System.Text.Json;
using System.Threading.Channels;
using Recorder.Cluster.Sessions;
using Recorder.Node.GStreamer;
using Recorder.Node.Pipelines.Files;

namespace Recorder.Node.Pipelines;

/// <summary>Something the worker reacts to, one after the other.</summary>
internal abstract record WorkerInput
{
    /// <summary>A line from standard input.</summary>
    public sealed record Line(string Text) : WorkerInput;

    /// <summary>Standard input ended.</summary>
    public sealed record InputClosed : WorkerInput;

    /// <summary>SIGTERM or SIGINT.</summary>
    public sealed record Terminated : WorkerInput;

    /// <summary>The display is gone.</summary>
    public sealed record DisplayLost : WorkerInput;

    /// <summary>The sound server is gone.</summary>
    public sealed record SoundLost : WorkerInput;

    /// <summary>The pipeline's error or end of stream.</summary>
    public sealed record Pipeline(Message Message) : WorkerInput;

    /// <summary>The first picture was found in the file.</summary>
    public sealed record FirstPictureWritten : WorkerInput;

    /// <summary>Time to look after progress, room on the disk and stalls.</summary>
    public sealed record Tick : WorkerInput;
}

/// <summary>
/// The worker's one loop: commands in, events out, one record or some repairs in a life. What happens elsewhere arrives as an input too, so
/// that nothing here runs at the same time as anything else.
/// </summary>
internal sealed class Worker : IRecordingEvents, IDisposable
{
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StalledEndLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPictureInterval = TimeSpan.FromMilliseconds(20);

    private readonly Channel<WorkerInput> inputs = Channel.CreateUnbounded<WorkerInput>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource<Message?> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource watching = new();
    private readonly Action<WorkerEvent> tell;
    private readonly Func<WorkerCommand.Prepare, Task<RecordingSources>> open;
    private readonly TimeProvider time;
    private Recording? recording;
    private DateTimeOffset? begunAt;
    private bool fileIsOurs;

    /// <summary>A worker that does nothing until <see cref="RunAsync"/>.</summary>
    /// <param name="tell">Takes the events, in order.</param>
    /// <param name="open">Connects to what is to be recorded; throws <see cref="WorkerException"/>.</param>
    /// <param name="time">The clock.</param>
    public Worker(Action<WorkerEvent> tell, Func<WorkerCommand.Prepare, Task<RecordingSources>> open, TimeProvider time)
    {
        this.tell = tell;
        this.open = open;
        this.time = time;
    }

    /// <summary>Gives the worker something to react to. From any thread.</summary>
    public void Post(WorkerInput input) => inputs.Writer.TryWrite(input);

    /// <summary>Stops looking after a record; its threads and its file are let go of when the record ends.</summary>
    public void Dispose() => watching.Dispose();

    void IRecordingEvents.DisplayLost() => Post(new WorkerInput.DisplayLost());

    void IRecordingEvents.SoundLost() => Post(new WorkerInput.SoundLost());

    void IRecordingEvents.PipelineMessage(Message message)
    {
        // Whoever waits for the end of the stream has left the loop below.
        end.TrySetResult(message);
        Post(new WorkerInput.Pipeline(message));
    }

    /// <summary>Works until the record or the input has ended.</summary>
    /// <returns>One of <see cref="WorkerExitCode"/>.</returns>
    public async Task<int> RunAsync()
    {
        await foreach (WorkerInput input in inputs.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (await ReactAsync(input).ConfigureAwait(false) is { } code)
            {
                await watching.CancelAsync().ConfigureAwait(false);
                return code;
            }
        }

        return WorkerExitCode.Finished;
    }

    private async Task<int?> ReactAsync(WorkerInput input)
    {
        try
        {
            return input switch
            {
                WorkerInput.Line line => await ObeyAsync(line.Text).ConfigureAwait(false),
                WorkerInput.InputClosed => await FinishAsync(WorkerFinishReason.InputClosed).ConfigureAwait(false),
                WorkerInput.Terminated => await FinishAsync(WorkerFinishReason.Terminated).ConfigureAwait(false),
                WorkerInput.DisplayLost => await OnDisplayLostAsync().ConfigureAwait(false),
                WorkerInput.SoundLost => OnSoundLost(),
                WorkerInput.Pipeline { Message: var message } => await OnMessageAsync(message).ConfigureAwait(false),
                WorkerInput.FirstPictureWritten => OnFirstPicture(),
                WorkerInput.Tick => await OnTickAsync().ConfigureAwait(false),
                _ => null,
            };
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A fault of ours: the file keeps what is in it, and the node hears why this process ends.
            Console.Error.WriteLine(error);
            tell(new WorkerEvent.Failed(WorkerFailure.EncoderFailed, $"The worker of session {recording?.Settings.Session} failed: {error.Message}"));
            return begunAt is null ? WorkerExitCode.NotPrepared : WorkerExitCode.NotFinalised;
        }
    }

    private async Task<int?> ObeyAsync(string line)
    {
        WorkerCommand command;
        try
        {
            command = WorkerProtocol.ParseCommand(line);
        }
        catch (JsonException error)
        {
            return Refuse($"The worker was given a line that is not a command: {error.Message}");
        }

        switch (command)
        {
            case WorkerCommand.Prepare prepare:
                return recording is null ? await PrepareAsync(prepare).ConfigureAwait(false) : Refuse("This worker is prepared already.");
            case WorkerCommand.Begin:
                return recording is null || begunAt is not null ? Refuse("The worker can only begin once, after prepare.") : await BeginAsync(recording).ConfigureAwait(false);
            case WorkerCommand.Finish:
                return await FinishAsync(WorkerFinishReason.Finish).ConfigureAwait(false);
            case WorkerCommand.Repair repair:
                return recording is null ? await RepairAsync(repair).ConfigureAwait(false) : Refuse("A worker that records does not repair files.");
            default:
                return Refuse("The worker does not know this command.");
        }
    }

    private int? Refuse(string message)
    {
        tell(new WorkerEvent.Failed(WorkerFailure.InvalidCommand, message));
        return null;
    }

    private async Task<int?> PrepareAsync(WorkerCommand.Prepare settings)
    {
        try
        {
            PrepareCheck.Throw(settings);
            PrepareCheck.Reserve(settings);
            fileIsOurs = true;
            Application.Init();
            RecordingSources sources = await open(settings).ConfigureAwait(false);
            recording = new Recording(settings, sources, this, time);
        }
        catch (WorkerException error)
        {
            return NotPrepared(settings, error.Code, error.Message);
        }
        catch (Exception error) when (error is GStreamerException or DllNotFoundException)
        {
            return NotPrepared(settings, WorkerFailure.EncoderFailed, $"Session {settings.Session} cannot encode: {error.Message}");
        }

        if (!recording.Started)
        {
            // An error message is on its way and says more.
            Message? message = await EndOfPipelineAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
            await StopAsync(recording).ConfigureAwait(false);
            (string code, string text) = message is null ? (WorkerFailure.EncoderFailed, "no reason given") : PipelineFault.Of(message);
            return NotPrepared(settings, code, $"Session {settings.Session} cannot start its pipeline: {text}");
        }

        tell(new WorkerEvent.Ready());
        return null;
    }

    private int NotPrepared(WorkerCommand.Prepare settings, string code, string message)
    {
        if (fileIsOurs)
        {
            File.Delete(settings.Path);
        }

        tell(new WorkerEvent.Failed(code, message));
        return WorkerExitCode.NotPrepared;
    }

    private async Task<int?> BeginAsync(Recording prepared)
    {
        long origin = await prepared.BeginAsync().ConfigureAwait(false);
        begunAt = time.GetUtcNow() + time.GetElapsedTime(time.GetTimestamp(), origin);
        _ = TickAsync();
        _ = WatchForFirstPictureAsync(prepared.Settings);
        return null;
    }

    private async Task TickAsync()
    {
        using PeriodicTimer timer = new(ProgressInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(watching.Token).ConfigureAwait(false))
            {
                Post(new WorkerInput.Tick());
            }
        }
        catch (OperationCanceledException)
        {
            // The worker ends.
        }
    }

    private async Task WatchForFirstPictureAsync(WorkerCommand.Prepare settings)
    {
        using PeriodicTimer timer = new(FirstPictureInterval, time);
        long looked = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(watching.Token).ConfigureAwait(false))
            {
                long length = RecordFile.Length(settings.Path);
                if (length != looked && RecordFile.HoldsPicture(settings.Path, settings.Container))
                {
                    Post(new WorkerInput.FirstPictureWritten());
                    return;
                }

                looked = length;
            }
        }
        catch (OperationCanceledException)
        {
            // The worker ends.
        }
        catch (IOException)
        {
            // The file is gone; the pipeline notices too.
        }
    }

    private int? OnFirstPicture()
    {
        tell(new WorkerEvent.FirstFrame(begunAt!.Value, recording!.Settings.Path));
        return null;
    }

    private async Task<int?> OnTickAsync()
    {
        Recording running = recording!;
        WorkerCommand.Prepare settings = running.Settings;
        tell(running.Measure());
        if (running.SinceLastEncoded > StallLimit)
        {
            return await FailAsync(
                WorkerFailure.Stalled, $"Session {settings.Session} has encoded no picture for {StallLimit.TotalSeconds:0} s; its record was ended.").ConfigureAwait(false);
        }

        if (RecordFile.FreeBytes(settings.Path) < settings.MinimumFreeBytes)
        {
            return await FailAsync(
                WorkerFailure.DiskFull,
                $"Less than {settings.MinimumFreeBytes} bytes are free for {settings.Path}; the record of session {settings.Session} was ended while it can be finalised.").ConfigureAwait(false);
        }

        return null;
    }

    private int? OnSoundLost()
    {
        tell(new WorkerEvent.SoundLost($"The sound server of session {recording?.Settings.Session} is gone; its record goes on with silence."));
        return null;
    }

    private async Task<int?> OnDisplayLostAsync()
    {
        string message = $"The display of session {recording?.Settings.Session} is gone.";
        tell(new WorkerEvent.DisplayLost(message));
        return await FailAsync(WorkerFailure.DisplayLost, message).ConfigureAwait(false);
    }

    private async Task<int?> OnMessageAsync(Message message)
    {
        (string code, string text) = message.Type == MessageType.Eos
            ? (WorkerFailure.EncoderFailed, "the stream ended by itself")
            : PipelineFault.Of(message);
        return await FailAsync(code, $"The pipeline of session {recording?.Settings.Session} failed: {text}").ConfigureAwait(false);
    }

    private async Task<int?> FinishAsync(string reason)
    {
        if (recording is null)
        {
            return WorkerExitCode.Finished;
        }

        if (begunAt is null)
        {
            await StopAsync(recording).ConfigureAwait(false);
            File.Delete(recording.Settings.Path);
            return WorkerExitCode.Finished;
        }

        return await CloseAsync(recording, reason, EndLimit).ConfigureAwait(false) ? WorkerExitCode.Finished : WorkerExitCode.NotFinalised;
    }

    private async Task<int?> FailAsync(string code, string message)
    {
        if (begunAt is null)
        {
            await StopAsync(recording!).ConfigureAwait(false);
            File.Delete(recording!.Settings.Path);
            tell(new WorkerEvent.Failed(code, message));
            return WorkerExitCode.NotPrepared;
        }

        // Whoever stalled may keep the close from ending too; the reason is told while it can be.
        bool stalled = code == WorkerFailure.Stalled;
        if (stalled)
        {
            tell(new WorkerEvent.Failed(code, message));
        }

        bool closed = await CloseAsync(recording!, code, stalled ? StalledEndLimit : EndLimit).ConfigureAwait(false);
        if (!stalled)
        {
            tell(new WorkerEvent.Failed(code, message));
        }

        return closed ? WorkerExitCode.Failed : WorkerExitCode.NotFinalised;
    }

    /// <summary>Ends the stream, closes the file and finalises it. False: it still wants a repair.</summary>
    private async Task<bool> CloseAsync(Recording running, string reason, TimeSpan endLimit)
    {
        await watching.CancelAsync().ConfigureAwait(false);
        bool ended = false;
        if (!end.Task.IsCompleted)
        {
            await running.EndAsync().ConfigureAwait(false);
            ended = await EndOfPipelineAsync(endLimit).ConfigureAwait(false) is { Type: MessageType.Eos };
        }

        tell(running.Measure());
        bool stopped = await StopAsync(running).ConfigureAwait(false);
        return await FinaliseAsync(running.Settings, reason, ended && stopped).ConfigureAwait(false);
    }

    private async Task<bool> FinaliseAsync(WorkerCommand.Prepare settings, string reason, bool ended)
    {
        WorkerEvent.Progress figures = recording!.Measure();
        try
        {
            // A Matroska file or a transport stream that was ended properly is final; MP4 still has to become fast-start.
            FileSummary? summary = ended && settings.Container != RecordContainer.Mp4
                ? new FileSummary(figures.Duration, figures.FileBytes, figures.Captured)
                : await OnThreadAsync(() => RecordFile.Repair(settings.Path, settings.Container))
                    .WaitAsync(FinaliseLimit(figures.FileBytes), time).ConfigureAwait(false);
            if (summary is null)
            {
                tell(new WorkerEvent.Unrecoverable(settings.Path, $"The record of session {settings.Session} ended before a picture was written."));
                return true;
            }

            tell(new WorkerEvent.Finished(settings.Path, summary.Duration, summary.Bytes, summary.Frames, reason));
            return true;
        }
        catch (TimeoutException)
        {
            tell(new WorkerEvent.Failed(
                WorkerFailure.WriteFailed,
                $"The record {settings.Path} of session {settings.Session} was not finalised in time; its disk does not answer. Repair it once it does."));
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // What was written is still there and plays; only its index is missing.
            Console.Error.WriteLine($"The record {settings.Path} stays as it was written: {error.Message}");
            FileSummary kept = RecordFile.Keep(settings.Path, settings.Container)
                ?? new FileSummary(figures.Duration, RecordFile.Length(settings.Path), figures.Captured);
            tell(new WorkerEvent.Finished(settings.Path, kept.Duration, kept.Bytes, kept.Frames, reason));
            return false;
        }
    }

    // A disk that writes less than this is one that hangs.
    private static TimeSpan FinaliseLimit(long bytes)
    {
        const double bytesPerSecond = 10e6;
        return TimeSpan.FromSeconds(10 + (bytes / bytesPerSecond));
    }

    private async Task<int?> RepairAsync(WorkerCommand.Repair repair)
    {
        try
        {
            Application.Init();
            FileSummary? summary = RecordFile.Length(repair.Path) == 0
                ? null
                : await OnThreadAsync(() => RecordFile.Repair(repair.Path, repair.Container)).ConfigureAwait(false);
            tell(summary is null
                ? new WorkerEvent.Unrecoverable(repair.Path, $"{repair.Path} holds no picture.")
                : new WorkerEvent.Finished(repair.Path, summary.Duration, summary.Bytes, summary.Frames, WorkerFinishReason.Repaired));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or GStreamerException)
        {
            tell(new WorkerEvent.Unrecoverable(repair.Path, $"{repair.Path} cannot be repaired: {error.Message}"));
        }

        return null;
    }

    private async Task<Message?> EndOfPipelineAsync(TimeSpan limit)
    {
        try
        {
            return await end.Task.WaitAsync(limit, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    // An element that hangs must not keep what is on disk from being finalised.
    private async Task<bool> StopAsync(Recording running)
    {
        Task<bool> stop = OnThreadAsync(() =>
        {
            running.Stop();
            running.Dispose();
            return true;
        });
        try
        {
            return await stop.WaitAsync(StopLimit, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static Task<T> OnThreadAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
