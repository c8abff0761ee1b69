using System.Text.Json;
using System.Threading.Channels;
using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Live;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>
/// The worker's one loop: commands in, events out, one record or some repairs in a life. What happens elsewhere arrives as an input too, so
/// that nothing here runs at the same time as anything else.
/// </summary>
internal sealed partial class PageWorker : IRecordingEvents, IDisposable
{
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPictureInterval = TimeSpan.FromMilliseconds(20);

    private readonly Channel<WorkerInput> inputs = Channel.CreateUnbounded<WorkerInput>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource<Message?> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource watching = new();
    private readonly Action<WorkerEvent> tell;
    private readonly Func<WorkerCommand.Prepare, Task<RecordingSources>> open;
    private readonly TimeProvider time;
    private Recording? recording;
    private long ticks;
    private DateTimeOffset? begunAt;
    private bool fileIsOurs;
    private LastAlive? nodeAlive;

    /// <summary>A worker that does nothing until <see cref="RunAsync"/>.</summary>
    /// <param name="tell">Takes the events, in order.</param>
    /// <param name="open">Connects to what is to be recorded; throws <see cref="WorkerException"/>.</param>
    /// <param name="time">The clock.</param>
    public PageWorker(Action<WorkerEvent> tell, Func<WorkerCommand.Prepare, Task<RecordingSources>> open, TimeProvider time)
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
                WorkerInput.TargetChanged target => await OnTargetChangedAsync(target.Id).ConfigureAwait(false),
                WorkerInput.KeyFrameWanted => OnKeyFrameWanted(),
                WorkerInput.ThumbnailMade made => Tell(made.Event),
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
            case WorkerCommand.Begin begin:
                resumes = begin.Resumes;
                return recording is null || begunAt is not null ? Refuse("The worker can only begin once, after prepare.") : await BeginAsync(recording).ConfigureAwait(false);
            case WorkerCommand.ChangeTargets change:
                return ChangeTargets(change.Targets);
            case WorkerCommand.Pause:
                return Pause(paused: true);
            case WorkerCommand.Unpause:
                return Pause(paused: false);
            case WorkerCommand.TakeThumbnail:
                return TakeThumbnail();
            case WorkerCommand.ReceiveRtp receive:
                return recording is null ? await ReceiveAsync(receive).ConfigureAwait(false) : Refuse("This worker is prepared already.");
            case WorkerCommand.Finish:
                return await FinishAsync(WorkerFinishReason.Finish).ConfigureAwait(false);
            case WorkerCommand.Alive alive:
                nodeAlive = LastAlive.Now(alive, time);
                return null;
            case WorkerCommand.Repair repair:
                return recording is null ? await RepairAsync(repair).ConfigureAwait(false) : Refuse("A worker that records does not repair files.");
            case WorkerCommand.Keep keep:
                return recording is null ? await KeepAsync(keep).ConfigureAwait(false) : Refuse("A worker that records does not look at files.");
            default:
                return Refuse("The worker does not know this command.");
        }
    }

    /// <summary>The inputs are the reception's from here on.</summary>
    private async Task<int?> ReceiveAsync(WorkerCommand.ReceiveRtp receive)
    {
        using Rtp.RtpWorker receiving = new(receive, nodeAlive, inputs, tell, time);
        return await receiving.RunAsync().ConfigureAwait(false);
    }

    private int? Refuse(string message) => Tell(new WorkerEvent.Failed(WorkerFailure.InvalidCommand, message));

    private int? Tell(WorkerEvent said)
    {
        tell(said);
        return null;
    }

    private async Task<int?> PrepareAsync(WorkerCommand.Prepare settings)
    {
        try
        {
            PrepareCheck.Throw(settings);
            if (settings.Path is { } path)
            {
                PrepareCheck.Reserve(settings.Session, path);
                fileIsOurs = true;
            }

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
            File.Delete(settings.Path!);
        }

        tell(new WorkerEvent.Failed(code, message));
        return WorkerExitCode.NotPrepared;
    }

    private async Task<int?> BeginAsync(Recording prepared)
    {
        StartHls(prepared);
        long origin = await prepared.BeginAsync().ConfigureAwait(false);
        begunAt = time.GetUtcNow() + time.GetElapsedTime(time.GetTimestamp(), origin);
        hls?.BeganAt(begunAt.Value);
        StartStreams(prepared);
        _ = TickAsync();
        if (prepared.Settings.Path is { } path)
        {
            _ = WatchForFirstPictureAsync(path, prepared.Settings.Container);
        }

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

    private async Task WatchForFirstPictureAsync(string path, FileContainer container)
    {
        using PeriodicTimer timer = new(FirstPictureInterval, time);
        long looked = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(watching.Token).ConfigureAwait(false))
            {
                long length = RecordFile.Length(path);
                if (length != looked && RecordFile.HoldsPicture(path, container))
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
        if (settings.Path is { } path && RecordFile.IsGone(path))
        {
            return await FailAsync(WorkerFailure.RecordGone, $"Session {settings.Session} has lost its record while it was written.").ConfigureAwait(false);
        }

        WorkerEvent.Progress progress = running.Measure();
        tell(progress);
        TellStreams();
        TellHls();
        if (settings.Path is null && resumes && !streamBegan && progress.EncodedBytes > 0)
        {
            TellStreamBegan();
        }

        if (LiveKeyFrames.Due(++ticks, settings, streams is { Summaries.Count: > 0 }, hls is not null))
        {
            running.ForceKeyFrame();
        }

        if (nodeAlive?.IsOver(time) == true)
        {
            return await FinishAsync(WorkerFinishReason.NodeSilent).ConfigureAwait(false);
        }

        if (running.SinceLastEncoded > StallLimit)
        {
            return await FailAsync(
                WorkerFailure.Stalled, $"Session {settings.Session} has encoded no picture for {StallLimit.TotalSeconds:0} s; its record was ended.").ConfigureAwait(false);
        }

        if (settings.Path is not null && RecordFile.FreeBytes(settings.Path) < settings.MinimumFreeBytes)
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
}
