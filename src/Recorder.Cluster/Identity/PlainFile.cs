using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Cluster.Identity;

/// <summary>Opens a file of bytes at the path itself. .NET follows links, and waits for the writer of a pipe.</summary>
internal static partial class PlainFile
{
    // From Linux's fcntl.h and errno.h. O_NOFOLLOW differs between architectures.
    private const int NotInherited = 0x80000;
    private const int NotWaiting = 0x800;
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int NoDevice = 6;
    private const int AccessDenied = 13;
    private const int NotAFolder = 20;
    private const int TooManyLinks = 40;

    private static int NotThroughLinks =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Ppc64le
            ? 0x8000
            : 0x20000;

    /// <summary>Opens a file for reading. The writer of the file may go on, rename and remove the file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="FileNotFoundException">Nothing is at the path, or a link, folder, pipe, socket or device
    /// is.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public static SafeFileHandle Open(string path)
    {
        var file = open(path, NotInherited | NotWaiting | NotThroughLinks);
        if (file.IsInvalid)
        {
            var number = Marshal.GetLastPInvokeError();
            file.Dispose();
            throw number switch
            {
                NoEntry or NoDevice or NotAFolder or TooManyLinks => Missing(),
                NotPermitted or AccessDenied => new UnauthorizedAccessException($"The file {path} may not be read."),
                _ => new IOException($"The file {path} cannot be opened: {new Win32Exception(number).Message}"),
            };
        }
        if (!FileFacts.IsPlainFile(file))
        {
            file.Dispose();
            throw Missing();
        }
        return file;

        FileNotFoundException Missing() => new($"No plain file is at {path}.", path);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags);
}
