using System.Collections.Immutable;
using Recorder.Worker.Files;
using Recorder.Worker.Files.Formats;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>Finalises a record's file once the writer has ended. All sources and all reasons to end share this
/// code.</summary>
internal static class RecordEnding
{
    /// <summary>Makes the file final. A file that cannot be made final is kept as it was written.</summary>
    /// <param name="place">The record.</param>
    /// <param name="end">What the writer knew of the record.</param>
    /// <param name="chapters">The chapters of the record.</param>
    /// <param name="reason">Why the record ended, for <see cref="WorkerEvent.Finished.Reason"/>.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The event to tell, and whether the file is as good as it gets. Otherwise the file still wants a
    /// <see cref="WorkerCommand.Repair"/>.</returns>
    public static async Task<(WorkerEvent Said, bool Closed)> FinaliseAsync(
        RecordPlace place,
        RecordEnd end,
        ImmutableList<RecordChapter> chapters,
        string reason,
        TimeProvider time
    )
    {
        if (place.Path is not { } path)
        {
            return (new WorkerEvent.Finished(null, end.Duration, 0, end.Frames, reason), true);
        }

        if (end.Nothing is { } nothing)
        {
            File.Delete(path);
            SoundBeside.Delete(path);
            return (new WorkerEvent.Unrecoverable(path, nothing), true);
        }

        try
        {
            var summary = await OwnThread
                .RunAsync(() =>
                {
                    var made = end.Final is { } final
                        ? RecordFormat.AddChapters(path, place.Container, final, chapters)
                        : RecordFormat.Repair(path, place.Container, place.MinimumFreeBytes, chapters);
                    RecordFile.Flush(path);
                    _ = SoundBeside.Repair(path, place.MinimumFreeBytes);
                    return made;
                })
                .WaitAsync(RecordFile.FinaliseLimit(end.FileBytes), time);
            return summary is null
                ? (
                    new WorkerEvent.Unrecoverable(
                        path,
                        $"The record of session {place.Session} ended before any picture or sound was written."
                    ),
                    true
                )
                : (Finished(summary), true);
        }
        catch (IOException) when (RecordFile.IsGone(path))
        {
            return (new WorkerEvent.Unrecoverable(path, RecordFile.Gone(path, place.Session)), true);
        }
        catch (TimeoutException)
        {
            return (
                new WorkerEvent.Failed(WorkerFailure.WriteFailed, RecordFile.NotFinalised(path, place.Session)),
                false
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // The written data is still there and plays; only the index is missing.
            await Console.Error.WriteLineAsync($"The record {path} stays as it was written: {error.Message}");
            var kept = await OwnThread.RunAsync(() => RecordFormat.Keep(path, place.Container));
            return (Finished(kept ?? new FileSummary(end.Duration, RecordFile.Length(path), end.Frames)), false);
        }

        WorkerEvent.Finished Finished(FileSummary made) =>
            new(path, made.Duration, made.Bytes, made.Frames, reason) { Hls = end.Hls };
    }
}
