using Recorder.Worker.GStreamer;
using Recorder.Worker.Live;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Loop;

/// <summary>The requests that a page's growing record takes: to pause, to show a picture, and to keep a live
/// playlist.</summary>
internal sealed partial class PageSource
{
    /// <summary>The answer to a request for a picture that comes before the record has begun.</summary>
    public const string NothingToShow = "Nothing is being recorded at this moment; ask again in a few seconds.";

    private static readonly TimeSpan HlsEndLimit = TimeSpan.FromSeconds(12);

    private HlsOutput? _hls;
    private WorkerOutput? _hlsTold;
    private Task _thumbnail = Task.CompletedTask;

    // Called before the first picture, because a playlist begins with the record.
    private void StartHls(PageRecording prepared)
    {
        if (_settings is { Hls: true, Path: { } path } && prepared.RecordFanOut is { } fanOut)
        {
            _hls = new HlsOutput(
                path,
                new KeyFrameRequests(() => Port.Post(new WorkerInput.KeyFrameWanted()), Port.Time),
                prepared.EncodersTimeOf,
                Port.Time
            );
            fanOut.Add(_hls);
        }
    }

    private void TellHls()
    {
        if (_hls?.Summary is { } summary && summary != _hlsTold)
        {
            _hlsTold = summary;
            Port.Tell(new WorkerEvent.OutputChanged(summary));
        }
    }

    // A disk that hangs may cost the playlist its last segment, but must not hold up the record.
    private async Task CloseHlsAsync()
    {
        if (_hls is null)
        {
            return;
        }

        try
        {
            await _hls.CloseAsync().WaitAsync(HlsEndLimit, Port.Time);
        }
        catch (TimeoutException)
        {
            await Console.Error.WriteLineAsync("The live playlist has no end: its disk does not answer.");
        }

        TellHls();
    }

    private RecordFault? Pause(bool paused)
    {
        if (!HasBegun || _settings.Path is null)
        {
            return Refuse("There is no record that could pause or go on.");
        }

        if (paused)
        {
            _recording!.Pause();
        }
        else if (_recording!.IsPaused)
        {
            _recording.Unpause();
        }

        Port.Tell(new WorkerEvent.PauseChanged(paused, Port.Time.GetUtcNow()));
        return null;
    }

    private RecordFault? Mark(WorkerCommand.Mark mark)
    {
        if (!HasBegun || _settings.Path is null)
        {
            return Refuse("There is no record in which a moment could be marked.");
        }

        // The command may be older than a pause or a wait of its sender. Only the differences of the host's clock
        // count, because that clock may be set.
        var age = Port.Time.GetUtcNow() - mark.At;
        var since = Port.Time.GetElapsedTime(_origin, Port.Time.GetTimestamp());
        Mark(mark, _recording!.PositionOf(age > TimeSpan.Zero ? since - age : since));
        return null;
    }

    private void TakeThumbnail()
    {
        if (!HasBegun)
        {
            Port.Tell(new WorkerEvent.ThumbnailFailed(NothingToShow));
        }
        else if (_thumbnail.IsCompleted)
        {
            // A request that comes meanwhile is answered with the picture that is being made.
            _thumbnail = MakeThumbnailAsync(_recording!);
        }
    }

    private async Task MakeThumbnailAsync(PageRecording running)
    {
        WorkerEvent made;
        try
        {
            var at = Port.Time.GetUtcNow();
            made = await running.TakeThumbnailAsync() is { } jpeg
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
