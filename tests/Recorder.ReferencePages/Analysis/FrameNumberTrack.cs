namespace Recorder.ReferencePages;

/// <summary>One frame of a recording.</summary>
/// <param name="Time">When it is shown, from the start of the file.</param>
/// <param name="Number">The source's frame number, null where the picture holds no readable barcode.</param>
/// <param name="Flash">Whether the flash row is white, null where the picture holds no barcode.</param>
public readonly record struct NumberedFrame(TimeSpan Time, int? Number, bool? Flash);

/// <summary>The frames of a recording in the order in which they are shown.</summary>
public sealed record FrameNumberTrack(IReadOnlyList<NumberedFrame> Frames)
{
    /// <summary>When the source is first seen; null where no frame is readable.</summary>
    public TimeSpan? FirstReadable =>
        Frames.Where(f => f.Number is not null).Select(f => (TimeSpan?)f.Time).FirstOrDefault();

    /// <summary>When the source is last seen; null where no frame is readable.</summary>
    public TimeSpan? LastReadable =>
        Frames.Where(f => f.Number is not null).Select(f => (TimeSpan?)f.Time).LastOrDefault();

    /// <summary>The frames shown at or after <paramref name="from"/> and before <paramref name="to"/>.</summary>
    public FrameNumberTrack Between(TimeSpan from, TimeSpan to) =>
        new([.. Frames.Where(f => f.Time >= from && f.Time < to)]);

    /// <summary>Compares what is shown with what the source showed; see <see cref="FrameContinuity"/>.</summary>
    /// <param name="sourceFrameRate">Frames a second of the source.</param>
    /// <param name="loopFrames">Frames in one turn of the source's loop (<see cref="ReferenceClipFormat.FrameCount"/>;
    /// <see cref="FrameBarcode.Modulus"/> for the WebRTC page).</param>
    /// <param name="recordingFrameRate">Frames a second asked of the recording; by default the source's.</param>
    public FrameContinuity Continuity(double sourceFrameRate, int loopFrames, double? recordingFrameRate = null) =>
        FrameContinuity.Of(this, sourceFrameRate, loopFrames, recordingFrameRate ?? sourceFrameRate);

    /// <summary>When each flash begins: the first white frame after a black one.</summary>
    public IReadOnlyList<TimeSpan> FlashOnsets()
    {
        var onsets = new List<TimeSpan>();
        bool? before = null;
        foreach (var frame in Frames)
        {
            if (frame.Flash is not { } flash)
            {
                continue;
            }
            if (flash && before == false)
            {
                onsets.Add(frame.Time);
            }
            before = flash;
        }

        return onsets;
    }
}
