using Recorder.Node.Configuration;
using Recorder.Node.Processes;

namespace Recorder.Node.Hosting;

/// <summary>Makes and tests the folders that a node writes to, before anything else starts.</summary>
internal static class Folders
{
    /// <summary>Makes a folder if it is missing, and writes a file into the folder to check that the folder can be
    /// used.</summary>
    /// <param name="path">The folder; a relative path counts from the working directory.</param>
    /// <param name="purpose">The folder's purpose, such as <c>records folder</c>.</param>
    /// <param name="option">The command line's option that names another folder.</param>
    /// <param name="mode">The mode of a new folder; an existing folder keeps the operator's mode. Default: only the
    /// node's own user has access.</param>
    /// <returns>The absolute path.</returns>
    /// <exception cref="StartRefusedException">The folder cannot be made or written to.</exception>
    public static string Prepare(
        string path,
        string purpose,
        string option,
        UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
    )
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new StartRefusedException($"The {purpose} has no name. Give one with {option}.");
        }

        var full = Path.GetFullPath(path);
        try
        {
            FileMask.MakeFolder(full, mode);
            var probe = Path.Combine(full, $".recorder-probe-{Environment.ProcessId}");
            using (
                new FileStream(
                    probe,
                    FileMode.CreateNew,
                    FileAccess.Write,
                    FileShare.None,
                    1,
                    FileOptions.DeleteOnClose
                )
            )
            {
                // Whether the file could be opened is the only question.
            }

            // A node with rights beyond those of its user may write where its workers may not, and the workers write
            // the records.
            if (!Posix.UserMayWrite(full))
            {
                throw new UnauthorizedAccessException("Permission denied");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(
                $"The {purpose} {full} cannot be written to: {error.Message.TrimEnd('.')}. {OwnersOf(full)}Make it writable for this node's user, or name another with {option}."
            );
        }

        return full;
    }

    private static string OwnersOf(string folder)
    {
        try
        {
            return $"It belongs to user {Posix.OwnershipOf(folder).User}, and this node runs as user {Posix.EffectiveUser()}. ";
        }
        catch (IOException)
        {
            // The folder is missing; the sentence before already says so.
            return "";
        }
    }

    /// <summary>
    /// Checks that the browsers' user cannot change the content of a folder. Otherwise a page that takes over its
    /// browser could remove records, or put links where the node writes.
    /// </summary>
    /// <param name="folder">The absolute path of a folder.</param>
    /// <param name="purpose">The folder's purpose, such as <c>records folder</c>.</param>
    /// <param name="option">The command line's option that names another folder.</param>
    /// <param name="shared">Whether the folder may be one in which everybody puts files of their own, as <c>/tmp</c>
    /// is.</param>
    /// <param name="user">The browsers' user; null: the node's own user, which always has access.</param>
    /// <exception cref="StartRefusedException">The browsers' user can change the folder's content.</exception>
    public static void KeepFrom(string folder, string purpose, string option, bool shared, SystemUser? user)
    {
        if (user is null)
        {
            return;
        }
        var groups = user.GroupsIn(File.ReadAllText("/etc/group"));
        // A link in the path leads through other folders than the path itself names.
        foreach (var name in new[] { folder, Posix.RealPath(folder) }.Distinct())
        {
            if (BrowserReach.Problem(ChainOf(name), user, groups, shared) is { } problem)
            {
                throw new StartRefusedException(
                    $"The {purpose} {folder} is not safe from {user.Name}, the user that browsers run as: {problem} Or name another folder with {option}."
                );
            }
        }
    }

    /// <summary>
    /// Checks that the browsers' user cannot put another folder in the place of the run root. The parent of the run
    /// root may be a folder for everybody, as <c>/tmp</c> is.
    /// </summary>
    /// <param name="runRoot">The run root's path. The run root and its parent folders may be missing.</param>
    /// <param name="user">The browsers' user; null: the node's own user, which always has access.</param>
    /// <exception cref="StartRefusedException">The browsers' user can replace the run root.</exception>
    public static void KeepParentFrom(string runRoot, SystemUser? user)
    {
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(runRoot)));
        while (parent is not null && !Directory.Exists(parent))
        {
            parent = Path.GetDirectoryName(parent);
        }
        if (parent is not null)
        {
            KeepFrom(parent, "folder of the run root", "--media-run-root", shared: true, user);
        }
    }

    private static List<FileOwnership> ChainOf(string folder)
    {
        var chain = new List<FileOwnership>();
        for (var path = folder; path is not null; path = Path.GetDirectoryName(path))
        {
            chain.Add(Posix.OwnershipOf(path));
            // The owner of a link may change its target, whatever the link's mode says.
            if (Posix.OwnerOf(path) is { } owner && owner != chain[^1].User)
            {
                chain.Add(new FileOwnership(path, owner, chain[^1].Group, UnixFileMode.None));
            }
        }

        return chain;
    }

    /// <summary>Locks a data folder for this process alone, until the stream is closed or the process ends in any
    /// way.</summary>
    /// <exception cref="StartRefusedException">Another recorder holds the folder, or another user's file is in the
    /// way.</exception>
    public static FileStream Lock(string dataFolder)
    {
        try
        {
            return new FileStream(
                Path.Combine(dataFolder, "lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StartRefusedException(
                $"The data folder {dataFolder} cannot be locked: {error.Message.TrimEnd('.')}. It may be of a recorder that ran as another user; give this one its own with --data."
            );
        }
        catch (IOException)
        {
            throw new StartRefusedException(
                $"Another recorder is running with the data folder {dataFolder}. Stop it, or give this one its own with --data and its own ports with --http-port and --remoting-port."
            );
        }
    }
}
