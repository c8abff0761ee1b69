namespace Recorder.Worker.Sound;

/// <summary>How much later sound comes out of the record than the picture of the same moment, were nothing done about
/// it.</summary>
internal static class SoundDelay
{
    /// <summary>
    /// Samples by which voaacenc's output is late after decoding: measured with an impulse, through ffmpeg's and
    /// GStreamer's decoders alike. The server adds next to nothing: a piece of a null sink's monitor is readable when
    /// the sink begins to play it, and pieces are 10 ms long.
    /// </summary>
    public const int EncoderSamples = 1600;

    /// <summary>
    /// Samples by which Chromium's sound comes later than the picture it belongs to: 20 ms. Eight sessions of the
    /// reference page were −3 to +47 ms, each constant in itself, as their frames fall between two refreshes of the
    /// display (docs/performance.md); this is near the middle, so that every session is within a frame.
    /// </summary>
    public const int BrowserSamples = SoundFormat.Rate / 50;

    /// <summary>The delay in nanoseconds, which the sound track's origin makes up for.</summary>
    public const long Nanoseconds = (EncoderSamples + BrowserSamples) * 1_000_000_000L / SoundFormat.Rate;
}
