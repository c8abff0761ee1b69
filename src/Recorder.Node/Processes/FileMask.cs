namespace Recorder.Node.Processes;

/// <summary>Who may read finished and growing records.</summary>
internal enum RecordReaders
{
    /// <summary>Only the node's own user.</summary>
    Owner,

    /// <summary>Also the file's group. That is the group of the node's user, or the group of a records folder with the
    /// set-group-ID bit.</summary>
    Group,

    /// <summary>Every user of the host.</summary>
    Everyone,
}

/// <summary>
/// The permissions that new files of this process do not give to others (umask(2)). The mask replaces the mask of the
/// shell or supervisor that started the process. By default others get no permission; for a worker's records, the
/// option decides.
/// </summary>
internal static class FileMask
{
    /// <summary>The environment variable that tells a worker who may read its records.</summary>
    public const string Variable = "RECORDER_RECORDS_READABLE_BY";

    /// <summary>Sets the mask. Call this before the process makes any file.</summary>
    /// <param name="readers">The value of <see cref="Variable"/>; null or an unknown value means the owner
    /// alone.</param>
    public static void Set(string? readers) =>
        Posix.SetFileMask(Enum.TryParse<RecordReaders>(readers, out var known) ? Of(known) : Of(RecordReaders.Owner));

    /// <summary>The permission bits that new files do not get.</summary>
    public static int Of(RecordReaders readers) =>
        readers switch
        {
            RecordReaders.Everyone => Octal(0, 2, 2),
            RecordReaders.Group => Octal(0, 2, 7),
            _ => Octal(0, 7, 7),
        };

    /// <summary>
    /// Makes a folder and its missing parent folders, each with exactly the given mode. An existing folder stays as it
    /// is. The mode is set explicitly, because the mask would remove permissions that the folder needs.
    /// </summary>
    /// <returns>Whether the folder was missing.</returns>
    public static bool MakeFolder(string path, UnixFileMode mode)
    {
        if (Directory.Exists(path))
        {
            return false;
        }
        if (Path.GetDirectoryName(path) is { Length: > 0 } above)
        {
            MakeFolder(above, mode);
        }
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, mode);
        return true;
    }

    /// <summary>The mode of a records folder that the node makes.</summary>
    public static UnixFileMode FolderFor(RecordReaders readers) => (UnixFileMode)(Octal(7, 7, 7) & ~Of(readers));

    private static int Octal(int user, int group, int others) => (user << 6) | (group << 3) | others;
}
