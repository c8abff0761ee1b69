using System.Runtime.InteropServices;

namespace Recorder.Worker.GStreamer;

/// <summary>One owned reference to a GstObject, which is released on disposal.</summary>
internal abstract class Object : SafeHandle
{
    /// <summary>Takes ownership of one reference.</summary>
    protected Object(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The object's name, unique within its bin.</summary>
    public string Name => Native.TakeString(Native.gst_object_get_name(Handle));

    /// <summary>The address; valid as long as this object is not disposed.</summary>
    internal nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Native.gst_object_unref(handle);
        return true;
    }
}
