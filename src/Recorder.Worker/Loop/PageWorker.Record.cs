using Recorder.Worker.GStreamer;
using Recorder.Worker.Live;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Loop;

/// <summary>What can be asked of the worker while it records: to pause, to show a picture, and to keep a live playlist.</summary>
internal sealed partial class PageWorker
{
    private static readonly TimeSpan HlsEndLimit = TimeSpan.FromSeconds(12);

    private HlsOutput? hls;
    private WorkerOutput? hlsTold;
    private Task thumbnail = Task.CompletedTask;

    // Before the first picture: a playlist begins with the record.
    private void StartHls(Recording prepared)
    {
        if (prepared.Settings is { Hls: true, Path: { } path } && prepared.RecordFanOut is { } fanOut)
        {
            hls = new HlsOutput(path, new KeyFrameRequests(() => Post(new WorkerInput.KeyFrameWanted()), time), prepared.EncodersTimeOf, time);
            fanOut.Add(hls);
        }
    }

    private int? OnKeyFrameWanted()
    {
        recording!.ForceKeyFrame();
        return null;
    }

    private void TellHls()
    {
        if (hls?.Summary is { } summary && summary != hlsTold)
        {
            hlsTold = summary;
            tell(new WorkerEvent.OutputChanged(summary));
        }
    }

    // A disk that hangs keeps the last segment, not the record.
    private async Task CloseHlsAsync()
    {
        if (hls is null)
        {
            return;
        }

        try
        {
            await hls.CloseAsync().WaitAsync(HlsEndLimit, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await Console.Error.WriteLineAsync("The live playlist has no end: its disk does not answer.").ConfigureAwait(false);
        }

        TellHls();
    }

    // Whatever becomes of the record: who still plays it live should not wait for more.
    private static async Task<PlaylistLength?> EndPlaylistAsync(string recordPath)
    {
        try
        {
            return await OnThreadAsync(() => HlsPlaylist.End(PlaylistNames.FolderOf(recordPath))).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The live playlist of {recordPath} has no end: {error.Message}").ConfigureAwait(false);
            return null;
        }
    }

    private int? Pause(bool paused)
    {
        if (begunAt is null || recording!.Settings.Path is null)
        {
            return Refuse("There is no record that could pause or go on.");
        }

        if (paused)
        {
            recording.Pause();
        }
        else if (recording.IsPaused)
        {
            recording.Unpause();
        }

        tell(new WorkerEvent.PauseChanged(paused, time.GetUtcNow()));
        return null;
    }

    private int? TakeThumbnail()
    {
        if (begunAt is null)
        {
            tell(new WorkerEvent.ThumbnailFailed("Nothing is being recorded at this moment; ask again in a few seconds."));
        }
        else if (thumbnail.IsCompleted)
        {
            // Who asks meanwhile gets the one that is under way.
            thumbnail = MakeThumbnailAsync(recording!);
        }

        return null;
    }

    private async Task MakeThumbnailAsync(Recording running)
    {
        WorkerEvent made;
        try
        {
            DateTimeOffset at = time.GetUtcNow();
            made = await running.TakeThumbnailAsync().ConfigureAwait(false) is { } jpeg
                ? new WorkerEvent.ThumbnailTaken(jpeg, at)
                : new WorkerEvent.ThumbnailFailed("No picture has been captured yet; ask again in a few seconds.");
        }
        catch (GStreamerException error)
        {
            made = new WorkerEvent.ThumbnailFailed(error.Message);
        }

        Post(new WorkerInput.ThumbnailMade(made));
    }
}
