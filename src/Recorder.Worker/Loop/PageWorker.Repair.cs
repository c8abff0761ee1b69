using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>What becomes of the file of a worker that died.</summary>
internal sealed partial class PageWorker
{
    private PlaylistLength? repairedHls;

    private async Task<int?> RepairAsync(WorkerCommand.Repair repair)
    {
        try
        {
            Application.Init();
            repairedHls = await EndPlaylistAsync(repair.Path).ConfigureAwait(false);
            FileSummary? summary = RecordFile.Length(repair.Path) == 0
                ? null
                : await OnThreadAsync(() => RecordFile.Repair(repair.Path, repair.Container, repair.MinimumFreeBytes)).ConfigureAwait(false);
            return TellRepaired(repair.Path, summary, RecordFile.IsGone(repair.Path) ? $"{repair.Path} is gone." : $"{repair.Path} holds no picture.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or GStreamerException)
        {
            // Without room for an index it still plays as it was written: it is no lost record.
            await Console.Error.WriteLineAsync($"{repair.Path} stays as it was written: {error.Message}").ConfigureAwait(false);
            FileSummary? kept = await OnThreadAsync(() => RecordFile.Keep(repair.Path, repair.Container)).ConfigureAwait(false);
            return TellRepaired(repair.Path, kept, $"{repair.Path} cannot be repaired: {error.Message}");
        }
    }

    private async Task<int?> KeepAsync(WorkerCommand.Keep keep)
    {
        repairedHls = await EndPlaylistAsync(keep.Path).ConfigureAwait(false);
        FileSummary? kept = await OnThreadAsync(() => RecordFile.Keep(keep.Path, keep.Container)).ConfigureAwait(false);
        return TellRepaired(keep.Path, kept, $"{keep.Path} holds nothing that plays.");
    }

    private int? TellRepaired(string path, FileSummary? summary, string otherwise) => Tell(summary is null
        ? new WorkerEvent.Unrecoverable(path, otherwise)
        : new WorkerEvent.Finished(path, summary.Duration, summary.Bytes, summary.Frames, WorkerFinishReason.Repaired) { Hls = repairedHls });
}
