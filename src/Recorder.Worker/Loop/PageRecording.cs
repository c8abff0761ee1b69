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

/// <summary>What a running recording says by itself. Called on its own threads.</summary>
internal interface IRecordingEvents
{
    /// <summary>The display is gone.</summary>
    void DisplayLost();

    /// <summary>The sound server is gone.</summary>
    void SoundLost();

    /// <summary>The pipeline reported an error or the end of the stream.</summary>
    void PipelineMessage(Message message);
}

/// <summary>One record being made: sources, threads, pipeline and file, from prepared to ended.</summary>
internal sealed class PageRecording : IDisposable
{
    private readonly MediaPipeline pipeline;
    private readonly IDisposable output;
    private readonly PauseGate gate;
    private readonly PictureCapture picture;
    private readonly SoundCapture sound;
    private readonly bool hasSoundServer;

    /// <summary>Builds and starts the pipeline around the sources and takes them over.</summary>
    /// <exception cref="GStreamerException">The pipeline cannot be built; the sources are disposed of.</exception>
    public PageRecording(WorkerCommand.Prepare settings, CaptureSources sources, IRecordingEvents events, TimeProvider time)
    {
        Settings = settings;
        hasSoundServer = sources.Sound is not null;
        VideoEncoding encoding = VideoEncoding.For(settings.Picture.Preset, settings.Picture.Width, settings.Picture.Height, settings.Picture.Framerate, Environment.ProcessorCount);
        gate = new PauseGate(settings.Picture.Framerate, encoding.FramesInFlight);
        IOutput first = settings.Path is null ? new DiscardOutput() : new RecordOutput(settings.Container, settings.Path, gate);
        output = (IDisposable)first;
        try
        {
            pipeline = new MediaPipeline(settings, encoding, [first], events.PipelineMessage, time);
        }
        catch
        {
            sources.Picture.Dispose();
            sources.Sound?.Dispose();
            output.Dispose();
            throw;
        }

        // At most one a second, from the first picture that lacks it.
        gate.KeyFrameMissing = new Streams.KeyFrameRequests(ForceKeyFrame, time).Ask;
        picture = new PictureCapture(
            sources.Picture, new PictureFormat(settings.Picture.Width, settings.Picture.Height), settings.Picture.Framerate, encoding.FramesInFlight, pipeline.Video, events.DisplayLost);
        sound = new SoundCapture(sources.Sound, pipeline.Audio, events.SoundLost);
        Started = pipeline.Start();
    }

    /// <summary>What is recorded.</summary>
    public WorkerCommand.Prepare Settings { get; }

    /// <summary>Where outputs beside the record take encoded frames.</summary>
    public EncodedFanOut FanOut => pipeline.FanOut;

    /// <summary>Where outputs take what goes into the record, on its timeline; null without a record.</summary>
    public EncodedFanOut? RecordFanOut => (output as RecordOutput)?.FanOut;

    /// <summary>Whether the record stands still.</summary>
    public bool IsPaused => gate.IsPaused;

    /// <summary>False: an element refused to start; the pipeline's message says why.</summary>
    public bool Started { get; }

    /// <summary>Time since the encoder gave its last picture.</summary>
    public TimeSpan SinceLastEncoded => pipeline.SinceLastEncoded;

    /// <summary>Starts the timeline.</summary>
    /// <returns>Its origin, nanoseconds of CLOCK_MONOTONIC.</returns>
    public async Task<long> BeginAsync()
    {
        pipeline.ExpectFrames();
        long origin = await picture.BeginAsync().ConfigureAwait(false);
        sound.Begin(origin + (hasSoundServer ? SoundDelay.Nanoseconds : 0));
        return origin;
    }

    /// <summary>Tells both tracks to end at the same time; the end of the stream follows on the bus.</summary>
    public async Task EndAsync()
    {
        long ticks = await picture.EndAsync().ConfigureAwait(false);
        sound.End(TickClock.Nanoseconds(ticks, Settings.Picture.Framerate));
    }

    /// <summary>The figures so far.</summary>
    public WorkerEvent.Progress Measure()
    {
        long captured = picture.Captured;
        long dropped = picture.Dropped;
        return new WorkerEvent.Progress(
            captured,
            picture.Painted,
            captured - picture.Painted,
            dropped,
            pipeline.EncodedBytes,
            Settings.Path is null ? 0 : RecordFile.Length(Settings.Path),
            gate.PositionOf((ulong)TickClock.Nanoseconds(captured + dropped, Settings.Picture.Framerate)) / 1e9,
            sound.SilenceInserted.TotalSeconds)
        {
            Recorded = gate.Frames,
        };
    }

    /// <summary>The time of the encoders' timeline at which what stands at a time of the record was captured, both in nanoseconds. From any thread.</summary>
    public ulong EncodersTimeOf(ulong recordTime) => gate.EncodersTimeOf(recordTime);

    /// <summary>Lets the record stand still from the next frame on; the encoders and what they feed beside it go on.</summary>
    public void Pause() => gate.Pause();

    /// <summary>Lets the record go on, with a key frame.</summary>
    public void Unpause() => pipeline.ForceKeyFrame(gate.Unpause());

    /// <summary>The picture now, as a JPEG; null when none was captured yet.</summary>
    /// <exception cref="GStreamerException">It cannot be encoded.</exception>
    public async Task<byte[]?> TakeThumbnailAsync()
    {
        GStreamer.Buffer frame = await picture.LendAsync().ConfigureAwait(false);
        return frame.IsNull
            ? null
            : await OwnThread.RunAsync(() => Thumbnail.Encode(frame, Settings.Picture.Width, Settings.Picture.Height)).ConfigureAwait(false);
    }

    /// <summary>Asks for a key frame as the next picture. From any thread, as long as this is not disposed of.</summary>
    public void ForceKeyFrame() => pipeline.ForceKeyFrame();

    /// <summary>Ends the pipeline's threads and closes the file. Blocks its thread.</summary>
    public void Stop() => pipeline.Stop();

    /// <summary>Lets go of everything. Only after <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        picture.Dispose();
        sound.Dispose();
        output.Dispose();
        pipeline.Dispose();
    }
}
