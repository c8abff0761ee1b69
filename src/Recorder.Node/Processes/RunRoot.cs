using System.Globalization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Node.Processes;

/// <summary>
/// The folder that holds the run directories of this node. The folder is locked as long as the node lives, so that no
/// second node sweeps away the processes of this node.
/// </summary>
internal sealed class RunRoot : IAsyncDisposable
{
    /// <summary>
    /// The longest path, in bytes. A socket's path must stay below 108 bytes (unix(7)), and Chromium makes a socket
    /// below the run root as deep as <c>/123456-99-9999/t/org.chromium.Chromium.XXXXXX/SingletonSocket</c>.
    /// </summary>
    public const int LongestPath = 44;

    private const UnixFileMode Mode =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherExecute;

    private readonly Lock _lock = new();
    private readonly HashSet<RunDirectory> _open = [];
    private readonly BrowserUsers _users;
    private readonly FileStream _held;
    private int _created;

    private RunRoot(string path, BrowserUsers users, FileStream held)
    {
        Path = path;
        _users = users;
        _held = held;
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>Creates the folder if it is missing, and locks the folder. All run directories in it are of one
    /// user.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="user">The unprivileged user; null: the node's own.</param>
    /// <exception cref="InvalidOperationException">Another node uses the folder, or the folder cannot be used; the
    /// message says what to do.</exception>
    public static RunRoot Open(string path, SystemUser? user) => Open(path, BrowserUsers.Shared(user));

    /// <summary>Creates the folder if it is missing, and locks the folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="users">The users of the run directories.</param>
    /// <exception cref="InvalidOperationException">Another node uses the folder, or the folder cannot be used; the
    /// message says what to do.</exception>
    public static RunRoot Open(string path, BrowserUsers users)
    {
        path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (System.Text.Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            throw new InvalidOperationException(
                $"The run folder {path} is too long for the sockets in it; give one of at most {LongestPath} characters by Media:RunRoot."
            );
        }
        try
        {
            if (new DirectoryInfo(path).LinkTarget is not null)
            {
                throw new InvalidOperationException(
                    $"The run folder {path} is a link. Remove it, or give another by Media:RunRoot."
                );
            }
            FileMask.MakeFolder(path, Mode);
            // The user who made the folder may have put something into it already, and may change its content at any
            // time.
            if (Posix.OwnerOf(path) != Posix.EffectiveUser())
            {
                throw new InvalidOperationException(
                    $"The run folder {path} belongs to another user. Remove it, or give another by Media:RunRoot."
                );
            }
            File.SetUnixFileMode(path, Mode);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"The run folder {path} cannot be used: {error.Message.TrimEnd('.')}. Give another by Media:RunRoot; in a container whose root file system is read-only, mount a place for temporary files (docker run --tmpfs /tmp).",
                error
            );
        }

        try
        {
            // FileShare.None is an advisory flock(2) on Unix: the lock ends with this process, whatever ends the
            // process.
            return new RunRoot(
                path,
                users,
                new FileStream(
                    System.IO.Path.Combine(path, "lock"),
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None
                )
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"Another node of this host uses the run folder {path}. Stop it, or give this node a folder of its own by Media:RunRoot.",
                error
            );
        }
    }

    /// <summary>The users of the run directories.</summary>
    public BrowserUsers Users => _users;

    /// <summary>The control groups of the browsers, set before the first run directory is made.</summary>
    public BrowserGroups Groups { get; set; } = BrowserGroups.None("nobody has looked for any");

    /// <summary>Creates the run directory of an attempt.</summary>
    public RunDirectory Create(SessionId session, string purpose)
    {
        var number = Interlocked.Increment(ref _created);
        var name = string.Create(CultureInfo.InvariantCulture, $"{session.Value}-{purpose}-{number}");
        var run = new RunDirectory(System.IO.Path.Combine(Path, name), _users, Groups, Forget)
        {
            Session = session,
        };
        lock (_lock)
        {
            _open.Add(run);
        }
        return run;
    }

    /// <summary>Closes every open run directory, and releases the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] closing;
        lock (_lock)
        {
            closing = [.. _open.Select(run => run.CloseAsync())];
        }
        await Task.WhenAll(closing);
        await _held.DisposeAsync();
        _users.Dispose();
    }

    private void Forget(RunDirectory run)
    {
        lock (_lock)
        {
            _open.Remove(run);
        }
    }
}
