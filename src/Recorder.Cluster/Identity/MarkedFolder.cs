namespace Recorder.Cluster.Identity;

/// <summary>
/// A records folder that is known by the mark in it. A folder without its mark is away, because its disk may not be
/// mounted. An empty mount point must not be filled, nor be taken for the folder that has lost its records.
/// </summary>
public sealed class MarkedFolder : IRecordsFolder
{
    /// <summary>Programs that clean up by age must not find an old file.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly FolderMemory _memory;
    private readonly Func<string, string> _mountOf;
    private readonly bool _keepsInodes;
    private readonly string _file;

    /// <summary>Where the folder's disk was mounted when the folder was last here, in this life of the node or an
    /// earlier one.</summary>
    private string _mount;
    private FolderMark? _mark;
    private FileFacts? _facts;
    private volatile FolderStanding _standing;

    private MarkedFolder(
        string folder,
        FolderMemory memory,
        TimeProvider clock,
        Func<string, string> mountOf,
        bool keepsInodes
    )
    {
        Path = folder;
        _memory = memory;
        _clock = clock;
        _mountOf = mountOf;
        _keepsInodes = keepsInodes;
        _file = System.IO.Path.Join(folder, FolderMark.FileName);
        _mount = mountOf(folder);
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
        try
        {
            var opened = new MarkedFolder(
                System.IO.Path.TrimEndingDirectorySeparator(folder),
                new FolderMemory(dataFolder),
                clock,
                mountOf,
                keepsInodes(folder)
            );
            opened.Begin();
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

    private void Begin()
    {
        var known = _memory.Of(Path);
        if (IdentityFile.Read(_file) is not { } text)
        {
            _mount = known?.Mount ?? _mount;
            if (Look() is { Id: not null } && known is not null)
            {
                Warning =
                    $"The records folder {Path} is new: its file {FolderMark.FileName}, which named the folder {known.Id}, is missing. Records of that folder stay listed as away. If the files are still here, write the line \"id {known.Id}\" into {_file}, remove its line \"inode\", and start the node again.";
            }
            return;
        }

        var mark = FolderMark.Parse(text) ?? throw new IdentityUnusableException(Unreadable());
        if (mark.IsCopied(_keepsInodes ? FileFacts.Of(_file)?.Inode : null))
        {
            var copy = mark.AsCopy();
            Make(copy, replace: true);
            Warning =
                $"The records folder {Path} is a copy of the folder {mark.Ids[0]}, so its new records belong to a folder of their own, {copy.Ids[0]}. Records of the original stay listed as away until the original is back. If this folder takes the place of the original, write \"id {mark.Ids[0]}\" for \"copy-of {mark.Ids[0]}\" into {_file}, remove its line \"inode\", and start the node again.";
        }
        else if (mark.Inode is null == _keepsInodes)
        {
            // An operator has edited the file, or the folder was moved to another kind of file system.
            Make(mark, replace: true);
        }
        Look();
    }

    private void Make(FolderMark mark, bool replace)
    {
        try
        {
            // Nodes of several users may share a records folder, and the mark is no secret.
            IdentityFile.Write(
                _file,
                inode => (mark with { Inode = _keepsInodes ? inode : null }).Write(),
                replace,
                readers: true
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
            if (!Directory.Exists(Path) || _mountOf(Path) != _mount)
            {
                return FolderStanding.Away(
                    $"The records folder {Path} is not here: its file {FolderMark.FileName} is missing, and its disk was mounted at {_mount}. Mount the disk. If new records are to go into this folder instead, remove its line from {_memory.File} and start the node again."
                );
            }

            // Inode and birth of the folder are the same on the same mounted disk, so only the file was removed.
            // Otherwise somebody has made the folder anew on its disk.
            Make(_mark is not null && FileFacts.Of(Path) == _facts ? _mark : FolderMark.New(), replace: false);
            if (IdentityFile.Read(_file) is not { } made)
            {
                return FolderStanding.Away($"The records folder {Path} does not keep its file {FolderMark.FileName}.");
            }
            text = made;
        }

        if (FolderMark.Parse(text) is not { } mark)
        {
            return FolderStanding.Away(Unreadable());
        }
        if (mark.IsCopied(_keepsInodes ? FileFacts.Of(_file)?.Inode : null))
        {
            return FolderStanding.Away(
                $"The folder at {Path} is now a copy of the folder {mark.Ids[0]}. Start the node again to record into the copy, or bring the original back."
            );
        }
        if (_mark?.Ids[0] != mark.Ids[0])
        {
            _mount = _mountOf(Path);
            _memory.Keep(new KnownFolder(mark.Ids[0], _mount, Path));
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
