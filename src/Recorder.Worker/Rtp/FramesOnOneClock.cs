namespace Recorder.Worker.Rtp;

/// <summary>
/// Gives the record the frames of the recorded senders, with times of one clock. The first frames wait until it is
/// known how picture and sound belong together, because the record begins with the earliest frame. Guarded by the lock
/// of <see cref="RtpSenders"/>.
/// </summary>
/// <param name="frames">Takes the frames.</param>
/// <param name="picture">The picture's senders.</param>
/// <param name="sound">The sound's senders; null: the session has no sound, and nothing waits.</param>
internal sealed class FramesOnOneClock(IRtpFrames frames, RtpMedium picture, RtpMedium? sound)
{
    // How long the record waits at most to learn how picture and sound belong together. After that, the record begins.
    private const long OpeningLimit = 700_000_000;

    private LipSync _sync = LipSync.Empty;
    private FirstFrames? _first = sound is null ? null : new FirstFrames();

    /// <summary>Time of the latest picture that the record was given, in nanoseconds; 0 before the first.</summary>
    public long Shown { get; private set; }

    /// <summary>How long the first frame was held back before the record was given the frame.</summary>
    public TimeSpan Held { get; private set; }

    /// <summary>Gives the record a frame, and takes over the frame's reference.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="now">The time in nanoseconds.</param>
    public void Give(SenderFrame frame, long now)
    {
        if (_first is null)
        {
            Hand(frame, TimeOf(frame));
            return;
        }

        // The record cannot begin with a picture that depends on an earlier picture.
        if (!frame.IsKey && !_first.Frames.Exists(each => each.Source == frame.Source))
        {
            frame.Buffer.Unref();
            return;
        }

        _first.Since ??= now;
        _first.Frames.Add(frame);
        OpenWhenDue(now);
    }

    /// <summary>Begins the record if it is known how its media belong together, or if the time limit is over.</summary>
    /// <param name="now">The time in nanoseconds.</param>
    public void OpenWhenDue(long now)
    {
        if (_first is { Since: { } since } begun && (now - since >= OpeningLimit || begun.IsWhole))
        {
            Open(now);
        }
    }

    /// <summary>Begins the record with the frames that have come, unless the record has begun.</summary>
    /// <param name="now">The time in nanoseconds.</param>
    public void Open(long now)
    {
        if (_first is not { } begun)
        {
            return;
        }

        _first = null;

        // Sound is placed first, because the picture's place depends on the sound. Pictures stay in decoding order.
        List<(SenderFrame Frame, long Time, long Order)> placed = [];
        var latest = long.MinValue;
        foreach (var frame in begun.Frames.OrderBy(frame => frame.Medium.IsPicture))
        {
            var at = TimeOf(frame);
            latest = frame.Medium.IsPicture ? Math.Max(latest, at) : latest;
            placed.Add((frame, at, frame.Medium.IsPicture ? latest : at));
        }

        Held =
            placed.Count == 0
                ? TimeSpan.Zero
                : TimeSpan.FromTicks((now - placed.Min(each => each.Time)) / TimeSpan.NanosecondsPerTick);
        foreach ((var frame, var at, _) in placed.OrderBy(each => each.Order))
        {
            Hand(frame, at);
        }
    }

    /// <summary>Drops the waiting frames of this receiver.</summary>
    public void Remove(RtpReceiver receiver) => _first?.Remove(receiver);

    /// <summary>The time of a frame on the one clock, in nanoseconds.</summary>
    public long TimeOf(SenderFrame frame)
    {
        var own = frame.Sender.Timed;
        (_sync, var at) = frame.Medium.IsPicture
            ? _sync.PlacePicture(frame.MediaTime, own, sound?.Recorded?.Timed)
            : _sync.PlaceSound(frame.MediaTime, own, picture.Recorded?.Timed);
        return at;
    }

    private void Hand(SenderFrame frame, long at)
    {
        var buffer = frame.Buffer;
        buffer.Pts = (ulong)Math.Max(0, at);
        if (frame.Medium.IsPicture)
        {
            Shown = Math.Max(Shown, at);
            frames.Picture(frame.Source, buffer, frame.Pad);
        }
        else
        {
            frames.Sound(buffer);
        }

        buffer.Unref();
    }

    /// <summary>The frames that have come before the record begins.</summary>
    private sealed class FirstFrames
    {
        public List<SenderFrame> Frames { get; } = [];

        public long? Since { get; set; }

        /// <summary>Whether both media have come and it is known how they belong together.</summary>
        public bool IsWhole =>
            Frames.Find(frame => frame.Medium.IsPicture) is { } shown
            && Frames.Find(frame => !frame.Medium.IsPicture) is { } heard
            && LipSync.IsTold(shown.Sender.Timed, heard.Sender.Timed);

        public void Remove(RtpReceiver receiver)
        {
            foreach (var frame in Frames.Where(frame => frame.Sender.Receiver == receiver).ToList())
            {
                frame.Buffer.Unref();
                Frames.Remove(frame);
            }
        }
    }
}
