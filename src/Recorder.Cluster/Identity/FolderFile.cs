using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Cluster.Identity;

/// <summary>Opens a folder as a file of names, which .NET does not offer.</summary>
public static partial class FolderFile
{
    // From Linux's fcntl.h and errno.h. These values are the same on all architectures of .NET; O_DIRECTORY differs,
    // but opening a folder does not need it.
    private const int ReadOnlyAndNotInherited = 0x80000;
    private const int InvalidArgument = 22;
    private const int NotSupported = 95;

    /// <summary>Writes the names in a folder to the disk (fsync(2)). On a file system without this operation, nothing
    /// happens.</summary>
    /// <param name="folder">The folder's path.</param>
    /// <exception cref="IOException">The folder cannot be opened, or the disk failed.</exception>
    public static void Flush(string folder)
    {
        using var handle = open(folder, ReadOnlyAndNotInherited);
        if (handle.IsInvalid)
        {
            throw Failure(Marshal.GetLastPInvokeError());
        }
        if (fsync(handle) != 0 && Marshal.GetLastPInvokeError() is var error and not (InvalidArgument or NotSupported))
        {
            throw Failure(error);
        }

        IOException Failure(int number) =>
            new($"The folder {folder} cannot be written to the disk: {new Win32Exception(number).Message}");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);
}
