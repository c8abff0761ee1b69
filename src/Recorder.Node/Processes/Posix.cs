using System.Runtime.InteropServices;

namespace Recorder.Node.Processes;

/// <summary>The few calls of the C library that .NET has no name for.</summary>
internal static partial class Posix
{
    /// <summary>No signal: only whether one could be sent (kill(2)).</summary>
    public const int Probe = 0;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>The number of the user that this process acts as.</summary>
    public static uint EffectiveUser => GetEffectiveUser();

    /// <summary>The number of the group that this process acts as.</summary>
    public static uint EffectiveGroup => GetEffectiveGroup();

    /// <summary>Sends a signal to a process, or with a negative number to a process group. False: it is gone, or not ours.</summary>
    public static bool Signal(int process, int signal) => SendSignal(process, signal) == 0;

    /// <summary>Gives a file or folder to a user and group.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void ChangeOwner(string path, uint user, uint group)
    {
        if (Chown(path, user, group) != 0)
            throw new IOException($"The owner of {path} could not be changed (errno {Marshal.GetLastPInvokeError()}).");
    }

    /// <summary>Who owns a file or folder and what others may do with it; of a link, of what it leads to.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public static FileOwnership OwnershipOf(string path)
    {
        const int fromHere = -100;
        const uint typeModeAndOwner = 0x1 | 0x2 | 0x8 | 0x10;
        if (StatX(fromHere, path, 0, typeModeAndOwner, out var found) != 0)
            throw new IOException($"The owner of {path} cannot be told (errno {Marshal.GetLastPInvokeError()}).");
        return new FileOwnership(path, found.User, found.Group, (UnixFileMode)(found.Mode & 0xFFF));
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEffectiveGroup();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint wanted, out FileStatus found);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint user, uint group);

    /// <summary>The part of <c>struct statx</c> that is read, which is the same on every processor: statx(2).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(20)] public uint User;
        [FieldOffset(24)] public uint Group;
        [FieldOffset(28)] public ushort Mode;
    }
}
