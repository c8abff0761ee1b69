using Recorder.Worker.GStreamer;
using Recorder.Worker.Picture;
using Recorder.Worker.Protocol;
using Recorder.Worker.Sound;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Loop;

/// <summary>An output that is part of the pipeline, which only the record is. The output brings its own elements behind
/// the two tees. <see cref="IEncodedOutput"/> is for all other outputs.</summary>
internal interface IOutput
{
    /// <summary>Adds the output's elements to the pipeline and links them to pads requested from the tees.</summary>
    void Attach(Pipeline pipeline, Element videoTee, Element audioTee);
}

/// <summary>
/// Sources → encoders → tees → outputs, built from elements and properties. H.264 leaves its tee as <c>avc</c> access
/// units, AAC as raw frames. An output that wants another form converts its input itself.
/// </summary>
internal sealed class MediaPipeline : IDisposable
{
    private readonly Pipeline _pipeline = new();
    private readonly OwnedElements _elements = new();
    private readonly Pad _encodedVideo;
    private readonly BusWatch _bus;
    private readonly TimeProvider _time;
    private long _encodedBytes;
    private long _encodedFrames;
    private long _lastEncoded;

    /// <summary>Builds the pipeline; nothing runs yet.</summary>
    /// <param name="settings">What to encode.</param>
    /// <param name="encoding">The encoder's settings.</param>
    /// <param name="outputs">The outputs to attach.</param>
    /// <param name="message">Called on the bus thread for errors and the end of the stream.</param>
    /// <param name="time">The clock of <see cref="SinceLastEncoded"/>.</param>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    public MediaPipeline(
        WorkerCommand.Prepare settings,
        VideoEncoding encoding,
        IReadOnlyList<IOutput> outputs,
        Action<Message> message,
        TimeProvider time
    )
    {
        this._time = time;
        (var videoTee, _encodedVideo) = AddVideo(settings.Picture, encoding);
        var audioTee = AddAudio(settings.Sound);
        foreach (var output in outputs)
        {
            output.Attach(_pipeline, videoTee, audioTee);
        }

        _bus = new BusWatch(_pipeline, message);
    }

    /// <summary>Takes raw pictures, I420 of the session's size.</summary>
    public AppSrc Video { get; } = new("video");

    /// <summary>Takes raw sound in the format of <see cref="SoundFormat"/>.</summary>
    public AppSrc Audio { get; } = new("audio");

    /// <summary>Hands encoded frames to the outputs that are not part of the pipeline.</summary>
    public EncodedFanOut FanOut { get; } = new();

    /// <summary>Bytes that left the encoders.</summary>
    public long EncodedBytes => Interlocked.Read(ref _encodedBytes);

    /// <summary>Pictures that left the encoder.</summary>
    public long EncodedFrames => Volatile.Read(ref _encodedFrames);

    /// <summary>Time since the last picture left the encoder. Before the first picture: time since the start.</summary>
    public TimeSpan SinceLastEncoded => _time.GetElapsedTime(Volatile.Read(ref _lastEncoded));

    /// <summary>Restarts <see cref="SinceLastEncoded"/> at zero.</summary>
    public void ExpectFrames() => Volatile.Write(ref _lastEncoded, _time.GetTimestamp());

    /// <summary>Asks for a key frame as the next picture, or as the first picture at or after <paramref name="at"/>, a
    /// time of the timeline in nanoseconds. From any thread.</summary>
    public void ForceKeyFrame(ulong? at = null) => _encodedVideo.SendForceKeyUnit(at ?? GStreamer.Buffer.ClockTimeNone);

    /// <summary>Opens the outputs and lets the pipeline wait for its first buffers.</summary>
    /// <returns>False when an element refuses; the bus says why.</returns>
    public bool Start()
    {
        ExpectFrames();
        _bus.Start();
        return _pipeline.SetState(State.Playing) != StateChangeReturn.Failure;
    }

    /// <summary>Ends all streaming threads and closes the outputs. Blocks its thread, and may hang if a plugin
    /// hangs.</summary>
    public void Stop()
    {
        _ = _pipeline.SetState(State.Null);
        _bus.Stop();
    }

    /// <summary>Releases everything. Only after <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        _bus.Dispose();
        FanOut.Dispose();
        _encodedVideo.Dispose();
        _elements.Dispose();
        Video.Dispose();
        Audio.Dispose();
        _pipeline.Dispose();
    }

    private (Element Tee, Pad Encoded) AddVideo(PictureSettings settings, VideoEncoding encoding)
    {
        Video.SetCaps(
            FormattableString.Invariant(
                $"video/x-raw,format=I420,width={settings.Width},height={settings.Height},framerate={settings.Framerate}/1,pixel-aspect-ratio=1/1,interlace-mode=progressive,colorimetry={PictureColours.Of(settings.Height)}"
            )
        );
        var encoder = _elements.Make("x264enc");
        encoder.SetEnum("speed-preset", settings.Preset);
        encoder.SetProperty("bitrate", settings.Bitrate);
        encoder.SetProperty("key-int-max", settings.KeyframeInterval);
        encoder.SetProperty("threads", encoding.Threads);
        encoder.SetProperty("rc-lookahead", encoding.LookAhead);
        encoder.SetProperty("bframes", 0);
        encoder.SetProperty("b-adapt", false);

        // Lets a requested key frame follow another key frame at once. By default x264 refuses that for up to a second,
        // and a record that is unpaused would lack pictures until the next key frame.
        encoder.SetProperty("option-string", "keyint-min=1");

        // The preset may leave these two out, and x264 writes the lowest profile that covers the features in use.
        encoder.SetProperty("cabac", settings.Profile != VideoEncoding.Baseline);
        encoder.SetProperty("dct8x8", settings.Profile == VideoEncoding.High);
        var filter = _elements.Make("capsfilter");
        using (var caps = Caps.FromString($"video/x-h264,profile={settings.Profile},stream-format=avc,alignment=au"))
        {
            filter.SetProperty("caps", caps);
        }

        var tee = AddTee();
        _pipeline.Add(Video, encoder, filter);
        Video.Link(encoder);
        encoder.Link(filter);
        filter.Link(tee);
        FanOut.Watch(EncodedTrack.Video, filter.GetStaticPad("src"));
        var encoded = encoder.GetStaticPad("src");
        encoded.AddProbe(
            PadProbeType.Buffer,
            info =>
            {
                Interlocked.Add(ref _encodedBytes, info.Size);
                Interlocked.Increment(ref _encodedFrames);
                ExpectFrames();
                return PadProbeReturn.Ok;
            }
        );
        return (tee, encoded);
    }

    private Element AddAudio(SoundSettings settings)
    {
        Audio.SetCaps(SoundFormat.Caps);
        var encoder = _elements.Keep(SoundEncoder.Aac(settings));
        var tee = AddTee();
        _pipeline.Add(Audio, encoder);
        Audio.Link(encoder);
        encoder.Link(tee);
        FanOut.Watch(EncodedTrack.Audio, encoder.GetStaticPad("src"));
        using var encoded = encoder.GetStaticPad("src");
        encoded.AddProbe(
            PadProbeType.Buffer,
            info =>
            {
                Interlocked.Add(ref _encodedBytes, info.Size);
                return PadProbeReturn.Ok;
            }
        );
        return tee;
    }

    private Element AddTee()
    {
        var tee = _elements.Make("tee");
        tee.SetProperty("allow-not-linked", true);
        _pipeline.Add(tee);
        return tee;
    }
}
