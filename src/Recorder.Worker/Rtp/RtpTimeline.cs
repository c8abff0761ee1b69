namespace Recorder.Worker.Rtp;

/// <summary>An encoded picture or piece of sound as it was received.</summary>
/// <param name="Source">The stretch of one sender that the frame belongs to. A sender that comes back begins another
/// stretch.</param>
/// <param name="Time">The time of capture by the reception's clock, in nanoseconds.</param>
/// <param name="IsKey">Whether the frame can be decoded alone.</param>
internal readonly record struct ReceivedFrame(int Source, long Time, bool IsKey);

/// <summary>
/// Where a received frame belongs on the record's timeline. The record begins with the first piece of sound or the
/// first key frame, whichever is given first. Each stretch of a sender begins with a key frame, later than all earlier
/// pictures. A pure function of the earlier frames.
/// </summary>
/// <param name="Origin">The reception's time at the record's start; null before the start.</param>
/// <param name="Source">The stretch whose pictures are in the record at present; 0 before the first picture.</param>
/// <param name="Last">Time of the latest picture, in nanoseconds of the record.</param>
/// <param name="LastSound">End of the last piece of sound, in nanoseconds of the record.</param>
internal sealed record RtpTimeline(long? Origin, int Source, long Last, long LastSound)
{
    /// <summary>Whether the codec sends pictures in another order than their presentation order.</summary>
    public bool Reorders { get; init; }

    // A millisecond: a finer step is lost in Matroska.
    private const long SmallestStep = 1_000_000;

    /// <summary>The reception's time of the latest picture received, in nanoseconds.</summary>
    private long LastReceived { get; init; }

    /// <summary>The state before the first frame.</summary>
    public static RtpTimeline Empty { get; } = new(null, 0, -SmallestStep, 0);

    /// <summary>Places a picture.</summary>
    /// <returns>The next timeline, and the picture's time in the record in nanoseconds; null: the picture is left
    /// out.</returns>
    public (RtpTimeline Next, long? Time) Picture(ReceivedFrame frame)
    {
        var begins = frame.Source != Source;
        var origin = Origin ?? frame.Time;
        if (begins && !frame.IsKey)
        {
            return (this, null);
        }

        // Pictures come in decoding order. With B-frames, that is not the order of their times. Without B-frames, a
        // step back means that the jitter buffer began to count anew after a delay of the sender. The jitter buffer may
        // then also give several pictures the same time, which no container can hold.
        var stands = !begins && frame.Time == LastReceived;
        var time =
            stands || begins || !Reorders
                ? Math.Max(frame.Time - origin, Last + SmallestStep)
                : Math.Max(frame.Time - origin, 0);
        return (
            this with
            {
                Origin = origin,
                Source = frame.Source,
                Last = Math.Max(Last, time),
                LastReceived = frame.Time,
            },
            time
        );
    }

    /// <summary>Places a piece of sound.</summary>
    /// <param name="time">The same as <see cref="ReceivedFrame.Time"/>.</param>
    /// <param name="length">The piece's length in nanoseconds.</param>
    /// <returns>The next timeline, and the piece's time in the record in nanoseconds; null: the piece is left
    /// out.</returns>
    public (RtpTimeline Next, long? Time) Sound(long time, long length)
    {
        // An overlap of half a piece is jitter. A larger overlap is sound from before the record, or sound that came
        // after silence had taken its place.
        var origin = Origin ?? time;
        if (time - origin < LastSound - (length / 2))
        {
            return (this, null);
        }

        var placed = Math.Max(time - origin, LastSound);
        return (this with { Origin = origin, LastSound = placed + length }, placed);
    }
}
