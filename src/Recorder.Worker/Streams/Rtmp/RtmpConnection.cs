using Recorder.Worker.GStreamer;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Streams.Rtmp;

/// <summary>
/// One publish to an RTMP server, from connecting to its end: a pipeline of its own, so that nothing that happens in it reaches another. It begins at the
/// first key frame it is given. What it is given while a slow server has not accepted the publish is left out but for a short opening, and the stream closes
/// up where it goes on, with a key frame. Only <see cref="Take"/> is called on other threads than its owner's.
/// </summary>
internal sealed class RtmpConnection : IDisposable
{
    // Seconds that an answer of the server may take; the owner's own limit passes before. That the server's host answers at all is looked after by UnacknowledgedLimit.
    private const long StepLimit = 40;

    // What goes ahead of the server's answer, in nanoseconds: enough to see by that there is one, and what a server that is near takes without a loss.
    private const ulong OpeningLength = 2_000_000_000;

    // Between the opening and what follows it, in nanoseconds: about a picture.
    private const ulong Seam = 40_000_000;

    // Of RTMP's 128 each chunk costs a header; servers take more.
    private const long ChunkSize = 4096;
    private const byte FlvVideo = 9;

    // Some servers accept a publish and close the connection at once, which is how they refuse it.
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(300);

    private readonly Pipeline pipeline = new();
    private readonly AppSrc video = new("video");
    private readonly AppSrc audio = new("audio");
    private readonly Element muxer = ElementFactory.Make("flvmux");
    private readonly Element sink = ElementFactory.MakeSink("rtmp2sink");
    private readonly Lock feeding = new();
    private bool begun;
    private bool hasSound;
    private bool ended;
    private bool holding;
    private ulong origin;
    private ulong begin;
    private ulong newest;
    private ulong latest;
    private long taken;

    // What is in the sink's hands; it gives the thread back when the server has accepted the publish and can take more.
    private long inHand;
    private bool inHandIsFrame;
    private bool inHandIsHeader = true;
    private ulong inHandAt;

    private long framesSent;
    private long bytesSent;
    private ulong sentUpTo;
    private readonly TimeProvider time;
    private long acceptedAt;

    /// <summary>Builds the pipeline; nothing runs yet.</summary>
    /// <param name="address">Where to publish.</param>
    /// <param name="time">The clock of <see cref="Accepted"/>.</param>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    public RtmpConnection(RtmpAddress address, TimeProvider time)
    {
        this.time = time;
        muxer.SetProperty("streamable", true);
        sink.SetProperty("timeout", StepLimit);
        sink.SetProperty("chunk-size", ChunkSize);
        sink.SetEnum("scheme", address.Secure ? "rtmps" : "rtmp");
        sink.SetProperty("host", address.Host);
        sink.SetProperty("port", address.Port);
        sink.SetProperty("application", address.Application);
        sink.SetProperty("stream", address.Stream);
        if (address.User is not null)
        {
            sink.SetProperty("username", address.User);
            sink.SetProperty("password", address.Password ?? "");
        }

        pipeline.Add(video, audio, muxer, sink);
        video.LinkPads("src", muxer, "video");
        audio.LinkPads("src", muxer, "audio");
        muxer.Link(sink);
        using Pad pad = sink.GetStaticPad("sink");
        pad.AddProbe(PadProbeType.Buffer, info =>
        {
            Count(info.Buffer);
            return PadProbeReturn.Ok;
        });
    }

    /// <summary>Whether it waits for a key frame: to begin with, or to go on with after a slow server has accepted the publish.</summary>
    public bool WantsKeyFrame
    {
        get
        {
            lock (feeding)
            {
                return !begun || (holding && Answered);
            }
        }
    }

    /// <summary>Whether the server has accepted the publish, though it may close the connection at once.</summary>
    public bool Answered => Volatile.Read(ref acceptedAt) != 0;

    /// <summary>Whether the server has accepted the publish, media goes out, and the server has kept the connection so far.</summary>
    public bool Accepted => Volatile.Read(ref acceptedAt) is var since and not 0 && time.GetElapsedTime(since) >= Settled;

    /// <summary>Pictures that the sink has taken.</summary>
    public long FramesSent => Volatile.Read(ref framesSent);

    /// <summary>Pictures that it was given.</summary>
    public long FramesTaken
    {
        get
        {
            lock (feeding)
            {
                return taken;
            }
        }
    }

    /// <summary>Bytes that the sink has taken.</summary>
    public long BytesSent => Volatile.Read(ref bytesSent);

    /// <summary>Length of the media that waits for the sink.</summary>
    public TimeSpan Backlog
    {
        get
        {
            lock (feeding)
            {
                ulong sent = Volatile.Read(ref sentUpTo);
                return begun && newest > sent ? TimeSpan.FromMicroseconds((newest - sent) / 1000.0) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Begins to connect.</summary>
    public void Start() => _ = pipeline.SetState(State.Playing);

    /// <summary>Takes a frame, if it is of use: nothing before a key frame is.</summary>
    public void Take(in EncodedFrame frame)
    {
        lock (feeding)
        {
            if (ended || !Wants(frame))
            {
                return;
            }

            AppSrc source = frame.Track == EncodedTrack.Video ? video : audio;
            Buffer copy = frame.Buffer.Copy();
            copy.Pts -= origin;
            copy.Dts = copy.Dts == Buffer.ClockTimeNone || copy.Dts < origin ? copy.Pts : copy.Dts - origin;
            latest = Math.Max(latest, copy.Pts);
            if (frame.Track == EncodedTrack.Video)
            {
                taken++;
                newest = copy.Pts;

                // Sound may be far ahead of the pictures, which come late out of their encoder: they alone tell how long the opening is.
                holding = newest >= OpeningLength && !Answered;
            }

            _ = source.PushBuffer(copy);
        }
    }

    /// <summary>The next error or end of stream; null when there is none within the time. Blocks its thread.</summary>
    public Message? Wait(TimeSpan limit) => pipeline.Bus.TimedPopFiltered(limit, MessageType.Error | MessageType.Eos);

    /// <summary>Takes no more frames and says good-bye to the server after the last; <see cref="Wait"/> tells when that is done.</summary>
    public void End()
    {
        lock (feeding)
        {
            ended = true;
        }

        _ = video.EndOfStream();
        _ = audio.EndOfStream();
    }

    /// <summary>Closes the connection. Blocks its thread.</summary>
    public void Dispose()
    {
        lock (feeding)
        {
            ended = true;
        }

        _ = pipeline.SetState(State.Null);
        foreach (Element element in new[] { video, audio, muxer, sink, pipeline })
        {
            element.Dispose();
        }
    }

    private bool Wants(in EncodedFrame frame)
    {
        ulong at = frame.Buffer.Pts;
        if (at == Buffer.ClockTimeNone)
        {
            return false;
        }

        bool isKey = frame.Track == EncodedTrack.Video && !frame.Buffer.IsDeltaUnit;
        if (isKey && !begun)
        {
            begun = true;
            origin = begin = at;
            video.SetCaps(frame.Caps);
        }
        else if (isKey && holding && Answered)
        {
            // No decoding time may be before those that went ahead.
            ulong decodedBefore = frame.Buffer.Dts == Buffer.ClockTimeNone ? 0 : at - frame.Buffer.Dts;
            holding = false;
            begin = at;
            origin = at - (latest + Seam + decodedBefore);
        }

        if (!begun || holding || at < begin)
        {
            return false;
        }

        if (frame.Track == EncodedTrack.Audio && !hasSound)
        {
            hasSound = true;
            audio.SetCaps(frame.Caps);
        }

        return true;
    }

    private void Count(Buffer next)
    {
        if (inHand > 0)
        {
            Interlocked.Add(ref bytesSent, inHand);
            if (inHandIsFrame)
            {
                Interlocked.Increment(ref framesSent);
                Volatile.Write(ref sentUpTo, inHandAt);
            }

            // The sink lets headers pass before it is connected.
            if (!inHandIsHeader && acceptedAt == 0)
            {
                Volatile.Write(ref acceptedAt, time.GetTimestamp());
            }
        }

        Span<byte> tag = stackalloc byte[1];
        inHand = next.Size;
        inHandIsHeader = next.Pts == Buffer.ClockTimeNone;
        inHandIsFrame = !inHandIsHeader && next.Extract(0, tag) == 1 && tag[0] == FlvVideo;
        inHandAt = next.Pts;
    }
}
