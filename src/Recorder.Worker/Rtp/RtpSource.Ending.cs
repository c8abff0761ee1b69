using Recorder.Worker.Files;
using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>The end of reception and record.</summary>
internal sealed partial class RtpSource
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long the sockets are still read at the end.</summary>
    private static readonly TimeSpan SocketLimit = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public override async Task<RecordEnd> EndAsync(TimeSpan limit)
    {
        // Packets that had come before the end belong to the record.
        await Task.WhenAll(_legs.Select(leg => leg.ReadEmptyAsync(SocketLimit)));
        await StopReceptionAsync();
        var end = _record!.End();
        var final = end is null ? null : await EndOfRecordAsync(end, limit);
        TellFirstFrame();
        var figures = Measure();
        LetGo();
        if (end is not null)
        {
            Port.Tell(figures with { FileBytes = RecordFile.Length(_settings.Path) });
        }

        return new RecordEnd(figures.Duration, figures.FileBytes, figures.Frames)
        {
            Final = final,
            Nothing = end is null ? NothingToKeep(figures.Statistics) : null,
        };
    }

    /// <inheritdoc/>
    public override async Task AbandonAsync()
    {
        await StopReceptionAsync();
        LetGo();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _senders
            ?.End()
            .ForEach(receiver =>
            {
                receiver.Stop();
                receiver.Dispose();
            });
        _record?.Dispose();
    }

    private string NothingToKeep(RtpFigures received)
    {
        var sound = received.Audio is null ? "" : ", and no sound";
        return received.Video.Packets == 0
            ? $"Session {_settings.Session} has no record: no RTP of payload type {_settings.Video.PayloadType} ever came to UDP port {_legs[0].Settings.RtpPort} ({received.Video.Rejected} packets were something else){sound}."
            : $"Session {_settings.Session} has no record: {received.Video.Packets} packets came, but never a whole key frame of {_settings.Codec.ToString().ToUpperInvariant()}{sound}.";
    }

    /// <summary>The content of the file, when the file has ended and is final.</summary>
    private async Task<FileSummary?> EndOfRecordAsync(Task<FileSummary?> end, TimeSpan limit)
    {
        try
        {
            return await end.WaitAsync(limit, Port.Time);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The file could not be written to its end, which was told before. The content of the file can be repaired.
            await Console.Error.WriteLineAsync($"The record {_settings.Path} has no end: {error.Message}");
            return null;
        }
    }

    private void LetGo()
    {
        _record?.Dispose();
        _record = null;
        _legs.ForEach(leg => leg.Dispose());
    }

    // A hanging element must not keep the file on the disk from being finalised.
    private Task<bool> StopAsync(Action stop) => OwnThread.EndsAsync(stop, StopLimit, Port.Time);
}
