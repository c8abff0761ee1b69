using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Loop;

/// <summary>The record: a muxer and a file. The file has its final name from the start and loses little at a kill
/// -9.</summary>
internal sealed class RecordOutput(FileContainer container, string path, PauseGate gate) : IOutput, IDisposable
{
    private const long QueueNanoseconds = 10_000_000_000;

    private readonly OwnedElements _elements = new();
    private readonly List<Pad> _guarded = [];
    private Element? _muxer;

    /// <summary>Where outputs that follow the record's timeline, without the pauses, take the record's
    /// frames.</summary>
    public EncodedFanOut FanOut { get; } = new();

    /// <inheritdoc/>
    public void Attach(Pipeline pipeline, Element videoTee, Element audioTee)
    {
        var muxer = _elements.Keep(Muxer.Make(container));
        _muxer = muxer;
        var sink = MakeSink();
        pipeline.Add(muxer, sink);
        muxer.Link(sink);

        // Pictures first: they are track 1 in every container.
        if (container == FileContainer.Ts)
        {
            // A transport stream wants start codes and sound with a header on each frame.
            Parse(pipeline, Branch(pipeline, videoTee, EncodedTrack.Video), "h264parse")
                .LinkPads("src", muxer, "sink_%d");
            Parse(pipeline, Branch(pipeline, audioTee, EncodedTrack.Audio), "aacparse")
                .LinkPads("src", muxer, "sink_%d");
        }
        else
        {
            Branch(pipeline, videoTee, EncodedTrack.Video).LinkPads("src", muxer, "video_%u");
            Branch(pipeline, audioTee, EncodedTrack.Audio).LinkPads("src", muxer, "audio_%u");
        }
    }

    /// <summary>The first picture is on the disk, so pictures no longer have to get there one by one. Until this object
    /// is disposed of.</summary>
    public void FirstPictureIsWritten()
    {
        if (_muxer is { } muxer)
        {
            Muxer.Lengthen(muxer, container);
        }
    }

    /// <summary>Lets go of the elements; the pipeline holds its own references.</summary>
    public void Dispose()
    {
        FanOut.Dispose();
        _guarded.ForEach(pad => pad.Dispose());
        _elements.Dispose();
    }

    // The muxer waits for the later of its two tracks. Without a queue, the encoders would wait with the muxer.
    private Element Branch(Pipeline pipeline, Element tee, EncodedTrack track)
    {
        var queue = _elements.Make("queue");
        queue.SetProperty("max-size-buffers", 0);
        queue.SetProperty("max-size-bytes", 0);
        queue.SetProperty("max-size-time", QueueNanoseconds);
        queue.SetProperty("silent", true);
        pipeline.Add(queue);
        using var source = tee.RequestPadSimple("src_%u");
        var sink = queue.GetStaticPad("sink");
        _guarded.Add(sink);
        gate.Guard(track, sink);
        source.Link(sink);
        FanOut.Watch(track, queue.GetStaticPad("src"));
        return queue;
    }

    private Element Parse(Pipeline pipeline, Element source, string factory)
    {
        var parser = _elements.Make(factory);
        pipeline.Add(parser);
        source.Link(parser);
        return parser;
    }

    // Unbuffered: all data goes towards the disk as soon as the data comes.
    private Element MakeSink()
    {
        var sink = _elements.MakeSink("filesink");
        sink.SetProperty("location", path);
        sink.SetEnum("buffer-mode", "unbuffered");
        return sink;
    }
}
