namespace Recorder.Node.Processes;

/// <summary>Who may read finished and growing records.</summary>
internal enum RecordReaders
{
    /// <summary>The node's own user alone.</summary>
    Owner,

    /// <summary>The group of the file too: that of the node's user, or of the records folder where its set-group-ID bit
    /// says so.</summary>
    Group,

    /// <summary>Every user of the host.</summary>
    Everyone,
}

/// <summary>
/// What the files of this process are not to be for others (umask(2)), whatever the shell or supervisor that started it
/// left open: nothing, and of a worker's records what the option says.
/// </summary>
internal static class FileMask
{
    /// <summary>The environment variable that tells a worker who may read its records.</summary>
    public const string Variable = "RECORDER_RECORDS_READABLE_BY";

    /// <summary>Sets it. Before anything is made.</summary>
    /// <param name="readers">What <see cref="Variable"/> says; null or anything unknown for the owner alone.</param>
    public static void Set(string? readers) =>
        Posix.SetFileMask(Enum.TryParse<RecordReaders>(readers, out var known) ? Of(known) : Of(RecordReaders.Owner));

    /// <summary>The bits that files do not get.</summary>
    public static int Of(RecordReaders readers) =>
        readers switch
        {
            RecordReaders.Everyone => Octal(0, 2, 2),
            RecordReaders.Group => Octal(0, 2, 7),
            _ => Octal(0, 7, 7),
        };

    /// <summary>
    /// Makes a folder and those above it that are missing, each with just these bits; one that is there is left as it
    /// is. The mask would take away what the folder is for.
    /// </summary>
    /// <returns>Whether it was missing.</returns>
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

    /// <summary>The bits of a records folder that the node makes.</summary>
    public static UnixFileMode FolderFor(RecordReaders readers) => (UnixFileMode)(Octal(7, 7, 7) & ~Of(readers));

    private static int Octal(int user, int group, int others) => (user << 6) | (group << 3) | others;
}
