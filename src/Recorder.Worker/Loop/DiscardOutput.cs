using Recorder.Worker.GStreamer;

namespace Recorder.Worker.Loop;

/// <summary>Takes the record's place in a session that writes no record. A pipeline without sinks never reports the end
/// of the stream, so each tee gets a sink that discards.</summary>
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
