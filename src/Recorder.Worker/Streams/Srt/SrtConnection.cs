using System.Globalization;
using Recorder.Worker.GStreamer;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Streams.Srt;

/// <summary>One SRT connection to a receiver, or one listener with the viewers that come and go while the listener is
/// bound.</summary>
internal sealed class SrtConnection : IStreamConnection
{
    /// <summary>How long a receiver may acknowledge none of the sent data. libsrt itself waits for a little more than 5
    /// s.</summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(4);

    // mpegtsmux takes the number of a track's packets (PID) from the name of its pad.
    private const int VideoPid = 65;
    private const string VideoPad = "sink_65";
    private const string AudioPad = "sink_66";

    // From MPEG-TS (ISO/IEC 13818-1): the length of a packet, and the bit that says that a frame begins in the packet.
    private const int PacketSize = 188;
    private const byte BeginsUnit = 0x40;

    // The number of packets that fit into an SRT message.
    private const int PacketsOfMessage = 7;
    private const string WriteFailed = "Failed to write to SRT socket: ";
    private const string OpenFailed = "Failed to open SRT: ";
    private const string SocketFailed = "Error on SRT socket: ";

    // The time in which the worker itself stood still says nothing about the receiver.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestLinger = TimeSpan.FromSeconds(1);

    private readonly Pipeline _pipeline = new();
    private readonly StreamFeed _feed = new();
    private readonly Element _parser = ElementFactory.Make("h264parse");
    private readonly Element _soundParser = ElementFactory.Make("aacparse");
    private readonly Element _muxer = ElementFactory.Make("mpegtsmux");
    private readonly Element _format = ElementFactory.Make("capssetter");
    private readonly Element _sink = ElementFactory.MakeSink("srtsink");
    private readonly SrtAddress _address;
    private readonly TimeProvider _time;

    // The data that the sink is sending. A caller's sink gives the thread back when a receiver is connected and can
    // take more; a listener's sink always does.
    private long _inHand;
    private int _framesInHand;
    private ulong _inHandUpTo;

    private long _framesSent;
    private long _framesUnseen;
    private long _bytesSent;
    private ulong _sentUpTo;
    private bool _answered;
    private int _viewers;
    private bool _welcomes;

    // Only the owner's thread uses these.
    private int _acknowledged;
    private long _sentAtLook;
    private long _lookedAt;
    private TimeSpan _silence;

    /// <summary>Builds the pipeline; nothing runs yet.</summary>
    /// <param name="address">The address to connect to, or to listen on.</param>
    /// <param name="listenAddress">The address to bind a listener on when its own address names no host.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    public SrtConnection(SrtAddress address, string listenAddress, TimeProvider time)
    {
        this._address = address;
        this._time = time;
        SetUpSink(address.Host ?? listenAddress);

        // A viewer that comes later can begin at any key frame.
        _parser.SetProperty("config-interval", -1);

        _muxer.SetProperty("alignment", PacketsOfMessage);

        // If the caps name tables to begin with, srtsink of 1.22 leaves out each buffer that begins with tables. Key
        // frames are among those buffers.
        using (var plain = Caps.FromString("video/mpegts,systemstream=true,packetsize=188"))
        {
            _format.SetProperty("caps", plain);
        }

        _format.SetProperty("replace", true);
        _pipeline.Add(_feed.Video, _feed.Audio, _parser, _soundParser, _muxer, _format, _sink);
        _feed.Video.Link(_parser);
        _feed.Audio.Link(_soundParser);
        _parser.LinkPads("src", _muxer, VideoPad);
        _soundParser.LinkPads("src", _muxer, AudioPad);
        _muxer.Link(_format);
        _format.Link(_sink);
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
            var connected = Volatile.Read(ref _answered);
            return new StreamFigures(
                connected,
                connected,
                _feed.WantsKeyFrame(connected) || Volatile.Read(ref _welcomes),
                _feed.Taken - Volatile.Read(ref _framesUnseen),
                Volatile.Read(ref _framesSent),
                Volatile.Read(ref _bytesSent),
                _feed.Backlog(Volatile.Read(ref _sentUpTo))
            )
            {
                Waits = connected && !HasReceiver ? "No viewer is connected." : null,
            };
        }
    }

    private bool HasReceiver => !_address.Listens || Volatile.Read(ref _viewers) > 0;

    /// <inheritdoc/>
    public void Open()
    {
        _lookedAt = _time.GetTimestamp();

        // The lookup of the host's name goes on meanwhile.
        _ = _pipeline.SetState(State.Playing);
    }

    /// <inheritdoc/>
    public void Offer(in EncodedFrame frame)
    {
        if (frame.Track == EncodedTrack.Video && !frame.Buffer.IsDeltaUnit)
        {
            Volatile.Write(ref _welcomes, false);
        }

        _feed.Offer(frame, Volatile.Read(ref _answered));
    }

    /// <inheritdoc/>
    public string? Wait(TimeSpan limit) =>
        _pipeline.Bus.TimedPopFiltered(limit, MessageType.Error | MessageType.Eos) switch
        {
            null => Look(),
            { Type: MessageType.Error } error => _address.Redact(Words(error)),
            _ => "The stream ended by itself.",
        };

    /// <inheritdoc/>
    public void Finish(TimeSpan limit)
    {
        _feed.End();
        var end = _pipeline.Bus.TimedPopFiltered(limit, MessageType.Error | MessageType.Eos);

        // A receiver holds media back by the latency, and drops the held media when the connection is closed.
        if (end is { Type: MessageType.Eos } && HasReceiver)
        {
            var held = TimeSpan.FromMilliseconds(_address.Latency) + Margin;
            _ = _pipeline.Bus.TimedPopFiltered(held < LongestLinger ? held : LongestLinger, MessageType.Error);
        }
    }

    /// <summary>Closes the connection. Blocks its thread.</summary>
    public void Dispose()
    {
        _feed.Stop();
        _ = _pipeline.SetState(State.Null);
        _feed.Dispose();
        foreach (var element in new[] { _parser, _soundParser, _muxer, _format, _sink, _pipeline })
        {
            element.Dispose();
        }
    }

    // Each part is set as a property of its own. The uri for the element is built from a host and a port that were
    // parsed before.
    private void SetUpSink(string host)
    {
        var server = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        _sink.SetProperty(
            "uri",
            string.Create(CultureInfo.InvariantCulture, $"{SrtAddress.Scheme}{server}:{_address.Port}")
        );
        _sink.SetEnum("mode", _address.Listens ? "listener" : "caller");
        if (_address.Listens)
        {
            _sink.SetProperty("localaddress", host);
            _sink.SetProperty("localport", _address.Port);
        }

        _sink.SetProperty("latency", _address.Latency);
        if (_address.StreamId is not null)
        {
            _sink.SetProperty("streamid", _address.StreamId);
        }

        if (_address.Passphrase is not null)
        {
            _sink.SetProperty("passphrase", _address.Passphrase);
            _sink.SetProperty("pbkeylen", _address.KeyLength);
        }

        // A listener without viewers discards frames. A caller's sink waits for its receiver, and gives up when the
        // receiver is lost.
        _sink.SetProperty("wait-for-connection", !_address.Listens);
        _sink.SetProperty("auto-reconnect", false);
    }

    // The sink does not notice a receiver that is frozen or gone without a word before libsrt has given the receiver
    // up.
    private string? Look()
    {
        var now = _time.GetTimestamp();
        var since = _time.GetElapsedTime(_lookedAt, now);
        _lookedAt = now;
        if (!Volatile.Read(ref _answered))
        {
            return null;
        }

        using var figures = _sink.GetStructure("stats");
        if (_address.Listens)
        {
            var count = figures.Count("callers");
            if (count > Volatile.Read(ref _viewers))
            {
                Volatile.Write(ref _welcomes, true);
            }

            Volatile.Write(ref _viewers, count);
            return null;
        }

        var heard = figures.Number("packet-ack-received") ?? 0;
        var sent = Volatile.Read(ref _bytesSent);
        _silence =
            heard != _acknowledged ? TimeSpan.Zero
            : sent == _sentAtLook ? _silence
            : _silence + (since < LongestLook ? since : LongestLook);
        _acknowledged = heard;
        _sentAtLook = sent;
        return _silence >= SilenceLimit
            ? $"The receiver has stalled: it has acknowledged nothing for {SilenceLimit.TotalSeconds:0} s."
            : null;
    }

    private string Words(Message error)
    {
        var open = error.Text.IndexOf(OpenFailed, StringComparison.Ordinal);
        var words =
            open >= 0
                ? error.Text[(open + OpenFailed.Length)..].TrimEnd(')', '\n')
                : error
                    .Summary.Replace(WriteFailed, "", StringComparison.Ordinal)
                    .Replace(SocketFailed, "", StringComparison.Ordinal);
        return (_address.Listens, Volatile.Read(ref _answered)) switch
        {
            (true, false) => $"The node cannot listen: {words}.",
            (false, false) => $"The receiver did not take the connection: {words}.",
            _ => $"The connection broke: {words}.",
        };
    }

    private void Count(Buffer next)
    {
        if (_inHand > 0)
        {
            var hasReceiver = HasReceiver;
            if (hasReceiver)
            {
                Interlocked.Add(ref _bytesSent, _inHand);
            }

            Interlocked.Add(ref hasReceiver ? ref _framesSent : ref _framesUnseen, _framesInHand);
            Volatile.Write(ref _sentUpTo, _inHandUpTo);
            Volatile.Write(ref _answered, true);
        }

        _inHand = next.Size;
        _framesInHand = PicturesIn(next);
        _inHandUpTo = next.Pts;
    }

    // A picture is counted in the packet in which the picture begins.
    private static int PicturesIn(Buffer message)
    {
        Span<byte> packets = stackalloc byte[PacketSize * PacketsOfMessage];
        var length = message.Extract(0, packets);
        var pictures = 0;
        for (var at = 0; at + PacketSize <= length; at += PacketSize)
        {
            var pid = ((packets[at + 1] & 0x1F) << 8) | packets[at + 2];
            pictures += pid == VideoPid && (packets[at + 1] & BeginsUnit) != 0 ? 1 : 0;
        }

        return pictures;
    }
}
