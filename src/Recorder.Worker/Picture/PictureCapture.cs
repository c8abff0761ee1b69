using System.Collections.Concurrent;
using System.Diagnostics;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Native;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Picture;

/// <summary>
/// The thread between a picture source and the encoder: it waits for paints, converts each once and gives the encoder one frame a
/// tick, as <see cref="TickSchedule"/> decides. Times are nanoseconds of CLOCK_MONOTONIC.
/// </summary>
internal sealed class PictureCapture : IDisposable
{
    /// <summary>Frames that may wait for the encoder before ticks are left out.</summary>
    public const int MaximumBacklog = 12;

    private const int PhasePaints = 16;

    // A paint that comes in several requests is converted when none came for the first time span, at the latest after the second.
    private const long QuietNanoseconds = 1_000_000;
    private const long SettleNanoseconds = 5_000_000;
    private const long IdleNanoseconds = 1_000_000_000;
    private const long EncoderTurnNanoseconds = 1_000_000;

    private readonly IPictureSource source;
    private readonly int framerate;
    private readonly AppSrc target;
    private readonly FramePool pool;
    private readonly Action lost;
    private readonly Thread thread;
    private readonly EventDescriptor wakeUp = new();
    private readonly ConcurrentQueue<Action> requests = new();
    private readonly Queue<long> recentPaints = new(PhasePaints);

    // Pictures that have their tick but whose tick is not due; a paint is at most a few ticks ahead.
    private readonly Queue<PendingPicture> pending = new(8);

    private readonly StallPatience patience = new();
    private TickSchedule? schedule;
    private Buffer shown;
    private bool shownIsNew;
    private long paintedAt;
    private long settledAt = long.MaxValue;
    private bool sourceIsLost;
    private bool stopping;
    private long captured;
    private long painted;
    private long dropped;

    /// <summary>Takes the source over and starts the thread.</summary>
    /// <param name="source">Where pictures come from.</param>
    /// <param name="format">Their size.</param>
    /// <param name="framerate">Frames a second.</param>
    /// <param name="encoderFrames">Frames the encoder keeps to itself.</param>
    /// <param name="target">Where frames go.</param>
    /// <param name="lost">Called once, on the capture thread, when the source is gone.</param>
    public PictureCapture(IPictureSource source, PictureFormat format, int framerate, int encoderFrames, AppSrc target, Action lost)
    {
        this.source = source;
        this.framerate = framerate;
        this.target = target;
        this.lost = lost;
        pool = new FramePool(format, MaximumBacklog + encoderFrames + 6);
        thread = new Thread(Run) { Name = "picture", IsBackground = true };
        thread.Start();
    }

    /// <summary>Frames given to the encoder.</summary>
    public long Captured => Volatile.Read(ref captured);

    /// <summary>Different paints among them.</summary>
    public long Painted => Volatile.Read(ref painted);

    /// <summary>Ticks left out because the encoder could not keep up.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>Starts the record: its first frame is what the display shows now.</summary>
    /// <returns>The record's origin, within one frame period from now, in phase with the recent paints.</returns>
    public Task<long> BeginAsync() => Ask(() =>
    {
        long now = Stopwatch.GetTimestamp();
        schedule = new TickSchedule(framerate, TickSchedule.ChooseOrigin(now, recentPaints.ToArray(), framerate));
        Capture(schedule.Paint(schedule.Origin));
        return schedule.Origin;
    });

    /// <summary>What the display shows now, as the last frame has it; the null buffer before the first. The caller owns the reference.</summary>
    public Task<Buffer> LendAsync() => Ask(() => shown.IsNull ? default : shown.Copy());

    /// <summary>Ends the record: the ticks before now get their frames, then the encoder is told that no more come.</summary>
    /// <returns>The number of ticks in the record.</returns>
    public Task<long> EndAsync() => Ask(() =>
    {
        long ticks = 0;
        if (schedule is { } begun)
        {
            ticks = Math.Max(begun.NextTick, begun.TicksUntil(Stopwatch.GetTimestamp()));
            while (begun.NextTick < ticks)
            {
                Emit(begun);
            }
        }

        schedule = null;
        _ = target.EndOfStream();
        return ticks;
    });

    /// <summary>Ends the thread and lets go of the source. Only after the pipeline is down.</summary>
    public void Dispose()
    {
        requests.Enqueue(() => stopping = true);
        wakeUp.Signal();
        thread.Join();
        source.Dispose();
        foreach (PendingPicture picture in pending)
        {
            picture.Frame.Unref();
        }

        if (!shown.IsNull)
        {
            shown.Unref();
        }

        pool.Dispose();
        wakeUp.Dispose();
    }

    private Task<T> Ask<T>(Func<T> request)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        requests.Enqueue(() => answer.SetResult(request()));
        wakeUp.Signal();
        return answer.Task;
    }

    private void Run()
    {
        Span<Libc.PollDescriptor> descriptors =
        [
            new() { Descriptor = wakeUp.Number, Events = Libc.PollIn },
            new() { Descriptor = source.Descriptor, Events = Libc.PollIn },
        ];
        while (!stopping)
        {
            Look();
            if (sourceIsLost)
            {
                // A negative descriptor is skipped by poll.
                descriptors[1].Descriptor = -1;
            }

            long now = Stopwatch.GetTimestamp();
            if (now >= settledAt)
            {
                Settle();
            }

            while (schedule is { } begun && now >= begun.NextDeadline)
            {
                Emit(begun);
            }

            long next = Math.Min(settledAt, schedule?.NextDeadline ?? now + IdleNanoseconds);
            _ = Libc.Poll(descriptors, next - Stopwatch.GetTimestamp());
            if (descriptors[0].Returned != 0)
            {
                wakeUp.Clear();
                while (requests.TryDequeue(out Action? request))
                {
                    request();
                }
            }
        }
    }

    private void Look()
    {
        if (sourceIsLost)
        {
            return;
        }

        switch (source.Drain())
        {
            case PaintSignal.Painted:
                long now = Stopwatch.GetTimestamp();
                if (settledAt == long.MaxValue)
                {
                    paintedAt = now;
                }

                settledAt = Math.Min(now + QuietNanoseconds, paintedAt + SettleNanoseconds);
                break;
            case PaintSignal.Lost:
                sourceIsLost = true;
                lost();
                break;
            case PaintSignal.None:
            default:
                break;
        }
    }

    private void Settle()
    {
        settledAt = long.MaxValue;
        if (schedule is { } begun)
        {
            Capture(begun.Paint(paintedAt));
            return;
        }

        if (recentPaints.Count == PhasePaints)
        {
            recentPaints.Dequeue();
        }

        recentPaints.Enqueue(paintedAt);
    }

    private void Capture(TickAssignment assignment)
    {
        Buffer frame = pool.Take(out PictureMemory picture);
        if (frame.IsNull)
        {
            // Everything waits for the encoder: its backlog leaves ticks out already.
            return;
        }

        source.Convert(picture);
        if (assignment.Replaces && pending.Count > 0)
        {
            // Only the newest can be replaced: rotate the others past it.
            for (int i = pending.Count; i > 1; i--)
            {
                pending.Enqueue(pending.Dequeue());
            }

            pending.Dequeue().Frame.Unref();
        }

        pending.Enqueue(new PendingPicture(assignment.Tick, frame));
    }

    private void Emit(TickSchedule begun)
    {
        long tick = begun.NextTick;
        while (pending.TryPeek(out PendingPicture next) && next.Tick <= tick)
        {
            if (!shown.IsNull)
            {
                shown.Unref();
            }

            shown = pending.Dequeue().Frame;
            shownIsNew = true;
        }

        patience.Look(Stopwatch.GetTimestamp() - begun.NextDeadline, target.CurrentLevelBuffers);
        begun.Advance();
        WaitForEncoder();
        if (shown.IsNull || target.CurrentLevelBuffers >= MaximumBacklog)
        {
            dropped++;
            return;
        }

        Buffer frame = shown.Copy();
        frame.Pts = (ulong)TickClock.Nanoseconds(tick, framerate);
        frame.Duration = (ulong)TickClock.Nanoseconds(tick + 1, framerate) - frame.Pts;
        _ = target.PushBuffer(frame);
        captured++;
        if (shownIsNew)
        {
            shownIsNew = false;
            painted++;
        }
    }

    private void WaitForEncoder()
    {
        while (target.CurrentLevelBuffers >= MaximumBacklog && patience.Left > 0)
        {
            long from = Stopwatch.GetTimestamp();
            _ = Libc.Poll([], EncoderTurnNanoseconds);
            patience.Spend(Stopwatch.GetTimestamp() - from);
        }
    }

    private readonly record struct PendingPicture(long Tick, Buffer Frame);
}
