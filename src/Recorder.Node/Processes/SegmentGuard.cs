using System.Runtime.InteropServices;

namespace Recorder.Node.Processes;

/// <summary>
/// Keeps a display's picture from other sessions. An X server lets everybody of the host attach its frame buffer, and
/// the numbers of frame buffers are easy to guess.
/// </summary>
internal static partial class SegmentGuard
{
    /// <summary>The owner reads and writes, the group reads (sysvipc(7)).</summary>
    private const ushort Mode = 0x1A0;

    // sys/ipc.h of Linux, and struct shmid_ds, which begins with struct ipc_perm.
    private const int Set = 1;
    private const int Status = 2;
    private const int GroupAt = 8;
    private const int ModeAt = 20;

    /// <summary>Keep the present number (setresuid(2)).</summary>
    private const nint Same = -1;

    /// <summary>Gives a segment to its owner and to the node's group alone.</summary>
    /// <remarks>Only the segment's owner or the host's administrator may do so. This thread therefore becomes the owner
    /// for that call, and no other thread does: the C library would change all of them, so the kernel is called
    /// itself. Call this on a thread that does nothing else meanwhile.</remarks>
    /// <param name="segment">The segment's id.</param>
    /// <param name="owner">The segment's owner; null: this process's own user.</param>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Narrow(int segment, SystemUser? owner)
    {
        var status = new byte[256];
        if (Control(segment, Status, status) != 0)
        {
            throw Refused(segment);
        }
        BitConverter.TryWriteBytes(status.AsSpan(GroupAt), Posix.EffectiveGroup());
        BitConverter.TryWriteBytes(status.AsSpan(ModeAt), Mode);
        if (Control(segment, Set, status) == 0)
        {
            return;
        }
        if (owner is null)
        {
            throw Refused(segment);
        }

        var own = Posix.EffectiveUser();
        var dumpable = ProcessControl(GetDumpable, 0, 0, 0, 0);
        Become(owner.Uid);
        var result = Control(segment, Set, status);
        var error = Marshal.GetLastPInvokeError();
        Become(own);
        // The change of user has taken the node's files in /proc from its own user.
        _ = ProcessControl(SetDumpable, dumpable, 0, 0, 0);
        if (result != 0)
        {
            throw new IOException($"The frame buffer {segment} cannot be kept from others (errno {error}).");
        }
    }

    private static void Become(uint user)
    {
        var call = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 147 : 117;
        if (SystemCall(call, Same, (nint)user, Same) != 0)
        {
            // A thread that stays another user would harm whatever it does next.
            Environment.FailFast($"This thread could not become user {user}.");
        }
    }

    private static IOException Refused(int segment) =>
        new($"The frame buffer {segment} cannot be kept from others (errno {Marshal.GetLastPInvokeError()}).");

    // sys/prctl.h of Linux.
    private const int GetDumpable = 3;
    private const int SetDumpable = 4;

    [LibraryImport("libc", EntryPoint = "shmctl", SetLastError = true)]
    private static partial int Control(int segment, int command, [In, Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint real, nint effective, nint saved);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nint second, nint third, nint fourth, nint fifth);
}
