namespace Recorder.Worker.GStreamer;

/// <summary>A GstPipeline: the bin at the top, with a bus.</summary>
internal sealed class Pipeline : Element
{
    /// <summary>A new, empty pipeline.</summary>
    public Pipeline(string? name = null)
        : base(Native.gst_object_ref_sink(Native.gst_pipeline_new(name))) =>
        Bus = new Bus(Native.gst_element_get_bus(Handle));

    /// <summary>The bus on which the elements' messages arrive.</summary>
    public Bus Bus { get; }

    /// <summary>Adds elements; the pipeline holds a reference of its own.</summary>
    public void Add(params ReadOnlySpan<Element> elements)
    {
        foreach (var element in elements)
        {
            if (Native.gst_bin_add(Handle, element.Handle) == 0)
            {
                throw new GStreamerException($"{element.Name} cannot be added to {Name}.");
            }
        }
    }

    /// <summary>Removes an element and releases the pipeline's reference.</summary>
    public void Remove(Element element) => _ = Native.gst_bin_remove(Handle, element.Handle);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Bus.Dispose();
        }

        base.Dispose(disposing);
    }
}
