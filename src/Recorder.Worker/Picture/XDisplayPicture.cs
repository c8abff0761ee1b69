using System.Runtime.InteropServices;
using Recorder.Worker.Native;

namespace Recorder.Worker.Picture;

/// <summary>
/// The picture of an Xvfb. The display's frame buffer is mapped into this process, and damage events tell when the
/// display was painted. No picture travels over the X connection. The pointer is hidden as long as the connection
/// stands.
/// </summary>
/// <remarks>
/// Damage is requested as raw rectangles: the server reports each drawing request after the request was carried out. So
/// the damage need not be subtracted before the pixels are read, which would cost a round trip a frame. Chromium paints
/// with one request.
/// </remarks>
internal sealed unsafe class XDisplayPicture : IPictureSource
{
    private const int EventsBetweenSubtracts = 64;

    private readonly PictureFormat _format;
    private readonly FramebufferLayout _layout;
    private nint _memory;
    private nint _connection;
    private uint _damage;
    private int _damageEvent;
    private int _eventsSinceSubtract;

    private XDisplayPicture(PictureFormat format, FramebufferLayout layout, nint memory)
    {
        this._format = format;
        this._layout = layout;
        this._memory = memory;
    }

    /// <inheritdoc/>
    public int Descriptor => Xcb.xcb_get_file_descriptor(_connection);

    /// <summary>Maps the frame buffer, connects and hides the pointer.</summary>
    /// <param name="display">The display's name, such as <c>:7</c>; the cookie comes from <c>XAUTHORITY</c>.</param>
    /// <param name="framebufferId">The shared memory id that Xvfb printed.</param>
    /// <param name="format">The size of the frames, at most the display's size; the upper left part of the display is
    /// recorded.</param>
    /// <exception cref="IOException">The display or its frame buffer cannot be reached; the message says
    /// why.</exception>
    /// <exception cref="InvalidDataException">The frame buffer has a form that cannot be recorded.</exception>
    public static XDisplayPicture Open(string display, int framebufferId, PictureFormat format)
    {
        var picture = Map(framebufferId, format);
        try
        {
            picture.Connect(display);
            return picture;
        }
        catch
        {
            picture.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public PaintSignal Drain()
    {
        var signal = PaintSignal.None;
        for (var next = Xcb.xcb_poll_for_event(_connection); next != 0; next = Xcb.xcb_poll_for_event(_connection))
        {
            // The highest bit marks events that another client sent.
            if ((*(byte*)next & 0x7F) == _damageEvent)
            {
                signal = PaintSignal.Painted;
                _eventsSinceSubtract++;
            }

            Libc.free(next);
        }

        if (_eventsSinceSubtract >= EventsBetweenSubtracts)
        {
            // The events do not need the subtraction. The subtraction only keeps the region that the server accumulates
            // from growing.
            _ = Xcb.xcb_damage_subtract(_connection, _damage, 0, 0);
            _ = Xcb.xcb_flush(_connection);
            _eventsSinceSubtract = 0;
        }

        return Xcb.xcb_connection_has_error(_connection) != 0 ? PaintSignal.Lost : signal;
    }

    /// <inheritdoc/>
    public void Convert(PictureMemory target)
    {
        var from = (byte*)_memory + _layout.Offset;
        if (PictureColours.IsHighDefinition(_format.Height))
        {
            Bt709.Convert(from, _layout.Stride, target);
            return;
        }

        var to = (byte*)target.Data;
        _ = Yuv.ARGBToI420(
            from,
            _layout.Stride,
            to,
            _format.LumaStride,
            to + _format.BlueOffset,
            _format.ChromaStride,
            to + _format.RedOffset,
            _format.ChromaStride,
            _format.Width,
            _format.Height
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_connection != 0)
        {
            Xcb.xcb_disconnect(_connection);
            _connection = 0;
        }

        if (_memory != 0)
        {
            _ = Libc.shmdt(_memory);
            _memory = 0;
        }
    }

    private static XDisplayPicture Map(int framebufferId, PictureFormat format)
    {
        var memory = Libc.shmat(framebufferId, 0, Libc.ShmReadOnly);
        if (memory == -1)
        {
            throw new IOException(
                $"The frame buffer {framebufferId} cannot be mapped: {Marshal.GetLastPInvokeErrorMessage()}."
            );
        }

        Libc.ShmIdDs status = default;
        const int statusCommand = 2;
        var size = Libc.shmctl(framebufferId, statusCommand, &status) == 0 ? (long)status.SegmentSize : 0;
        try
        {
            if (size < FramebufferLayout.HeaderLength)
            {
                throw new InvalidDataException(
                    $"The shared memory {framebufferId} has {size} bytes; that is no frame buffer."
                );
            }

            var layout = FramebufferLayout.Parse(new ReadOnlySpan<byte>((void*)memory, FramebufferLayout.HeaderLength));
            if (layout.Length > size || format.Width > layout.Width || format.Height > layout.Height)
            {
                throw new InvalidDataException(
                    $"The display is {layout.Width}x{layout.Height}; a picture of {format.Width}x{format.Height} cannot be taken from it."
                );
            }

            return new XDisplayPicture(format, layout, memory);
        }
        catch
        {
            _ = Libc.shmdt(memory);
            throw;
        }
    }

    private void Connect(string display)
    {
        _connection = Xcb.xcb_connect(display, null);
        var error = Xcb.xcb_connection_has_error(_connection);
        if (error != 0)
        {
            throw new IOException(
                $"The display {display} does not answer (xcb error {error}); is it running, and is XAUTHORITY set?"
            );
        }

        _damageEvent = Xcb.DamageFirstEvent(_connection);
        if (_damageEvent < 0)
        {
            throw new IOException($"The display {display} lacks the DAMAGE extension.");
        }

        // Both extensions require a query of their version first.
        Libc.free(Xcb.xcb_damage_query_version_reply(_connection, Xcb.xcb_damage_query_version(_connection, 1, 1), 0));
        Libc.free(Xcb.xcb_xfixes_query_version_reply(_connection, Xcb.xcb_xfixes_query_version(_connection, 4, 0), 0));
        var root = Xcb.RootWindow(_connection);
        _damage = Xcb.xcb_generate_id(_connection);
        _ = Xcb.xcb_damage_create(_connection, _damage, root, Xcb.DamageReportRawRectangles);
        _ = Xcb.xcb_xfixes_hide_cursor(_connection, root);
        _ = Xcb.xcb_flush(_connection);
    }
}
