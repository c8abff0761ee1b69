using Recorder.Worker.GStreamer;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Live;

/// <summary>Writes one segment at a time. Each segment has a short pipeline of its own, so that its failure affects
/// nothing else.</summary>
internal static class HlsMuxer
{
    /// <summary>The suffix of a file that is not finished.</summary>
    public const string GrowingSuffix = ".growing";

    private const int PacketsAtATime = 64;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Writes a transport stream, and renames the file to <paramref name="path"/> when the file is complete.
    /// Takes the buffers' references. Blocks its thread.</summary>
    /// <exception cref="IOException">The file could not be written.</exception>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    public static void Write(string path, SegmentUnits<Buffer> units, Caps pictures, Caps? sound)
    {
        var growing = path + GrowingSuffix;
        using Pipeline pipeline = new();
        using var muxer = ElementFactory.Make("mpegtsmux");
        using var sink = ElementFactory.MakeSink("filesink");
        muxer.SetProperty("alignment", PacketsAtATime);
        sink.SetProperty("location", growing);
        pipeline.Add(muxer, sink);
        muxer.Link(sink);
        using Track video = new(pipeline, muxer, "h264parse", pictures);

        // Each segment can be played without the segments before it.
        video.Parser.SetProperty("config-interval", -1);
        using var audio = sound is null || units.Sound.IsEmpty ? null : new Track(pipeline, muxer, "aacparse", sound);
        _ = pipeline.SetState(State.Playing);
        video.Push(units.Pictures);
        audio?.Push(units.Sound);
        var message = pipeline.Bus.TimedPopFiltered(Limit, MessageType.Error | MessageType.Eos);
        _ = pipeline.SetState(State.Null);
        if (message is not { Type: MessageType.Eos })
        {
            throw new IOException(
                message?.Summary ?? $"The disk did not take a segment within {Limit.TotalSeconds:0} s."
            );
        }

        File.Move(growing, path, overwrite: true);
    }

    private sealed class Track : IDisposable
    {
        private readonly AppSrc _source = new();

        public Track(Pipeline pipeline, Element muxer, string parser, Caps caps)
        {
            Parser = ElementFactory.Make(parser);
            _source.SetCaps(caps);
            pipeline.Add(_source, Parser);
            _source.Link(Parser);
            Parser.LinkPads("src", muxer, "sink_%d");
        }

        public Element Parser { get; }

        public void Push(IEnumerable<Buffer> units)
        {
            foreach (var unit in units)
            {
                _ = _source.PushBuffer(unit);
            }

            _ = _source.EndOfStream();
        }

        public void Dispose()
        {
            Parser.Dispose();
            _source.Dispose();
        }
    }
}
