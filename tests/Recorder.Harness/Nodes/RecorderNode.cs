using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Recorder.Harness.Nodes;

/// <summary>
/// One node as an operator runs it: the built executable, <c>recorder run</c>, with ports and folders of its own. The
/// node can be killed, asked to end and started again on the same folders. At the end of a test nothing of it may be
/// left running.
/// </summary>
internal sealed class RecorderNode : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    private readonly NodeFolder _folder = new();
    private readonly RecorderNodeSettings _settings;
    private readonly int _httpPort;
    private readonly int _remotingPort;
    private IReadOnlyList<string> _foreignFolders = [];
    private Process? _process;
    private bool _frozen;

    private RecorderNode(RecorderNodeSettings settings)
    {
        this._settings = settings;
        _httpPort = settings.HttpPort ?? LoopbackPort.Free();
        _remotingPort = settings.RemotingPort ?? LoopbackPort.Free();
        Address = new Uri($"http://{settings.Host}:{_httpPort}");
        Api = new RecorderApi(Address, settings.ApiKey);
        RecordsFolder = settings.RecordsFolder ?? _folder.Records;
        Processes = new NodeProcesses(_folder.Run);
    }

    /// <summary>The built executable.</summary>
    public static string Executable { get; } = FindExecutable();

    /// <summary>The executable of another build, which the node runs from its next start on; null: the built
    /// one.</summary>
    public string? Build { get; set; }

    /// <summary>Where the HTTP API listens.</summary>
    public Uri Address { get; }

    public RecorderApi Api { get; }

    public string RecordsFolder { get; }

    public NodeProcesses Processes { get; }

    /// <summary>The node as the farm knows it.</summary>
    public string Name =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"akka.tcp://recorder@{_settings.FarmHost ?? _settings.Host}:{_remotingPort}"
        );

    /// <summary>Whether the node runs sessions.</summary>
    public bool Records =>
        _settings.Farm is null || _settings.Farm.Roles.Contains("recorder", StringComparison.Ordinal);

    /// <summary>Whether the node answers HTTP for the farm.</summary>
    public bool Answers => _settings.Farm is null || _settings.Farm.Roles.Contains("edge", StringComparison.Ordinal);

    /// <summary>The node's own process number, null while it does not run.</summary>
    public int? ProcessId => _process is { HasExited: false } ? _process.Id : null;

    /// <summary>Starts a node on new folders and waits until it is ready.</summary>
    public static async Task<RecorderNode> StartAsync(RecorderNodeSettings settings)
    {
        var node = new RecorderNode(settings);
        try
        {
            await node.StartAsync();
            return node;
        }
        catch (Exception error)
        {
            var logs = node._folder.LogTails();
            await node.DisposeAsync();
            throw new InvalidOperationException($"{error.Message}\n{logs}", error);
        }
    }

    /// <summary>Starts the node, for the first time or again after its end, and waits until the node is
    /// ready.</summary>
    public async Task StartAsync()
    {
        Launch();
        await Eventually.BeAsync(
            $"the node answers {Address}health/ready with 200",
            _settings.ReadyLimit,
            async () =>
            {
                if (_process!.HasExited)
                {
                    throw new InvalidOperationException(
                        $"The node ended with exit code {_process.ExitCode} before it was ready."
                    );
                }
                return await Api.IsReadyAsync();
            }
        );
    }

    /// <summary>Runs another command of the executable, to its end.</summary>
    public static Task<ToolRun> RunAsync(params string[] arguments) => ToolRun.RunAsync(Executable, arguments);

    /// <summary>A node on new folders that has not been started.</summary>
    public static RecorderNode Create(RecorderNodeSettings settings) => new(settings);

    /// <summary>Other hosts' folders, which this node is not to see: where mounting is allowed they are empty to
    /// it.</summary>
    public void Hide(IEnumerable<string> folders) =>
        _foreignFolders = Environment.IsPrivilegedProcess ? [.. folders] : [];

    /// <summary>Starts the node, for the first time or again after its end, and waits for nothing.</summary>
    public void Launch()
    {
        Assert.Null(ProcessId);
        _process?.Dispose();
        // The shell gives way to the node, number and all. A log file instead of pipes: what a killed node leaves
        // behind cannot hold them open.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = _folder.Root };
        string[] inNamespace = _settings.NetworkNamespace is { } space ? ["nsenter", $"--net=/run/netns/{space}"] : [];
        const string hide =
            "until [ \"$1\" = -- ]; do mount -t tmpfs -o size=1m hidden \"$1\" || exit; shift; done; shift; exec \"$@\"";
        string[] withoutOthers =
            _foreignFolders.Count > 0
                ?
                [
                    "unshare",
                    "--mount",
                    "--propagation",
                    "private",
                    "/bin/sh",
                    "-c",
                    hide,
                    "sh",
                    .. _foreignFolders,
                    "--",
                ]
                : [];
        const string trust = "mount --bind \"$0\" /etc/ssl/certs/ca-certificates.crt && exec \"$@\"";
        string[] trusting = _settings.AuthoritiesFile is { } authorities
            ? ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", trust, authorities]
            : [];
        string[] shell =
        [
            "-c",
            "log=$0; exec \"$@\" >>\"$log\" 2>&1 </dev/null",
            _folder.Log,
            .. inNamespace,
            .. withoutOthers,
            .. trusting,
            .. _settings.Around,
            .. _settings.Command ?? [Build ?? Executable, "run"],
        ];
        foreach (var argument in shell)
        {
            start.ArgumentList.Add(argument);
        }
        foreach (
            var (name, value) in _settings.Environment(
                _httpPort,
                _remotingPort,
                _folder.Data,
                RecordsFolder,
                _folder.Run
            )
        )
        {
            start.Environment[name] = value;
        }
        _process = Process.Start(start)!;
    }

    /// <summary>SIGSTOP to the node's process alone: it neither hears nor says anything, and holds its ports.</summary>
    public DateTimeOffset Freeze()
    {
        _frozen = true;
        var at = TimeProvider.System.GetUtcNow();
        Signals.Send(_process!.Id, Signals.Stop);
        return at;
    }

    /// <summary>SIGCONT.</summary>
    public DateTimeOffset Thaw()
    {
        _frozen = false;
        var at = TimeProvider.System.GetUtcNow();
        Signals.Send(_process!.Id, Signals.Continue);
        return at;
    }

    /// <summary>Waits until the node's process has ended by itself.</summary>
    /// <returns>The node's exit code.</returns>
    public async Task<int> SeeEndAsync(TimeSpan limit)
    {
        Processes.Running(ProcessId);
        try
        {
            await _process!.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"The node {Name} was still running {limit.TotalSeconds:0} s after it should have ended. Its log ends: "
                    + string.Join(" | ", LogLines().TakeLast(8))
            );
        }

        return _process.ExitCode;
    }

    /// <summary>kill -9 of the node's process alone; completes when it is gone.</summary>
    /// <returns>When the signal was sent.</returns>
    public async Task<DateTimeOffset> KillAsync()
    {
        // Looked at before: afterwards its children have no parent to be known by.
        Processes.Running(ProcessId);
        var at = TimeProvider.System.GetUtcNow();
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(EndLimit);
        return at;
    }

    /// <summary>
    /// kill -9 of the node and of everything it runs, as when its control group runs out of memory: nothing has the
    /// time to react to the end of another. Completes when all of it is gone.
    /// </summary>
    /// <returns>When the first signal was sent.</returns>
    public async Task<DateTimeOffset> KillEverythingAsync()
    {
        var at = Freeze();
        foreach (var running in Processes.Running(ProcessId).OrderBy(running => running.Role != "worker"))
        {
            NodeProcesses.KillNow(running);
        }
        _frozen = false;
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(EndLimit);
        await SeeNoProcessAsync(EndLimit);
        return at;
    }

    /// <summary>SIGTERM; completes when the node has ended.</summary>
    /// <returns>The node's exit code.</returns>
    public Task<int> TerminateAsync(TimeSpan? limit = null)
    {
        Processes.Running(ProcessId);
        NodeProcesses.AskToEnd(NodeProcess.Read(_process!.Id)!);
        return SeeEndAsync(limit ?? EndLimit);
    }

    /// <summary>kill -9 of the one process of this role, such as the browser's main process.</summary>
    /// <returns>When the signal was sent.</returns>
    public DateTimeOffset Kill(string role)
    {
        var leaders = Processes.Running(ProcessId).Where(running => running.Role == role && running.IsLeader).ToList();
        Assert.True(leaders.Count == 1, $"There should be one {role}; there are: {Listed(leaders)}");
        var at = TimeProvider.System.GetUtcNow();
        NodeProcesses.KillNow(leaders[0]);
        return at;
    }

    /// <summary>The processes that sessions own now.</summary>
    public IReadOnlyList<NodeProcess> SessionProcesses()
    {
        var running = Processes.Running(ProcessId);
        return
        [
            .. running.Where(candidate =>
                candidate.Run is not null || candidate.CommandLine.Contains(_folder.Run, StringComparison.Ordinal)
            ),
        ];
    }

    /// <summary>What the node's own process has in memory (RSS), MB of 10^6 bytes.</summary>
    public double ResidentMegabytes()
    {
        var line = File.ReadLines($"/proc/{ProcessId}/status")
            .First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            * 1024
            / 1e6;
    }

    /// <summary>Waits until no session owns a process.</summary>
    public Task SeeNoSessionProcessAsync(TimeSpan limit) =>
        Eventually.BeAsync(
            "no process of a session is running",
            limit,
            () => SessionProcesses().Count == 0,
            () => Listed(SessionProcesses())
        );

    /// <summary>Waits until nothing of the node is running.</summary>
    public Task SeeNoProcessAsync(TimeSpan limit) =>
        Eventually.BeAsync(
            "nothing of the node is running",
            limit,
            () => Processes.Running(ProcessId).Count == 0,
            () => Listed(Processes.Running(ProcessId))
        );

    /// <summary>The node's log, of all its lives.</summary>
    public IReadOnlyList<string> LogLines() => _folder.LogLines();

    /// <summary>What there is to read when a test has failed.</summary>
    public string LogTails() => _folder.LogTails();

    /// <summary>Ends the node and everything of it.</summary>
    /// <exception cref="TimeoutException">Something went on running; it has been killed.</exception>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_frozen)
            {
                Thaw();
            }
            if (ProcessId is not null)
            {
                await TerminateAsync();
            }
            await SeeNoProcessAsync(TimeSpan.FromSeconds(10));
        }
        finally
        {
            if (ProcessId is not null)
            {
                await KillAsync();
            }
            foreach (var left in Processes.Running(null))
            {
                NodeProcesses.KillNow(left);
            }
            _process?.Dispose();
            Api.Dispose();
            _folder.Dispose();
        }
    }

    private static string Listed(IEnumerable<NodeProcess> processes) => string.Join("; ", processes.DefaultIfEmpty());

    private static string FindExecutable()
    {
        var executable = typeof(RecorderNode)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "RecorderExecutable")
            .Value!;
        Assert.True(File.Exists(executable), $"{executable} has not been built.");
        return executable;
    }
}
