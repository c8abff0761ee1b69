using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Recorder.Benchmarks.Processes;
using Recorder.Harness;

namespace Recorder.Benchmarks.Systems;

/// <summary>One node of the product, <c>recorder run</c>, on free ports and with folders of its own. Disposing ends it
/// and its children.</summary>
internal sealed class ProductNode : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;
    private readonly DirectoryInfo _runRoot;

    private ProductNode(
        ChildProcess process,
        SessionProcesses processes,
        DirectoryInfo runRoot,
        Uri address,
        string recordsFolder
    ) =>
        (this._process, Processes, this._runRoot, Address, RecordsFolder) = (
            process,
            processes,
            runRoot,
            address,
            recordsFolder
        );

    /// <summary>The node, its sessions, and everything they have started.</summary>
    public SessionProcesses Processes { get; }

    /// <summary>Where the node answers HTTP.</summary>
    public Uri Address { get; }

    /// <summary>Where the node keeps records.</summary>
    public string RecordsFolder { get; }

    /// <summary>The node's own process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts a node and waits until it says that it is ready.</summary>
    public static Task<ProductNode> StartAsync(
        string buildOutput,
        string folder,
        CancellationToken cancellationToken
    ) => StartAsync(buildOutput, folder, connection: null, cancellationToken);

    /// <summary>Starts a node on a PostgreSQL, or on a database file of its own, and waits until it says that it is
    /// ready.</summary>
    public static Task<ProductNode> StartAsync(
        string buildOutput,
        string folder,
        string? connection,
        CancellationToken cancellationToken
    ) =>
        StartAsync(
            buildOutput,
            folder,
            connection is null ? (string[])[] : ["--database-connection-string", connection],
            cancellationToken
        );

    /// <summary>Starts a node with further options of the command line, and waits until it says that it is
    /// ready.</summary>
    public static async Task<ProductNode> StartAsync(
        string buildOutput,
        string folder,
        string[] options,
        CancellationToken cancellationToken
    )
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}/");
        var records = Path.Combine(folder, "records");
        var processes = new SessionProcesses();
        // Sockets are in it, and their paths are short: not below the run's own folder, whose path is anybody's.
        var runRoot = Directory.CreateTempSubdirectory("rb-");
        // The browser's account must be able to pass through.
        File.SetUnixFileMode(runRoot.FullName, (UnixFileMode)0b111_001_001);
        var command = new ChildCommand(
            Path.Combine(buildOutput, "recorder"),
            [
                "run",
                "--http-port",
                address.Port.ToString(CultureInfo.InvariantCulture),
                "--remoting-port",
                FreePort().ToString(CultureInfo.InvariantCulture),
                "--data",
                Path.Combine(folder, "data"),
                "--records",
                records,
                "--media-run-root",
                runRoot.FullName,
                // What is measured may fill the machine, and the next measurement begins at once.
                "--capacity-cpu-closed-above",
                "100",
                .. options,
            ],
            Path.Combine(folder, "node.log")
        )
        {
            // The pages are on this machine. An earlier build that does not know the option leaves a variable alone.
            Environment = new Dictionary<string, string> { ["RECORDER_NETWORK_ALLOW"] = "127.0.0.0/8" },
        };
        return await StartAsync(command, processes, runRoot, address, records, cancellationToken);
    }

    /// <summary>Starts a node whose media are played (<see cref="PlayedNodeCommand"/>).</summary>
    public static Task<ProductNode> StartPlayedAsync(
        string folder,
        string? connection,
        CancellationToken cancellationToken
    )
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}/");
        var command = new ChildCommand(
            Environment.ProcessPath!,
            [
                PlayedNodeCommand.Name,
                "--folder",
                folder,
                "--http-port",
                address.Port.ToString(CultureInfo.InvariantCulture),
                .. connection is null ? (string[])[] : ["--connection", connection],
            ],
            Path.Combine(folder, "node.log")
        );
        return StartAsync(
            command,
            new SessionProcesses(),
            Directory.CreateTempSubdirectory("rb-"),
            address,
            Path.Combine(folder, "records"),
            cancellationToken
        );
    }

    private static async Task<ProductNode> StartAsync(
        ChildCommand command,
        SessionProcesses processes,
        DirectoryInfo runRoot,
        Uri address,
        string records,
        CancellationToken cancellationToken
    )
    {
        var process = ChildProcess.Start(command, processes);
        try
        {
            using var http = new HttpClient { BaseAddress = address };
            await process.WaitForAsync(
                "readiness",
                () => ReadyAsync(http, cancellationToken),
                StartLimit,
                cancellationToken
            );
            return new ProductNode(process, processes, runRoot, address, records);
        }
        catch
        {
            await process.DisposeAsync();
            runRoot.Delete(recursive: true);
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        var all = Processes.Current();
        await _process.DisposeAsync();
        foreach (var left in Processes.Current().IntersectBy(all.Select(p => p.Key), p => p.Key))
        {
            Signals.Send(left.Key.Id, Signals.Terminate);
        }
        _runRoot.Delete(recursive: true);
    }

    private static async Task<object?> ReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode ? http : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
