using System.Collections.Immutable;

namespace Recorder.Worker.Rtp;

/// <summary>
/// Finds the decoding time of each picture. RTP carries only presentation times, and sends pictures in decoding order,
/// which B-frames make a different order. The decoding time of a picture is the presentation time of the picture
/// <paramref name="Depth"/> places earlier in presentation order. A pure function of the pictures before.
/// </summary>
/// <param name="Depth">By how many places pictures are reordered at most, as far as is known.</param>
/// <param name="Latest">The latest presentation times, the latest first, in nanoseconds of the record.</param>
/// <param name="Last">The last decoding time, in nanoseconds of the record.</param>
internal sealed record DecodingTimes(int Depth, ImmutableList<long> Latest, long Last)
{
    // One millisecond, the same smallest step as between presentation times.
    private const long SmallestStep = 1_000_000;

    // H.264 reorders a picture by no more places than its decoder holds pictures.
    private const int MostDepth = 16;

    // A pyramid of B-frames, the usual form, reorders by two places. A larger depth is noticed when its pictures come.
    private const int UsualDepth = 2;

    /// <summary>The state before the first picture of a stream without reordering.</summary>
    public static DecodingTimes Empty { get; } = new(0, [], -SmallestStep);

    /// <summary>The pictures from here on may have B-frames.</summary>
    public DecodingTimes Reordering() => this with { Depth = Math.Max(Depth, UsualDepth) };

    /// <summary>The next picture in decoding order.</summary>
    /// <param name="time">The picture's presentation time, in nanoseconds of the record.</param>
    /// <returns>The next state, and the picture's decoding time, which is later than the previous decoding
    /// time.</returns>
    public (DecodingTimes Next, long Time) Picture(long time)
    {
        var moved = Latest.TakeWhile(shown => shown > time).Count();
        var latest = Latest.Insert(moved, time);
        var depth = Math.Clamp(moved, Depth, MostDepth);
        var decoded = Math.Max(Last + SmallestStep, latest[Math.Min(depth, latest.Count - 1)]);
        return (
            new DecodingTimes(
                depth,
                latest.Count > MostDepth ? latest.RemoveRange(MostDepth + 1, latest.Count - MostDepth - 1) : latest,
                decoded
            ),
            decoded
        );
    }
}
