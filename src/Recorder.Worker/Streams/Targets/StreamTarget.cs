using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Streams.Targets;

/// <summary>
/// One stream target over its life: a thread that connects, watches, closes and tries again, since each of these may block. Frames go straight into
/// the connection's own queue; whatever happens to it costs nobody else anything.
/// </summary>
internal sealed class StreamTarget : IEncodedOutput
{
    /// <summary>What may wait for a target, as playing time; more is a stall.</summary>
    public static readonly TimeSpan BacklogLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long a server may take to accept the stream, counted from connecting to it: 30 s, and a little for the way.</summary>
    public static readonly TimeSpan AcceptanceLimit = TimeSpan.FromSeconds(32);

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    private readonly WorkerTarget output;
    private readonly StreamKind kind;
    private readonly StreamSettings settings;
    private readonly KeyFrameRequests keyFrames;
    private readonly Action changed;
    private readonly TimeProvider time;
    private readonly object waiting = new();
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock sharing = new();
    private bool closing;
    private IStreamConnection? connection;
    private TargetState state;
    private long framesOffered;
    private long framesSentBefore;
    private long bytesSentBefore;

    /// <summary>Makes the target; it does nothing until <see cref="Start"/>.</summary>
    /// <param name="output">The target.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="settings">What holds for all targets.</param>
    /// <param name="keyFrames">Where to ask for a key frame to begin with.</param>
    /// <param name="changed">Called on the target's thread whenever <see cref="Summary"/> has another state.</param>
    /// <param name="time">The clock.</param>
    public StreamTarget(WorkerTarget output, StreamKind kind, StreamSettings settings, KeyFrameRequests keyFrames, Action changed, TimeProvider time)
    {
        this.output = output;
        this.kind = kind;
        this.settings = settings;
        this.keyFrames = keyFrames;
        this.changed = changed;
        this.time = time;
        state = TargetState.Starting(time.GetUtcNow());
    }

    /// <summary>Completes when the connection is closed and the thread gone.</summary>
    public Task Closed => closed.Task;

    /// <summary>How the target stands and what it was given. From any thread.</summary>
    public WorkerOutput Summary
    {
        get
        {
            lock (sharing)
            {
                // What goes out before the peer counts as one that takes the stream is not sent yet, nor dropped.
                StreamFigures figures = connection?.Figures ?? default;
                bool active = state.State == WorkerOutputState.Active && connection is not null;
                long sent = active ? figures.FramesSent : 0;
                long waiting = figures.FramesTaken - sent;
                return new WorkerOutput(
                    output.Id,
                    kind.Name,
                    output.Shown,
                    state.State,
                    state.Since,
                    state.Reason,
                    framesSentBefore + sent,
                    Math.Max(0, framesOffered - framesSentBefore - sent - waiting),
                    bytesSentBefore + (active ? figures.BytesSent : 0),
                    state.Retries);
            }
        }
    }

    /// <summary>Starts the thread.</summary>
    public void Start() => new Thread(Run) { Name = output.Id, IsBackground = true }.Start();

    /// <summary>Ends the stream; <see cref="Closed"/> tells when that is done.</summary>
    public void Close()
    {
        lock (waiting)
        {
            closing = true;
            Monitor.PulseAll(waiting);
        }
    }

    /// <inheritdoc/>
    public void Take(in EncodedFrame frame)
    {
        lock (sharing)
        {
            if (frame.Track == EncodedTrack.Video)
            {
                framesOffered++;
            }

            connection?.Offer(frame);
        }
    }

    private bool Closing
    {
        get
        {
            lock (waiting)
            {
                return closing;
            }
        }
    }

    private void Run()
    {
        try
        {
            while (!Closing)
            {
                string reason = Serve();
                if (Closing)
                {
                    break;
                }

                (TargetState next, TimeSpan delay) = state.Lost(reason, time.GetUtcNow(), Random.Shared.NextDouble());
                Become(next);
                Pause(delay);
                if (!Closing)
                {
                    Become(state.TriedAgain());
                }
            }
        }
        catch (Exception error) when (error is GStreamerException or UriFormatException)
        {
            Become(state.Failed(error.Message, time.GetUtcNow()));
        }
        finally
        {
            Become(state.Closed(time.GetUtcNow()));
            closed.SetResult();
        }
    }

    /// <summary>Lives through one connection.</summary>
    /// <returns>Why it ended, a sentence for people.</returns>
    private string Serve()
    {
        using IStreamConnection made = kind.Connect(output, settings, time);
        try
        {
            Use(made);
            made.Open();
            long begun = time.GetTimestamp();
            while (!Closing)
            {
                if (made.Figures.WantsKeyFrame)
                {
                    keyFrames.Ask();
                }

                if (made.Wait(Turn) is { } reason)
                {
                    return reason;
                }

                StreamFigures figures = made.Figures;
                if (figures.Accepted)
                {
                    TargetState accepted = state.State == WorkerOutputState.Active ? state : state.Accepted(time.GetUtcNow());
                    Become(accepted.WaitsFor(figures.Waits));
                }

                if (!figures.Answered && time.GetElapsedTime(begun) > AcceptanceLimit)
                {
                    return $"The server did not accept the stream within {AcceptanceLimit.TotalSeconds:0} s.";
                }

                if (figures.Answered && figures.Backlog > BacklogLimit)
                {
                    return $"The server has stalled: media of {BacklogLimit.TotalSeconds:0} s waits for it to take more.";
                }
            }

            if (made.Figures.Accepted)
            {
                made.Finish(EndLimit);
            }

            return "";
        }
        finally
        {
            Use(null);
        }
    }

    private void Pause(TimeSpan delay)
    {
        long begun = time.GetTimestamp();
        lock (waiting)
        {
            while (!closing && delay - time.GetElapsedTime(begun) is { Ticks: > 0 } rest)
            {
                Monitor.Wait(waiting, rest);
            }
        }
    }

    private void Use(IStreamConnection? next)
    {
        lock (sharing)
        {
            if (state.State == WorkerOutputState.Active && connection?.Figures is { } last)
            {
                framesSentBefore += last.FramesSent;
                bytesSentBefore += last.BytesSent;
            }

            connection = next;
        }
    }

    private void Become(TargetState next)
    {
        lock (sharing)
        {
            if (next == state)
            {
                return;
            }

            state = next;
        }

        changed();
    }
}
