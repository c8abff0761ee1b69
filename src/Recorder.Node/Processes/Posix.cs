using System.Runtime.InteropServices;
using System.Text;

namespace Recorder.Node.Processes;

/// <summary>The few calls of the C library that .NET does not offer.</summary>
internal static partial class Posix
{
    /// <summary>Sends no signal; only checks whether a signal could be sent (kill(2)).</summary>
    public const int Probe = 0;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>Sends a signal to a process, or, with a negative number, to a process group. Returns false when the
    /// target is gone or belongs to another user.</summary>
    public static bool Signal(int process, int signal) => SendSignal(process, signal) == 0;

    /// <summary>Gives a file or folder to a user and group.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void ChangeOwner(string path, uint user, uint group)
    {
        if (Chown(path, user, group) != 0)
        {
            throw new IOException($"The owner of {path} could not be changed (errno {Marshal.GetLastPInvokeError()}).");
        }
    }

    /// <summary>Sets the mode bits that new files and folders of this process do not get (umask(2)).</summary>
    /// <param name="mask">The bits.</param>
    public static void SetFileMask(int mask) => _ = Umask((uint)mask);

    /// <summary>The user that this process acts as.</summary>
    public static uint EffectiveUser() => GetEffectiveUser();

    /// <summary>The owner of a file, folder or link; null when nothing exists at the path.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    public static uint? OwnerOf(string path)
    {
        // struct statx, see statx(2): its layout is the same on every machine; the owner is its sixth number of 32
        // bits.
        var status = new byte[256];
        if (Statx(CurrentFolder, path, DoNotFollow, OwnerWanted, status) == 0)
        {
            return BitConverter.ToUInt32(status, 20);
        }
        return Marshal.GetLastPInvokeError() == NotThere
            ? null
            : throw new IOException($"The owner of {path} is not told (errno {Marshal.GetLastPInvokeError()}).");
    }

    /// <summary>Whether a file or folder has an extended attribute with the value 1 (getxattr(2)).</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="name">The attribute.</param>
    public static bool HasMark(string path, string name)
    {
        var value = new byte[8];
        return GetAttribute(path, name, value, (nuint)value.Length) > 0 && value[0] == (byte)'1';
    }

    /// <summary>Whether this process's real user may write to a file or folder (access(2)). Rights that the process has
    /// beyond that user do not count.</summary>
    public static bool UserMayWrite(string path) => Access(path, WriteWanted) == 0;

    /// <summary>Whether this process's real user may execute a file (access(2)).</summary>
    public static bool UserMayExecute(string path) => Access(path, ExecuteWanted) == 0;

    /// <summary>The group that this process acts as.</summary>
    public static uint EffectiveGroup() => GetEffectiveGroup();

    /// <summary>Who owns a file or folder, and what others may do with it. For a link, the answer is about the link's
    /// target.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    public static FileOwnership OwnershipOf(string path)
    {
        // The same structure: owner and group are its sixth and seventh numbers of 32 bits. The mode follows as a
        // number of 16 bits.
        var status = new byte[256];
        if (Statx(CurrentFolder, path, 0, ModeWanted | OwnerWanted | GroupWanted, status) != 0)
        {
            throw new IOException($"The owner of {path} is not told (errno {Marshal.GetLastPInvokeError()}).");
        }
        const int permissions = 0xFFF;
        return new FileOwnership(
            path,
            BitConverter.ToUInt32(status, 20),
            BitConverter.ToUInt32(status, 24),
            (UnixFileMode)(BitConverter.ToUInt16(status, 28) & permissions)
        );
    }

    /// <summary>
    /// The beginning of a file, at most as long as the buffer; empty for a file that cannot be read. Hundreds of the
    /// kernel's files are read each second, and .NET makes seven calls of the kernel for each of them where three do.
    /// </summary>
    public static ReadOnlySpan<byte> Read(string path, byte[] buffer)
    {
        var file = Open(path, ReadOnly | CloseOnExec);
        if (file < 0)
        {
            return [];
        }
        var length = ReadBytes(file, buffer, buffer.Length);
        _ = Close(file);
        return buffer.AsSpan(0, (int)Math.Max(0, length));
    }

    /// <summary>The absolute path of a file or folder without links (realpath(3)).</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    public static string RealPath(string path)
    {
        var real = new byte[LongestPath];
        return ResolvePath(path, real) != 0
            ? Encoding.UTF8.GetString(real, 0, Array.IndexOf(real, (byte)0))
            : throw new IOException($"Where {path} leads to is not told (errno {Marshal.GetLastPInvokeError()}).");
    }

    // limits.h of Linux: PATH_MAX, which realpath needs.
    private const int LongestPath = 4096;

    // fcntl.h, sys/stat.h, errno.h of Linux.
    private const int WriteWanted = 2;
    private const int ExecuteWanted = 1;
    private const uint ModeWanted = 0x2;
    private const uint GroupWanted = 0x10;
    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const uint OwnerWanted = 0x8;
    private const int NotThere = 2;
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint ReadBytes(int file, [Out] byte[] buffer, nint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint ResolvePath(string path, [Out] byte[] real);

    [LibraryImport("libc", EntryPoint = "getxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetAttribute(string path, string name, [Out] byte[] value, nuint size);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint Umask(uint mask);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int wanted);

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEffectiveGroup();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint wanted, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint user, uint group);
}
