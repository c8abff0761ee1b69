using System.Globalization;
using Akka.Event;

namespace Recorder.Node.Processes;

/// <summary>A file that a folder of the unprivileged user begins with.</summary>
/// <param name="Path">Its path inside the folder.</param>
/// <param name="Content">What is in it.</param>
internal sealed record RunFile(string Path, byte[] Content)
{
    /// <summary>The absolute path of a file of the system that stands for its content; null: it has its own.</summary>
    public string? LinkTo { get; init; }
}

/// <summary>
/// The one folder in which everything of an attempt lives: profile, sockets, cookie, logs. It owns the processes
/// started in it: closing it ends them by id, in order, and removes the folder. A process whose start was under way
/// when it was closed is ended too.
/// </summary>
/// <remarks>
/// The folder itself is the node's, and only folders in it belong to the unprivileged user: a browser that has been
/// taken over must not put a link where a node that runs as root is going to write.
/// </remarks>
internal sealed class RunDirectory
{
    /// <summary>The environment variable that marks each process of an attempt with its folder.</summary>
    public const string Variable = "RECORDER_RUN";

    /// <summary>The file that holds the number of the display's process.</summary>
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

    /// <summary>Two seconds in all; what resists longer is left to the next sweep.</summary>
    private const int RemovalTries = 40;

    private readonly Lock _lock = new();
    private readonly List<LaunchedProcess> _processes = [];
    private readonly Action<RunDirectory> _closed;
    private readonly SystemUser? _user;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _starting;
    private Task? _closing;

    /// <summary>Creates the folder.</summary>
    /// <param name="path">Its absolute path.</param>
    /// <param name="user">The unprivileged user; null: the node's own.</param>
    /// <param name="closed">Called when it has been closed.</param>
    public RunDirectory(string path, SystemUser? user, Action<RunDirectory> closed)
    {
        Path = path;
        _user = user;
        _closed = closed;
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Passable);
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>Logs the failure of a process in it: a warning, unless it is being closed, when failures are no
    /// news.</summary>
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

    /// <summary>The path of something in it.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The file that a process's output goes to.</summary>
    public string LogFileOf(ProcessRole role) => PathOf($"{ProcessSweep.NameOf(role)}.log");

    /// <summary>
    /// Creates a folder in it for the unprivileged user alone, and gives back its path; one that is there is left as it
    /// is.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="files">What is in it from the start.</param>
    /// <exception cref="ProcessStartException">The run directory is being closed.</exception>
    public string CreateFolder(string name, params ReadOnlySpan<RunFile> files)
    {
        // A browser that is started again while its attempt ends must not bring back what has been removed.
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

        // Last: before, nobody else can reach what is in it.
        Give(folder);
        return folder;
    }

    /// <summary>Writes a new file in it that the unprivileged user alone may read.</summary>
    /// <exception cref="ProcessStartException">The run directory is being closed.</exception>
    public void WriteFile(string name, byte[] content)
    {
        lock (_lock)
        {
            RefuseIfClosed();
            Write(PathOf(name), content);
        }
    }

    /// <summary>Starts a process that belongs to the folder from then on; closing the folder waits for it, and ends
    /// it.</summary>
    /// <param name="start">Starts it. An exception of it goes through.</param>
    /// <exception cref="ProcessStartException">The folder is closed, or was closed meanwhile.</exception>
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
    /// Ends every process and removes the folder; completes when nothing is left. Workers go first, since they finalise
    /// their record and still look at the display. May be called again, from anywhere.
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

        // A browser's helpers end after it, and may still write into its profile while that is removed.
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

    /// <summary>Removes a folder and what is in it; what resists is left to the next sweep.</summary>
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
            // A last write of a killed process races with the removal.
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

            // Whoever closes the folder waits for this start, and ends the process with the others.
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

    // The worker is of the node's group, and uses the display's cookie and the sound's socket.
    private void Give(string path)
    {
        if (_user is null)
        {
            return;
        }
        var made = File.GetUnixFileMode(path);
        var shared = made | (Directory.Exists(path) ? UnixFileMode.GroupExecute : UnixFileMode.GroupRead);
        // Only its owner may change the mode of what has been given away already.
        if (shared != made)
        {
            File.SetUnixFileMode(path, shared);
        }
        Posix.ChangeOwner(path, _user.Uid, Posix.EffectiveGroup());
    }
}
