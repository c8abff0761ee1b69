using Recorder.Cluster.Sessions;
using Recorder.Node.GStreamer;

namespace Recorder.Node.Pipelines.Rtp;

/// <summary>What comes from one sender of one medium: depayloader, parser, and the end where its frames are taken.</summary>
internal sealed class RtpBranch : IDisposable
{
    private readonly List<Element> elements = [];
    private readonly Pad from;
    private readonly Pad entry;
    private readonly Pad end;
    private volatile bool keyFrameCame;

    private RtpBranch(Pipeline pipeline, Pad pad, bool isPicture, IEnumerable<Element> chain, Action<GStreamer.Buffer, Pad> take)
    {
        IsPicture = isPicture;
        from = pad.Another();
        Element sink = ElementFactory.Make("fakesink");
        sink.SetProperty("sync", false);
        sink.SetProperty("async", false);
        elements.AddRange([.. chain, sink]);
        foreach (Element element in elements)
        {
            pipeline.Add(element);
        }

        foreach ((Element before, Element after) in elements.Zip(elements.Skip(1)))
        {
            before.Link(after);
        }

        end = sink.GetStaticPad("sink");
        end.AddProbe(PadProbeType.Buffer, info =>
        {
            keyFrameCame |= !info.Buffer.IsDeltaUnit;
            take(info.Buffer, end);
            return PadProbeReturn.Ok;
        });

        foreach (Element element in Enumerable.Reverse(elements))
        {
            _ = element.SyncStateWithParent();
        }

        entry = elements[0].GetStaticPad("sink");
        from.Link(entry);
    }

    /// <summary>Whether it is of the picture.</summary>
    public bool IsPicture { get; }

    /// <summary>Whether its sender is still known.</summary>
    public bool IsLinked => entry.IsLinked;

    /// <summary>The branch of a picture's sender.</summary>
    /// <exception cref="GStreamerException">An element is missing or does not fit.</exception>
    public static RtpBranch OfPicture(Pipeline pipeline, Pad pad, RtpCodec codec, int source, IRtpFrames frames)
    {
        Element depayloader = ElementFactory.Make(codec switch
        {
            RtpCodec.Vp8 => "rtpvp8depay",
            RtpCodec.Vp9 => "rtpvp9depay",
            _ => "rtph264depay",
        });
        depayloader.SetProperty("request-keyframe", true);
        List<Element> chain = [depayloader];
        if (codec == RtpCodec.Vp9)
        {
            chain.Add(ElementFactory.Make("vp9parse"));
        }
        else if (codec == RtpCodec.H264)
        {
            // Parameter sets stay in the stream too, so that a sender may change them.
            Element parser = ElementFactory.Make("h264parse");
            parser.SetProperty("config-interval", -1);
            Element filter = ElementFactory.Make("capsfilter");
            using Caps caps = Caps.FromString("video/x-h264,stream-format=avc,alignment=au");
            filter.SetProperty("caps", caps);
            chain.AddRange([parser, filter]);
        }

        RtpBranch made = new(pipeline, pad, isPicture: true, chain, (picture, end) => frames.Picture(source, picture, end));
        made.AskForKeyFrame();
        return made;
    }

    /// <summary>The branch of a sound's sender.</summary>
    /// <exception cref="GStreamerException">An element is missing or does not fit.</exception>
    public static RtpBranch OfSound(Pipeline pipeline, Pad pad, IRtpFrames frames) => new(
        pipeline,
        pad,
        isPicture: false,
        [ElementFactory.Make("rtpopusdepay"), ElementFactory.Make("opusparse")],
        (sound, _) => frames.Sound(sound));

    /// <summary>Asks the sender for a key frame, as long as none has come.</summary>
    public void AskForKeyFrame()
    {
        if (!keyFrameCame)
        {
            from.SendForceKeyUnit();
        }
    }

    /// <summary>Takes its elements out of a running pipeline.</summary>
    public void Remove(Pipeline pipeline)
    {
        foreach (Element element in elements)
        {
            _ = element.SetState(State.Null);
            pipeline.Remove(element);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        entry.Dispose();
        end.Dispose();
        from.Dispose();
        elements.ForEach(element => element.Dispose());
    }
}
