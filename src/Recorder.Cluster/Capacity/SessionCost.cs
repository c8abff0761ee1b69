using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Capacity;

/// <summary>
/// How much of a node a session takes, in the unit of the CPU table and of every node's slots: one page session at
/// 1920x1080 and 25 frames/s costs 1. Decimal, so that ten sessions of a tenth are exactly one slot. Pure.
/// </summary>
public static class SessionCost
{
    /// <summary>
    /// The cost of a page at any size: scripts, decoders and sound of a browser do not shrink with its window. The
    /// number was measured with a meeting; a page without video costs less (docs/performance.md).
    /// </summary>
    public const decimal BrowserFloor = 0.6m;

    /// <summary>The cost of a session that is written as received, without browser and encoder.</summary>
    public const decimal Rtp = 0.1m;

    /// <summary>The cost of a page whose sound alone is recorded, with a small display and without encoding of
    /// pictures (docs/performance.md).</summary>
    public const decimal SoundAlone = 0.35m;

    /// <summary>The cost of a page of 1920x1080 at 25 frames/s, in slots.</summary>
    public const decimal Reference = 1m;

    private const decimal ReferencePixelRate = 1920m * 1080m * 25m;

    /// <summary>
    /// The cost of a session, greater than 0, in hundredths, rounded up. The outputs make no difference: file and
    /// targets share one encoder.
    /// </summary>
    /// <param name="spec">What the session records.</param>
    /// <exception cref="ArgumentOutOfRangeException">This kind of session has no known cost.</exception>
    public static decimal Of(SessionSpec spec) =>
        spec switch
        {
            PageSessionSpec { SoundOnly: true } => SoundAlone,
            PageSessionSpec { Video.Preset: var preset } => Math.Ceiling(
                100m * Weigh(PixelRateOf(spec) / ReferencePixelRate, preset)
            ) / 100m,
            RtpSessionSpec => Rtp,
            _ => throw new ArgumentOutOfRangeException(
                nameof(spec),
                spec?.GetType(),
                "No cost is known of this kind of session."
            ),
        };

    /// <summary>How many pixels a second a session encodes: width x height x frames a second. 0 for an RTP session
    /// and for sound alone, which encode no picture.</summary>
    /// <param name="spec">What the session records.</param>
    public static long PixelRateOf(SessionSpec spec) =>
        spec is PageSessionSpec { SoundOnly: false, Video: var video }
            ? (long)video.Width * video.Height * video.Framerate
            : 0;

    private static decimal Weigh(decimal pixelRate, EncoderPreset preset) =>
        BrowserFloor + ((1m - BrowserFloor + SlowerThanUltrafast(preset)) * pixelRate);

    /// <summary>What a slower preset costs more at 1920x1080 and 25 frames/s, in slots: the measured seconds of x264
    /// over those of a slot, rounded up, since a picture with more detail costs more (docs/performance.md).</summary>
    private static decimal SlowerThanUltrafast(EncoderPreset preset) =>
        preset switch
        {
            EncoderPreset.Ultrafast or EncoderPreset.Superfast => 0,
            EncoderPreset.Veryfast => 0.12m,
            EncoderPreset.Faster => 0.15m,
            EncoderPreset.Fast => 0.19m,
            _ => 0.2m,
        };
}
