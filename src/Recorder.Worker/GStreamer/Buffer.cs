namespace Recorder.Worker.GStreamer;

/// <summary>
/// A GstBuffer. A value type, so that a frame costs no managed garbage. The code that makes a buffer owns one
/// reference, and either gives the reference away (<see cref="AppSrc.PushBuffer"/>) or calls <see cref="Unref"/>.
/// </summary>
internal readonly unsafe struct Buffer
{
    /// <summary>GST_CLOCK_TIME_NONE.</summary>
    public const ulong ClockTimeNone = ulong.MaxValue;

    private const uint FlagDeltaUnit = 1 << 13;
    private const uint MemoryFlagReadOnly = 1 << 1;

    internal Buffer(nint handle) => Handle = handle;

    /// <summary>True for the default value, which is no buffer.</summary>
    public bool IsNull => Handle == 0;

    /// <summary>Number of bytes of content.</summary>
    public long Size => (long)Native.gst_buffer_get_size(Handle);

    /// <summary>The presentation time in nanoseconds of the stream, or <see cref="ClockTimeNone"/>. May only be set on
    /// a buffer with a single owner.</summary>
    public ulong Pts
    {
        get => Head->Pts;
        set => Head->Pts = value;
    }

    /// <summary>The decoding time in nanoseconds of the stream, or <see cref="ClockTimeNone"/>. May only be set on a
    /// buffer with a single owner.</summary>
    public ulong Dts
    {
        get => Head->Dts;
        set => Head->Dts = value;
    }

    /// <summary>The duration in nanoseconds.</summary>
    public ulong Duration
    {
        get => Head->Duration;
        set => Head->Duration = value;
    }

    /// <summary>True for a frame that cannot be decoded alone.</summary>
    public bool IsDeltaUnit => (Head->Flags & FlagDeltaUnit) != 0;

    internal nint Handle { get; }

    private Native.GstBufferHead* Head => (Native.GstBufferHead*)Handle;

    /// <summary>A buffer with memory of its own, content undefined.</summary>
    public static Buffer NewAllocate(long size) => new(Native.gst_buffer_new_allocate(0, (nuint)size, 0));

    /// <summary>A read-only buffer over memory of the caller. <paramref name="notify"/> is called with
    /// <paramref name="userData"/> when the memory is no longer in use.</summary>
    public static Buffer NewWrappedReadOnly(
        nint data,
        long size,
        nint userData,
        delegate* unmanaged<nint, void> notify
    ) =>
        new(
            Native.gst_buffer_new_wrapped_full(MemoryFlagReadOnly, data, (nuint)size, 0, (nuint)size, userData, notify)
        );

    /// <summary>Another buffer with times of its own over the same memory.</summary>
    public Buffer Copy() => new(Native.gst_buffer_copy(Handle));

    /// <summary>Copies bytes in.</summary>
    public void Fill(long offset, ReadOnlySpan<byte> content)
    {
        fixed (byte* source = content)
        {
            Native.gst_buffer_fill(Handle, (nuint)offset, source, (nuint)content.Length);
        }
    }

    /// <summary>Copies bytes out.</summary>
    /// <returns>Number of bytes copied, at most the length of <paramref name="content"/>.</returns>
    public int Extract(long offset, Span<byte> content)
    {
        fixed (byte* destination = content)
        {
            return (int)Native.gst_buffer_extract(Handle, (nuint)offset, destination, (nuint)content.Length);
        }
    }

    /// <summary>A copy of all bytes.</summary>
    public byte[] ToArray()
    {
        var content = new byte[Size];
        _ = Extract(0, content);
        return content;
    }

    /// <summary>Fills a range with one value.</summary>
    public void MemSet(long offset, byte value, long size) =>
        Native.gst_buffer_memset(Handle, (nuint)offset, value, (nuint)size);

    /// <summary>Releases the reference.</summary>
    public void Unref() => Native.gst_mini_object_unref(Handle);
}
