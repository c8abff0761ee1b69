namespace Recorder.Worker.GStreamer;

/// <summary>A GstStructure: named values that an element reported at one moment.</summary>
internal sealed unsafe class Structure : IDisposable
{
    private Native.GValue _content;

    internal Structure(Element element, string property)
    {
        fixed (Native.GValue* value = &_content)
        {
            Native.g_value_init(value, Native.gst_structure_get_type());
            Native.g_object_get_property(element.Handle, property, value);
        }
    }

    private nint Handle
    {
        get
        {
            fixed (Native.GValue* value = &_content)
            {
                return Native.g_value_get_boxed((nint)value);
            }
        }
    }

    /// <summary>A whole number; null: no such value.</summary>
    public int? Number(string field) =>
        Handle is var handle and not 0 && Native.gst_structure_get_int(handle, field, out var value) != 0
            ? value
            : null;

    /// <summary>Number of values in an array (GValueArray); 0: no such array.</summary>
    public int Count(string field)
    {
        var value = Handle is var handle and not 0 ? Native.gst_structure_get_value(handle, field) : 0;
        var array = value == 0 ? 0 : Native.g_value_get_boxed(value);

        // The array's length is its first member.
        return array == 0 ? 0 : (int)*(uint*)array;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        fixed (Native.GValue* value = &_content)
        {
            Native.g_value_unset(value);
        }
    }
}
