using System.Collections.Immutable;
using Recorder.Worker.Files;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Rtp;

/// <summary>A frame as the reception gave it.</summary>
/// <param name="Track">Picture or sound.</param>
/// <param name="Source">For a picture, the same as <see cref="ReceivedFrame.Source"/>.</param>
/// <param name="Time">The same as <see cref="ReceivedFrame.Time"/>.</param>
/// <param name="Length">For sound, its length in nanoseconds.</param>
/// <param name="IsKey">Whether the frame can be decoded alone.</param>
/// <param name="Content">The frame's bytes.</param>
internal sealed record RtpFrame(
    EncodedTrack Track,
    int Source,
    long Time,
    long Length,
    bool IsKey,
    ReadOnlyMemory<byte> Content
)
{
    /// <summary>The format of the pictures from here on; null: unchanged.</summary>
    public RecordPicture? Format { get; init; }

    /// <summary>Whether the pictures from here on come in another order than their presentation order; only with
    /// <see cref="Format"/>.</summary>
    public bool Reorders { get; init; }
}

/// <summary>
/// How a record begins: with its first frame, picture or sound. The frame that arrives first need not be the first by
/// the sender's clock. So both tracks are awaited for a moment, and the earlier frame is the record's start. A pure
/// function of the earlier frames.
/// </summary>
internal sealed record RtpOpening
{
    private ImmutableList<RtpFrame> Held { get; init; } = [];

    private DateTimeOffset? Since { get; init; }

    /// <summary>How long the second track is awaited.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The state before the first frame.</summary>
    public static RtpOpening Empty { get; } = new();

    /// <summary>Whether a frame has come that a record can begin with.</summary>
    public bool HasBegun => Since is not null;

    /// <summary>Adds a frame. Pictures before the first key frame cannot be decoded and are left out.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="now">When the frame came.</param>
    public RtpOpening Put(RtpFrame frame, DateTimeOffset now) =>
        frame.Track == EncodedTrack.Video && !frame.IsKey && !Holds(EncodedTrack.Video)
            ? this
            : this with
            {
                Held = Held.Add(frame),
                Since = Since ?? now,
            };

    /// <summary>Whether no further frame is awaited.</summary>
    /// <param name="hasSound">Whether sound is expected.</param>
    /// <param name="now">The time.</param>
    public bool IsOver(bool hasSound, DateTimeOffset now) =>
        now - Since >= Patience || (Holds(EncodedTrack.Video) && (!hasSound || Holds(EncodedTrack.Audio)));

    /// <summary>When the record begins, in wall-clock time.</summary>
    public DateTimeOffset BeganAt =>
        Since!.Value - TimeSpan.FromTicks((Held[0].Time - Held.Min(frame => frame.Time)) / TimeSpan.NanosecondsPerTick);

    /// <summary>The frames so far, the earliest first. The order within a track is kept.</summary>
    public ImmutableList<RtpFrame> Frames()
    {
        var pictures = Held.FindAll(frame => frame.Track == EncodedTrack.Video).ToList();
        var sound = Held.FindAll(frame => frame.Track == EncodedTrack.Audio).ToList();
        var frames = ImmutableList.CreateBuilder<RtpFrame>();
        var next = 0;
        foreach (var picture in pictures)
        {
            for (; next < sound.Count && sound[next].Time < picture.Time; next++)
            {
                frames.Add(sound[next]);
            }

            frames.Add(picture);
        }

        frames.AddRange(sound.Skip(next));
        return frames.ToImmutable();
    }

    private bool Holds(EncodedTrack track) => Held.Exists(frame => frame.Track == track);
}
