using System.Runtime.InteropServices;

namespace Recorder.Worker.GStreamer;

/// <summary>Kinds of messages (GstMessageType), as flags.</summary>
[Flags]
internal enum MessageType : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Every sink has seen the end of the stream.</summary>
    Eos = 1 << 0,

    /// <summary>An element cannot continue.</summary>
    Error = 1 << 1,

    /// <summary>Something is odd.</summary>
    Warning = 1 << 2,
}

/// <summary>A message taken off a bus, already decoded.</summary>
/// <param name="Type">The kind of message.</param>
/// <param name="Source">Name of the element that sent the message.</param>
/// <param name="Domain">For an error: its domain, such as <c>gst-resource-error-quark</c>; otherwise empty.</param>
/// <param name="Code">For an error: its code within the domain.</param>
/// <param name="Text">For an error: its message and debugging text.</param>
internal sealed record Message(MessageType Type, string Source, string Domain, int Code, string Text)
{
    /// <summary>For an error: its message alone, fit for people.</summary>
    public string Summary { get; init; } = Text;
}

/// <summary>A GstBus.</summary>
internal sealed unsafe class Bus : Object
{
    internal Bus(nint handle)
        : base(handle) { }

    /// <summary>Waits for the next message of the given types; null when none came within <paramref name="timeout"/>.
    /// Blocks its thread.</summary>
    public Message? TimedPopFiltered(TimeSpan timeout, MessageType types)
    {
        var message = Native.gst_bus_timed_pop_filtered(Handle, (ulong)(timeout.Ticks * 100), (uint)types);
        if (message == 0)
        {
            return null;
        }

        try
        {
            return Read(message);
        }
        finally
        {
            Native.gst_mini_object_unref(message);
        }
    }

    /// <summary>Puts an end-of-stream message without a source on the bus, so that a thread that waits for such a
    /// message continues.</summary>
    public void PostEos() => _ = Native.gst_bus_post(Handle, Native.gst_message_new_eos(0));

    private static Message Read(nint message)
    {
        var head = (Native.GstMessageHead*)message;
        var type = (MessageType)head->Type;
        var source = head->Source == 0 ? "" : Native.TakeString(Native.gst_object_get_name(head->Source));
        if (type != MessageType.Error)
        {
            return new Message(type, source, "", 0, "");
        }

        Native.gst_message_parse_error(message, out var error, out var debug);
        var domain = Marshal.PtrToStringUTF8(Native.g_quark_to_string(error->Domain)) ?? "";
        var summary = Marshal.PtrToStringUTF8(error->Message) ?? "";
        var text = $"{summary} ({Native.TakeString(debug)})";
        var code = error->Code;
        Native.g_error_free(error);
        return new Message(type, source, domain, code, text) { Summary = summary };
    }
}
