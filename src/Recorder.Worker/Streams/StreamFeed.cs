using Recorder.Worker.GStreamer;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Streams;

/// <summary>
/// The input of a connection's pipeline: two sources of frames whose times begin at zero. The feed begins at its first
/// key frame. Until a slow peer has answered, only a short opening goes into the pipeline, and later frames are left
/// out. After the answer, the stream continues with a key frame, without a gap in its times.
/// </summary>
internal sealed class StreamFeed : IDisposable
{
    // The length of the opening that precedes the peer's answer, in nanoseconds. Long enough to show that the peer
    // answers. A near peer answers within the opening, and so loses no frame.
    private const ulong OpeningLength = 2_000_000_000;

    // The time between the opening and the frames after it, in nanoseconds: about a picture.
    private const ulong Seam = 40_000_000;

    private readonly Lock _feeding = new();
    private bool _begun;
    private bool _hasSound;
    private bool _ended;
    private bool _holding;
    private ulong _origin;
    private ulong _begin;
    private ulong _newest;
    private ulong _latest;
    private long _taken;

    /// <summary>The source of the pictures.</summary>
    public AppSrc Video { get; } = new("video");

    /// <summary>The source of the sound.</summary>
    public AppSrc Audio { get; } = new("audio");

    /// <summary>Number of pictures that the feed has passed on.</summary>
    public long Taken
    {
        get
        {
            lock (_feeding)
            {
                return _taken;
            }
        }
    }

    /// <summary>Whether the feed waits for a key frame: to begin, or to continue after a slow peer has
    /// answered.</summary>
    public bool WantsKeyFrame(bool answered)
    {
        lock (_feeding)
        {
            return !_begun || (_holding && answered);
        }
    }

    /// <summary>Playing time of the media that have not been sent.</summary>
    /// <param name="sentUpTo">The time of the last picture that was sent, in nanoseconds.</param>
    public TimeSpan Backlog(ulong sentUpTo)
    {
        lock (_feeding)
        {
            return _begun && _newest > sentUpTo
                ? TimeSpan.FromMicroseconds((_newest - sentUpTo) / 1000.0)
                : TimeSpan.Zero;
        }
    }

    /// <summary>Takes a frame, if the frame is of use. Nothing before a key frame is of use.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="answered">Whether the peer has taken media.</param>
    public void Offer(in EncodedFrame frame, bool answered)
    {
        lock (_feeding)
        {
            if (_ended || !Wants(frame, answered))
            {
                return;
            }

            var source = frame.Track == EncodedTrack.Video ? Video : Audio;
            var copy = frame.Buffer.Copy();
            copy.Pts -= _origin;
            copy.Dts = copy.Dts == Buffer.ClockTimeNone || copy.Dts < _origin ? copy.Pts : copy.Dts - _origin;
            _latest = Math.Max(_latest, copy.Pts);
            if (frame.Track == EncodedTrack.Video)
            {
                _taken++;
                _newest = copy.Pts;

                // Sound may be far ahead of the pictures, which leave their encoder late. So only the pictures measure
                // the length of the opening.
                _holding = _newest >= OpeningLength && !answered;
            }

            _ = source.PushBuffer(copy);
        }
    }

    /// <summary>Takes no more frames.</summary>
    public void Stop()
    {
        lock (_feeding)
        {
            _ended = true;
        }
    }

    /// <summary>Takes no more frames, and ends the stream after the last frame.</summary>
    public void End()
    {
        Stop();
        _ = Video.EndOfStream();
        _ = Audio.EndOfStream();
    }

    /// <summary>Releases the sources. Only after the pipeline has stopped.</summary>
    public void Dispose()
    {
        Video.Dispose();
        Audio.Dispose();
    }

    private bool Wants(in EncodedFrame frame, bool answered)
    {
        var at = frame.Buffer.Pts;
        if (at == Buffer.ClockTimeNone)
        {
            return false;
        }

        var isKey = frame.Track == EncodedTrack.Video && !frame.Buffer.IsDeltaUnit;
        if (isKey && !_begun)
        {
            _begun = true;
            _origin = _begin = at;
            Video.SetCaps(frame.Caps);
        }
        else if (isKey && _holding && answered)
        {
            // No decoding time may be before those of the opening.
            var decodedBefore = frame.Buffer.Dts == Buffer.ClockTimeNone ? 0 : at - frame.Buffer.Dts;
            _holding = false;
            _begin = at;
            _origin = at - (_latest + Seam + decodedBefore);
        }

        if (!_begun || _holding || at < _begin)
        {
            return false;
        }

        if (frame.Track == EncodedTrack.Audio && !_hasSound)
        {
            _hasSound = true;
            Audio.SetCaps(frame.Caps);
        }

        return true;
    }
}
