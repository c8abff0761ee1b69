using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Picture;
using Recorder.Worker.Protocol;
using Recorder.Worker.Sound;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Loop;

/// <summary>Where a recording's picture and sound come from.</summary>
/// <param name="Picture">The display, or a test's own frame buffer.</param>
/// <param name="Sound">The sound server; null: silence.</param>
internal sealed record CaptureSources(IPictureSource Picture, ISoundSource? Sound);

/// <summary>What a running recording reports of its own accord, called on the recording's own threads.</summary>
internal interface IRecordingEvents
{
    /// <summary>The display is gone.</summary>
    void DisplayLost();

    /// <summary>The sound server is gone.</summary>
    void SoundLost();

    /// <summary>The pipeline reported an error or the end of the stream.</summary>
    void PipelineMessage(Message message);
}

/// <summary>One record in the making: sources, threads, pipeline and file, from prepared to ended.</summary>
internal sealed class PageRecording : IDisposable
{
    private readonly MediaPipeline _pipeline;
    private readonly IDisposable _output;
    private readonly SoundFile? _soundBeside;
    private readonly PauseGate _gate;
    private readonly PictureCapture _picture;
    private readonly SoundCapture _sound;
    private readonly bool _hasSoundServer;

    /// <summary>Builds and starts the pipeline around the sources, and takes ownership of the sources.</summary>
    /// <exception cref="GStreamerException">The pipeline cannot be built; the sources are disposed of.</exception>
    public PageRecording(
        WorkerCommand.Prepare settings,
        CaptureSources sources,
        IRecordingEvents events,
        TimeProvider time
    )
    {
        Settings = settings;
        _hasSoundServer = sources.Sound is not null;
        var encoding = VideoEncoding.For(
            settings.Picture.Preset,
            settings.Picture.Width,
            settings.Picture.Height,
            settings.Picture.Framerate,
            Environment.ProcessorCount
        );
        _gate = new PauseGate(settings.Picture.Framerate, encoding.FramesInFlight);
        IOutput first = settings.Path is null
            ? new DiscardOutput()
            : new RecordOutput(settings.Container, settings.Path, _gate);
        _output = (IDisposable)first;
        _soundBeside =
            settings is { Path: { } path, AlsoAudio: { } container }
                ? new SoundFile(container, FileContainers.SoundBeside(path, container), settings.Sound)
                : null;
        try
        {
            IReadOnlyList<IOutput> outputs = _soundBeside is null ? [first] : [first, _soundBeside];
            _pipeline = new MediaPipeline(settings, encoding, outputs, events.PipelineMessage, time);
        }
        catch
        {
            sources.Picture.Dispose();
            sources.Sound?.Dispose();
            _output.Dispose();
            _soundBeside?.Dispose();
            throw;
        }

        // At most one request a second, from the first picture that lacks a key frame.
        _gate.KeyFrameMissing = new Streams.KeyFrameRequests(ForceKeyFrame, time).Ask;
        _picture = new PictureCapture(
            sources.Picture,
            new PictureFormat(settings.Picture.Width, settings.Picture.Height),
            settings.Picture.Framerate,
            encoding.FramesInFlight,
            _pipeline.Video,
            events.DisplayLost
        );
        var whole = new WholeSound(_pipeline.Audio);
        _sound = new SoundCapture(
            sources.Sound,
            _soundBeside is null ? [whole] : [whole, new RecordedSound(_soundBeside.Input, _gate)],
            events.SoundLost
        );
        Started = _pipeline.Start();
    }

    /// <summary>What is recorded.</summary>
    public WorkerCommand.Prepare Settings { get; }

    /// <summary>Where outputs other than the record take encoded frames.</summary>
    public EncodedFanOut FanOut => _pipeline.FanOut;

    /// <summary>Where outputs take the record's frames, on the record's timeline; null without a record.</summary>
    public EncodedFanOut? RecordFanOut => (_output as RecordOutput)?.FanOut;

    /// <summary>Whether the record stands still.</summary>
    public bool IsPaused => _gate.IsPaused;

    /// <summary>False: an element refused to start; the pipeline's message says why.</summary>
    public bool Started { get; }

    /// <summary>Time since the encoder gave its last picture.</summary>
    public TimeSpan SinceLastEncoded => _pipeline.SinceLastEncoded;

    /// <summary>Starts the timeline.</summary>
    /// <returns>Its origin, nanoseconds of CLOCK_MONOTONIC.</returns>
    public async Task<long> BeginAsync()
    {
        _pipeline.ExpectFrames();
        var origin = await _picture.BeginAsync();
        _sound.Begin(origin + (_hasSoundServer ? SoundDelay.Nanoseconds : 0));
        return origin;
    }

    /// <summary>Tells both tracks to end at the same time. The bus reports the end of the stream later.</summary>
    public async Task EndAsync()
    {
        var ticks = await _picture.EndAsync();
        _sound.End(TickClock.Nanoseconds(ticks, Settings.Picture.Framerate));
    }

    /// <summary>The figures so far.</summary>
    public WorkerEvent.Progress Measure()
    {
        var captured = _picture.Captured;
        var dropped = _picture.Dropped;
        return new WorkerEvent.Progress(
            captured,
            _picture.Painted,
            captured - _picture.Painted,
            dropped,
            _pipeline.EncodedBytes,
            Settings.Path is null ? 0 : RecordFile.Length(Settings.Path),
            _gate.PositionOf((ulong)TickClock.Nanoseconds(captured + dropped, Settings.Picture.Framerate)) / 1e9,
            _sound.SilenceInserted.TotalSeconds
        )
        {
            Recorded = _gate.Frames,
            SoundLevel = _sound.TakeLevel(),
            Still = _picture.StillFor.TotalSeconds,
        };
    }

    /// <summary>Converts a time of the record to the time of the encoders' timeline at which the same content was
    /// captured. Both times are in nanoseconds. From any thread.</summary>
    public ulong EncodersTimeOf(ulong recordTime) => _gate.EncodersTimeOf(recordTime);

    /// <summary>The time in the record, in seconds, of the frame that was on the display.</summary>
    /// <param name="since">When, since the beginning. Before the beginning, the first frame counts.</param>
    public double PositionOf(TimeSpan since)
    {
        var frame = Math.Max(0, (long)Math.Floor(since.TotalSeconds * Settings.Picture.Framerate));
        return _gate.PositionOf((ulong)TickClock.Nanoseconds(frame, Settings.Picture.Framerate)) / 1e9;
    }

    /// <summary>Lets the record stand still from the next frame on. The encoders and the other outputs
    /// continue.</summary>
    public void Pause() => _gate.Pause();

    /// <summary>Unpauses the record, with a key frame.</summary>
    public void Unpause() => _pipeline.ForceKeyFrame(_gate.Unpause());

    /// <summary>The current picture as a JPEG; null when no picture was captured yet.</summary>
    /// <exception cref="GStreamerException">The picture cannot be encoded.</exception>
    public async Task<byte[]?> TakeThumbnailAsync()
    {
        var frame = await _picture.LendAsync();
        return frame.IsNull
            ? null
            : await OwnThread.RunAsync(() => Thumbnail.Encode(frame, Settings.Picture.Width, Settings.Picture.Height));
    }

    /// <summary>Asks for a key frame as the next picture. From any thread, until this object is disposed of.</summary>
    public void ForceKeyFrame() => _pipeline.ForceKeyFrame();

    /// <summary>The first picture is on the disk. Until this object is disposed of.</summary>
    public void FirstPictureIsWritten()
    {
        (_output as RecordOutput)?.FirstPictureIsWritten();
        _soundBeside?.SoundIsWritten();
    }

    /// <summary>Ends the pipeline's threads and closes the file. Blocks its thread.</summary>
    public void Stop() => _pipeline.Stop();

    /// <summary>Releases everything. Only after <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        _picture.Dispose();
        _sound.Dispose();
        _output.Dispose();
        _soundBeside?.Dispose();
        _pipeline.Dispose();
    }
}
