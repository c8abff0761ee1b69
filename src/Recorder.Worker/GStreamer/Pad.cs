using System.Runtime.InteropServices;

namespace Recorder.Worker.GStreamer;

/// <summary>The data that a probe wants to see (GstPadProbeType), as flags.</summary>
[Flags]
internal enum PadProbeType : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Buffers.</summary>
    Buffer = 1 << 4,

    /// <summary>Lists of buffers.</summary>
    BufferList = 1 << 5,
}

/// <summary>The fate of the data that a probe has seen (GstPadProbeReturn).</summary>
internal enum PadProbeReturn
{
    /// <summary>The data is dropped.</summary>
    Drop = 0,

    /// <summary>The data passes.</summary>
    Ok = 1,

    /// <summary>The data passes, and the probe is removed.</summary>
    Remove = 2,
}

/// <summary>The data that a probe sees; only valid during the call.</summary>
internal readonly unsafe ref struct PadProbeInfo
{
    private readonly Native.GstPadProbeInfoHead* _info;

    internal PadProbeInfo(nint info) => this._info = (Native.GstPadProbeInfoHead*)info;

    /// <summary>The buffer, or the null buffer when the data is a list.</summary>
    public Buffer Buffer => IsBuffer ? new Buffer(_info->Data) : default;

    /// <summary>Number of bytes of the buffer or of the whole list.</summary>
    public long Size => IsBuffer ? Buffer.Size : (long)Native.gst_buffer_list_calculate_size(_info->Data);

    /// <summary>Lets another buffer, with its reference, pass in place of this buffer.</summary>
    public void Replace(Buffer buffer)
    {
        Native.gst_mini_object_unref(_info->Data);
        _info->Data = buffer.Handle;
    }

    private bool IsBuffer => ((PadProbeType)_info->Type & PadProbeType.Buffer) != 0;
}

/// <summary>Called on a streaming thread: be brief, never throw.</summary>
internal delegate PadProbeReturn PadProbeHandler(PadProbeInfo info);

/// <summary>A GstPad.</summary>
internal sealed unsafe class Pad : Object
{
    internal Pad(nint handle)
        : base(handle) { }

    /// <summary>Calls <paramref name="handler"/> for passing data. The handler is kept until the pad or the probe is
    /// removed.</summary>
    /// <returns>The probe's id.</returns>
    public nuint AddProbe(PadProbeType type, PadProbeHandler handler) =>
        Native.gst_pad_add_probe(Handle, (uint)type, &OnData, GCHandle.ToIntPtr(GCHandle.Alloc(handler)), &OnDestroy);

    /// <summary>Removes a probe.</summary>
    public void RemoveProbe(nuint id) => Native.gst_pad_remove_probe(Handle, id);

    /// <summary>The format of the passing data; null before the format is known. The caller owns the caps.</summary>
    public Caps? GetCurrentCaps() =>
        Native.gst_pad_get_current_caps(Handle) is var caps and not 0 ? new Caps(caps) : null;

    /// <summary>
    /// Converts a time of this pad's buffers to nanoseconds since the beginning of the timeline, by the segment that
    /// passed last. <see cref="Buffer.ClockTimeNone"/> when the time is outside the segment.
    /// </summary>
    public ulong ToRunningTime(ulong time)
    {
        var segmentEvent = Native.gst_pad_get_sticky_event(Handle, Native.EventTypeSegment, 0);
        if (segmentEvent == 0)
        {
            return Buffer.ClockTimeNone;
        }

        Native.gst_event_parse_segment(segmentEvent, out var segment);
        var runningTime = Native.gst_segment_to_running_time(segment, Native.FormatTime, time);
        Native.gst_mini_object_unref(segmentEvent);
        return runningTime;
    }

    /// <summary>Asks the encoder that owns this source pad for a key frame. The first frame at or after that running
    /// time, in nanoseconds, becomes a key frame; without a time, the next frame.</summary>
    public void SendForceKeyUnit(ulong runningTime = Buffer.ClockTimeNone) =>
        _ = Native.gst_pad_send_event(Handle, Native.gst_video_event_new_upstream_force_key_unit(runningTime, 0, 0));

    /// <summary>Links this source pad to a sink pad.</summary>
    /// <exception cref="GStreamerException">The pads do not fit.</exception>
    public void Link(Pad sink)
    {
        var result = Native.gst_pad_link(Handle, sink.Handle);
        if (result != 0)
        {
            throw new GStreamerException($"GStreamer cannot link pad {Name} to pad {sink.Name} ({result}).");
        }
    }

    /// <summary>Whether the pad is linked.</summary>
    public bool IsLinked => Native.gst_pad_is_linked(Handle) != 0;

    /// <summary>Another reference to the same pad, to keep.</summary>
    public Pad Another() => new(Native.gst_object_ref(Handle));

    /// <summary>Unlinks this source pad from a sink pad.</summary>
    public bool Unlink(Pad sink) => Native.gst_pad_unlink(Handle, sink.Handle) != 0;

    [UnmanagedCallersOnly]
    private static int OnData(nint pad, nint info, nint data) =>
        (int)((PadProbeHandler)GCHandle.FromIntPtr(data).Target!)(new PadProbeInfo(info));

    [UnmanagedCallersOnly]
    private static void OnDestroy(nint data) => GCHandle.FromIntPtr(data).Free();
}
