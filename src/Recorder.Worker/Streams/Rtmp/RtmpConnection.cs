using Recorder.Worker.GStreamer;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Streams.Rtmp;

/// <summary>One publish to an RTMP server.</summary>
internal sealed class RtmpConnection : IStreamConnection
{
    // Seconds that an answer of the server may take; the owner's own limit passes before. That the server's host answers at all is looked after by UnacknowledgedLimit.
    private const long StepLimit = 40;

    // Of RTMP's 128 each chunk costs a header; servers take more.
    private const long ChunkSize = 4096;
    private const byte FlvVideo = 9;

    // Some servers accept a publish and close the connection at once, which is how they refuse it.
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(300);

    private readonly Pipeline pipeline = new();
    private readonly StreamFeed feed = new();
    private readonly Element muxer = ElementFactory.Make("flvmux");
    private readonly Element sink = ElementFactory.MakeSink("rtmp2sink");
    private readonly RtmpAddress address;
    private readonly TimeProvider time;

    // What is in the sink's hands; it gives the thread back when the server has accepted the publish and can take more.
    private long inHand;
    private bool inHandIsFrame;
    private bool inHandIsHeader = true;
    private ulong inHandAt;

    private long framesSent;
    private long bytesSent;
    private ulong sentUpTo;
    private long acceptedAt;

    /// <summary>Builds the pipeline; nothing runs yet.</summary>
    /// <param name="address">Where to publish.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    public RtmpConnection(RtmpAddress address, TimeProvider time)
    {
        this.address = address;
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

        pipeline.Add(feed.Video, feed.Audio, muxer, sink);
        feed.Video.LinkPads("src", muxer, "video");
        feed.Audio.LinkPads("src", muxer, "audio");
        muxer.Link(sink);
        using Pad pad = sink.GetStaticPad("sink");
        pad.AddProbe(PadProbeType.Buffer, info =>
        {
            Count(info.Buffer);
            return PadProbeReturn.Ok;
        });
    }

    /// <inheritdoc/>
    public StreamFigures Figures
    {
        get
        {
            long since = Volatile.Read(ref acceptedAt);
            bool answered = since != 0;
            return new StreamFigures(
                answered,
                answered && time.GetElapsedTime(since) >= Settled,
                feed.WantsKeyFrame(answered),
                feed.Taken,
                Volatile.Read(ref framesSent),
                Volatile.Read(ref bytesSent),
                feed.Backlog(Volatile.Read(ref sentUpTo)));
        }
    }

    /// <inheritdoc/>
    public void Open() => _ = pipeline.SetState(State.Playing);

    /// <inheritdoc/>
    public void Offer(in EncodedFrame frame) => feed.Offer(frame, Volatile.Read(ref acceptedAt) != 0);

    /// <inheritdoc/>
    public string? Wait(TimeSpan limit) => pipeline.Bus.TimedPopFiltered(limit, MessageType.Error | MessageType.Eos) switch
    {
        null => null,
        { Type: MessageType.Error } error => address.Redact(error.Summary),
        _ => "The stream ended by itself.",
    };

    /// <inheritdoc/>
    public void Finish(TimeSpan limit)
    {
        feed.End();
        _ = Wait(limit);
    }

    /// <summary>Closes the connection. Blocks its thread.</summary>
    public void Dispose()
    {
        feed.Stop();
        _ = pipeline.SetState(State.Null);
        feed.Dispose();
        foreach (Element element in new[] { muxer, sink, pipeline })
        {
            element.Dispose();
        }
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
