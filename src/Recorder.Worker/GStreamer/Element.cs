using System.Runtime.InteropServices;

namespace Recorder.Worker.GStreamer;

/// <summary>States of an element (GstState).</summary>
internal enum State
{
    /// <summary>No state pending.</summary>
    VoidPending = 0,

    /// <summary>Nothing allocated.</summary>
    Null = 1,

    /// <summary>Devices and files open.</summary>
    Ready = 2,

    /// <summary>Streaming threads run and wait.</summary>
    Paused = 3,

    /// <summary>Running.</summary>
    Playing = 4,
}

/// <summary>The result of a change of state (GstStateChangeReturn).</summary>
internal enum StateChangeReturn
{
    /// <summary>The change failed; the bus says why.</summary>
    Failure = 0,

    /// <summary>Done.</summary>
    Success = 1,

    /// <summary>The change continues in the background.</summary>
    Async = 2,

    /// <summary>Done; a live element makes no data in the paused state.</summary>
    NoPreroll = 3,
}

/// <summary>A GstElement.</summary>
internal unsafe class Element : Object
{
    private const nint TypeBoolean = 5 << 2;
    private const nint TypeInt64 = 10 << 2;
    private const nint TypeString = 16 << 2;

    internal Element(nint handle)
        : base(handle) { }

    /// <summary>Starts a change of state.</summary>
    public StateChangeReturn SetState(State state) =>
        (StateChangeReturn)Native.gst_element_set_state(Handle, (int)state);

    /// <summary>Waits for the end of a change of state, at most for <paramref name="timeout"/>.</summary>
    public StateChangeReturn GetState(TimeSpan timeout) =>
        (StateChangeReturn)Native.gst_element_get_state(Handle, out _, out _, (ulong)(timeout.Ticks * 100));

    /// <summary>Brings an element added to a running bin into the bin's state.</summary>
    public bool SyncStateWithParent() => Native.gst_element_sync_state_with_parent(Handle) != 0;

    /// <summary>Links pads of this element that fit to pads of <paramref name="destination"/>.</summary>
    /// <exception cref="GStreamerException">No pads fit.</exception>
    public void Link(Element destination)
    {
        if (Native.gst_element_link(Handle, destination.Handle) == 0)
        {
            throw new GStreamerException($"GStreamer cannot link {Name} to {destination.Name}.");
        }
    }

    /// <summary>Links two pads by name. Request pads are made as needed; null means any pad.</summary>
    /// <exception cref="GStreamerException">The pads do not fit or do not exist.</exception>
    public void LinkPads(string? sourcePad, Element destination, string? destinationPad)
    {
        if (Native.gst_element_link_pads(Handle, sourcePad, destination.Handle, destinationPad) == 0)
        {
            throw new GStreamerException(
                $"GStreamer cannot link {Name}.{sourcePad} to {destination.Name}.{destinationPad}."
            );
        }
    }

    /// <summary>A pad that always exists.</summary>
    /// <exception cref="GStreamerException">There is no such pad.</exception>
    public Pad GetStaticPad(string name)
    {
        var pad = Native.gst_element_get_static_pad(Handle, name);
        return pad != 0 ? new Pad(pad) : throw new GStreamerException($"{Name} has no pad {name}.");
    }

    /// <summary>Makes a pad from a request template, such as <c>src_%u</c> of a tee.</summary>
    /// <exception cref="GStreamerException">The element gives no such pad.</exception>
    public Pad RequestPadSimple(string template)
    {
        var pad = Native.gst_element_request_pad_simple(Handle, template);
        return pad != 0 ? new Pad(pad) : throw new GStreamerException($"{Name} gives no pad {template}.");
    }

    /// <summary>Emits an action signal that takes a number and returns an element.</summary>
    /// <exception cref="GStreamerException">The signal returns no element.</exception>
    public Element Emit(string signal, uint argument)
    {
        Native.g_signal_emit_by_name(Handle, signal, argument, out var element);
        return element != 0
            ? new Element(element)
            : throw new GStreamerException($"{Name} gives nothing for {signal} {argument}.");
    }

    /// <summary>Releases a requested pad.</summary>
    public void ReleaseRequestPad(Pad pad) => Native.gst_element_release_request_pad(Handle, pad.Handle);

    /// <summary>Calls <paramref name="handler"/>, on a streaming thread, for each pad that the element adds from now
    /// on. The handler must not throw.</summary>
    /// <returns>A subscription; its disposal ends the calls.</returns>
    public PadAddedSubscription OnPadAdded(Action<Pad> handler) => new PadAddedSubscription(this, handler);

    /// <summary>Sets a whole-number or enumeration property; GLib converts to the property's own type.</summary>
    public void SetProperty(string name, long value)
    {
        Native.GValue content = default;
        Native.g_value_init(&content, TypeInt64);
        Native.g_value_set_int64(&content, value);
        Set(name, &content);
    }

    /// <summary>Sets a yes/no property.</summary>
    public void SetProperty(string name, bool value)
    {
        Native.GValue content = default;
        Native.g_value_init(&content, TypeBoolean);
        Native.g_value_set_boolean(&content, value ? 1 : 0);
        Set(name, &content);
    }

    /// <summary>Sets a text property, taken literally.</summary>
    public void SetProperty(string name, string value)
    {
        Native.GValue content = default;
        Native.g_value_init(&content, TypeString);
        Native.g_value_set_string(&content, value);
        Set(name, &content);
    }

    /// <summary>Sets a property of caps.</summary>
    public void SetProperty(string name, Caps value)
    {
        Native.GValue content = default;
        Native.g_value_init(&content, Native.gst_caps_get_type());
        Native.g_value_set_boxed(&content, value.Handle);
        Set(name, &content);
    }

    /// <summary>Sets an enumeration or flags property by its nick, such as <c>time</c>. Not for text from
    /// outside.</summary>
    public void SetEnum(string name, string nick)
    {
        Require(name);
        Native.gst_util_set_object_arg(Handle, name, nick);
    }

    /// <summary>Reads a property that is a structure, such as an element's statistics.</summary>
    public Structure GetStructure(string name)
    {
        Require(name);
        return new Structure(this, name);
    }

    private void Set(string name, Native.GValue* content)
    {
        Require(name);
        Native.g_object_set_property(Handle, name, content);
        Native.g_value_unset(content);
    }

    // g_object_set_property only prints a warning when the property does not exist.
    private void Require(string name)
    {
        var objectClass = *(nint*)Handle;
        if (Native.g_object_class_find_property(objectClass, name) == 0)
        {
            throw new GStreamerException($"{Name} has no property {name}.");
        }
    }
}

/// <summary>A connection to an element's <c>pad-added</c> signal.</summary>
internal sealed unsafe class PadAddedSubscription : IDisposable
{
    private readonly Element _element;
    private readonly nuint _id;
    private Exception? _failure;

    /// <summary>Connects to the signal.</summary>
    public PadAddedSubscription(Element element, Action<Pad> handle)
    {
        _element = element;
        Action<Pad> handler = pad =>
        {
            try
            {
                handle(pad);
            }
            catch (Exception error)
            {
                // GStreamer calls this, and an exception that reaches native code ends the process.
                _ = Interlocked.CompareExchange(ref _failure, error, null);
            }
        };
        delegate* unmanaged<nint, nint, nint, void> callback = &OnPadAdded;
        _id = Native.g_signal_connect_data(
            element.Handle,
            "pad-added",
            callback,
            GCHandle.ToIntPtr(GCHandle.Alloc(handler)),
            &OnDestroy,
            0
        );
    }

    /// <summary>What the handler could not do with a pad; null: all went well so far.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <inheritdoc/>
    public void Dispose() => Native.g_signal_handler_disconnect(_element.Handle, _id);

    [UnmanagedCallersOnly]
    private static void OnPadAdded(nint element, nint pad, nint data)
    {
        using Pad added = new(Native.gst_object_ref(pad));
        ((Action<Pad>)GCHandle.FromIntPtr(data).Target!)(added);
    }

    [UnmanagedCallersOnly]
    private static void OnDestroy(nint data, nint closure) => GCHandle.FromIntPtr(data).Free();
}

/// <summary>Makes elements by the name of their factory.</summary>
internal static class ElementFactory
{
    /// <summary>A new element. The caller stays an owner after the element was added to a bin.</summary>
    /// <exception cref="GStreamerException">No installed plugin has that factory.</exception>
    public static Element Make(string factory, string? name = null) => new(New(factory, name));

    /// <summary>A new sink that takes buffers as they come, without a clock, and keeps no buffer.</summary>
    /// <exception cref="GStreamerException">No installed plugin has that factory.</exception>
    public static Element MakeSink(string factory)
    {
        var sink = Make(factory);
        sink.SetProperty("sync", false);
        sink.SetProperty("async", false);
        sink.SetProperty("enable-last-sample", false);
        return sink;
    }

    internal static nint New(string factory, string? name)
    {
        var element = Native.gst_element_factory_make(factory, name);
        return element != 0
            ? Native.gst_object_ref_sink(element)
            : throw new GStreamerException($"GStreamer has no element {factory}; a plugin package is missing.");
    }
}
