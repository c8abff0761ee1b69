namespace Recorder.Worker.GStreamer;

/// <summary>Elements that are released together. Their pipeline holds references of its own.</summary>
internal sealed class OwnedElements : IDisposable
{
    private readonly List<Element> _elements = [];

    /// <summary>Takes ownership of an element.</summary>
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

    /// <summary>Adds all elements to a pipeline and links each element to the next, in the order in which they were
    /// kept.</summary>
    /// <exception cref="GStreamerException">Two of the elements do not fit.</exception>
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
