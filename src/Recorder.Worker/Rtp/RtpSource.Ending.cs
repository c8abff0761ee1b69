using Recorder.Worker.Files;
using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>How reception and record end.</summary>
internal sealed partial class RtpSource
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long the sockets are read at the end.</summary>
    private static readonly TimeSpan SocketLimit = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public override async Task<RecordEnd> EndAsync(TimeSpan limit)
    {
        // What had come before the end belongs to the record.
        await Task.WhenAll(legs.Select(leg => leg.ReadEmptyAsync(SocketLimit))).ConfigureAwait(false);
        await StopReceptionAsync().ConfigureAwait(false);
        Task<FileSummary?>? end = record!.End();
        FileSummary? final = end is null ? null : await EndOfRecordAsync(end, limit).ConfigureAwait(false);
        TellFirstFrame();
        WorkerEvent.RtpProgress figures = Measure();
        LetGo();
        if (end is not null)
        {
            Port.Tell(figures with { FileBytes = RecordFile.Length(settings.Path) });
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
        await StopReceptionAsync().ConfigureAwait(false);
        LetGo();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        senders?.End().ForEach(receiver =>
        {
            receiver.Stop();
            receiver.Dispose();
        });
        record?.Dispose();
    }

    private string NothingToKeep(RtpFigures received)
    {
        string sound = received.Audio is null ? "" : ", and no sound";
        return received.Video.Packets == 0
            ? $"Session {settings.Session} has no record: no RTP of payload type {settings.Video.PayloadType} ever came to UDP port {legs[0].Settings.RtpPort} ({received.Video.Rejected} packets were something else){sound}."
            : $"Session {settings.Session} has no record: {received.Video.Packets} packets came, but never a whole key frame of {settings.Codec.ToString().ToUpperInvariant()}{sound}.";
    }

    /// <summary>What is in the file, when it has ended and is final.</summary>
    private async Task<FileSummary?> EndOfRecordAsync(Task<FileSummary?> end, TimeSpan limit)
    {
        try
        {
            return await end.WaitAsync(limit, Port.Time).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // It could not be written to its end, which was told; what is in it can be repaired.
            await Console.Error.WriteLineAsync($"The record {settings.Path} has no end: {error.Message}").ConfigureAwait(false);
            return null;
        }
    }

    private void LetGo()
    {
        record?.Dispose();
        record = null;
        legs.ForEach(leg => leg.Dispose());
    }

    // An element that hangs must not keep what is on disk from being finalised.
    private Task<bool> StopAsync(Action stop) => OwnThread.EndsAsync(stop, StopLimit, Port.Time);
}
