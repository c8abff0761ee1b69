using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Rtp;

/// <summary>Takes the received frames. Called on streaming threads, never by two threads at the same time.</summary>
internal interface IRtpFrames
{
    /// <summary>Takes a whole encoded picture, with a time of the reception's clock.</summary>
    /// <param name="source">The stretch that the picture belongs to; see <see cref="ReceivedFrame"/>.</param>
    /// <param name="buffer">The picture; the caller still owns the buffer.</param>
    /// <param name="pad">The pad that the picture passes. The pad's caps describe the picture.</param>
    void Picture(int source, Buffer buffer, Pad pad);

    /// <summary>Takes a piece of Opus sound.</summary>
    void Sound(Buffer buffer);
}

/// <summary>
/// Makes whole frames of one sender's packets. Depayloader and parser have a pipeline of their own, so that no sender's
/// data meets the state of another sender. Frames carry the media time of their packets.
/// </summary>
internal sealed class RtpReceiver : IDisposable
{
    private readonly Pipeline _pipeline = new();
    private readonly OwnedElements _elements = new();
    private readonly AppSrc _packets = new();
    private readonly Pad _end;
    private readonly BusWatch _bus;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Builds the pipeline; nothing runs yet.</summary>
    /// <param name="codec">The picture's codec; null: the sender sends sound.</param>
    /// <param name="leg">The form of the sender's packets.</param>
    /// <param name="take">Called on a streaming thread for each frame, with the pad that the frame passes; the caller
    /// still owns the frame.</param>
    /// <param name="failed">Called on the bus thread for errors.</param>
    /// <exception cref="GStreamerException">An element is missing or does not fit.</exception>
    public RtpReceiver(
        PictureCodec? codec,
        RtpLegSettings leg,
        Action<RtpReceiver, Buffer, Pad> take,
        Action<RtpReceiver, Message> failed
    )
    {
        IsPicture = codec is not null;
        _bus = new BusWatch(
            _pipeline,
            message =>
            {
                if (message.Type == MessageType.Eos)
                {
                    _drained.TrySetResult();
                }
                else
                {
                    failed(this, message);
                }
            }
        );
        try
        {
            _end = Build(codec, leg);
        }
        catch
        {
            _elements.Dispose();
            _pipeline.Dispose();
            throw;
        }

        _end.AddProbe(
            PadProbeType.Buffer,
            info =>
            {
                take(this, info.Buffer, _end);
                return PadProbeReturn.Ok;
            }
        );
    }

    /// <summary>Whether the sender sends the picture.</summary>
    public bool IsPicture { get; }

    /// <summary>Begins to take packets.</summary>
    /// <exception cref="GStreamerException">An element refuses.</exception>
    public void Start()
    {
        _bus.Start();
        if (_pipeline.SetState(State.Playing) == StateChangeReturn.Failure)
        {
            throw new GStreamerException("the reception does not start");
        }
    }

    /// <summary>Takes the next packet.</summary>
    /// <param name="packet">The whole RTP packet, of the usual payload type.</param>
    /// <param name="mediaTime">The packet's media time, in nanoseconds.</param>
    public void Push(ReadOnlySpan<byte> packet, long mediaTime)
    {
        var buffer = Buffer.NewAllocate(packet.Length);
        buffer.Fill(0, packet);
        buffer.Pts = (ulong)mediaTime;
        buffer.Dts = (ulong)mediaTime;
        _ = _packets.PushBuffer(buffer);
    }

    /// <summary>Ends the input. No packet may follow.</summary>
    /// <returns>A task that completes when all frames have come out. The task may never complete.</returns>
    public Task DrainAsync()
    {
        _ = _packets.EndOfStream();
        return _drained.Task;
    }

    /// <summary>Ends the pipeline's thread. Blocks the calling thread. The caller must not hold a lock that the frame
    /// callback waits for.</summary>
    public void Stop()
    {
        _ = _pipeline.SetState(State.Null);
        _bus.Stop();
    }

    /// <summary>Releases everything. Only after <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        _bus.Dispose();
        _end.Dispose();
        _elements.Dispose();
        _pipeline.Dispose();
    }

    private Pad Build(PictureCodec? codec, RtpLegSettings leg)
    {
        (var media, var encoding) = codec is null
            ? ("audio", "OPUS")
            : ("video", codec.Value.ToString().ToUpperInvariant());
        _elements
            .Keep(_packets)
            .SetCaps(
                FormattableString.Invariant(
                    $"application/x-rtp,media=(string){media},clock-rate=(int){leg.ClockRate},encoding-name=(string){encoding},payload=(int){RtpPacket.UsualPayloadType}"
                )
            );
        _packets.SetProperty("is-live", true);
        if (codec is { } picture)
        {
            MakePictureChain(picture);
        }
        else
        {
            _elements.Make("rtpopusdepay");
            _elements.Make("opusparse");
        }

        var sink = _elements.MakeSink("fakesink");
        _elements.LinkInto(_pipeline);
        return sink.GetStaticPad("sink");
    }

    private void MakePictureChain(PictureCodec codec)
    {
        _elements.Make(
            codec switch
            {
                PictureCodec.Vp8 => "rtpvp8depay",
                PictureCodec.Vp9 => "rtpvp9depay",
                _ => "rtph264depay",
            }
        );
        if (codec == PictureCodec.Vp9)
        {
            _elements.Make("vp9parse");
        }
        else if (codec == PictureCodec.H264)
        {
            // Parameter sets stay in the stream too, so that a sender may change its parameter sets.
            _elements.Make("h264parse").SetProperty("config-interval", -1);
            var filter = _elements.Make("capsfilter");
            using var caps = Caps.FromString("video/x-h264,stream-format=avc,alignment=au");
            filter.SetProperty("caps", caps);
        }
    }
}
