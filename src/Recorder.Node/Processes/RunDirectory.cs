using System.Globalization;
using Akka.Event;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Node.Processes;

/// <summary>A file that a folder of the unprivileged user contains from the start.</summary>
/// <param name="Path">The path inside the folder.</param>
/// <param name="Content">The file's content.</param>
internal sealed record RunFile(string Path, byte[] Content)
{
    /// <summary>The absolute path of a system file that the file links to instead of having content; null: the file has
    /// its own content.</summary>
    public string? LinkTo { get; init; }
}

/// <summary>
/// The one folder that holds everything of an attempt: profile, sockets, cookie, logs. The run directory owns the
/// processes started in it. Closing the run directory ends the processes by id, in order, and removes the folder. A
/// process that is just being started at that moment is ended too.
/// </summary>
/// <remarks>
/// The run directory itself belongs to the node's user, and only folders inside belong to the unprivileged user.
/// Otherwise a browser that was taken over could put a link where a node running as root is going to write.
/// </remarks>
internal sealed class RunDirectory
{
    /// <summary>The environment variable that marks each process of an attempt with its folder.</summary>
    public const string Variable = "RECORDER_RUN";

    /// <summary>The file that holds the process id of the display.</summary>
    public const string DisplayFile = "display.pid";

    private const UnixFileMode Passable =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherExecute;

    private const UnixFileMode PrivateFolder =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>How often the removal is tried: two seconds in all. Files that remain are left to the next
    /// sweep.</summary>
    private const int RemovalTries = 40;

    private readonly Lock _lock = new();
    private readonly List<LaunchedProcess> _processes = [];
    private readonly Action<RunDirectory> _closed;
    private readonly BrowserUsers _users;
    private readonly Lazy<SystemUser?> _user;
    private readonly Lazy<BrowserGroup?> _group;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _starting;
    private Task? _closing;

    /// <summary>Creates the folder.</summary>
    /// <param name="path">The absolute path of the folder.</param>
    /// <param name="users">The unprivileged users, of whom the run directory takes one.</param>
    /// <param name="groups">The control groups, of which the browser gets one.</param>
    /// <param name="closed">Called after the run directory has been closed.</param>
    public RunDirectory(string path, BrowserUsers users, BrowserGroups groups, Action<RunDirectory> closed)
    {
        Path = path;
        _users = users;
        _user = new Lazy<SystemUser?>(users.Take);
        _group = new Lazy<BrowserGroup?>(() => groups.Give(System.IO.Path.GetFileName(path)));
        _closed = closed;
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Passable);
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>The unprivileged user of this run directory, taken at the first use; null: the node's own.</summary>
    /// <exception cref="ProcessStartException">No user is free.</exception>
    public SystemUser? User => _user.Value;

    /// <summary>The session of the attempt; null: no session's.</summary>
    public SessionId? Session { get; init; }

    /// <summary>The control group of this run directory's browser; null: there is none, or none yet.</summary>
    public BrowserGroup? Group => _group is { IsValueCreated: true } ? _group.Value : null;

    /// <summary>Makes the control group of this run directory's browser at the first use; null: browsers get
    /// none.</summary>
    /// <exception cref="IOException">The system refused the group.</exception>
    public BrowserGroup? MakeGroup() => _group.Value;

    /// <summary>Logs the failure of a process in the run directory as a warning. While the run directory is being
    /// closed, failures are expected and logged as debug entries.</summary>
    public void LogFailure(ILoggingAdapter log, string message)
    {
        bool closing;
        lock (_lock)
        {
            closing = _closing is not null;
        }
        if (closing)
        {
            log.Debug("{0} (while its attempt ends)", message);
        }
        else
        {
            log.Warning("{0}", message);
        }
    }

    /// <summary>The path of a file or folder in the run directory.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The file that a process's output is written to.</summary>
    public string LogFileOf(ProcessRole role) => PathOf($"{ProcessSweep.NameOf(role)}.log");

    /// <summary>
    /// Creates a folder for the unprivileged user alone in the run directory, and returns its path. An existing folder
    /// stays as it is.
    /// </summary>
    /// <param name="name">The folder's name.</param>
    /// <param name="files">The files that the folder contains from the start.</param>
    /// <exception cref="ProcessStartException">The run directory is being closed.</exception>
    public string CreateFolder(string name, params ReadOnlySpan<RunFile> files)
    {
        // A browser that is restarted while its attempt ends must not create again what has just been removed.
        lock (_lock)
        {
            RefuseIfClosed();
            return CreateFolderInside(name, files);
        }
    }

    private string CreateFolderInside(string name, ReadOnlySpan<RunFile> files)
    {
        var folder = PathOf(name);
        if (Directory.Exists(folder))
        {
            return folder;
        }
        Directory.CreateDirectory(folder, PrivateFolder);
        foreach (var file in files)
        {
            var path = System.IO.Path.Combine(folder, file.Path);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!, PrivateFolder);
            if (file.LinkTo is { } target)
            {
                File.CreateSymbolicLink(path, target);
                continue;
            }

            Write(path, file.Content);
            for (
                var inner = System.IO.Path.GetDirectoryName(path)!;
                inner != folder;
                inner = System.IO.Path.GetDirectoryName(inner)!
            )
            {
                Give(inner);
            }
        }

        // The folder is given away last. Until then, nobody else can reach its content.
        Give(folder);
        return folder;
    }

    /// <summary>Writes a new file in the run directory that only the unprivileged user may read.</summary>
    /// <exception cref="ProcessStartException">The run directory is being closed.</exception>
    public void WriteFile(string name, byte[] content)
    {
        lock (_lock)
        {
            RefuseIfClosed();
            Write(PathOf(name), content);
        }
    }

    /// <summary>Starts a process that belongs to the run directory from then on. Closing the run directory waits for
    /// the start and ends the process.</summary>
    /// <param name="start">Starts the process. Its exceptions pass through.</param>
    /// <exception cref="ProcessStartException">The run directory is closed, or was closed during the start.</exception>
    public LaunchedProcess Start(Func<LaunchedProcess> start)
    {
        lock (_lock)
        {
            RefuseIfClosed();
            _starting++;
        }

        try
        {
            var process = start();
            Own(process);
            return process;
        }
        finally
        {
            lock (_lock)
            {
                if (--_starting == 0 && _closing is not null)
                {
                    _started.SetResult();
                }
            }
        }
    }

    /// <summary>
    /// Ends every process and removes the folder; completes when nothing is left. Workers end first, because they
    /// finalise their record and still read the display. May be called several times and from any thread.
    /// </summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            if (_closing is null)
            {
                if (_starting == 0)
                {
                    _started.SetResult();
                }
                _closing = Task.Run(CloseOnceAsync);
            }

            return _closing;
        }
    }

    private async Task CloseOnceAsync()
    {
        await _started.Task;
        await EndAsync(process => process.Role == ProcessRole.Worker);
        await EndAsync(_ => true);
        if (Group is { } group)
        {
            await group.RemoveAsync();
        }
        if (_user.IsValueCreated)
        {
            await _users.ReturnAsync(_user.Value);
        }

        // A browser's child processes end after the browser, and may still write into the profile during its removal.
        for (var left = RemovalTries; left > 0; left--)
        {
            Remove(Path);
            if (!Directory.Exists(Path))
            {
                break;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        _closed(this);
    }

    /// <summary>Removes a folder and its content. Files that cannot be removed are left to the next sweep.</summary>
    public static void Remove(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The last write of a killed process can race with the removal.
        }
    }

    private void RefuseIfClosed()
    {
        lock (_lock)
        {
            if (_closing is not null)
            {
                throw new ProcessStartException("The attempt is being ended.");
            }
        }
    }

    private void Own(LaunchedProcess process)
    {
        lock (_lock)
        {
            _processes.RemoveAll(known => known.Exited.IsCompleted);
            _processes.Add(process);

            // Closing the run directory waits for this start and ends the process with the others.
            RefuseIfClosed();
            if (process.Role == ProcessRole.Display)
            {
                File.WriteAllText(PathOf(DisplayFile), process.Id.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private Task EndAsync(Func<LaunchedProcess, bool> which)
    {
        lock (_lock)
        {
            return Task.WhenAll(_processes.Where(which).Select(process => process.EndAsync()));
        }
    }

    private void Write(string path, byte[] content)
    {
        using (
            var file = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = PrivateFile,
                }
            )
        )
        {
            file.Write(content);
        }
        Give(path);
    }

    // The group gets access, because the worker runs in the node's group and uses the display's cookie and the sound
    // server's socket.
    private void Give(string path)
    {
        if (User is not { } user)
        {
            return;
        }
        var made = File.GetUnixFileMode(path);
        var shared = made | (Directory.Exists(path) ? UnixFileMode.GroupExecute : UnixFileMode.GroupRead);
        // Only the owner may change the mode, and a file that was given away already has another owner.
        if (shared != made)
        {
            File.SetUnixFileMode(path, shared);
        }
        Posix.ChangeOwner(path, user.Uid, Posix.EffectiveGroup());
    }
}
