namespace Recorder.ReferencePages;

/// <summary>How much of the source's movement a recording holds, from its first to its last readable frame.</summary>
/// <param name="OutputFrames">Frames of the recording in the stretch, unreadable ones included.</param>
/// <param name="UnreadableFrames">Frames without a readable number.</param>
/// <param name="ExpectedFrames">Source frames that could have been shown: the stretch's duration times the lower of the
/// two frame rates.</param>
/// <param name="DistinctFrames">Different source frames that were shown; each turn of the loop counts anew.</param>
/// <param name="RepeatedFrames">Frames that show the same source frame as the one before.</param>
/// <param name="MissingFrames">Source frames between the first and the last shown that never were.</param>
/// <param name="BackwardSteps">Times a frame showed an earlier source frame than the one before, the loop's turn not
/// counted.</param>
/// <param name="LongestFreeze">The longest time without a new source frame; one frame's duration at best.</param>
/// <param name="LongestFreezeAt">When that freeze began.</param>
public sealed record FrameContinuity(
    int OutputFrames,
    int UnreadableFrames,
    int ExpectedFrames,
    int DistinctFrames,
    int RepeatedFrames,
    int MissingFrames,
    int BackwardSteps,
    TimeSpan LongestFreeze,
    TimeSpan LongestFreezeAt
)
{
    /// <summary>
    /// <see cref="DistinctFrames"/> / <see cref="ExpectedFrames"/>: 1 is a perfect recording, 0.6 shows six of ten
    /// source frames. Counted by time and not by the recording's own frames, so that frames a recorder never wrote
    /// lower it too.
    /// </summary>
    public double DistinctRatio => ExpectedFrames == 0 ? 0 : (double)DistinctFrames / ExpectedFrames;

    internal static FrameContinuity Of(
        FrameNumberTrack track,
        double sourceFrameRate,
        int loopFrames,
        double recordingFrameRate
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sourceFrameRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(recordingFrameRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(loopFrames);
        if (track.FirstReadable is not { } first || track.LastReadable is not { } last)
        {
            return new FrameContinuity(
                track.Frames.Count,
                track.Frames.Count,
                0,
                0,
                0,
                0,
                0,
                TimeSpan.Zero,
                TimeSpan.Zero
            );
        }

        var shown = new HashSet<long>();
        int output = 0,
            unreadable = 0,
            repeated = 0,
            backward = 0;
        long? before = null;
        long lowest = long.MaxValue,
            highest = long.MinValue;
        var lastChange = first;
        var longest = (At: first, Length: TimeSpan.Zero);
        foreach (var frame in track.Frames.Where(f => f.Time >= first && f.Time <= last))
        {
            output++;
            if (frame.Number is not { } number)
            {
                unreadable++;
                continue;
            }

            var position = Unwrap(number, before, loopFrames);
            if (position == before)
            {
                repeated++;
                continue;
            }

            if (position < before)
            {
                backward++;
            }
            if (frame.Time - lastChange > longest.Length)
            {
                longest = (lastChange, frame.Time - lastChange);
            }
            lastChange = frame.Time;
            before = position;
            shown.Add(position);
            lowest = Math.Min(lowest, position);
            highest = Math.Max(highest, position);
        }

        // The picture that was last to change stays at least until the last frame has been shown for its own time.
        var afterLast = last - lastChange + TimeSpan.FromSeconds(1 / recordingFrameRate);
        if (afterLast > longest.Length)
        {
            longest = (lastChange, afterLast);
        }

        var rate = Math.Min(sourceFrameRate, recordingFrameRate);
        return new FrameContinuity(
            output,
            unreadable,
            (int)Math.Round((last - first).TotalSeconds * rate) + 1,
            shown.Count,
            repeated,
            (int)(highest - lowest + 1 - shown.Count),
            backward,
            longest.Length,
            longest.At
        );
    }

    /// <summary>The number's place on a line without loops: the candidate nearest to where the source was one frame
    /// before.</summary>
    private static long Unwrap(int number, long? before, int loopFrames)
    {
        if (before is not { } position)
        {
            return number;
        }
        var turns = (long)Math.Round((position - number) / (double)loopFrames);
        return number + turns * loopFrames;
    }
}
