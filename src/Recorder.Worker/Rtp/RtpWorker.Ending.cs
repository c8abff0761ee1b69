using Recorder.Worker.Files;
using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>How a record of what is received ends, whoever ends it.</summary>
internal sealed partial class RtpWorker
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StalledEndLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long the sockets are read at the end.</summary>
    private static readonly TimeSpan SocketLimit = TimeSpan.FromMilliseconds(500);

    private async Task<int> NotPreparedAsync(Exception error)
    {
        bool fileIsOurs = record is not null;
        await StopReceiverAsync().ConfigureAwait(false);
        StopRecord();
        legs.ForEach(leg => leg.Dispose());
        if (fileIsOurs)
        {
            File.Delete(settings.Path);
        }

        tell(error is WorkerException worker
            ? new WorkerEvent.Failed(worker.Code, worker.Message)
            : new WorkerEvent.Failed(WorkerFailure.EncoderFailed, $"Session {settings.Session} cannot receive RTP: {error.Message}"));
        return WorkerExitCode.NotPrepared;
    }

    private async Task<int?> FinishAsync(string reason) =>
        await CloseAsync(reason, EndLimit).ConfigureAwait(false) ? WorkerExitCode.Finished : WorkerExitCode.NotFinalised;

    private async Task<int?> FailAsync(string code, string message)
    {
        // A disk that stalls may keep the close from ending too; the reason is told while it can be.
        bool stalled = code == WorkerFailure.Stalled;
        if (stalled)
        {
            tell(new WorkerEvent.Failed(code, message));
        }

        bool closed = await CloseAsync(code, stalled ? StalledEndLimit : EndLimit).ConfigureAwait(false);
        if (!stalled)
        {
            tell(new WorkerEvent.Failed(code, message));
        }

        return closed ? WorkerExitCode.Failed : WorkerExitCode.NotFinalised;
    }

    /// <summary>Ends reception and record and finalises the file. False: it still wants a repair.</summary>
    private async Task<bool> CloseAsync(string reason, TimeSpan endLimit)
    {
        // What had come before the end belongs to the record.
        await Task.WhenAll(legs.Select(leg => leg.ReadEmptyAsync(SocketLimit))).ConfigureAwait(false);
        await StopReceiverAsync().ConfigureAwait(false);
        Task<FileSummary?>? end = record!.End();
        FileSummary? final = end is null ? null : await EndOfRecordAsync(end, endLimit).ConfigureAwait(false);
        TellFirstFrame();
        WorkerEvent.RtpProgress figures = Measure();
        StopRecord();
        legs.ForEach(leg => leg.Dispose());
        if (end is null)
        {
            File.Delete(settings.Path);
            tell(new WorkerEvent.Unrecoverable(settings.Path, NothingToKeep(figures.Statistics)));
            return true;
        }

        tell(figures with { FileBytes = RecordFile.Length(settings.Path) });
        return await FinaliseAsync(reason, final, figures).ConfigureAwait(false);
    }

    private string NothingToKeep(RtpFigures received)
    {
        string sound = received.Audio is null ? "" : ", and no sound";
        return received.Video.Packets == 0
            ? $"Session {settings.Session} has no record: no RTP of payload type {settings.Video.PayloadType} ever came to UDP port {legs[0].Settings.RtpPort} ({received.Video.Rejected} packets were something else){sound}."
            : $"Session {settings.Session} has no record: {received.Video.Packets} packets came, but never a whole key frame of {settings.Codec.ToString().ToUpperInvariant()}{sound}.";
    }

    private async Task<bool> FinaliseAsync(string reason, FileSummary? final, WorkerEvent.RtpProgress figures)
    {
        try
        {
            FileSummary? summary = await OnThreadAsync(() =>
            {
                FileSummary? made = final ?? RecordFile.Repair(settings.Path, settings.Container, settings.MinimumFreeBytes);
                RecordFile.Flush(settings.Path);
                return made;
            }).WaitAsync(RecordFile.FinaliseLimit(figures.FileBytes), time).ConfigureAwait(false);
            tell(summary is null
                ? new WorkerEvent.Unrecoverable(settings.Path, $"The record of session {settings.Session} ended before picture or sound was written.")
                : new WorkerEvent.Finished(settings.Path, summary.Duration, summary.Bytes, summary.Frames, reason));
            return true;
        }
        catch (IOException) when (RecordFile.IsGone(settings.Path))
        {
            tell(new WorkerEvent.Unrecoverable(settings.Path, RecordFile.Gone(settings.Path, settings.Session)));
            return true;
        }
        catch (TimeoutException)
        {
            tell(new WorkerEvent.Failed(WorkerFailure.WriteFailed, RecordFile.NotFinalised(settings.Path, settings.Session)));
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // What was written is still there and plays; only its index is missing.
            Console.Error.WriteLine($"The record {settings.Path} stays as it was written: {error.Message}");
            FileSummary kept = RecordFile.Keep(settings.Path, settings.Container)
                ?? new FileSummary(figures.Duration, RecordFile.Length(settings.Path), figures.Frames);
            tell(new WorkerEvent.Finished(settings.Path, kept.Duration, kept.Bytes, kept.Frames, reason));
            return false;
        }
    }

    /// <summary>What is in the file, when it has ended and is final.</summary>
    private async Task<FileSummary?> EndOfRecordAsync(Task<FileSummary?> end, TimeSpan limit)
    {
        try
        {
            return await end.WaitAsync(limit, time).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // It could not be written to its end, which was told; what is in it can be repaired.
            await Console.Error.WriteLineAsync($"The record {settings.Path} has no end: {error.Message}").ConfigureAwait(false);
            return null;
        }
    }

    private void StopRecord()
    {
        record?.Dispose();
        record = null;
    }

    // An element that hangs must not keep what is on disk from being finalised.
    private async Task<bool> StopAsync(Action stop)
    {
        try
        {
            return await OnThreadAsync(() =>
            {
                stop();
                return true;
            }).WaitAsync(StopLimit, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static Task<T> OnThreadAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
