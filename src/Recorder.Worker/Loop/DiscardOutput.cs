using Recorder.Worker.GStreamer;

namespace Recorder.Worker.Loop;

/// <summary>In place of the record in a session that writes none: the end of the stream is only told by a pipeline that
/// has sinks.</summary>
internal sealed class DiscardOutput : IOutput, IDisposable
{
    private readonly OwnedElements _elements = new();

    /// <inheritdoc/>
    public void Attach(Pipeline pipeline, Element videoTee, Element audioTee)
    {
        foreach (var tee in new[] { videoTee, audioTee })
        {
            var sink = _elements.MakeSink("fakesink");
            pipeline.Add(sink);
            tee.Link(sink);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _elements.Dispose();
}
