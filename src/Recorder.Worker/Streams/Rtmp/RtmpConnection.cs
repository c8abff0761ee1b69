using Recorder.Worker.GStreamer;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Streams.Rtmp;

/// <summary>One publish to an RTMP server.</summary>
internal sealed class RtmpConnection : IStreamConnection
{
    // Seconds that an answer of the server may take. The owner's own limit passes before. UnacknowledgedLimit checks
    // that the server's host answers at all.
    private const long StepLimit = 40;

    // Each chunk costs a header. RTMP's default is 128 bytes; servers take more.
    private const long ChunkSize = 4096;
    private const byte FlvVideo = 9;

    // Some servers refuse a publish by accepting it and closing the connection at once.
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(300);

    private readonly Pipeline _pipeline = new();
    private readonly StreamFeed _feed = new();
    private readonly Element _muxer = ElementFactory.Make("flvmux");
    private readonly Element _sink = ElementFactory.MakeSink("rtmp2sink");
    private readonly RtmpAddress _address;
    private readonly TimeProvider _time;

    // The data that the sink is sending. The sink gives the thread back when the server has accepted the publish and
    // can take more.
    private long _inHand;
    private bool _inHandIsFrame;
    private bool _inHandIsHeader = true;
    private ulong _inHandAt;

    private long _framesSent;
    private long _bytesSent;
    private ulong _sentUpTo;
    private long _acceptedAt;

    /// <summary>Builds the pipeline; nothing runs yet.</summary>
    /// <param name="address">Where to publish.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    public RtmpConnection(RtmpAddress address, TimeProvider time)
    {
        this._address = address;
        this._time = time;
        _muxer.SetProperty("streamable", true);
        _sink.SetProperty("timeout", StepLimit);
        _sink.SetProperty("chunk-size", ChunkSize);
        _sink.SetEnum("scheme", address.Secure ? "rtmps" : "rtmp");
        _sink.SetProperty("host", address.Host);
        _sink.SetProperty("port", address.Port);
        _sink.SetProperty("application", address.Application);
        _sink.SetProperty("stream", address.Stream);
        if (address.User is not null)
        {
            _sink.SetProperty("username", address.User);
            _sink.SetProperty("password", address.Password ?? "");
        }

        _pipeline.Add(_feed.Video, _feed.Audio, _muxer, _sink);
        _feed.Video.LinkPads("src", _muxer, "video");
        _feed.Audio.LinkPads("src", _muxer, "audio");
        _muxer.Link(_sink);
        using var pad = _sink.GetStaticPad("sink");
        pad.AddProbe(
            PadProbeType.Buffer,
            info =>
            {
                Count(info.Buffer);
                return PadProbeReturn.Ok;
            }
        );
    }

    /// <inheritdoc/>
    public StreamFigures Figures
    {
        get
        {
            var since = Volatile.Read(ref _acceptedAt);
            var answered = since != 0;
            return new StreamFigures(
                answered,
                answered && _time.GetElapsedTime(since) >= Settled,
                _feed.WantsKeyFrame(answered),
                _feed.Taken,
                Volatile.Read(ref _framesSent),
                Volatile.Read(ref _bytesSent),
                _feed.Backlog(Volatile.Read(ref _sentUpTo))
            );
        }
    }

    /// <inheritdoc/>
    public void Open() => _ = _pipeline.SetState(State.Playing);

    /// <inheritdoc/>
    public void Offer(in EncodedFrame frame) => _feed.Offer(frame, Volatile.Read(ref _acceptedAt) != 0);

    /// <inheritdoc/>
    public string? Wait(TimeSpan limit) =>
        _pipeline.Bus.TimedPopFiltered(limit, MessageType.Error | MessageType.Eos) switch
        {
            null => null,
            { Type: MessageType.Error } error => _address.Redact(error.Summary),
            _ => "The stream ended by itself.",
        };

    /// <inheritdoc/>
    public void Finish(TimeSpan limit)
    {
        _feed.End();
        _ = Wait(limit);
    }

    /// <summary>Closes the connection. Blocks its thread.</summary>
    public void Dispose()
    {
        _feed.Stop();
        _ = _pipeline.SetState(State.Null);
        _feed.Dispose();
        foreach (var element in new[] { _muxer, _sink, _pipeline })
        {
            element.Dispose();
        }
    }

    private void Count(Buffer next)
    {
        if (_inHand > 0)
        {
            Interlocked.Add(ref _bytesSent, _inHand);
            if (_inHandIsFrame)
            {
                Interlocked.Increment(ref _framesSent);
                Volatile.Write(ref _sentUpTo, _inHandAt);
            }

            // The sink lets headers pass before it is connected.
            if (!_inHandIsHeader && _acceptedAt == 0)
            {
                Volatile.Write(ref _acceptedAt, _time.GetTimestamp());
            }
        }

        Span<byte> tag = stackalloc byte[1];
        _inHand = next.Size;
        _inHandIsHeader = next.Pts == Buffer.ClockTimeNone;
        _inHandIsFrame = !_inHandIsHeader && next.Extract(0, tag) == 1 && tag[0] == FlvVideo;
        _inHandAt = next.Pts;
    }
}
