using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Cluster.Identity;

/// <summary>
/// A folder that is held open while its files are removed. Names count within the folder that was opened, whatever
/// somebody puts in the folder's place meanwhile. No link is followed: a removal takes the name away, not what a link
/// leads to.
/// </summary>
internal sealed partial class HeldFolder : IDisposable
{
    // From Linux's fcntl.h and errno.h. Two of the flags differ between architectures.
    private const int NotInherited = 0x80000;
    private const int TheFolderItself = 0x200;
    private const int NoEntry = 2;
    private const int NotAFolder = 20;
    private const int TooManyLinks = 40;

    private readonly SafeFileHandle _folder;
    private readonly string _path;

    private HeldFolder(SafeFileHandle folder, string path) => (_folder, _path) = (folder, path);

    private static bool OfArm =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Ppc64le;

    private static int OnlyFolders => OfArm ? 0x4000 : 0x10000;

    private static int NotThroughLinks => OfArm ? 0x8000 : 0x20000;

    /// <summary>Opens a folder. The way to the folder may lead through links.</summary>
    /// <param name="path">The path of the folder.</param>
    /// <exception cref="IOException">There is no such folder, or it cannot be opened.</exception>
    public static HeldFolder Open(string path)
    {
        var folder = open(path, NotInherited | OnlyFolders);
        return folder.IsInvalid ? throw Failed(path, folder) : new HeldFolder(folder, path);
    }

    /// <summary>Opens a folder of this folder.</summary>
    /// <param name="name">The name of the folder.</param>
    /// <returns>The folder; null when nothing has the name.</returns>
    /// <exception cref="IOException">A link or a file has the name, or the folder cannot be opened.</exception>
    public HeldFolder? Inner(string name)
    {
        var path = Path.Join(_path, name);
        var folder = openat(_folder, name, NotInherited | OnlyFolders | NotThroughLinks);
        if (!folder.IsInvalid)
        {
            return new HeldFolder(folder, path);
        }
        var number = Marshal.GetLastPInvokeError();
        folder.Dispose();
        return number switch
        {
            NoEntry => null,
            NotAFolder or TooManyLinks => throw new IOException($"{path} is no folder of its own."),
            _ => throw new IOException($"{path} cannot be opened: {new Win32Exception(number).Message}"),
        };
    }

    /// <summary>The names in the folder.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public IReadOnlyList<string> Names() =>
        [
            .. Directory
                .EnumerateFileSystemEntries($"/proc/self/fd/{_folder.DangerousGetHandle()}")
                .Select(path => Path.GetFileName(path)),
        ];

    /// <summary>What has a name in the folder: null when nothing has it, true for a file of bytes, false for a link, a
    /// folder or anything else.</summary>
    public bool? IsPlainFile(string name) => FileFacts.IsPlainFile(_folder, name);

    /// <summary>Takes the name of a file away. Nothing happens when nothing has the name.</summary>
    /// <exception cref="IOException">The file cannot be removed.</exception>
    public void Remove(string name) => Unlink(name, 0);

    /// <summary>Takes an empty folder away. Nothing happens when nothing has the name.</summary>
    /// <exception cref="IOException">The folder is not empty, or cannot be removed.</exception>
    public void RemoveFolder(string name) => Unlink(name, TheFolderItself);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private void Unlink(string name, int flags)
    {
        if (unlinkat(_folder, name, flags) != 0 && Marshal.GetLastPInvokeError() is not NoEntry and var number)
        {
            throw new IOException($"{Path.Join(_path, name)} cannot be removed: {new Win32Exception(number).Message}");
        }
    }

    private static IOException Failed(string path, SafeFileHandle folder)
    {
        var number = Marshal.GetLastPInvokeError();
        folder.Dispose();
        return new IOException($"{path} cannot be opened: {new Win32Exception(number).Message}");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle openat(SafeFileHandle folder, string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlinkat(SafeFileHandle folder, string path, int flags);
}
