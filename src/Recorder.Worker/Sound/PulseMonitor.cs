using System.Diagnostics;
using Recorder.Worker.Native;

namespace Recorder.Worker.Sound;

/// <summary>The sound that a session's PulseAudio daemon plays into its default sink, read from that sink's
/// monitor.</summary>
internal sealed unsafe class PulseMonitor : ISoundSource
{
    private const string Monitor = "@DEFAULT_MONITOR@";

    private readonly nint _mainloop;
    private readonly nint _context;
    private nint _stream;
    private byte[] _silence = [];
    private bool _holdsPiece;

    private PulseMonitor()
    {
        _mainloop = Pulse.pa_mainloop_new();
        _context = Pulse.pa_context_new(Pulse.pa_mainloop_get_api(_mainloop), "recorder");
    }

    /// <summary>Connects to the daemon. Blocks its thread up to <paramref name="limit"/>.</summary>
    /// <param name="server">Address of the daemon, such as <c>unix:/run/x/pulse</c>.</param>
    /// <param name="piece">The length of the pieces in which sound comes.</param>
    /// <param name="limit">How long the daemon may take.</param>
    /// <exception cref="IOException">The daemon does not answer or has no sink.</exception>
    public static PulseMonitor Open(string server, TimeSpan piece, TimeSpan limit)
    {
        PulseMonitor monitor = new();
        try
        {
            monitor.Connect(server, piece, limit);
            return monitor;
        }
        catch
        {
            monitor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Wait(TimeSpan limit) =>
        Pulse.pa_mainloop_prepare(_mainloop, (int)limit.TotalMicroseconds) >= 0
        && Pulse.pa_mainloop_poll(_mainloop) >= 0
        && Pulse.pa_mainloop_dispatch(_mainloop) >= 0
        && Pulse.pa_context_get_state(_context) == Pulse.ContextReady
        && Pulse.pa_stream_get_state(_stream) == Pulse.StreamReady;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Read()
    {
        Drop();
        if (Pulse.pa_stream_peek(_stream, out var data, out var size) != 0 || size == 0)
        {
            return default;
        }

        _holdsPiece = true;
        if (data != null)
        {
            return new ReadOnlySpan<byte>(data, (int)size);
        }

        // A hole in the server's queue: a time in which nothing was heard. Without silence in its place, the later
        // sound would move by less than the timeline notices.
        if (_silence.Length < (int)size)
        {
            _silence = new byte[size];
        }

        return _silence.AsSpan(0, (int)size);
    }

    /// <inheritdoc/>
    public void WakeUp() => Pulse.pa_mainloop_wakeup(_mainloop);

    /// <summary>Time from the moment a sample is heard until the sample is readable here, by the daemon's estimate;
    /// negative for a monitor that is ahead.</summary>
    public TimeSpan? Latency =>
        Pulse.pa_stream_get_latency(_stream, out var microseconds, out var negative) == 0
            ? TimeSpan.FromMicroseconds(negative != 0 ? -(double)microseconds : microseconds)
            : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_stream != 0)
        {
            _ = Pulse.pa_stream_disconnect(_stream);
            Pulse.pa_stream_unref(_stream);
        }

        Pulse.pa_context_disconnect(_context);
        Pulse.pa_context_unref(_context);
        Pulse.pa_mainloop_free(_mainloop);
    }

    private void Drop()
    {
        if (_holdsPiece)
        {
            _ = Pulse.pa_stream_drop(_stream);
            _holdsPiece = false;
        }
    }

    private void Connect(string server, TimeSpan piece, TimeSpan limit)
    {
        var start = Stopwatch.GetTimestamp();
        if (Pulse.pa_context_connect(_context, server, Pulse.ContextNoAutoSpawn, 0) < 0)
        {
            throw Unreachable(server);
        }

        for (var state = 0; state != Pulse.ContextReady; state = Pulse.pa_context_get_state(_context))
        {
            Turn(server, state == Pulse.ContextFailed, start, limit);
        }

        Pulse.SampleSpec format = new()
        {
            Format = Pulse.SampleS16Le,
            Rate = SoundFormat.Rate,
            Channels = 2,
        };
        _stream = Pulse.pa_stream_new(_context, "record", &format, 0);
        Pulse.BufferAttributes attributes = new()
        {
            MaximumLength = uint.MaxValue,
            TargetLength = uint.MaxValue,
            PreBuffering = uint.MaxValue,
            MinimumRequest = uint.MaxValue,
            FragmentSize = (uint)(piece.TotalSeconds * SoundFormat.Rate) * SoundFormat.BytesPerSample,
        };
        const int flags = Pulse.StreamAdjustLatency | Pulse.StreamInterpolateTiming | Pulse.StreamAutoTimingUpdate;
        if (_stream == 0 || Pulse.pa_stream_connect_record(_stream, Monitor, &attributes, flags) < 0)
        {
            throw Unreachable(server);
        }

        for (var state = 0; state != Pulse.StreamReady; state = Pulse.pa_stream_get_state(_stream))
        {
            Turn(server, state == Pulse.StreamFailed, start, limit);
        }
    }

    private void Turn(string server, bool failed, long start, TimeSpan limit)
    {
        if (failed)
        {
            throw Unreachable(server);
        }

        var left = limit - Stopwatch.GetElapsedTime(start);
        if (left <= TimeSpan.Zero)
        {
            throw new IOException($"The sound server {server} did not answer within {limit.TotalSeconds:0.#} s.");
        }

        _ = Pulse.pa_mainloop_prepare(_mainloop, (int)left.TotalMicroseconds);
        _ = Pulse.pa_mainloop_poll(_mainloop);
        _ = Pulse.pa_mainloop_dispatch(_mainloop);
    }

    private IOException Unreachable(string server) =>
        new($"The sound server {server} cannot be used: {Pulse.Error(Pulse.pa_context_errno(_context))}.");
}
