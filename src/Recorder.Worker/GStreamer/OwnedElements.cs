namespace Recorder.Worker.GStreamer;

/// <summary>Elements that are let go of together; the pipeline that they are in holds references of its own.</summary>
internal sealed class OwnedElements : IDisposable
{
    private readonly List<Element> _elements = [];

    /// <summary>Takes an element over.</summary>
    public T Keep<T>(T element)
        where T : Element
    {
        _elements.Add(element);
        return element;
    }

    /// <summary>Makes an element and keeps it.</summary>
    /// <exception cref="GStreamerException">No installed plugin has that factory.</exception>
    public Element Make(string factory) => Keep(ElementFactory.Make(factory));

    /// <summary>Makes a sink and keeps it, as <see cref="ElementFactory.MakeSink"/> does.</summary>
    /// <exception cref="GStreamerException">No installed plugin has that factory.</exception>
    public Element MakeSink(string factory) => Keep(ElementFactory.MakeSink(factory));

    /// <summary>Adds them all to a pipeline and links each to the next, in the order in which they came.</summary>
    /// <exception cref="GStreamerException">Two of them do not fit.</exception>
    public void LinkInto(Pipeline pipeline)
    {
        _elements.ForEach(element => pipeline.Add(element));
        foreach ((var before, var after) in _elements.Zip(_elements.Skip(1)))
        {
            before.Link(after);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _elements.ForEach(element => element.Dispose());
}
