using System.Runtime.InteropServices;

namespace Recorder.Worker.GStreamer;

/// <summary>One owned reference to a GstCaps.</summary>
internal sealed class Caps : SafeHandle
{
    internal Caps(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    internal nint Handle => handle;

    /// <summary>Caps from their text form. The text must never come from outside.</summary>
    /// <exception cref="GStreamerException">The text is not caps.</exception>
    public static Caps FromString(string text)
    {
        var caps = Native.gst_caps_from_string(text);
        return caps != 0 ? new Caps(caps) : throw new GStreamerException($"Not caps: {text}");
    }

    /// <summary>Another reference to the same caps.</summary>
    public Caps Ref() => new(Native.gst_mini_object_ref(handle));

    /// <summary>Whether some format fits both caps. A field that one of the caps lacks fits every value.</summary>
    public bool CanIntersect(Caps other) => Native.gst_caps_can_intersect(handle, other.handle) != 0;

    /// <summary>A whole number of fixed caps; null: no such field.</summary>
    public int? Number(string field) =>
        Native.gst_structure_get_int(Native.gst_caps_get_structure(handle, 0), field, out var value) != 0
            ? value
            : null;

    /// <summary>The bytes of a field of fixed caps that holds a buffer; empty: no such field.</summary>
    public byte[] Bytes(string field)
    {
        var value = Native.gst_structure_get_value(Native.gst_caps_get_structure(handle, 0), field);
        return value == 0 ? [] : new Buffer(Native.g_value_get_boxed(value)).ToArray();
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Native.gst_mini_object_unref(handle);
        return true;
    }
}
