using Recorder.Worker.GStreamer;

namespace Recorder.Worker.Loop;

/// <summary>In place of the record in a session that writes none: the end of the stream is only told by a pipeline that has sinks.</summary>
internal sealed class DiscardOutput : IOutput, IDisposable
{
    private readonly List<Element> elements = [];

    /// <inheritdoc/>
    public void Attach(Pipeline pipeline, Element videoTee, Element audioTee)
    {
        foreach (Element tee in new[] { videoTee, audioTee })
        {
            Element sink = ElementFactory.Make("fakesink");
            elements.Add(sink);
            sink.SetProperty("sync", false);
            sink.SetProperty("async", false);
            sink.SetProperty("enable-last-sample", false);
            pipeline.Add(sink);
            tee.Link(sink);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => elements.ForEach(element => element.Dispose());
}
