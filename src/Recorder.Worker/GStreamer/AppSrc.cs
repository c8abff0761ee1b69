namespace Recorder.Worker.GStreamer;

/// <summary>The result of a push (GstFlowReturn, the values that occur here).</summary>
internal enum FlowReturn
{
    /// <summary>The buffer was taken.</summary>
    Ok = 0,

    /// <summary>The element is shutting down.</summary>
    Flushing = -2,

    /// <summary>The stream has ended already.</summary>
    Eos = -3,

    /// <summary>An error; the bus says which.</summary>
    Error = -5,
}

/// <summary>A GstAppSrc: buffers from this program into a pipeline.</summary>
internal sealed class AppSrc : Element
{
    /// <summary>A new <c>appsrc</c> whose buffers have times. The element takes any number of buffers and never waits.
    /// The code that pushes has to leave out the excess.</summary>
    /// <exception cref="GStreamerException">The element is missing.</exception>
    public AppSrc(string? name = null)
        : base(ElementFactory.New("appsrc", name))
    {
        SetEnum("format", "time");
        SetProperty("block", false);
        SetProperty("max-bytes", 0);
        SetProperty("emit-signals", false);
    }

    /// <summary>Number of buffers that wait in the element.</summary>
    public long CurrentLevelBuffers => (long)Native.gst_app_src_get_current_level_buffers(Handle);

    /// <summary>Number of bytes that wait in the element.</summary>
    public long CurrentLevelBytes => (long)Native.gst_app_src_get_current_level_bytes(Handle);

    /// <summary>Sets the format of the buffers, in the text form of <see cref="Caps.FromString"/>.</summary>
    public void SetCaps(string text)
    {
        using var caps = Caps.FromString(text);
        SetCaps(caps);
    }

    /// <summary>Sets the format of the buffers.</summary>
    public void SetCaps(Caps caps) => Native.gst_app_src_set_caps(Handle, caps.Handle);

    /// <summary>Hands over a buffer with its reference, whatever the result.</summary>
    public FlowReturn PushBuffer(Buffer buffer) => (FlowReturn)Native.gst_app_src_push_buffer(Handle, buffer.Handle);

    /// <summary>Ends the stream: no more buffers will come.</summary>
    public FlowReturn EndOfStream() => (FlowReturn)Native.gst_app_src_end_of_stream(Handle);
}
