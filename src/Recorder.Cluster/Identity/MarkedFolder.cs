namespace Recorder.Cluster.Identity;

/// <summary>
/// A records folder that is known by the mark in it. A folder without its mark is away: its disk may not be mounted, and
/// an empty mount point must not be filled, nor be taken for the folder that has lost its records.
/// </summary>
public sealed class MarkedFolder : IRecordsFolder
{
    /// <summary>Programs that clean up by age must not find an old file.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly string _file;
    private FolderMark? _mark;
    private FileFacts? _facts;
    private volatile FolderStanding _standing;

    private MarkedFolder(string folder, TimeProvider clock)
    {
        Path = folder;
        _clock = clock;
        _file = System.IO.Path.Join(folder, FolderMark.FileName);
        _standing = FolderStanding.Away($"The records folder {folder} has not been looked at yet.");
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public FolderStanding Standing => _standing;

    /// <summary>What was found at the start that a person should know, as sentences; null when there is
    /// nothing.</summary>
    public string? Warning { get; private set; }

    /// <summary>Reads the mark of a folder, or makes one in a new folder.</summary>
    /// <param name="folder">The records folder, as an absolute path; the folder exists.</param>
    /// <param name="dataFolder">The node's data folder, which remembers the folder.</param>
    /// <param name="clock">The node's clock.</param>
    /// <exception cref="IdentityUnusableException">The mark cannot be used; the message says what to do.</exception>
    public static MarkedFolder Open(string folder, string dataFolder, TimeProvider clock) =>
        Open(folder, dataFolder, clock, FileFacts.MountOf, FileFacts.KeepsInodes);

    /// <inheritdoc cref="Open(string, string, TimeProvider)"/>
    /// <param name="folder">The records folder.</param>
    /// <param name="dataFolder">The node's data folder.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="mountOf">Where the file system of a folder is mounted.</param>
    /// <param name="keepsInodes">Whether inode numbers stay the same on the file system of a folder.</param>
    internal static MarkedFolder Open(
        string folder,
        string dataFolder,
        TimeProvider clock,
        Func<string, string> mountOf,
        Func<string, bool> keepsInodes
    )
    {
        var opened = new MarkedFolder(System.IO.Path.TrimEndingDirectorySeparator(folder), clock);
        try
        {
            opened.Begin(new FolderMemory(dataFolder), mountOf(folder), keepsInodes(folder));
            return opened;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IdentityUnusableException(
                $"The id of the records folder {folder} cannot be kept in it: {error.Message.TrimEnd('.')}. Make the folder and its file {FolderMark.FileName} readable and writable for this node's user."
            );
        }
    }

    /// <inheritdoc/>
    public FolderStanding Look()
    {
        lock (_lock)
        {
            try
            {
                return _standing = LookAtFile();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return _standing = FolderStanding.Away(
                    $"The records folder {Path} cannot be read: {error.Message.TrimEnd('.')}."
                );
            }
        }
    }

    private void Begin(FolderMemory memory, string mount, bool keepsInodes)
    {
        var known = memory.Of(Path);
        if (IdentityFile.Read(_file) is not { } text)
        {
            if (known is not null && known.Mount != mount)
            {
                _standing = FolderStanding.Away(
                    $"The records folder {Path} is not here: its disk was mounted at {known.Mount}, and its file {FolderMark.FileName} is missing. Mount the disk. If new records are to go into this folder instead, remove its line from {memory.File} and start the node again."
                );
                return;
            }
            Make(FolderMark.New(), keepsInodes, replace: false);
            if (known is not null)
            {
                Warning =
                    $"The records folder {Path} is new: its file {FolderMark.FileName}, which named the folder {known.Id}, is missing. Records of that folder stay listed as away. If the files are still here, write the line \"id {known.Id}\" into {_file} and start the node again.";
            }
        }
        else
        {
            var mark = FolderMark.Parse(text) ?? throw new IdentityUnusableException(Unreadable());
            if (mark.IsCopied(keepsInodes ? FileFacts.Of(_file)?.Inode : null))
            {
                var copy = mark.AsCopy();
                Make(copy, keepsInodes, replace: true);
                Warning =
                    $"The records folder {Path} is a copy of the folder {mark.Ids[0]}, so its new records belong to a folder of their own, {copy.Ids[0]}. Records of the original stay listed as away until the original is back. If this folder takes the place of the original, write \"id {mark.Ids[0]}\" for \"copy-of {mark.Ids[0]}\" into {_file} and start the node again.";
            }
            else if (mark.Inode is null && keepsInodes)
            {
                // An operator has edited the file, or the file was made by another build.
                Make(mark, keepsInodes, replace: true);
            }
        }

        if (Look() is { Id: { } id })
        {
            memory.Keep(new KnownFolder(id, mount, Path));
        }
    }

    private void Make(FolderMark mark, bool keepsInodes, bool replace)
    {
        try
        {
            IdentityFile.Write(
                _file,
                inode => (mark with { Inode = keepsInodes ? inode : null }).Write(),
                replace
            );
        }
        catch (IOException) when (!replace && File.Exists(_file))
        {
            // Another node that shares the folder was faster.
        }
    }

    private FolderStanding LookAtFile()
    {
        if (IdentityFile.Read(_file) is not { } text)
        {
            // Nothing else has the same inode on the same mounted disk, so only the file was removed.
            if (_mark is null || _facts is null || FileFacts.Of(Path) != _facts)
            {
                return FolderStanding.Away(
                    _mark is null && _standing.WhyAway is { } known
                        ? known
                        : $"The records folder {Path} is not here: its file {FolderMark.FileName} is missing, so its disk may not be mounted. Mount the disk. If the folder was emptied on purpose, start the node again."
                );
            }
            Make(_mark, _mark.Inode is not null, replace: false);
            return FolderStanding.Here(_mark.Ids);
        }

        if (FolderMark.Parse(text) is not { } mark)
        {
            return FolderStanding.Away(Unreadable());
        }
        if (mark.IsCopied(FileFacts.Of(_file)?.Inode))
        {
            return FolderStanding.Away(
                $"The folder at {Path} is now a copy of the folder {mark.Ids[0]}. Start the node again to record into the copy, or bring the original back."
            );
        }
        _mark = mark;
        _facts = FileFacts.Of(Path);
        KeepFresh();
        return FolderStanding.Here(mark.Ids);
    }

    private void KeepFresh()
    {
        try
        {
            var now = _clock.GetUtcNow().UtcDateTime;
            if (now - File.GetLastWriteTimeUtc(_file) > FreshFor)
            {
                File.SetLastWriteTimeUtc(_file, now);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The folder is shared, and the file belongs to the user of another node, who keeps it fresh.
        }
    }

    private string Unreadable() =>
        $"The file {_file} does not name a folder. Put the file of a backup in its place, or remove the file: the folder then gets a new id, and records that are in it stay listed as away.";
}
