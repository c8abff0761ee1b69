namespace Recorder.Cluster.Sessions.MediaPort;

/// <summary>Turns the times that this host's processes tell into times of the farm, and back. Pure.</summary>
internal static class MediaTimes
{
    /// <summary>The same event with the times of the farm.</summary>
    /// <param name="told">What the media side told, by the host's clock.</param>
    /// <param name="offset">What is to be added to a time of the host's clock.</param>
    public static IMediaEvent InFarmTime(IMediaEvent told, TimeSpan offset) =>
        offset == TimeSpan.Zero
            ? told
            : told switch
            {
                FirstFrameWritten e => e with { At = e.At + offset },
                PortsBound e => e with { At = e.At + offset },
                RecordGrew e => e with { At = e.At + offset },
                OutputChanged e => new OutputChanged(e.Output with { Since = e.Output.Since + offset }),
                PauseChanged e => e with { At = e.At + offset },
                ThumbnailTaken e => e with { At = e.At + offset },
                SenderSilent e => e with { At = e.At + offset },
                SenderIgnored e => e with { At = e.At + offset },
                SenderHeard e => e with { At = e.At + offset },
                SoundMissed e => e with { At = e.At + offset },
                ReceptionFailed e => e with { At = e.At + offset },
                BrowserLost e => e with { At = e.At + offset },
                BrowserRestored e => e with { At = e.At + offset },
                PageSays e => e with { At = e.At + offset },
                PageMarks e => e with { At = e.At + offset },
                PageWaits e => e with { At = e.At + offset },
                PageTroubled e => e with { At = e.At + offset },
                _ => told,
            };

    /// <summary>The same command with the times of the host.</summary>
    /// <param name="command">What the session tells, by the clock of the farm.</param>
    /// <param name="offset">What is to be added to a time of the host's clock.</param>
    public static IMediaCommand InHostTime(IMediaCommand command, TimeSpan offset) =>
        command is FindMark mark ? mark with { At = mark.At - offset } : command;
}
