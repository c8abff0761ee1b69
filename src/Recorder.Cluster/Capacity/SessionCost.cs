using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Capacity;

/// <summary>
/// What a session takes of a node, in the unit of the CPU table and of every node's slots: one page session at
/// 1920x1080 and 25 frames/s costs 1. Decimal, so that ten sessions of a tenth are one slot exactly. Pure.
/// </summary>
public static class SessionCost
{
    /// <summary>
    /// What a page costs at any size: scripts, decoders and sound of a browser do not shrink with its window. It is a
    /// meeting's, measured; a page without video has less (docs/performance.md).
    /// </summary>
    public const decimal BrowserFloor = 0.6m;

    /// <summary>What a session costs that is written as it is received, without browser and encoder.</summary>
    public const decimal Rtp = 0.1m;

    /// <summary>The cost of a page of 1920x1080 at 25 frames/s, in slots.</summary>
    public const decimal Reference = 1m;

    private const decimal ReferencePixelRate = 1920m * 1080m * 25m;

    /// <summary>
    /// The cost of a session, greater than 0, in hundredths, rounded up. Where the encoded media goes makes no
    /// difference: file and targets share one encoder.
    /// </summary>
    /// <param name="spec">What it records.</param>
    /// <exception cref="ArgumentOutOfRangeException">No cost is known of this kind of session.</exception>
    public static decimal Of(SessionSpec spec) =>
        spec switch
        {
            PageSessionSpec { Video: var video } => Math.Ceiling(
                100m * Weigh((decimal)video.Width * video.Height * video.Framerate / ReferencePixelRate)
            ) / 100m,
            RtpSessionSpec => Rtp,
            _ => throw new ArgumentOutOfRangeException(
                nameof(spec),
                spec?.GetType(),
                "No cost is known of this kind of session."
            ),
        };

    private static decimal Weigh(decimal pixelRate) => BrowserFloor + ((1m - BrowserFloor) * pixelRate);
}
