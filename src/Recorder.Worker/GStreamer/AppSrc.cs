namespace Recorder.Worker.GStreamer;

/// <summary>What became of a pushed buffer (GstFlowReturn, the values met here).</summary>
internal enum FlowReturn
{
    /// <summary>Taken.</summary>
    Ok = 0,

    /// <summary>The element is shutting down.</summary>
    Flushing = -2,

    /// <summary>After the end of the stream.</summary>
    Eos = -3,

    /// <summary>An error; the bus says which.</summary>
    Error = -5,
}

/// <summary>A GstAppSrc: buffers from this program into a pipeline.</summary>
internal sealed class AppSrc : Element
{
    /// <summary>A new <c>appsrc</c> whose buffers have times. It takes any number of them and never waits: who pushes
    /// leaves out what is too much.</summary>
    /// <exception cref="GStreamerException">The element is missing.</exception>
    public AppSrc(string? name = null)
        : base(ElementFactory.New("appsrc", name))
    {
        SetEnum("format", "time");
        SetProperty("block", false);
        SetProperty("max-bytes", 0);
        SetProperty("emit-signals", false);
    }

    /// <summary>Buffers that wait in the element.</summary>
    public long CurrentLevelBuffers => (long)Native.gst_app_src_get_current_level_buffers(Handle);

    /// <summary>Bytes that wait in the element.</summary>
    public long CurrentLevelBytes => (long)Native.gst_app_src_get_current_level_bytes(Handle);

    /// <summary>What the buffers contain, as <see cref="Caps.FromString"/> reads it.</summary>
    public void SetCaps(string text)
    {
        using var caps = Caps.FromString(text);
        SetCaps(caps);
    }

    /// <summary>What the buffers contain.</summary>
    public void SetCaps(Caps caps) => Native.gst_app_src_set_caps(Handle, caps.Handle);

    /// <summary>Hands a buffer over, with its reference, whatever the answer.</summary>
    public FlowReturn PushBuffer(Buffer buffer) => (FlowReturn)Native.gst_app_src_push_buffer(Handle, buffer.Handle);

    /// <summary>No more buffers will come.</summary>
    public FlowReturn EndOfStream() => (FlowReturn)Native.gst_app_src_end_of_stream(Handle);
}
