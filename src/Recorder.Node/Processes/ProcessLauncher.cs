using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>
/// Starts every process of this node from one thread that lives as long as the node. The parent-death signal belongs to
/// the thread that created the child (prctl(2), PR_SET_PDEATHSIG). A child started from a pool thread would die when
/// the pool retires that thread.
/// </summary>
internal sealed class ProcessLauncher : IDisposable
{
    /// <summary>A constant script. The program and its arguments are the shell's parameters, and the shell passes them
    /// on without interpreting them.</summary>
    private const string MoveToPipes = """exec "$0" "$@" 3<&0 4>&1 </dev/null >&2""";

    /// <summary>Puts the process into its control group before anything of the program runs, so that no child of the
    /// program is outside.</summary>
    private const string JoinGroup = """echo $$ >"$0" && exec "$@" """;

    private readonly BlockingCollection<Action> _requests = [];
    private readonly SystemUser? _user;
    private readonly TimeProvider _time;

    /// <summary>Makes a launcher. Unprivileged processes run as the user of their run directory.</summary>
    /// <param name="user">A user that the node may become; null: the node becomes no other user.</param>
    /// <param name="time">The time.</param>
    public ProcessLauncher(SystemUser? user, TimeProvider time)
    {
        _user = user;
        _time = time;
        var thread = new Thread(Run) { IsBackground = true, Name = "process launcher" };
        thread.Start();
    }

    /// <summary>Starts a process inside a run directory, which owns the process from then on.</summary>
    /// <exception cref="ProcessStartException">The program is missing, or the run directory is being
    /// closed.</exception>
    public Task<LaunchedProcess> StartAsync(ProcessRequest request, RunDirectory run)
    {
        var started = new TaskCompletionSource<LaunchedProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _requests.Add(() =>
            {
                try
                {
                    started.SetResult(run.Start(() => Start(request, run)));
                }
                catch (ProcessStartException error)
                {
                    started.SetException(error);
                }
                catch (Exception error)
                    when (error
                            is Win32Exception
                                or IOException
                                or UnauthorizedAccessException
                                or InvalidOperationException
                    )
                {
                    started.SetException(
                        new ProcessStartException($"'{request.Program}' could not be started: {error.Message}", error)
                    );
                }
            });
        }
        catch (InvalidOperationException error)
        {
            started.SetException(new ProcessStartException("The node is stopping.", error));
        }

        return started.Task;
    }

    /// <summary>Keeps a display's frame buffer from all but its owner and the node's group.</summary>
    /// <param name="segment">The frame buffer's id.</param>
    /// <param name="owner">The display's user; null: the node's own.</param>
    /// <exception cref="IOException">The system refused.</exception>
    public async Task NarrowAsync(int segment, SystemUser? owner)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Add(() =>
        {
            try
            {
                SegmentGuard.Narrow(segment, owner);
                done.SetResult();
            }
            catch (IOException error)
            {
                done.SetException(error);
            }
        });
        await done.Task;
    }

    /// <summary>
    /// The command line with its wrappers in front of the program: control group, own session and process
    /// group, the order in which the kernel ends processes, no core files, parent-death signal, user, niceness.
    /// Each wrapper replaces itself by the next, so the process id stays. The signal is set after the change of
    /// user, because that change would clear the signal.
    /// </summary>
    /// <remarks>.NET gives a child exactly three descriptors. A process that is spoken with by pipes expects two of
    /// them at other numbers, so a shell moves them there.</remarks>
    public static ImmutableArray<string> CommandLine(
        ProcessRequest request,
        SystemUser? user,
        int nodePriority,
        BrowserGroup? group = null
    )
    {
        var line = ImmutableArray.CreateBuilder<string>();
        if (group is not null)
        {
            line.AddRange(ProgramPath.Resolve("sh"), "-c", JoinGroup, group.Members);
        }
        line.Add(ProgramPath.Resolve("setsid"));
        if (MemoryPriority.Of(request.Role, nodePriority) is { } priority)
        {
            line.AddRange(
                ProgramPath.Resolve("choom"),
                "-n",
                priority.ToString(CultureInfo.InvariantCulture),
                "--"
            );
        }
        if (request.Role != ProcessRole.Worker)
        {
            // The memory of a browser is somebody's meeting, and belongs into no file.
            line.AddRange(ProgramPath.Resolve("prlimit"), "--core=0");
        }

        var privileges = PrivilegesOf(request, user);
        if (privileges.Length > 0)
        {
            line.Add(ProgramPath.Resolve("setpriv"));
            line.AddRange(privileges);
        }

        if (request.Niceness != 0)
        {
            line.AddRange(ProgramPath.Resolve("nice"), "-n", request.Niceness.ToString(CultureInfo.InvariantCulture));
        }
        if (request.SpokenWithByPipes)
        {
            line.AddRange(ProgramPath.Resolve("sh"), "-c", MoveToPipes);
        }
        line.Add(ProgramPath.Resolve(request.Program));
        line.AddRange(request.Arguments);
        return line.ToImmutable();
    }

    /// <inheritdoc/>
    public void Dispose() => _requests.CompleteAdding();

    private static ImmutableArray<string> PrivilegesOf(ProcessRequest request, SystemUser? user)
    {
        var options = ImmutableArray.CreateBuilder<string>();
        if (request.Unprivileged && user is not null)
        {
            options.Add(string.Create(CultureInfo.InvariantCulture, $"--reuid={user.Uid}"));
            options.Add(string.Create(CultureInfo.InvariantCulture, $"--regid={user.Gid}"));
            options.Add(user.IsKnown ? "--init-groups" : "--clear-groups");
        }

        // The node's root rights are for the node alone, even when the node itself does not run as root.
        if (user is not null)
        {
            options.AddRange("--inh-caps=-all", "--ambient-caps=-all");
        }

        if (request.WithoutRights)
        {
            // Root gets all rights of its bounding set again with each program.
            options.Add("--bounding-set=-all");
        }

        // A worker reads what peers send, and needs no right that a program could give to it.
        if (request.Role == ProcessRole.Worker)
        {
            options.Add("--no-new-privs");
        }

        if (request.DiesWithNode)
        {
            options.Add("--pdeathsig=KILL");
        }
        return options.ToImmutable();
    }

    private LaunchedProcess Start(ProcessRequest request, RunDirectory run)
    {
        var user = request.As ?? (request.Unprivileged ? run.User : _user);
        if (request.Role == ProcessRole.Display && user is { IsKnown: false })
        {
            // What a display makes belongs to its creator's group for good, and the sessions share theirs.
            user = user with { Gid = user.Uid };
        }
        var group = request.Role == ProcessRole.Browser ? run.MakeGroup() : null;
        var line = CommandLine(request, user, MemoryPriority.OfNode(), group);
        var start = new ProcessStartInfo(line[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = run.Path,
        };
        foreach (var argument in line[1..])
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment.Clear();
        foreach (var (name, value) in request.Environment)
        {
            start.Environment[name] = value;
        }
        start.Environment[RunDirectory.Variable] = run.Path;
        start.Environment[ProcessSweep.RoleVariable] = ProcessSweep.NameOf(request.Role);

        var log = new ProcessLog(run.LogFileOf(request.Role));
        var process =
            Process.Start(start) ?? throw new ProcessStartException($"'{request.Program}' could not be started.");
        if (request.Role != ProcessRole.Worker && !request.TakesInput && !request.SpokenWithByPipes)
        {
            process.StandardInput.Close();
        }
        return new LaunchedProcess(process, request, log, _time);
    }

    private void Run()
    {
        foreach (var request in _requests.GetConsumingEnumerable())
        {
            request();
        }
    }
}
