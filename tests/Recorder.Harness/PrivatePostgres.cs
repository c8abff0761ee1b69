using System.Diagnostics;
using System.Globalization;
using Recorder.Harness.Nodes;

namespace Recorder.Harness;

/// <summary>
/// A PostgreSQL of the test's own: a new cluster of databases in a temporary folder, a free port, no socket. The server
/// can be frozen. It is then away like a database behind a broken network: connections stay open and nothing answers.
/// </summary>
internal sealed class PrivatePostgres : IAsyncDisposable
{
    /// <summary>PostgreSQL refuses to run as root; this user comes with Debian's package.</summary>
    public const string User = "postgres";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-pg-").FullName;
    private readonly string _host;
    private Process? _server;

    private PrivatePostgres(string host) => this._host = host;

    /// <summary>The server's port on the host that the server was started for.</summary>
    public int Port { get; } = LoopbackPort.Free();

    /// <summary>How a node reaches it.</summary>
    public string ConnectionString => ConnectionStringBy(Port);

    /// <summary>How a node reaches it by another port, such as a proxy's.</summary>
    public string ConnectionStringBy(int port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Host={_host};Port={port};Database=postgres;Username={User};Password=not-asked-for;SSL Mode=Disable"
        );

    private string Data => Path.Combine(_folder, "data");

    private string Log => Path.Combine(_folder, "server.log");

    /// <summary>Makes the databases and starts the server.</summary>
    /// <param name="host">The address of this machine it is reached by.</param>
    public static async Task<PrivatePostgres> StartAsync(string host = "127.0.0.1")
    {
        var database = new PrivatePostgres(host);
        try
        {
            await database.InitialiseAsync();
            // Nodes in namespaces come from private addresses that exist on this machine only.
            await File.AppendAllTextAsync(Path.Combine(database.Data, "pg_hba.conf"), "host all all samenet trust\n");
            await database.StartServerAsync();
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGSTOP to the server and its backends.</summary>
    public void Freeze()
    {
        foreach (var process in Family())
        {
            Signals.Send(process, Signals.Stop);
        }
    }

    /// <summary>SIGCONT to the server and its backends.</summary>
    public void Thaw()
    {
        foreach (var process in Family())
        {
            Signals.Send(process, Signals.Continue);
        }
    }

    /// <summary>SIGQUIT: the server ends at once, whoever is connected. The server's files recover at the next
    /// start.</summary>
    public async Task StopAsync()
    {
        Signals.Send(_server!.Id, Signals.Quit);
        await _server.WaitForExitAsync().WaitAsync(EndLimit);
        _server.Dispose();
        _server = null;
    }

    /// <summary>SIGKILL to the frozen server and its backends: whoever waits for them hears nothing but the end of the
    /// connection.</summary>
    public async Task StopFrozenAsync()
    {
        // All that was frozen, before the first of them is gone and the others are nobody's.
        var family = Family().ToList();
        foreach (var process in family)
        {
            Signals.Send(process, Signals.Kill);
        }
        await _server!.WaitForExitAsync().WaitAsync(EndLimit);
        _server.Dispose();
        _server = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { HasExited: false })
        {
            Thaw();
            await StopAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task InitialiseAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            await ToolRun.OutputOfAsync("chown", User, _folder);
        }
        var (program, arguments) = AsUser(
            "initdb",
            ["--pgdata", Data, "--username", User, "--auth", "trust", "--no-sync", "--no-locale", "--encoding", "UTF8"]
        );
        await ToolRun.OutputOfAsync(program, arguments);
    }

    /// <summary>Starts the server, for the first time or again after <see cref="StopAsync"/>, and waits until it
    /// accepts connections.</summary>
    public async Task StartServerAsync()
    {
        var (program, arguments) = AsUser("postgres", ["-D", Data]);
        var settings = new[]
        {
            $"listen_addresses={_host}",
            $"port={Port.ToString(CultureInfo.InvariantCulture)}",
            "unix_socket_directories=",
            "fsync=off",
            "max_connections=300",
        };
        var start = new ProcessStartInfo("/bin/sh");
        string[] shell =
        [
            "-c",
            "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null",
            "sh",
            Log,
            program,
            .. arguments,
            .. settings.SelectMany(setting => new[] { "-c", setting }),
        ];
        foreach (var argument in shell)
        {
            start.ArgumentList.Add(argument);
        }
        _server = Process.Start(start)!;
        await Eventually.BeAsync(
            $"PostgreSQL accepts connections on {_host}:{Port}",
            StartLimit,
            async () =>
            {
                if (_server.HasExited)
                {
                    throw new InvalidOperationException(
                        $"PostgreSQL ended with exit code {_server.ExitCode}: {await File.ReadAllTextAsync(Log)}"
                    );
                }
                return await AcceptsAsync();
            }
        );
    }

    private async Task<bool> AcceptsAsync() =>
        (
            await ToolRun.RunAsync(
                Tool("pg_isready"),
                "-h",
                _host,
                "-p",
                Port.ToString(CultureInfo.InvariantCulture),
                "-q"
            )
        ).ExitCode == 0;

    private static (string Program, string[] Arguments) AsUser(string tool, string[] arguments) =>
        Environment.IsPrivilegedProcess
            ? ("setpriv", ["--reuid", User, "--regid", User, "--init-groups", "--", Tool(tool), .. arguments])
            : (Tool(tool), arguments);

    /// <summary>Debian keeps the server's programs out of PATH, one folder for each version.</summary>
    private static string Tool(string name)
    {
        const string versions = "/usr/lib/postgresql";
        var newest = Directory.Exists(versions)
            ? Directory
                .EnumerateDirectories(versions)
                .Select(version => Path.Combine(version, "bin", name))
                .Where(File.Exists)
                .Order(StringComparer.Ordinal)
                .LastOrDefault()
            : null;
        return newest ?? name;
    }

    private IEnumerable<int> Family() =>
        [
            _server!.Id,
            .. NodeProcess.All().Where(process => process.Parent == _server.Id).Select(process => process.Id),
        ];
}
