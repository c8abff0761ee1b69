using Recorder.Worker.Files;
using Recorder.Worker.Files.Formats;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Live;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>Repairs or keeps the file of a worker that died.</summary>
internal static class RecordRepair
{
    /// <summary>Makes the file playable, with a duration and an index. A file that cannot be repaired is kept as it was
    /// written.</summary>
    /// <returns>A <see cref="WorkerEvent.Finished"/> or <see cref="WorkerEvent.Unrecoverable"/>.</returns>
    public static async Task<WorkerEvent> RepairAsync(WorkerCommand.Repair repair)
    {
        PlaylistLength? hls = null;
        try
        {
            Application.Init();
            hls = await EndPlaylistAsync(repair.Path);
            var summary =
                RecordFile.Length(repair.Path) == 0
                    ? null
                    : await OwnThread.RunAsync(() =>
                        RecordFormat.Repair(
                            repair.Path,
                            repair.Container,
                            repair.MinimumFreeBytes,
                            repair.Chapters
                        )
                    );
            _ = await OwnThread.RunAsync(() => SoundBeside.Repair(repair.Path, repair.MinimumFreeBytes));
            return Said(
                repair.Path,
                summary,
                hls,
                RecordFile.IsGone(repair.Path) ? $"{repair.Path} is gone." : $"{repair.Path} holds neither picture nor sound."
            );
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or InvalidDataException or GStreamerException)
        {
            // Without room for an index the file still plays as it was written, so the record is not lost.
            await Console.Error.WriteLineAsync($"{repair.Path} stays as it was written: {error.Message}");
            var kept = await OwnThread.RunAsync(() => RecordFormat.Keep(repair.Path, repair.Container));
            return Said(repair.Path, kept, hls, $"{repair.Path} cannot be repaired: {error.Message}");
        }
    }

    /// <summary>Reports how much of the file plays as it was written.</summary>
    /// <returns>A <see cref="WorkerEvent.Finished"/> or <see cref="WorkerEvent.Unrecoverable"/>.</returns>
    public static async Task<WorkerEvent> KeepAsync(WorkerCommand.Keep keep)
    {
        var hls = await EndPlaylistAsync(keep.Path);
        var kept = await OwnThread.RunAsync(() => RecordFormat.Keep(keep.Path, keep.Container));
        return Said(keep.Path, kept, hls, $"{keep.Path} holds nothing that plays.");
    }

    private static WorkerEvent Said(string path, FileSummary? summary, PlaylistLength? hls, string otherwise) =>
        summary is null
            ? new WorkerEvent.Unrecoverable(path, otherwise)
            : new WorkerEvent.Finished(
                path,
                summary.Duration,
                summary.Bytes,
                summary.Frames,
                WorkerFinishReason.Repaired
            )
            {
                Hls = hls,
            };

    // The playlist is ended whatever becomes of the record, so that live players do not wait for more.
    private static async Task<PlaylistLength?> EndPlaylistAsync(string recordPath)
    {
        try
        {
            return await OwnThread.RunAsync(() => HlsPlaylist.End(PlaylistNames.FolderOf(recordPath)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The live playlist of {recordPath} has no end: {error.Message}");
            return null;
        }
    }
}
