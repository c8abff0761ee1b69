using Recorder.Cluster.Sessions;
using Recorder.Node.GStreamer;

namespace Recorder.Node.Pipelines.Rtp;

/// <summary>Takes what was received. Called on streaming threads, for one medium never at the same time.</summary>
internal interface IRtpFrames
{
    /// <summary>An encoded picture, whole; its time is the reception's clock.</summary>
    /// <param name="source">The stretch it belongs to; see <see cref="ReceivedFrame"/>.</param>
    /// <param name="buffer">The picture; it stays the caller's.</param>
    /// <param name="pad">The pad it passes, whose caps describe it.</param>
    void Picture(int source, GStreamer.Buffer buffer, Pad pad);

    /// <summary>A piece of Opus.</summary>
    void Sound(GStreamer.Buffer buffer);
}

/// <summary>
/// RTP to whole frames: <c>rtpbin</c> with RTCP in both directions, its jitter buffers, depayloaders and parsers. Each sender that appears
/// gets a branch of its own, so that what it sends meets no state of the one before.
/// </summary>
internal sealed class RtpReceiver : IDisposable
{
    private const int Latency = 200;
    private const int LongLatency = 500;

    // Nanoseconds a packet, so that the order of pictures stays while sound and picture are brought together by the sender's reports.
    private const long LargestAdjustment = 500_000;
    private const long RtcpInterval = 1_000_000_000;

    private readonly Pipeline pipeline = new();
    private readonly List<IDisposable> held = [];
    private readonly List<RtpBranch> branches = [];
    private readonly Lock guard = new();
    private readonly WorkerCommand.ReceiveRtp settings;
    private readonly IReadOnlyList<RtpLeg> legs;
    private readonly IRtpFrames frames;
    private readonly BusWatch bus;
    private int source;

    /// <summary>Builds the pipeline; nothing runs yet.</summary>
    /// <param name="settings">What comes.</param>
    /// <param name="legs">The picture's ports, and the sound's if there is sound.</param>
    /// <param name="frames">Where frames go.</param>
    /// <param name="firstSource">The first number of a stretch to use.</param>
    /// <param name="message">Called on the bus thread for errors.</param>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    public RtpReceiver(WorkerCommand.ReceiveRtp settings, IReadOnlyList<RtpLeg> legs, IRtpFrames frames, int firstSource, Action<Message> message)
    {
        this.settings = settings;
        this.legs = legs;
        this.frames = frames;
        source = firstSource;
        bus = new BusWatch(pipeline, message);
        Element bin = Keep(ElementFactory.Make("rtpbin"));
        if (settings.Codec == RtpCodec.H264)
        {
            // With B-frames the time between two pictures says nothing about when they come, on which the estimate of the sender's clock rests: so that
            // clock is taken as it is. The latency leaves it room to drift.
            bin.SetEnum("buffer-mode", "synced");
            bin.SetProperty("latency", LongLatency);
        }
        else
        {
            bin.SetProperty("latency", Latency);
        }

        bin.SetProperty("max-ts-offset-adjustment", LargestAdjustment);
        bin.SetProperty("do-lost", true);
        bin.SetProperty("autoremove", true);
        bin.SetEnum("rtp-profile", "avpf");
        pipeline.Add(bin);
        held.Add(bin.OnPadAdded(OnPad));
        for (int i = 0; i < legs.Count; i++)
        {
            AddLeg(bin, i, legs[i]);
        }
    }

    /// <summary>The number of the newest stretch.</summary>
    public int NewestSource => Volatile.Read(ref source);

    /// <summary>Begins to receive.</summary>
    /// <returns>False when an element refuses; the bus says why.</returns>
    public bool Start()
    {
        bus.Start();
        return pipeline.SetState(State.Playing) != StateChangeReturn.Failure;
    }

    /// <summary>Asks the sender for a key frame as long as the newest stretch has none. To be called now and then.</summary>
    public void AskForKeyFrame()
    {
        RtpBranch? newest;
        lock (guard)
        {
            newest = branches.LastOrDefault(branch => branch.IsPicture);
        }

        newest?.AskForKeyFrame();
    }

    /// <summary>Ends all streaming threads. Blocks its thread.</summary>
    public void Stop()
    {
        foreach (RtpLeg leg in legs)
        {
            leg.Feed(null);
        }

        _ = pipeline.SetState(State.Null);
        bus.Stop();
    }

    /// <summary>Lets go of everything. Only after <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        bus.Dispose();
        branches.ForEach(branch => branch.Dispose());
        Enumerable.Reverse(held).ToList().ForEach(item => item.Dispose());
        pipeline.Dispose();
    }

    private void AddLeg(Element bin, int index, RtpLeg leg)
    {
        (string media, string encoding) = index == 0 ? ("video", settings.Codec.ToString().ToUpperInvariant()) : ("audio", "OPUS");
        AppSrc rtp = AddSource(FormattableString.Invariant(
            $"application/x-rtp,media=(string){media},clock-rate=(int){leg.Settings.ClockRate},encoding-name=(string){encoding},payload=(int){RtpPacket.UsualPayloadType},rtcp-fb-nack-pli=(boolean)true,rtcp-fb-ccm-fir=(boolean)true"));
        AppSrc rtcp = AddSource("application/x-rtcp");
        Element reports = Keep(ElementFactory.Make("fakesink"));
        reports.SetProperty("sync", false);
        reports.SetProperty("async", false);
        pipeline.Add(reports);
        rtp.LinkPads("src", bin, FormattableString.Invariant($"recv_rtp_sink_{index}"));
        rtcp.LinkPads("src", bin, FormattableString.Invariant($"recv_rtcp_sink_{index}"));
        bin.LinkPads(FormattableString.Invariant($"send_rtcp_src_{index}"), reports, "sink");
        using Element session = bin.Emit("get-session", (uint)index);
        session.SetProperty("rtcp-min-interval", RtcpInterval);
        using Pad sink = reports.GetStaticPad("sink");
        sink.AddProbe(PadProbeType.Buffer, info =>
        {
            Span<byte> packet = stackalloc byte[2048];
            leg.SendRtcp(packet[..info.Buffer.Extract(0, packet)]);
            return PadProbeReturn.Ok;
        });
        leg.Feed((rtp, rtcp));
    }

    private AppSrc AddSource(string caps)
    {
        AppSrc source = new();
        held.Add(source);
        using Caps parsed = Caps.FromString(caps);
        source.SetCaps(parsed);
        source.SetEnum("format", "time");
        source.SetProperty("is-live", true);
        source.SetProperty("do-timestamp", true);
        source.SetProperty("block", false);
        source.SetProperty("max-bytes", 0);
        source.SetProperty("emit-signals", false);
        pipeline.Add(source);
        return source;
    }

    // On a streaming thread, for each sender that is new.
    private void OnPad(Pad pad)
    {
        if (!pad.Name.StartsWith("recv_rtp_src_", StringComparison.Ordinal))
        {
            return;
        }

        try
        {
            bool isPicture = pad.Name.StartsWith("recv_rtp_src_0_", StringComparison.Ordinal);
            RtpBranch branch = isPicture
                ? RtpBranch.OfPicture(pipeline, pad, settings.Codec, Interlocked.Increment(ref source), frames)
                : RtpBranch.OfSound(pipeline, pad, frames);
            lock (guard)
            {
                branches.Add(branch);
                foreach (RtpBranch gone in branches.Where(each => !each.IsLinked).ToList())
                {
                    branches.Remove(gone);
                    gone.Remove(pipeline);
                    gone.Dispose();
                }
            }
        }
        catch (GStreamerException error)
        {
            bus.Tell(new Message(MessageType.Error, pad.Name, "", 0, error.Message));
        }
    }

    private Element Keep(Element element)
    {
        held.Add(element);
        return element;
    }
}
