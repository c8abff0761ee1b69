using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Streams.Targets;

/// <summary>
/// One stream target over its life: a thread that connects, watches, closes and tries again, because each of these
/// steps may block. Frames go straight into the connection's own queue, so the troubles of the connection affect
/// nothing else.
/// </summary>
internal sealed class StreamTarget : IEncodedOutput
{
    /// <summary>How much media may wait for a target, as playing time; more is a stall.</summary>
    public static readonly TimeSpan BacklogLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long a server may take to accept the stream, from the beginning of the connection: 30 s, and a
    /// little for the network.</summary>
    public static readonly TimeSpan AcceptanceLimit = TimeSpan.FromSeconds(32);

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    private readonly WorkerTarget _output;
    private readonly StreamKind _kind;
    private readonly StreamSettings _settings;
    private readonly KeyFrameRequests _keyFrames;
    private readonly Action _changed;
    private readonly TimeProvider _time;
    private readonly object _waiting = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _sharing = new();
    private bool _closing;
    private IStreamConnection? _connection;
    private TargetState _state;
    private long _framesOffered;
    private long _framesSentBefore;
    private long _bytesSentBefore;

    /// <summary>Makes the target, which does nothing until <see cref="Start"/>.</summary>
    /// <param name="output">The target.</param>
    /// <param name="kind">The target's kind.</param>
    /// <param name="settings">The settings for all targets.</param>
    /// <param name="keyFrames">Takes the requests for a key frame to begin with.</param>
    /// <param name="changed">Called on the target's thread whenever <see cref="Summary"/> has another state.</param>
    /// <param name="time">The clock.</param>
    public StreamTarget(
        WorkerTarget output,
        StreamKind kind,
        StreamSettings settings,
        KeyFrameRequests keyFrames,
        Action changed,
        TimeProvider time
    )
    {
        this._output = output;
        this._kind = kind;
        this._settings = settings;
        this._keyFrames = keyFrames;
        this._changed = changed;
        this._time = time;
        _state = TargetState.Starting(time.GetUtcNow());
    }

    /// <summary>Completes when the connection is closed and the thread has ended.</summary>
    public Task Closed => _closed.Task;

    /// <summary>The target's state and its counts of frames. From any thread.</summary>
    public WorkerOutput Summary
    {
        get
        {
            lock (_sharing)
            {
                // Frames that leave before the peer counts as taking the stream are neither sent nor dropped yet.
                var figures = _connection?.Figures ?? default;
                var active = _state.State == WorkerOutputState.Active && _connection is not null;
                var sent = active ? figures.FramesSent : 0;
                var waiting = figures.FramesTaken - sent;
                return new WorkerOutput(
                    _output.Id,
                    _kind.Name,
                    _output.Shown,
                    _state.State,
                    _state.Since,
                    _state.Reason,
                    _framesSentBefore + sent,
                    Math.Max(0, _framesOffered - _framesSentBefore - sent - waiting),
                    _bytesSentBefore + (active ? figures.BytesSent : 0),
                    _state.Retries
                );
            }
        }
    }

    /// <summary>Starts the thread.</summary>
    public void Start() => new Thread(Run) { Name = _output.Id, IsBackground = true }.Start();

    /// <summary>Ends the stream; <see cref="Closed"/> tells when the end is reached.</summary>
    public void Close()
    {
        lock (_waiting)
        {
            _closing = true;
            Monitor.PulseAll(_waiting);
        }
    }

    /// <inheritdoc/>
    public void Take(in EncodedFrame frame)
    {
        lock (_sharing)
        {
            if (frame.Track == EncodedTrack.Video)
            {
                _framesOffered++;
            }

            _connection?.Offer(frame);
        }
    }

    private bool Closing
    {
        get
        {
            lock (_waiting)
            {
                return _closing;
            }
        }
    }

    private void Run()
    {
        try
        {
            while (!Closing)
            {
                var reason = Serve();
                if (Closing)
                {
                    break;
                }

                (var next, var delay) = _state.Lost(reason, _time.GetUtcNow(), Random.Shared.NextDouble());
                Become(next);
                Pause(delay);
                if (!Closing)
                {
                    Become(_state.TriedAgain());
                }
            }
        }
        catch (Exception error) when (error is GStreamerException or UriFormatException)
        {
            Become(_state.Failed(error.Message, _time.GetUtcNow()));
        }
        finally
        {
            Become(_state.Closed(_time.GetUtcNow()));
            _closed.SetResult();
        }
    }

    /// <summary>Makes one connection and serves the connection until its end.</summary>
    /// <returns>Why the connection ended, a sentence for people.</returns>
    private string Serve()
    {
        IStreamConnection connection;
        try
        {
            connection = _kind.Connect(_output, _settings, _time);
        }
        catch (PeerRefusedException refused)
        {
            return refused.Message;
        }
        using var made = connection;
        try
        {
            Use(made);
            made.Open();
            var begun = _time.GetTimestamp();
            while (!Closing)
            {
                if (made.Figures.WantsKeyFrame)
                {
                    _keyFrames.Ask();
                }

                if (made.Wait(Turn) is { } reason)
                {
                    return reason;
                }

                var figures = made.Figures;
                if (figures.Accepted)
                {
                    var accepted =
                        _state.State == WorkerOutputState.Active ? _state : _state.Accepted(_time.GetUtcNow());
                    Become(accepted.WaitsFor(figures.Waits));
                }

                if (!figures.Answered && _time.GetElapsedTime(begun) > AcceptanceLimit)
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
        var begun = _time.GetTimestamp();
        lock (_waiting)
        {
            while (!_closing && delay - _time.GetElapsedTime(begun) is { Ticks: > 0 } rest)
            {
                Monitor.Wait(_waiting, rest);
            }
        }
    }

    private void Use(IStreamConnection? next)
    {
        lock (_sharing)
        {
            if (_state.State == WorkerOutputState.Active && _connection?.Figures is { } last)
            {
                _framesSentBefore += last.FramesSent;
                _bytesSentBefore += last.BytesSent;
            }

            _connection = next;
        }
    }

    private void Become(TargetState next)
    {
        lock (_sharing)
        {
            if (next == _state)
            {
                return;
            }

            _state = next;
        }

        _changed();
    }
}
