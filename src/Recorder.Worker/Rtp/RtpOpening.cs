using System.Collections.Immutable;
using Recorder.Worker.Files;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Rtp;

/// <summary>A frame as it came from the reception.</summary>
/// <param name="Track">Picture or sound.</param>
/// <param name="Source">Of a picture as <see cref="ReceivedFrame.Source"/>.</param>
/// <param name="Time">As <see cref="ReceivedFrame.Time"/>.</param>
/// <param name="Length">Of sound how long it lasts, in nanoseconds.</param>
/// <param name="IsKey">Whether it can be decoded alone.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record RtpFrame(
    EncodedTrack Track,
    int Source,
    long Time,
    long Length,
    bool IsKey,
    ReadOnlyMemory<byte> Content
)
{
    /// <summary>What the pictures are from here on; null: as before.</summary>
    public RecordPicture? Format { get; init; }

    /// <summary>Whether pictures come in another order from here on than they are shown; only with
    /// <see cref="Format"/>.</summary>
    public bool Reorders { get; init; }
}

/// <summary>
/// How a record begins: with the first that comes, picture or sound. What comes first by the clock on the wall need not
/// be the first by the sender's, so both are awaited for a moment, and the earlier one is the record's start. A
/// function of what went before.
/// </summary>
internal sealed record RtpOpening
{
    private ImmutableList<RtpFrame> Held { get; init; } = [];

    private DateTimeOffset? Since { get; init; }

    /// <summary>How long the other one is awaited.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Nothing has come.</summary>
    public static RtpOpening Empty { get; } = new();

    /// <summary>Whether anything has come that a record can begin with.</summary>
    public bool HasBegun => Since is not null;

    /// <summary>A frame has come. Pictures before the first key frame cannot be decoded and are left out.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="now">When.</param>
    public RtpOpening Put(RtpFrame frame, DateTimeOffset now) =>
        frame.Track == EncodedTrack.Video && !frame.IsKey && !Holds(EncodedTrack.Video)
            ? this
            : this with
            {
                Held = Held.Add(frame),
                Since = Since ?? now,
            };

    /// <summary>Whether nothing more is awaited.</summary>
    /// <param name="hasSound">Whether sound is expected.</param>
    /// <param name="now">The time.</param>
    public bool IsOver(bool hasSound, DateTimeOffset now) =>
        now - Since >= Patience || (Holds(EncodedTrack.Video) && (!hasSound || Holds(EncodedTrack.Audio)));

    /// <summary>When the record begins, by the clock on the wall.</summary>
    public DateTimeOffset BeganAt =>
        Since!.Value - TimeSpan.FromTicks((Held[0].Time - Held.Min(frame => frame.Time)) / TimeSpan.NanosecondsPerTick);

    /// <summary>What has come, the earliest first; the order within a track is kept.</summary>
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
