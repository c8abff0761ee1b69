using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Native;

/// <summary>
/// An eventfd: a counter that makes a poll return. A safe handle, since a signal to a number that was closed would be
/// written into whatever file has the number next; it was the head of a record in a test.
/// </summary>
internal sealed unsafe class EventDescriptor : SafeHandleMinusOneIsInvalid
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    /// <summary>A new eventfd.</summary>
    /// <exception cref="IOException">The process has no descriptor left.</exception>
    public EventDescriptor()
        : base(ownsHandle: true)
    {
        SetHandle(Libc.eventfd(0, CloseOnExec | NonBlocking));
        if (IsInvalid)
        {
            throw new IOException($"eventfd failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>The number for a poll; valid until this is disposed.</summary>
    public int Number => (int)handle;

    /// <summary>Makes a poll return. After the end it does nothing.</summary>
    public void Signal()
    {
        try
        {
            ulong one = 1;
            _ = Libc.write(this, &one, 8);
        }
        catch (ObjectDisposedException)
        {
            // Nobody polls any more.
        }
    }

    /// <summary>Lets a poll wait again.</summary>
    public void Clear()
    {
        ulong count;
        _ = Libc.read(this, &count, 8);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
