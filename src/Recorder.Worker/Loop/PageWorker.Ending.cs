using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>How a record ends, whoever ends it: stream, threads, file, and what is said about it.</summary>
internal sealed partial class PageWorker
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StalledEndLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private async Task<int?> FinishAsync(string reason)
    {
        if (recording is null)
        {
            return WorkerExitCode.Finished;
        }

        if (begunAt is null)
        {
            await StopAsync(recording).ConfigureAwait(false);
            RemoveFile(recording.Settings);
            return WorkerExitCode.Finished;
        }

        return await CloseAsync(recording, reason, EndLimit).ConfigureAwait(false) ? WorkerExitCode.Finished : WorkerExitCode.NotFinalised;
    }

    private async Task<int?> FailAsync(string code, string message)
    {
        if (begunAt is null)
        {
            await StopAsync(recording!).ConfigureAwait(false);
            RemoveFile(recording!.Settings);
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
        Task streams = CloseStreamsAsync();
        await thumbnail.ConfigureAwait(false);
        bool stopped = await StopAsync(running).ConfigureAwait(false);
        WorkerEvent.Progress figures = running.Measure();
        await streams.ConfigureAwait(false);
        await CloseHlsAsync().ConfigureAwait(false);
        if (running.Settings.Path is { } path)
        {
            return await FinaliseAsync(path, running.Settings, figures, reason, ended && stopped).ConfigureAwait(false);
        }

        tell(new WorkerEvent.Finished(null, figures.Duration, 0, figures.Captured, reason));
        return true;
    }

    private static void RemoveFile(WorkerCommand.Prepare settings)
    {
        if (settings.Path is not null)
        {
            File.Delete(settings.Path);
        }
    }

    private async Task<bool> FinaliseAsync(string path, WorkerCommand.Prepare settings, WorkerEvent.Progress figures, string reason, bool ended)
    {
        try
        {
            // A Matroska file or a transport stream that was ended properly is final; MP4 still has to become fast-start.
            bool isFinal = ended && settings.Container != FileContainer.Mp4;
            FileSummary? summary = await OnThreadAsync(() =>
            {
                FileSummary? made = isFinal
                    ? new FileSummary(figures.Duration, figures.FileBytes, figures.Recorded)
                    : RecordFile.Repair(path, settings.Container, settings.MinimumFreeBytes);
                RecordFile.Flush(path);
                return made;
            }).WaitAsync(RecordFile.FinaliseLimit(figures.FileBytes), time).ConfigureAwait(false);
            if (summary is null)
            {
                tell(new WorkerEvent.Unrecoverable(path, $"The record of session {settings.Session} ended before a picture was written."));
                return true;
            }

            tell(new WorkerEvent.Finished(path, summary.Duration, summary.Bytes, summary.Frames, reason) { Hls = hls?.Length });
            return true;
        }
        catch (IOException) when (RecordFile.IsGone(path))
        {
            tell(new WorkerEvent.Unrecoverable(path, RecordFile.Gone(path, settings.Session)));
            return true;
        }
        catch (TimeoutException)
        {
            tell(new WorkerEvent.Failed(WorkerFailure.WriteFailed, RecordFile.NotFinalised(path, settings.Session)));
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // What was written is still there and plays; only its index is missing.
            Console.Error.WriteLine($"The record {path} stays as it was written: {error.Message}");
            FileSummary kept = RecordFile.Keep(path, settings.Container)
                ?? new FileSummary(figures.Duration, RecordFile.Length(path), figures.Recorded);
            tell(new WorkerEvent.Finished(path, kept.Duration, kept.Bytes, kept.Frames, reason) { Hls = hls?.Length });
            return false;
        }
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
