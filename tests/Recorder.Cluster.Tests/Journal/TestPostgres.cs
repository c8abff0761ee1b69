using System.Diagnostics;
using System.Globalization;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Journal;

/// <summary>A PostgreSQL server of a test class's own, on a socket in a temporary folder and a free port, gone afterwards.</summary>
public sealed class TestPostgres : IAsyncLifetime
{
    private const string User = "postgres";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recorder-pg-");

    public int Port { get; } = LoopbackPort.Free();

    public async Task InitializeAsync()
    {
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", User, _folder.FullName);
        await RunAsServerAsync("initdb", "-D", Data, "-U", User, "--auth", "trust", "--no-sync", "--no-locale", "--encoding", "UTF8");
        var options = string.Create(CultureInfo.InvariantCulture, $"-p {Port} -k {_folder.FullName} -c listen_addresses=127.0.0.1 -c fsync=off");
        await RunAsServerAsync("pg_ctl", "-D", Data, "-l", Path.Join(_folder.FullName, "log"), "-o", options, "-w", "-t", "50", "start");
    }

    public async Task DisposeAsync()
    {
        await RunAsServerAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        _folder.Delete(recursive: true);
    }

    /// <summary>The connection string by a port: the server's own, or a proxy's.</summary>
    public static string ConnectionBy(int port, string user = User, string database = "postgres") =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username={user};Database={database};Timeout=15;Command Timeout=5");

    private string Data => Path.Join(_folder.FullName, "data");

    // The server refuses to run as root.
    private static Task RunAsServerAsync(string tool, params string[] arguments)
    {
        var program = Directory.EnumerateDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin/" + tool;
        return Environment.IsPrivilegedProcess
            ? RunAsync("setpriv", ["--reuid", User, "--regid", User, "--init-groups", "--", program, .. arguments])
            : RunAsync(program, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // Nothing is read from it: a server started by pg_ctl would keep the pipe open.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        foreach (var argument in (string[])["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync().WaitAsync(Limit);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with exit code {process.ExitCode}.");
    }
}
