namespace Recorder.ReferencePages;

/// <summary>What a record of the page <c>/clock</c> shows, on the line of real time. Records of different hosts can so
/// be compared.</summary>
/// <param name="Numbers">The different pictures shown, rising: milliseconds since 1970 times
/// <paramref name="Pictures"/> / 1000.</param>
/// <param name="Pictures">Different pictures a second, as asked of the page.</param>
public sealed record ClockTrack(IReadOnlyList<long> Numbers, int Pictures)
{
    /// <summary>When the first picture shown was new.</summary>
    public DateTimeOffset First => TimeOf(Numbers[0], Pictures);

    /// <summary>When the last picture shown was new.</summary>
    public DateTimeOffset Last => TimeOf(Numbers[^1], Pictures);

    /// <summary>Pictures between the first and the last that are not shown.</summary>
    public int Missing => (int)(Numbers[^1] - Numbers[0]) + 1 - Numbers.Count;

    /// <summary>Reads a record of the page.</summary>
    /// <param name="track">Its frames.</param>
    /// <param name="pictures">Different pictures a second, as asked of the page.</param>
    /// <param name="near">When it was recorded, to within the turn of the barcode (55 minutes at 5 pictures a
    /// second).</param>
    /// <exception cref="InvalidDataException">No frame is readable.</exception>
    public static ClockTrack Of(FrameNumberTrack track, int pictures, DateTimeOffset near)
    {
        ArgumentNullException.ThrowIfNull(track);
        var about = near.ToUnixTimeMilliseconds() * pictures / 1000;
        long[] numbers =
        [
            .. track
                .Frames.Where(frame => frame.Number is not null)
                .Select(frame => Nearest(frame.Number!.Value, about))
                .Distinct()
                .Order(),
        ];
        return numbers.Length > 0
            ? new ClockTrack(numbers, pictures)
            : throw new InvalidDataException("No frame of the record shows a readable time.");
    }

    /// <summary>All that several records of one page show together.</summary>
    public static ClockTrack Together(IReadOnlyCollection<ClockTrack> tracks) =>
        new(
            [.. tracks.SelectMany(track => track.Numbers).Distinct().Order()],
            tracks.Select(track => track.Pictures).Distinct().Single()
        );

    /// <summary>When a picture of the page was new.</summary>
    /// <param name="number">As read from the picture.</param>
    /// <param name="pictures">Different pictures a second, as asked of the page.</param>
    /// <param name="near">When it was seen, to within half a turn of the barcode.</param>
    public static DateTimeOffset ShownAt(int number, int pictures, DateTimeOffset near) =>
        TimeOf(Nearest(number, near.ToUnixTimeMilliseconds() * pictures / 1000), pictures);

    private static long Nearest(int number, long about)
    {
        var turns = (long)Math.Round((about - number) / (double)FrameBarcode.Modulus);
        return number + turns * FrameBarcode.Modulus;
    }

    private static DateTimeOffset TimeOf(long number, int pictures) =>
        DateTimeOffset.FromUnixTimeMilliseconds(number * 1000 / pictures);
}
