using System.Collections.Immutable;

namespace Recorder.Worker.Rtp;

/// <summary>
/// When pictures are decoded. RTP tells only when each is shown, and sends them in decoding order, which B-frames make
/// another one. A picture is decoded where, in the order of showing, the one stands that is as many places before it as
/// pictures are moved. A function of what went before.
/// </summary>
/// <param name="Depth">By how many places pictures are moved at most, as far as is known.</param>
/// <param name="Latest">The latest times of showing, the latest first, in nanoseconds of the record.</param>
/// <param name="Last">The last decoding time, likewise.</param>
internal sealed record DecodingTimes(int Depth, ImmutableList<long> Latest, long Last)
{
    // A millisecond, as between pictures that are shown one after the other at once.
    private const long SmallestStep = 1_000_000;

    // H.264 moves no picture by more than its decoder holds.
    private const int MostDepth = 16;

    // A pyramid of B-frames, the usual form, moves by two; what moves by more is seen when it comes.
    private const int UsualDepth = 2;

    /// <summary>Nothing received, of what is decoded in the order it is shown.</summary>
    public static DecodingTimes Empty { get; } = new(0, [], -SmallestStep);

    /// <summary>From here on pictures come that may have B-frames.</summary>
    public DecodingTimes Reordering() => this with { Depth = Math.Max(Depth, UsualDepth) };

    /// <summary>The next picture in decoding order.</summary>
    /// <param name="time">When it is shown, in nanoseconds of the record.</param>
    /// <returns>The next state, and when it is decoded: later than the one before.</returns>
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
