using Recorder.Worker.Protocol;

namespace Recorder.Worker.Live;

/// <summary>
/// Decides when live playing needs a key frame that the encoder does not make by itself. The request applies to the
/// frame that goes into the encoder next. So the look-ahead, seconds at a low frame rate, does not delay the key frame.
/// </summary>
internal static class LiveKeyFrames
{
    /// <summary>Seconds between two key frames for viewers that join a stream.</summary>
    public const int StreamSeconds = 2;

    /// <summary>Seconds of a segment of a live playlist.</summary>
    public const int SegmentSeconds = 4;

    /// <summary>Whether a key frame is due.</summary>
    /// <param name="second">Whole seconds since the beginning.</param>
    /// <param name="settings">The encoder's settings.</param>
    /// <param name="streams">Whether there are stream targets.</param>
    /// <param name="playlist">Whether there is a live playlist.</param>
    public static bool Due(long second, PictureSettings settings, bool streams, bool playlist)
    {
        if (settings.KeyframeInterval <= StreamSeconds * settings.Framerate)
        {
            return false;
        }

        return settings.LiveKeyFrames && (streams || playlist)
            ? second % StreamSeconds == 0
            : playlist && second % SegmentSeconds == 0;
    }
}
