using Recorder.Worker.GStreamer;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Rtp;

/// <summary>A frame of a sender. The frame owns a reference to its buffer.</summary>
/// <param name="Medium">The medium.</param>
/// <param name="Sender">The sender.</param>
/// <param name="Source">The stretch of the sender.</param>
/// <param name="Buffer">The frame's content.</param>
/// <param name="Pad">The pad at which the frame came out.</param>
/// <param name="MediaTime">The frame's time by the sender's clock, in nanoseconds.</param>
/// <param name="At">When the frame came out, in nanoseconds.</param>
/// <param name="IsKey">Whether the frame can be decoded alone.</param>
internal sealed record SenderFrame(
    RtpMedium Medium,
    HeardSender Sender,
    int Source,
    Buffer Buffer,
    Pad Pad,
    long MediaTime,
    long At,
    bool IsKey
);

/// <summary>
/// The frames of a sender that is not recorded and may be recorded next: the pictures since its last key frame, the
/// latest sound. Guarded by the lock of <see cref="RtpSenders"/>.
/// </summary>
internal sealed class KeptFrames
{
    private const long NearlyAway = 300_000_000;
    private const long SoundKept = 1_500_000_000;
    private const long PictureBytesKept = 8 << 20;

    private readonly List<SenderFrame> _frames = [];
    private long _bytes;

    /// <summary>Number of kept frames.</summary>
    public int Count => _frames.Count;

    /// <summary>Number of kept frames that meet the condition.</summary>
    public int CountOf(Func<SenderFrame, bool> are) => _frames.Count(are);

    /// <summary>Takes over a frame and its reference, and releases the frames that the new frame makes
    /// useless.</summary>
    public void Keep(SenderFrame frame)
    {
        if (!frame.Medium.IsPicture)
        {
            Add(frame);
            Forget(_frames.FindIndex(each => frame.MediaTime - each.MediaTime <= SoundKept));
            return;
        }

        if ((frame.IsKey && !IsAllThereIs(frame)) || _bytes > PictureBytesKept)
        {
            Clear();
        }

        if (frame.IsKey || _frames.Count > 0)
        {
            Add(frame);
        }
        else
        {
            frame.Buffer.Unref();
        }
    }

    /// <summary>Hands over all frames with their references.</summary>
    public void Give(Action<SenderFrame> to)
    {
        _frames.ForEach(to);
        _frames.Clear();
        _bytes = 0;
    }

    /// <summary>Releases all frames.</summary>
    public void Clear() => Forget(_frames.Count);

    /// <summary>Whether the kept frames are the only pictures of their time: the recorded sender has gone, is nearly
    /// away, or sends nothing usable.</summary>
    private bool IsAllThereIs(SenderFrame frame) =>
        _frames.Count > 0
        && frame.Medium.Choice is { Recorded: { } recorded } choice
        && choice.Senders[recorded] is var present
        && (!present.IsUsable || present.LastAt < _frames[0].At || frame.At - present.LastAt >= NearlyAway);

    private void Add(SenderFrame frame)
    {
        _frames.Add(frame);
        _bytes += frame.Buffer.Size;
    }

    private void Forget(int count)
    {
        foreach (var frame in _frames.Take(count))
        {
            _bytes -= frame.Buffer.Size;
            frame.Buffer.Unref();
        }

        _frames.RemoveRange(0, count);
    }
}
