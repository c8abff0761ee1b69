namespace Recorder.Worker.Sound;

/// <summary>The delay of recorded sound against the picture of the same moment, before compensation.</summary>
internal static class SoundDelay
{
    /// <summary>
    /// The delay of voaacenc's output after decoding, in samples. Measured with an impulse, and the same with ffmpeg's
    /// and GStreamer's decoders. The server adds next to nothing: a piece of a null sink's monitor is readable when the
    /// sink begins to play the piece. Pieces are 10 ms long.
    /// </summary>
    public const int EncoderSamples = 1600;

    /// <summary>
    /// The delay of Chromium's sound against its picture, in samples: 20 ms. Eight sessions of the reference page were
    /// at −3 to +47 ms. Each session was constant in itself, as its frames fall between two refreshes of the display
    /// (docs/performance.md). 20 ms is near the middle, so every session is within a frame.
    /// </summary>
    public const int BrowserSamples = SoundFormat.Rate / 50;

    /// <summary>The delay of an encoder's output after decoding, in nanoseconds. The files of the other encoders say
    /// themselves what is not played, or the delay is below a frame.</summary>
    public static long EncoderNanoseconds(Protocol.FileContainer container) =>
        container == Protocol.FileContainer.M4a ? EncoderSamples * 1_000_000_000L / SoundFormat.Rate : 0;

    /// <summary>The sum of both delays in nanoseconds, for which the sound track's origin compensates.</summary>
    public const long Nanoseconds = (EncoderSamples + BrowserSamples) * 1_000_000_000L / SoundFormat.Rate;
}
