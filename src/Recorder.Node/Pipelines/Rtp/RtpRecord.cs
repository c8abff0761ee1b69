using Recorder.Cluster.Sessions;
using Recorder.Node.GStreamer;

using Buffer = Recorder.Node.GStreamer.Buffer;

namespace Recorder.Node.Pipelines.Rtp;

/// <summary>
/// The record of what is received: frames are put on the record's own timeline and written as they are. A pipeline apart from the reception,
/// so that no sender's end, restart or nonsense reaches the file.
/// </summary>
internal sealed class RtpRecord : IRtpFrames, IDisposable
{
    // A muxer waits for all its tracks: where no sound has come for the longer time, silence takes its place up to the shorter.
    private const long SilenceAfter = 1_000_000_000;
    private const long SilenceUpTo = 500_000_000;
    private const long SoundPiece = 20_000_000;

    // 20 ms of silence in stereo (RFC 6716: the CELT configuration with the shortest possible frame).
    private static ReadOnlySpan<byte> Silence => [0xFC, 0xFF, 0xFE];

    private readonly Pipeline pipeline = new();
    private readonly List<Element> elements = [];
    private readonly AppSrc video = new("video");
    private readonly AppSrc? audio;
    private readonly Pad leaving;
    private readonly Action firstPicture;
    private readonly bool mayReorder;
    private readonly BusWatch bus;
    private readonly Lock guard = new();
    private RtpTimeline timeline = RtpTimeline.Empty;
    private DecodingTimes decoding = DecodingTimes.Empty;
    private long written;
    private long frames;
    private bool ended;

    /// <summary>Builds the pipeline; nothing runs yet.</summary>
    /// <param name="settings">What is written where.</param>
    /// <param name="firstPicture">Called once on a streaming thread when the record begins.</param>
    /// <param name="message">Called on the bus thread for errors and the end of the stream.</param>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    public RtpRecord(WorkerCommand.ReceiveRtp settings, Action firstPicture, Action<Message> message)
    {
        this.firstPicture = firstPicture;
        mayReorder = settings.Codec == RtpCodec.H264;
        bus = new BusWatch(pipeline, message);
        Element muxer = Keep(RecordOutput.MakeMuxer(settings.Container));
        Element sink = Keep(RecordOutput.MakeSink(settings.Path));
        pipeline.Add(muxer, sink);
        muxer.Link(sink);
        Link(video, muxer, "video_%u");
        leaving = video.GetStaticPad("src");
        leaving.AddProbe(PadProbeType.Buffer, info =>
        {
            Interlocked.Exchange(ref written, Math.Max(written, (long)info.Buffer.Pts));
            return PadProbeReturn.Ok;
        });
        if (settings.Audio is not null)
        {
            audio = new AppSrc("audio");
            using Caps caps = Caps.FromString("audio/x-opus,rate=48000,channels=2,channel-mapping-family=0,stream-count=1,coupled-count=1");
            audio.SetCaps(caps);
            Link(audio, muxer, "audio_%u");
        }
    }

    /// <summary>Pictures written.</summary>
    public long Frames => Interlocked.Read(ref frames);

    /// <summary>Time of the latest picture, in seconds; 0 before the first.</summary>
    public double Duration
    {
        get
        {
            lock (guard)
            {
                return Math.Max(0, timeline.Last) / 1e9;
            }
        }
    }

    /// <summary>How much of the record waits to be muxed and written.</summary>
    public TimeSpan Waiting
    {
        get
        {
            lock (guard)
            {
                return TimeSpan.FromSeconds(Math.Max(0, timeline.Last - Interlocked.Read(ref written)) / 1e9);
            }
        }
    }

    /// <summary>Opens the file.</summary>
    /// <returns>False when an element refuses; the bus says why.</returns>
    public bool Start()
    {
        bus.Start();
        return pipeline.SetState(State.Playing) != StateChangeReturn.Failure;
    }

    /// <inheritdoc/>
    public void Picture(int source, Buffer buffer, Pad pad)
    {
        lock (guard)
        {
            if (ended || buffer.Pts == Buffer.ClockTimeNone)
            {
                return;
            }

            (bool first, int earlier) = (timeline.Source == 0, timeline.Source);
            (timeline, long? placed) = timeline.Picture(new ReceivedFrame(source, (long)buffer.Pts, !buffer.IsDeltaUnit));
            if (placed is not { } time)
            {
                return;
            }

            if (timeline.Source != earlier)
            {
                BeginStretch(pad, first);
            }

            (decoding, long decoded) = decoding.Picture(time);
            Buffer copy = buffer.Copy();
            copy.Pts = (ulong)time;
            copy.Dts = (ulong)decoded;
            _ = video.PushBuffer(copy);
            frames++;
        }
    }

    /// <inheritdoc/>
    public void Sound(Buffer buffer)
    {
        lock (guard)
        {
            // The muxer begins with a picture: sound from before has no place in its file.
            if (ended || audio is null || timeline.Source == 0 || buffer.Pts == Buffer.ClockTimeNone)
            {
                return;
            }

            long length = buffer.Duration is 0 or Buffer.ClockTimeNone ? SoundPiece : (long)buffer.Duration;
            (RtpTimeline next, long? placed) = timeline.Sound((long)buffer.Pts, length);
            if (placed is { } time)
            {
                // Fragments of an MP4 hold no gaps: sound that begins late, or pauses, would play too early.
                FillSilenceTo(time);
                timeline = next;
                PushSound(buffer.Copy(), time, length);
            }
        }
    }

    /// <summary>Puts silence where no sound has come for a while. To be called now and then.</summary>
    public void FillSilence()
    {
        lock (guard)
        {
            if (ended || audio is null || timeline.Last - timeline.LastSound < SilenceAfter)
            {
                return;
            }

            FillSilenceTo(timeline.Last - SilenceUpTo);
        }
    }

    /// <summary>Ends the stream; its end follows on the bus.</summary>
    /// <returns>False: nothing was ever written, so that nothing can end.</returns>
    public bool End()
    {
        lock (guard)
        {
            if (timeline.Origin is null)
            {
                return false;
            }

            ended = true;
            if (audio is not null)
            {
                FillSilenceTo(timeline.Last);
                _ = audio.EndOfStream();
            }

            _ = video.EndOfStream();
            return true;
        }
    }

    /// <summary>Closes the file. Blocks its thread.</summary>
    public void Stop()
    {
        lock (guard)
        {
            ended = true;
        }

        _ = pipeline.SetState(State.Null);
        bus.Stop();
    }

    /// <summary>Lets go of everything. Only after <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        bus.Dispose();
        leaving.Dispose();
        elements.ForEach(element => element.Dispose());
        video.Dispose();
        audio?.Dispose();
        pipeline.Dispose();
    }

    private void BeginStretch(Pad pad, bool first)
    {
        using Caps? caps = pad.GetCurrentCaps();
        bool reorders = mayReorder && !IsBaseline(caps!);
        timeline = timeline with { Reorders = reorders };
        decoding = reorders ? decoding.Reordering() : decoding;
        if (first)
        {
            // What changes later, such as the size, stands in the pictures themselves; the track says what it began with.
            video.SetCaps(caps!);
            firstPicture();
        }
    }

    // These profiles have no B-frames.
    private static bool IsBaseline(Caps caps)
    {
        using Caps baseline = Caps.FromString("video/x-h264,profile=(string){ constrained-baseline, baseline }");
        return caps.CanIntersect(baseline);
    }

    private void FillSilenceTo(long end)
    {
        for (long time = timeline.LastSound; time + SoundPiece <= end; time += SoundPiece)
        {
            Buffer silence = Buffer.NewAllocate(Silence.Length);
            silence.Fill(0, Silence);
            PushSound(silence, time, SoundPiece);
            timeline = timeline with { LastSound = time + SoundPiece };
        }
    }

    private void PushSound(Buffer buffer, long time, long length)
    {
        buffer.Pts = (ulong)time;
        buffer.Dts = (ulong)time;
        buffer.Duration = (ulong)length;
        _ = audio!.PushBuffer(buffer);
    }

    private void Link(AppSrc source, Element muxer, string pad)
    {
        source.SetEnum("format", "time");
        source.SetProperty("block", false);
        source.SetProperty("max-bytes", 0);
        source.SetProperty("emit-signals", false);
        pipeline.Add(source);
        source.LinkPads("src", muxer, pad);
    }

    private Element Keep(Element element)
    {
        elements.Add(element);
        return element;
    }
}
