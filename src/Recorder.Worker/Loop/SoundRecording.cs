using System.Diagnostics;
using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Recorder.Worker.Sound;

namespace Recorder.Worker.Loop;

/// <summary>One record of sound alone in the making: source, thread, pipeline and file, from prepared to ended. Nothing
/// looks at a display.</summary>
internal sealed class SoundRecording : IDisposable
{
    // Pauses begin and end at multiples of 20 ms, which is the frame of Opus and a whole number of samples.
    private const int GridFrames = 50;

    private readonly WorkerCommand.Prepare _settings;
    private readonly Pipeline _pipeline = new();
    private readonly SoundFile _file;
    private readonly PauseGate _gate = new(GridFrames, framesInFlight: 0);
    private readonly RecordedSound _recorded;
    private readonly SoundCapture _sound;
    private readonly BusWatch _bus;
    private readonly TimeProvider _time;
    private long _origin;
    private long _seen;
    private long _seenAt;

    /// <summary>Builds and starts the pipeline, and takes ownership of the source.</summary>
    /// <param name="settings">What to record.</param>
    /// <param name="source">The sound server; null: silence.</param>
    /// <param name="events">What the recording reports of its own accord.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="GStreamerException">The pipeline cannot be built; the source is disposed of.</exception>
    public SoundRecording(
        WorkerCommand.Prepare settings,
        ISoundSource? source,
        IRecordingEvents events,
        TimeProvider time
    )
    {
        _settings = settings;
        _time = time;
        _file = new SoundFile(settings.Container, settings.Path!, settings.Sound);
        _recorded = new RecordedSound(_file.Input, _gate);
        try
        {
            _file.Attach(_pipeline);
        }
        catch
        {
            source?.Dispose();
            _file.Dispose();
            _pipeline.Dispose();
            throw;
        }

        _bus = new BusWatch(_pipeline, events.PipelineMessage);
        _sound = new SoundCapture(source, [_recorded], events.SoundLost);
        _seenAt = time.GetTimestamp();
        _bus.Start();
        Started = _pipeline.SetState(State.Playing) != StateChangeReturn.Failure;
    }

    /// <summary>False: an element refused to start; the pipeline's message says why.</summary>
    public bool Started { get; }

    /// <summary>Whether the record stands still.</summary>
    public bool IsPaused => _gate.IsPaused;

    /// <summary>Starts the timeline now.</summary>
    /// <returns>Its origin, nanoseconds of CLOCK_MONOTONIC.</returns>
    public long Begin()
    {
        _origin = Stopwatch.GetTimestamp();
        _seenAt = _time.GetTimestamp();
        _sound.Begin(_origin + SoundDelay.EncoderNanoseconds(_settings.Container));
        return _origin;
    }

    /// <summary>Tells the track to end now. The bus reports the end of the stream later.</summary>
    public void End() => _sound.End(Stopwatch.GetTimestamp() - _origin);

    /// <summary>Lets the record stand still.</summary>
    public void Pause() => _gate.Pause();

    /// <summary>Unpauses the record.</summary>
    public void Unpause()
    {
        _ = _gate.Unpause();
        _seenAt = _time.GetTimestamp();
    }

    /// <summary>For how long the encoder has given nothing although the record does not stand still. Called in
    /// turn with the other commands.</summary>
    public TimeSpan Stalled()
    {
        if (_seen != _file.EncodedUnits || IsPaused)
        {
            _seen = _file.EncodedUnits;
            _seenAt = _time.GetTimestamp();
        }

        return _time.GetElapsedTime(_seenAt);
    }

    /// <summary>The figures so far.</summary>
    public WorkerEvent.Progress Measure() =>
        new(
            Captured: 0,
            Painted: 0,
            Repeated: 0,
            Dropped: 0,
            _file.EncodedBytes,
            RecordFile.Length(_settings.Path!),
            (double)_recorded.Written / SoundFormat.Rate,
            _sound.SilenceInserted.TotalSeconds
        )
        {
            SoundLevel = _sound.TakeLevel(),
        };

    /// <summary>The first sound is on the disk. Until this object is disposed of.</summary>
    public void FirstSoundIsWritten() => _file.SoundIsWritten();

    /// <summary>The time in the record, in seconds, of what was heard some time ago.</summary>
    /// <param name="ago">How long ago, not negative. Before the beginning, the beginning counts.</param>
    public double PositionOf(TimeSpan ago)
    {
        var since = Stopwatch.GetElapsedTime(_origin) - ago;
        return since > TimeSpan.Zero ? _gate.PositionOf((ulong)(since.Ticks * 100)) / 1e9 : 0;
    }

    /// <summary>Ends the pipeline's threads and closes the file. Blocks its thread.</summary>
    public void Stop()
    {
        _ = _pipeline.SetState(State.Null);
        _bus.Stop();
    }

    /// <summary>Releases everything. Only after <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        _bus.Dispose();
        _sound.Dispose();
        _file.Dispose();
        _pipeline.Dispose();
    }
}
