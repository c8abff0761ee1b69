using System.Globalization;
using Recorder.Worker.GStreamer;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Streams.Srt;

/// <summary>One SRT connection to a receiver, or one listener with the viewers who come and go while it is bound.</summary>
internal sealed class SrtConnection : IStreamConnection
{
    /// <summary>How long a receiver may acknowledge nothing of what is sent. libsrt itself waits for a little more than 5 s.</summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(4);

    // mpegtsmux takes the number of a track's packets (PID) from the name of its pad.
    private const int VideoPid = 65;
    private const string VideoPad = "sink_65";
    private const string AudioPad = "sink_66";

    // Of MPEG-TS (ISO/IEC 13818-1): the length of a packet, and the bit that says that a frame begins in it.
    private const int PacketSize = 188;
    private const byte BeginsUnit = 0x40;

    // What a message of SRT has room for.
    private const int PacketsOfMessage = 7;
    private const string WriteFailed = "Failed to write to SRT socket: ";
    private const string OpenFailed = "Failed to open SRT: ";
    private const string SocketFailed = "Error on SRT socket: ";

    // Time of a worker that itself stood still says nothing of the receiver.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestLinger = TimeSpan.FromSeconds(1);

    private readonly Pipeline pipeline = new();
    private readonly StreamFeed feed = new();
    private readonly Element parser = ElementFactory.Make("h264parse");
    private readonly Element soundParser = ElementFactory.Make("aacparse");
    private readonly Element muxer = ElementFactory.Make("mpegtsmux");
    private readonly Element format = ElementFactory.Make("capssetter");
    private readonly Element sink = ElementFactory.MakeSink("srtsink");
    private readonly SrtAddress address;
    private readonly TimeProvider time;

    // What is in the sink's hands; it gives the thread back when a receiver is connected and can take more, and a listener's always.
    private long inHand;
    private int framesInHand;
    private ulong inHandUpTo;

    private long framesSent;
    private long framesUnseen;
    private long bytesSent;
    private ulong sentUpTo;
    private bool answered;
    private int viewers;
    private bool welcomes;

    // Of the owner's thread alone.
    private int acknowledged;
    private long sentAtLook;
    private long lookedAt;
    private TimeSpan silence;

    /// <summary>Builds the pipeline; nothing runs yet.</summary>
    /// <param name="address">Where to connect to, or where to listen.</param>
    /// <param name="listenAddress">The address that a listener is bound on whose address names none.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    public SrtConnection(SrtAddress address, string listenAddress, TimeProvider time)
    {
        this.address = address;
        this.time = time;
        SetUpSink(address.Host ?? listenAddress);

        // Who comes later begins at any key frame.
        parser.SetProperty("config-interval", -1);

        muxer.SetProperty("alignment", PacketsOfMessage);

        // srtsink of 1.22 leaves out each buffer that begins with tables, key frames among them, where its caps name tables to begin with.
        using (Caps plain = Caps.FromString("video/mpegts,systemstream=true,packetsize=188"))
        {
            format.SetProperty("caps", plain);
        }

        format.SetProperty("replace", true);
        pipeline.Add(feed.Video, feed.Audio, parser, soundParser, muxer, format, sink);
        feed.Video.Link(parser);
        feed.Audio.Link(soundParser);
        parser.LinkPads("src", muxer, VideoPad);
        soundParser.LinkPads("src", muxer, AudioPad);
        muxer.Link(format);
        format.Link(sink);
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
            bool connected = Volatile.Read(ref answered);
            return new StreamFigures(
                connected,
                connected,
                feed.WantsKeyFrame(connected) || Volatile.Read(ref welcomes),
                feed.Taken - Volatile.Read(ref framesUnseen),
                Volatile.Read(ref framesSent),
                Volatile.Read(ref bytesSent),
                feed.Backlog(Volatile.Read(ref sentUpTo)))
            {
                Waits = connected && !HasReceiver ? "No viewer is connected." : null,
            };
        }
    }

    private bool HasReceiver => !address.Listens || Volatile.Read(ref viewers) > 0;

    /// <inheritdoc/>
    public void Open()
    {
        lookedAt = time.GetTimestamp();

        // The host's name is looked up meanwhile.
        _ = pipeline.SetState(State.Playing);
    }

    /// <inheritdoc/>
    public void Offer(in EncodedFrame frame)
    {
        if (frame.Track == EncodedTrack.Video && !frame.Buffer.IsDeltaUnit)
        {
            Volatile.Write(ref welcomes, false);
        }

        feed.Offer(frame, Volatile.Read(ref answered));
    }

    /// <inheritdoc/>
    public string? Wait(TimeSpan limit) => pipeline.Bus.TimedPopFiltered(limit, MessageType.Error | MessageType.Eos) switch
    {
        null => Look(),
        { Type: MessageType.Error } error => address.Redact(Words(error)),
        _ => "The stream ended by itself.",
    };

    /// <inheritdoc/>
    public void Finish(TimeSpan limit)
    {
        feed.End();
        Message? end = pipeline.Bus.TimedPopFiltered(limit, MessageType.Error | MessageType.Eos);

        // A receiver holds media back by the latency, and drops what it holds when the connection is closed.
        if (end is { Type: MessageType.Eos } && HasReceiver)
        {
            TimeSpan held = TimeSpan.FromMilliseconds(address.Latency) + Margin;
            _ = pipeline.Bus.TimedPopFiltered(held < LongestLinger ? held : LongestLinger, MessageType.Error);
        }
    }

    /// <summary>Closes the connection. Blocks its thread.</summary>
    public void Dispose()
    {
        feed.Stop();
        _ = pipeline.SetState(State.Null);
        feed.Dispose();
        foreach (Element element in new[] { parser, soundParser, muxer, format, sink, pipeline })
        {
            element.Dispose();
        }
    }

    // Each part is a property of its own; the address that the element takes names a host and a port that were read already.
    private void SetUpSink(string host)
    {
        string server = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        sink.SetProperty("uri", string.Create(CultureInfo.InvariantCulture, $"{SrtAddress.Scheme}{server}:{address.Port}"));
        sink.SetEnum("mode", address.Listens ? "listener" : "caller");
        if (address.Listens)
        {
            sink.SetProperty("localaddress", host);
            sink.SetProperty("localport", address.Port);
        }

        sink.SetProperty("latency", address.Latency);
        if (address.StreamId is not null)
        {
            sink.SetProperty("streamid", address.StreamId);
        }

        if (address.Passphrase is not null)
        {
            sink.SetProperty("passphrase", address.Passphrase);
            sink.SetProperty("pbkeylen", address.KeyLength);
        }

        // A listener without viewers lets frames go; a caller's sink waits for its receiver, and gives up when that is lost.
        sink.SetProperty("wait-for-connection", !address.Listens);
        sink.SetProperty("auto-reconnect", false);
    }

    // A receiver that is frozen or gone without a word is not heard of by the sink before libsrt has given it up.
    private string? Look()
    {
        long now = time.GetTimestamp();
        TimeSpan since = time.GetElapsedTime(lookedAt, now);
        lookedAt = now;
        if (!Volatile.Read(ref answered))
        {
            return null;
        }

        using Structure figures = sink.GetStructure("stats");
        if (address.Listens)
        {
            int count = figures.Count("callers");
            if (count > Volatile.Read(ref viewers))
            {
                Volatile.Write(ref welcomes, true);
            }

            Volatile.Write(ref viewers, count);
            return null;
        }

        int heard = figures.Number("packet-ack-received") ?? 0;
        long sent = Volatile.Read(ref bytesSent);
        silence = heard != acknowledged ? TimeSpan.Zero : sent == sentAtLook ? silence : silence + (since < LongestLook ? since : LongestLook);
        acknowledged = heard;
        sentAtLook = sent;
        return silence >= SilenceLimit ? $"The receiver has stalled: it has acknowledged nothing for {SilenceLimit.TotalSeconds:0} s." : null;
    }

    private string Words(Message error)
    {
        int open = error.Text.IndexOf(OpenFailed, StringComparison.Ordinal);
        string words = open >= 0
            ? error.Text[(open + OpenFailed.Length)..].TrimEnd(')', '\n')
            : error.Summary.Replace(WriteFailed, "", StringComparison.Ordinal).Replace(SocketFailed, "", StringComparison.Ordinal);
        return (address.Listens, Volatile.Read(ref answered)) switch
        {
            (true, false) => $"The node cannot listen: {words}.",
            (false, false) => $"The receiver did not take the connection: {words}.",
            _ => $"The connection broke: {words}.",
        };
    }

    private void Count(Buffer next)
    {
        if (inHand > 0)
        {
            bool hasReceiver = HasReceiver;
            if (hasReceiver)
            {
                Interlocked.Add(ref bytesSent, inHand);
            }

            Interlocked.Add(ref hasReceiver ? ref framesSent : ref framesUnseen, framesInHand);
            Volatile.Write(ref sentUpTo, inHandUpTo);
            Volatile.Write(ref answered, true);
        }

        inHand = next.Size;
        framesInHand = PicturesIn(next);
        inHandUpTo = next.Pts;
    }

    // A picture counts where it begins.
    private static int PicturesIn(Buffer message)
    {
        Span<byte> packets = stackalloc byte[PacketSize * PacketsOfMessage];
        int length = message.Extract(0, packets);
        int pictures = 0;
        for (int at = 0; at + PacketSize <= length; at += PacketSize)
        {
            int pid = ((packets[at + 1] & 0x1F) << 8) | packets[at + 2];
            pictures += pid == VideoPid && (packets[at + 1] & BeginsUnit) != 0 ? 1 : 0;
        }

        return pictures;
    }
}
