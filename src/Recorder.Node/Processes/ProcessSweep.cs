using System.Globalization;
using System.Text;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Node.Processes;

/// <summary>A living process of this node, as /proc shows it.</summary>
/// <param name="Id">The process id.</param>
/// <param name="Run">The process's run directory.</param>
/// <param name="Role">The process's role, as <see cref="ProcessSweep.NameOf"/> writes it.</param>
internal sealed record MarkedProcess(int Id, string Run, string Role);

/// <summary>
/// Ends the processes and removes the run directories that an earlier life of this node left behind. Such a process
/// carries a run directory under this node's run root in its environment. The caller holds the lock of the run root, so
/// none of these processes can belong to a living node.
/// </summary>
internal sealed class ProcessSweep(RunRoot root, ProcessLauncher launcher, TimeProvider time, ILogger<ProcessSweep> log)
{
    /// <summary>The environment variable that holds the purpose of a process.</summary>
    public const string RoleVariable = "RECORDER_PROCESS";

    /// <summary>The text that precedes a path in the run directory on a command line, by role.</summary>
    private static readonly (string Before, ProcessRole Role)[] Places =
    [
        ("--user-data-dir=", ProcessRole.Browser),
        ("-auth\0", ProcessRole.Display),
        ("module-native-protocol-unix socket=", ProcessRole.Sound),
    ];

    /// <summary>How long a worker may take to finalise the record of the earlier life.</summary>
    private static readonly TimeSpan Finalising = TimeSpan.FromSeconds(10);

    /// <summary>How long a killed process may take to disappear.</summary>
    private static readonly TimeSpan Dying = TimeSpan.FromSeconds(5);

    /// <summary>The name of a role in the environment and in file names.</summary>
    public static string NameOf(ProcessRole role) =>
        role switch
        {
            ProcessRole.Display => "display",
            ProcessRole.Sound => "sound",
            ProcessRole.Browser => "browser",
            ProcessRole.Worker => "worker",
            _ => "tool",
        };

    /// <summary>Sweeps; completes when nothing of an earlier life is left.</summary>
    public async Task RunAsync()
    {
        var found = Find(root.Path);
        foreach (var process in found)
        {
            log.LogInformation(
                "Ending {Role} {Process} of an earlier life of this node ({Run}).",
                process.Role,
                process.Id,
                process.Run
            );
            Posix.Signal(process.Id, process.Role == NameOf(ProcessRole.Worker) ? Posix.Terminate : Posix.Kill);
        }

        await GoneAsync(found.Where(process => process.Role == NameOf(ProcessRole.Worker)), Finalising);
        var left = Find(root.Path);
        foreach (var process in left)
        {
            Posix.Signal(process.Id, Posix.Kill);
        }
        await GoneAsync(left, Dying);
        await RemoveSegmentsAsync();
        foreach (var folder in Directory.EnumerateDirectories(root.Path))
        {
            RunDirectory.Remove(folder);
        }
    }

    /// <summary>Sweeps a run root that an earlier version left behind, and removes the run root. A run root that a
    /// living node holds stays as it is.</summary>
    /// <param name="path">The run root; the caller has checked that the folder belongs to this user.</param>
    /// <param name="users">The browsers' users.</param>
    /// <param name="launcher">Starts the tools of the sweep.</param>
    /// <param name="time">The time.</param>
    /// <param name="log">The log of ended processes and removed folders.</param>
    public static async Task RemoveAsync(
        string path,
        BrowserUsers users,
        ProcessLauncher launcher,
        TimeProvider time,
        ILogger<ProcessSweep> log
    )
    {
        try
        {
            await using (var root = RunRoot.Open(path, users))
            {
                await new ProcessSweep(root, launcher, time, log).RunAsync();
            }
            RunDirectory.Remove(path);
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            log.LogWarning(
                "What an earlier version has left behind in {Path} stays there: {Reason}",
                path,
                error.Message
            );
        }
    }

    /// <summary>
    /// Removes the frame buffers of displays that died between making and marking their frame buffer. The removal runs
    /// as the displays' own user, because in a container not even root may remove another user's segment.
    /// </summary>
    private async Task RemoveSegmentsAsync()
    {
        var listing = await File.ReadAllTextAsync("/proc/sysvipc/shm");
        var left = Directory
            .EnumerateFiles(root.Path, RunDirectory.DisplayFile, SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .Where(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .SelectMany(text =>
                SharedSegments.LeftBy(int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture), listing)
            )
            .ToList();
        if (left.Count == 0)
        {
            return;
        }
        var run = root.Create(new SessionId(0), "sweep");
        foreach (var (id, owner) in left)
        {
            log.LogInformation("Removing the frame buffer {Id} of an earlier life of this node.", id);
            try
            {
                await ToolProcess.RunAsync(
                    launcher,
                    run,
                    "ipcrm",
                    ["-m", id.ToString(CultureInfo.InvariantCulture)],
                    user: root.Users.AreOthers && root.Users.Contains(owner) ? SystemUser.Numbered(owner, owner) : null
                );
            }
            catch (ProcessStartException error)
            {
                log.LogWarning("The frame buffer {Id} could not be removed: {Reason}", id, error.Message);
            }
        }

        await run.CloseAsync();
    }

    /// <summary>The living processes whose run directory is the given run root or a folder under it.</summary>
    public static IReadOnlyList<MarkedProcess> Find(string under)
    {
        var found = new List<MarkedProcess>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                !int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || id == Environment.ProcessId
            )
            {
                continue;
            }
            if (Marked(id, Read(folder, "environ"), Read(folder, "cmdline"), under) is { } marked)
            {
                found.Add(marked);
            }
        }

        return found;
    }

    /// <summary>
    /// Reads a process's mark out of its environment block; null when the process is not under the run root. A node
    /// that is not root may not read the environment of another user's process. Chromium also writes its process title
    /// over its own environment. Display, sound server and browser are therefore also recognised by the path in their
    /// command lines, which everybody may read.
    /// </summary>
    public static MarkedProcess? Marked(int id, string environment, string commandLine, string under)
    {
        var run = ValueOf(environment, RunDirectory.Variable);
        if (run is not null && (run == under || run.StartsWith(under + "/", StringComparison.Ordinal)))
        {
            return new MarkedProcess(id, run, ValueOf(environment, RoleVariable) ?? "");
        }
        foreach (var (before, role) in Places)
        {
            var place = commandLine.IndexOf($"{before}{under}/", StringComparison.Ordinal);
            if (place == 0 || (place > 0 && commandLine[place - 1] is '\0' or ' '))
            {
                return new MarkedProcess(
                    id,
                    $"{under}/{commandLine[(place + before.Length + under.Length + 1)..].Split('/', '\0', ' ')[0]}",
                    NameOf(role)
                );
            }
        }

        return null;
    }

    private static string? ValueOf(string environment, string name) =>
        environment
            .Split('\0')
            .FirstOrDefault(entry => entry.StartsWith(name + "=", StringComparison.Ordinal))
            ?[(name.Length + 1)..];

    private static string Read(string folder, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, file)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process has ended meanwhile or belongs to another user, so it is not one of ours.
            return "";
        }
    }

    private async Task GoneAsync(IEnumerable<MarkedProcess> processes, TimeSpan limit)
    {
        var waiting = processes.ToList();
        var since = time.GetTimestamp();
        while (waiting.Count > 0 && time.GetElapsedTime(since) < limit)
        {
            // These processes are not our children, so no signal reports their end.
            await Task.Delay(TimeSpan.FromMilliseconds(50), time);
            waiting.RemoveAll(process =>
                Marked(
                    process.Id,
                    Read($"/proc/{process.Id}", "environ"),
                    Read($"/proc/{process.Id}", "cmdline"),
                    root.Path
                )
                    is null
            );
        }
    }
}
