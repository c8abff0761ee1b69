using System.Collections.Immutable;
using Recorder.Worker.Files;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Rtp;

/// <summary>
/// The order in which frames of two tracks are written: by decoding time, as long as both tracks come. A track without
/// frames holds the other track up from one look to the next, and no longer. A pure function of the earlier calls.
/// </summary>
internal sealed record Interleaving
{
    private ImmutableQueue<RecordFrame> Pictures { get; init; } = [];

    private ImmutableQueue<RecordFrame> Sound { get; init; } = [];

    /// <summary>The time up to which pictures have come, in nanoseconds of the record.</summary>
    private long PictureReached { get; init; } = -1;

    /// <summary>The time up to which sound has come, in nanoseconds of the record.</summary>
    private long SoundReached { get; init; } = -1;

    /// <summary>Pictures and sound up to these times have waited since the last look.</summary>
    private (long Picture, long Sound) Overdue { get; init; } = (-1, -1);

    /// <summary>The state before the first frame, for two tracks.</summary>
    public static Interleaving Both { get; } = new();

    /// <summary>The state before the first frame, when no sound is expected.</summary>
    public static Interleaving PicturesOnly { get; } = new() { SoundReached = long.MaxValue };

    /// <summary>Adds a frame, the next of its track.</summary>
    public Interleaving Put(RecordFrame frame) =>
        frame.Track == EncodedTrack.Video
            ? this with
            {
                Pictures = Pictures.Enqueue(frame),
                PictureReached = frame.Decoded,
            }
            : this with
            {
                Sound = Sound.Enqueue(frame),
                SoundReached = frame.Decoded,
            };

    /// <summary>Takes out the frames that are due. To be called at even intervals.</summary>
    /// <returns>The state with the frames that still wait, and the frames to write, in order.</returns>
    public (Interleaving Next, IReadOnlyList<RecordFrame> Frames) Look()
    {
        var rest = this;
        List<RecordFrame> frames = [];
        while (rest.First() is { } first && rest.IsDue(first))
        {
            frames.Add(first);
            rest = rest.Without(first);
        }

        return (rest with { Overdue = (PictureReached, SoundReached) }, frames);
    }

    /// <summary>All waiting frames, in order.</summary>
    public IReadOnlyList<RecordFrame> All()
    {
        List<RecordFrame> frames = [];
        for (var rest = this; rest.First() is { } first; rest = rest.Without(first))
        {
            frames.Add(first);
        }

        return frames;
    }

    private RecordFrame? First()
    {
        var picture = Pictures.IsEmpty ? null : Pictures.Peek();
        var sound = Sound.IsEmpty ? null : Sound.Peek();
        return picture is null || sound?.Decoded < picture.Decoded ? sound : picture;
    }

    private bool IsDue(RecordFrame frame) =>
        frame.Track == EncodedTrack.Video
            ? SoundReached >= frame.Decoded || Overdue.Picture >= frame.Decoded
            : PictureReached >= frame.Decoded || Overdue.Sound >= frame.Decoded;

    private Interleaving Without(RecordFrame first) =>
        first.Track == EncodedTrack.Video
            ? this with
            {
                Pictures = Pictures.Dequeue(),
            }
            : this with
            {
                Sound = Sound.Dequeue(),
            };
}
