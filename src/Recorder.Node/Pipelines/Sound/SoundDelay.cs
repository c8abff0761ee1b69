namespace Recorder.Node.Pipelines.Sound;

/// <summary>How much later sound comes out of the record than the picture of the same moment, were nothing done about it.</summary>
internal static class SoundDelay
{
    /// <summary>
    /// Samples by which voaacenc's output is late after decoding: measured with an impulse, through ffmpeg's and GStreamer's decoders alike. The
    /// server adds nothing: a piece of a null sink's monitor is readable when its last sample is heard, within a millisecond.
    /// </summary>
    public const int EncoderSamples = 1600;

    /// <summary>The delay in nanoseconds, which the sound track's origin makes up for.</summary>
    public const long Nanoseconds = EncoderSamples * 1_000_000_000L / SoundFormat.Rate;
}
