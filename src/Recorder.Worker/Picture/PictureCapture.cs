using System.Collections.Concurrent;
using System.Diagnostics;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Native;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Picture;

/// <summary>
/// The thread between a picture source and the encoder. The thread waits for paints, converts each paint once, and
/// gives the encoder one frame a tick, as <see cref="TickSchedule"/> decides. Times are nanoseconds of CLOCK_MONOTONIC.
/// </summary>
internal sealed class PictureCapture : IDisposable
{
    /// <summary>Number of frames that may wait for the encoder before ticks are left out.</summary>
    public const int MaximumBacklog = 12;

    private const int PhasePaints = 16;

    // A paint may come in several requests. Its picture is converted when no request came for the first time span, at
    // the latest after the second.
    private const long QuietNanoseconds = 1_000_000;
    private const long SettleNanoseconds = 5_000_000;
    private const long IdleNanoseconds = 1_000_000_000;
    private const long EncoderTurnNanoseconds = 1_000_000;

    private readonly IPictureSource _source;
    private readonly int _framerate;
    private readonly AppSrc _target;
    private readonly FramePool _pool;
    private readonly PictureFormat _format;
    private readonly Action _lost;
    private readonly Thread _thread;
    private readonly EventDescriptor _wakeUp = new();
    private readonly ConcurrentQueue<Action> _requests = new();
    private readonly Queue<long> _recentPaints = new(PhasePaints);

    // Pictures that have a tick that is not due yet. A paint is at most a few ticks ahead.
    private readonly Queue<PendingPicture> _pending = new(8);

    private readonly StallPatience _patience = new();
    private readonly StillWatch _still;
    private TickSchedule? _schedule;
    private Buffer _shown;
    private bool _shownIsNew;
    private long _paintedAt;
    private long _settledAt = long.MaxValue;
    private bool _sourceIsLost;
    private bool _stopping;
    private long _captured;
    private long _painted;
    private long _dropped;

    /// <summary>Takes ownership of the source and starts the thread.</summary>
    /// <param name="source">The source of the pictures.</param>
    /// <param name="format">The size of the pictures.</param>
    /// <param name="framerate">Frames a second.</param>
    /// <param name="encoderFrames">Number of frames that the encoder holds.</param>
    /// <param name="target">The encoder's input.</param>
    /// <param name="lost">Called once, on the capture thread, when the source is gone.</param>
    public PictureCapture(
        IPictureSource source,
        PictureFormat format,
        int framerate,
        int encoderFrames,
        AppSrc target,
        Action lost
    )
    {
        this._source = source;
        this._framerate = framerate;
        this._target = target;
        this._lost = lost;
        _still = new StillWatch(format);
        _format = format;
        _pool = new FramePool(format, MaximumBacklog + encoderFrames + 6);
        _thread = new Thread(Run) { Name = "picture", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Number of frames given to the encoder.</summary>
    public long Captured => Volatile.Read(ref _captured);

    /// <summary>Number of different paints among the captured frames.</summary>
    public long Painted => Volatile.Read(ref _painted);

    /// <summary>Number of ticks left out because the encoder could not keep up.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>For how long the picture has stood still.</summary>
    public TimeSpan StillFor => _still.For(Stopwatch.GetTimestamp());

    /// <summary>Starts the record. Its first frame is the current content of the display.</summary>
    /// <returns>The record's origin, within one frame period from now, in phase with the recent paints.</returns>
    public Task<long> BeginAsync() =>
        Ask(() =>
        {
            var now = Stopwatch.GetTimestamp();
            _schedule = new TickSchedule(
                _framerate,
                TickSchedule.ChooseOrigin(now, _recentPaints.ToArray(), _framerate)
            );
            Capture(_schedule.Paint(_schedule.Origin));
            return _schedule.Origin;
        });

    /// <summary>The current content of the display, as the last frame has it; the null buffer before the first. The
    /// caller owns the reference.</summary>
    public Task<Buffer> LendAsync() => Ask(() => _shown.IsNull ? default : _shown.Copy());

    /// <summary>Ends the record. The ticks before now get their frames, and then the encoder is told that no more
    /// frames come.</summary>
    /// <returns>The number of ticks in the record.</returns>
    public Task<long> EndAsync() =>
        Ask(() =>
        {
            long ticks = 0;
            if (_schedule is { } begun)
            {
                ticks = Math.Max(begun.NextTick, begun.TicksUntil(Stopwatch.GetTimestamp()));
                while (begun.NextTick < ticks)
                {
                    Emit(begun);
                }
            }

            _schedule = null;
            _ = _target.EndOfStream();
            return ticks;
        });

    /// <summary>Ends the thread and closes the source. Only after the pipeline has stopped.</summary>
    public void Dispose()
    {
        _requests.Enqueue(() => _stopping = true);
        _wakeUp.Signal();
        _thread.Join();
        _source.Dispose();
        foreach (var picture in _pending)
        {
            picture.Frame.Unref();
        }

        if (!_shown.IsNull)
        {
            _shown.Unref();
        }

        _pool.Dispose();
        _wakeUp.Dispose();
    }

    private Task<T> Ask<T>(Func<T> request)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Enqueue(() => answer.SetResult(request()));
        _wakeUp.Signal();
        return answer.Task;
    }

    private void Run()
    {
        Span<Libc.PollDescriptor> descriptors =
        [
            new() { Descriptor = _wakeUp.Number, Events = Libc.PollIn },
            new() { Descriptor = _source.Descriptor, Events = Libc.PollIn },
        ];
        while (!_stopping)
        {
            Look();
            if (_sourceIsLost)
            {
                // A negative descriptor is skipped by poll.
                descriptors[1].Descriptor = -1;
            }

            var now = Stopwatch.GetTimestamp();
            if (now >= _settledAt)
            {
                Settle();
            }

            while (_schedule is { } begun && now >= begun.NextDeadline)
            {
                Emit(begun);
            }

            var next = Math.Min(_settledAt, _schedule?.NextDeadline ?? now + IdleNanoseconds);
            _ = Libc.Poll(descriptors, next - Stopwatch.GetTimestamp());
            if (descriptors[0].Returned != 0)
            {
                _wakeUp.Clear();
                while (_requests.TryDequeue(out var request))
                {
                    request();
                }
            }
        }
    }

    private void Look()
    {
        if (_sourceIsLost)
        {
            return;
        }

        switch (_source.Drain())
        {
            case PaintSignal.Painted:
                var now = Stopwatch.GetTimestamp();
                if (_settledAt == long.MaxValue)
                {
                    _paintedAt = now;
                }

                _settledAt = Math.Min(now + QuietNanoseconds, _paintedAt + SettleNanoseconds);
                break;
            case PaintSignal.Lost:
                _sourceIsLost = true;
                _lost();
                break;
            case PaintSignal.None:
            default:
                break;
        }
    }

    private void Settle()
    {
        _settledAt = long.MaxValue;
        if (_schedule is { } begun)
        {
            Capture(begun.Paint(_paintedAt));
            return;
        }

        if (_recentPaints.Count == PhasePaints)
        {
            _recentPaints.Dequeue();
        }

        _recentPaints.Enqueue(_paintedAt);
    }

    private void Capture(TickAssignment assignment)
    {
        var frame = _pool.Take(out var picture);
        if (frame.IsNull)
        {
            // All frames wait for the encoder. The backlog leaves ticks out already.
            return;
        }

        _source.Convert(picture);
        LookForMovement(picture);
        if (assignment.Replaces && _pending.Count > 0)
        {
            // Only the newest picture can be replaced: rotate the others past it.
            for (var i = _pending.Count; i > 1; i--)
            {
                _pending.Enqueue(_pending.Dequeue());
            }

            _pending.Dequeue().Frame.Unref();
        }

        _pending.Enqueue(new PendingPicture(assignment.Tick, frame));
    }

    private unsafe void LookForMovement(PictureMemory picture) =>
        _still.Look(
            new ReadOnlySpan<byte>((void*)picture.Data, _format.LumaStride * _format.Height),
            Stopwatch.GetTimestamp()
        );

    private void Emit(TickSchedule begun)
    {
        var tick = begun.NextTick;
        while (_pending.TryPeek(out var next) && next.Tick <= tick)
        {
            if (!_shown.IsNull)
            {
                _shown.Unref();
            }

            _shown = _pending.Dequeue().Frame;
            _shownIsNew = true;
        }

        _patience.Look(Stopwatch.GetTimestamp() - begun.NextDeadline, _target.CurrentLevelBuffers);
        begun.Advance();
        WaitForEncoder();
        if (_shown.IsNull || _target.CurrentLevelBuffers >= MaximumBacklog)
        {
            _dropped++;
            return;
        }

        var frame = _shown.Copy();
        frame.Pts = (ulong)TickClock.Nanoseconds(tick, _framerate);
        frame.Duration = (ulong)TickClock.Nanoseconds(tick + 1, _framerate) - frame.Pts;
        _ = _target.PushBuffer(frame);
        _captured++;
        if (_shownIsNew)
        {
            _shownIsNew = false;
            _painted++;
        }
    }

    private void WaitForEncoder()
    {
        while (_target.CurrentLevelBuffers >= MaximumBacklog && _patience.Left > 0)
        {
            var from = Stopwatch.GetTimestamp();
            _ = Libc.Poll([], EncoderTurnNanoseconds);
            _patience.Spend(Stopwatch.GetTimestamp() - from);
        }
    }

    private readonly record struct PendingPicture(long Tick, Buffer Frame);
}
