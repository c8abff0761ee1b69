using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Cluster.Identity;

/// <summary>What tells a file or folder from every other one of this host.</summary>
/// <param name="Inode">The number within the file system. The number of a removed file is given again.</param>
/// <param name="Device">The file system, as this host numbers it. Not the same on another host, or after another
/// mount.</param>
/// <param name="Born">When the file was made, in nanoseconds since 1970; 0 when the file system does not say.</param>
internal sealed partial record FileFacts(long Inode, long Device, long Born)
{
    // From Linux's fcntl.h and sys/stat.h. struct statx has the same layout on every machine: see statx(2).
    private const int CurrentFolder = -100;
    private const uint InodeWanted = 0x100;
    private const uint BirthWanted = 0x800;
    private const int NotThroughLinks = 0x100;
    private const int TheFileItself = 0x1000;
    private const uint TypeWanted = 0x1;
    private const int TypeMask = 0xF000;
    private const int PlainFile = 0x8000;
    private const int ModeAt = 28;
    private const int InodeAt = 32;
    private const int BirthAt = 80;
    private const int DeviceAt = 136;
    private const int NoSuchEntry = 2;

    /// <summary>The facts of a file or folder; null when nothing exists at the path, or the system does not
    /// say.</summary>
    public static FileFacts? Of(string path)
    {
        var status = new byte[256];
        return Statx(CurrentFolder, path, 0, InodeWanted | BirthWanted, status) == 0
            ? new FileFacts(
                BitConverter.ToInt64(status, InodeAt),
                BitConverter.ToInt64(status, DeviceAt),
                (BitConverter.ToUInt32(status, 0) & BirthWanted) == 0 ? 0 : BirthIn(status)
            )
            : null;
    }

    /// <summary>Whether a file of bytes is at the path itself: no link, folder, pipe, socket or device.</summary>
    public static bool IsPlainFile(string path)
    {
        var status = new byte[256];
        return Statx(CurrentFolder, path, NotThroughLinks, TypeWanted, status) == 0
            && (BitConverter.ToUInt16(status, ModeAt) & TypeMask) == PlainFile;
    }

    /// <summary>Whether an open file is a file of bytes: no folder, pipe, socket or device.</summary>
    public static bool IsPlainFile(SafeFileHandle file)
    {
        var status = new byte[256];
        return Statx(file, "", TheFileItself, TypeWanted, status) == 0
            && (BitConverter.ToUInt16(status, ModeAt) & TypeMask) == PlainFile;
    }

    /// <summary>What has a name in a folder: null when nothing has it, true for a file of bytes, false for anything
    /// else.</summary>
    /// <param name="folder">The open folder.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="IOException">The system does not say what has the name, as on a damaged disk.</exception>
    public static bool? IsPlainFile(SafeFileHandle folder, string name)
    {
        var status = new byte[256];
        if (Statx(folder, name, NotThroughLinks, TypeWanted, status) == 0)
        {
            return (BitConverter.ToUInt16(status, ModeAt) & TypeMask) == PlainFile;
        }
        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchEntry
            ? null
            : throw new IOException($"{name} cannot be looked at: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    private static long BirthIn(byte[] status) =>
        (BitConverter.ToInt64(status, BirthAt) * 1_000_000_000) + BitConverter.ToUInt32(status, BirthAt + sizeof(long));

    /// <summary>Whether the file system keeps a file's inode number for the file's whole life, also after another
    /// mount.</summary>
    public static bool KeepsInodes(string folder)
    {
        try
        {
            return new DriveInfo(folder).DriveFormat
                is "ext2"
                    or "ext3"
                    or "ext4"
                    or "xfs"
                    or "btrfs"
                    or "zfs"
                    or "nfs"
                    or "nfs4";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The folder at which the file system of a folder is mounted; empty when the system does not
    /// say.</summary>
    public static string MountOf(string folder)
    {
        try
        {
            return DriveInfo
                    .GetDrives()
                    .Select(drive => drive.Name)
                    .Where(mount =>
                        folder == mount
                        || folder.StartsWith(Path.TrimEndingDirectorySeparator(mount) + '/', StringComparison.Ordinal)
                        || mount == "/"
                    )
                    .MaxBy(mount => mount.Length)
                ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint wanted, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Statx(SafeFileHandle file, string path, int flags, uint wanted, [Out] byte[] status);
}
