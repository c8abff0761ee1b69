using Recorder.Worker.GStreamer;
using Recorder.Worker.Live;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Loop;

/// <summary>What can be asked of a page's record while it grows: to pause, to show a picture, and to keep a live playlist.</summary>
internal sealed partial class PageSource
{
    /// <summary>The answer to who asks for a picture too early.</summary>
    public const string NothingToShow = "Nothing is being recorded at this moment; ask again in a few seconds.";

    private static readonly TimeSpan HlsEndLimit = TimeSpan.FromSeconds(12);

    private HlsOutput? hls;
    private WorkerOutput? hlsTold;
    private Task thumbnail = Task.CompletedTask;

    // Before the first picture: a playlist begins with the record.
    private void StartHls(PageRecording prepared)
    {
        if (settings is { Hls: true, Path: { } path } && prepared.RecordFanOut is { } fanOut)
        {
            hls = new HlsOutput(path, new KeyFrameRequests(() => Port.Post(new WorkerInput.KeyFrameWanted()), Port.Time), prepared.EncodersTimeOf, Port.Time);
            fanOut.Add(hls);
        }
    }

    private void TellHls()
    {
        if (hls?.Summary is { } summary && summary != hlsTold)
        {
            hlsTold = summary;
            Port.Tell(new WorkerEvent.OutputChanged(summary));
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
            await hls.CloseAsync().WaitAsync(HlsEndLimit, Port.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await Console.Error.WriteLineAsync("The live playlist has no end: its disk does not answer.").ConfigureAwait(false);
        }

        TellHls();
    }

    private RecordFault? Pause(bool paused)
    {
        if (!HasBegun || settings.Path is null)
        {
            return Refuse("There is no record that could pause or go on.");
        }

        if (paused)
        {
            recording!.Pause();
        }
        else if (recording!.IsPaused)
        {
            recording.Unpause();
        }

        Port.Tell(new WorkerEvent.PauseChanged(paused, Port.Time.GetUtcNow()));
        return null;
    }

    private void TakeThumbnail()
    {
        if (!HasBegun)
        {
            Port.Tell(new WorkerEvent.ThumbnailFailed(NothingToShow));
        }
        else if (thumbnail.IsCompleted)
        {
            // Who asks meanwhile gets the one that is under way.
            thumbnail = MakeThumbnailAsync(recording!);
        }
    }

    private async Task MakeThumbnailAsync(PageRecording running)
    {
        WorkerEvent made;
        try
        {
            DateTimeOffset at = Port.Time.GetUtcNow();
            made = await running.TakeThumbnailAsync().ConfigureAwait(false) is { } jpeg
                ? new WorkerEvent.ThumbnailTaken(jpeg, at)
                : new WorkerEvent.ThumbnailFailed("No picture has been captured yet; ask again in a few seconds.");
        }
        catch (GStreamerException error)
        {
            made = new WorkerEvent.ThumbnailFailed(error.Message);
        }

        Port.Post(new WorkerInput.ThumbnailMade(made));
    }
}
