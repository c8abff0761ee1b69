using System.Collections.Immutable;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Streams;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Loop;

/// <summary>
/// Stands before the record. Leaves out the frames that are encoded during a pause, and moves all later frames up by
/// the pause's length. Both ends of a pause are chosen a little ahead of the newest frame, so that they are the same
/// for the two tracks.
/// </summary>
/// <param name="framerate">Frames a second: the ends of a pause are times of frames.</param>
/// <param name="framesInFlight">Frames that may be inside the encoder, where they can no longer become key
/// frames.</param>
internal sealed class PauseGate(int framerate, int framesInFlight)
{
    private readonly Lock _passing = new();
    private PauseTimeline _timeline = PauseTimeline.Unbroken;
    private ulong _newest;
    private bool _wantsKeyFrame;
    private long _frames;

    /// <summary>Pictures that went into the record.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Whether the record stands still, or is about to.</summary>
    public bool IsPaused
    {
        get
        {
            lock (_passing)
            {
                return _timeline.IsPaused;
            }
        }
    }

    /// <summary>
    /// Called on the encoder's thread for each picture that is left out after a pause because the picture is no key
    /// frame. The requested key frame then did not come in time.
    /// </summary>
    public Action? KeyFrameMissing { get; set; }

    /// <summary>Lets the record stand still from the next frame on.</summary>
    public void Pause()
    {
        lock (_passing)
        {
            _timeline = _timeline.PauseFrom(FrameAfter(_newest, 1));
        }
    }

    /// <summary>Unpauses the record.</summary>
    /// <returns>The time of the frame that has to be a key frame, in nanoseconds of the encoders' timeline.</returns>
    public ulong Unpause()
    {
        lock (_passing)
        {
            var next = FrameAfter(_newest, framesInFlight + 1);
            _timeline = _timeline.UnpauseAt(next);
            return next;
        }
    }

    /// <summary>The length of the record when the encoders' timeline has the length <paramref name="time"/>. Both in
    /// nanoseconds.</summary>
    public ulong PositionOf(ulong time)
    {
        lock (_passing)
        {
            return time - _timeline.PausedBefore(time);
        }
    }

    /// <summary>Converts a time of the record to the time of the encoders' timeline, both in nanoseconds.</summary>
    public ulong EncodersTimeOf(ulong recordTime)
    {
        lock (_passing)
        {
            return _timeline.EncodersTimeOf(recordTime);
        }
    }

    /// <summary>Which parts of a stretch of sound belong to the record, before the sound is encoded. Times are
    /// nanoseconds of the encoders' timeline.</summary>
    /// <param name="from">When the sound begins.</param>
    /// <param name="until">When the sound ends.</param>
    public ImmutableList<(ulong From, ulong Until)> Kept(ulong from, ulong until)
    {
        lock (_passing)
        {
            _newest = Math.Max(_newest, until);
            return _timeline.Kept(from, until);
        }
    }

    /// <summary>Filters the frames that arrive at a pad behind an encoder. The caller keeps the pad alive.</summary>
    public void Guard(EncodedTrack track, Pad pad) =>
        pad.AddProbe(
            PadProbeType.Buffer,
            info =>
            {
                var unit = info.Buffer;
                var time = pad.ToRunningTime(unit.Pts);
                if (!Passes(track, time, unit.IsDeltaUnit, out var paused))
                {
                    if (track == EncodedTrack.Video && !LeavesOut(time))
                    {
                        KeyFrameMissing?.Invoke();
                    }

                    return PadProbeReturn.Drop;
                }

                if (paused > 0)
                {
                    var moved = unit.Copy();
                    moved.Pts -= paused;
                    moved.Dts -= moved.Dts == Buffer.ClockTimeNone ? 0 : paused;
                    info.Replace(moved);
                }

                return PadProbeReturn.Ok;
            }
        );

    /// <summary>Whether a unit belongs to the record, and by how much the unit moves up.</summary>
    public bool Passes(EncodedTrack track, ulong time, bool isDelta, out ulong paused)
    {
        lock (_passing)
        {
            paused = 0;
            if (time == Buffer.ClockTimeNone)
            {
                return true;
            }

            _newest = Math.Max(_newest, time);
            var isPicture = track == EncodedTrack.Video;
            var leftOut = _timeline.LeavesOut(time) || (isPicture && isDelta && _wantsKeyFrame);
            if (isPicture)
            {
                _wantsKeyFrame = leftOut;
                _frames += leftOut ? 0 : 1;
            }

            paused = _timeline.PausedBefore(time);
            return !leftOut;
        }
    }

    private bool LeavesOut(ulong time)
    {
        lock (_passing)
        {
            return _timeline.LeavesOut(time);
        }
    }

    private ulong FrameAfter(ulong time, int count)
    {
        const double nanoseconds = 1e9;
        var frame = (long)Math.Round((double)time * framerate / nanoseconds);
        return (ulong)Picture.TickClock.Nanoseconds(frame + count, framerate);
    }
}
