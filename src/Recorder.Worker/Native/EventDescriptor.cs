using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Native;

/// <summary>
/// An eventfd: a counter that makes a poll return. A safe handle, because a signal to a closed number would be written
/// into the file that got the number next. In a test, that was the head of a record.
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

    /// <summary>Makes a poll return. Does nothing after disposal.</summary>
    public void Signal()
    {
        try
        {
            ulong one = 1;
            _ = Libc.write(this, &one, 8);
        }
        catch (ObjectDisposedException)
        {
            // The descriptor is disposed of, so no thread polls it any more.
        }
    }

    /// <summary>Resets the counter, so that a poll waits again.</summary>
    public void Clear()
    {
        ulong count;
        _ = Libc.read(this, &count, 8);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
