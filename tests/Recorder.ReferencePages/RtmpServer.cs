using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Recorder.ReferencePages;

/// <summary>
/// A real RTMP server of a test's own: nginx with its RTMP module, in a folder of its own, on a port that stays the
/// same over restarts. The server takes any stream of the application <c>live</c> and writes received media into
/// <see cref="Received"/>. The server refuses each publish to <c>closed</c>, and knows no other application.
/// </summary>
public sealed partial class RtmpServer : IAsyncDisposable
{
    private const int Kill = 9;
    private const int Continue = 18;
    private const int Stop = 19;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-rtmp-").FullName;
    private Process? _process;

    private RtmpServer(int port) => Port = port;

    /// <summary>The port on the loopback address.</summary>
    public int Port { get; }

    /// <summary>The received media, a FLV file for each publish, the oldest first.</summary>
    public IReadOnlyList<string> Received => [.. Directory.GetFiles(_folder, "*.flv").Order(StringComparer.Ordinal)];

    /// <summary>The server's own log: each connect, publish and refusal.</summary>
    public string Log => File.Exists(LogPath) ? File.ReadAllText(LogPath) : "";

    private string LogPath => Path.Combine(_folder, "error.log");

    /// <summary>A server that takes connections.</summary>
    public static async Task<RtmpServer> StartAsync()
    {
        RtmpServer server = new(FreePort());
        await server.RestartAsync();
        return server;
    }

    /// <summary>The address of a stream.</summary>
    public string Address(string stream, string application = "live") =>
        string.Create(CultureInfo.InvariantCulture, $"rtmp://127.0.0.1:{Port}/{application}/{stream}");

    /// <summary>Starts the server again, on the same port, after <see cref="Die"/>.</summary>
    public async Task RestartAsync()
    {
        var configuration = Path.Combine(_folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration());
        ProcessStartInfo start = new("/usr/sbin/nginx") { RedirectStandardError = true };
        foreach (var argument in new[] { "-p", _folder, "-c", configuration, "-e", LogPath })
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;

        // Nobody reads it to the end; a full pipe would stop the server.
        _process.BeginErrorReadLine();
        await ListeningAsync();
    }

    /// <summary>Ends the server at once, as a crash would.</summary>
    public void Die()
    {
        if (_process is not { } process)
        {
            return;
        }

        _ = Signal(process.Id, Kill);
        process.WaitForExit();
        process.Dispose();
        _process = null;
    }

    /// <summary>Stops the server without closing anything. The kernel goes on taking connections and data for a
    /// while.</summary>
    public void Freeze() => _ = Signal(_process!.Id, Stop);

    /// <summary>Lets the server go on after <see cref="Freeze"/>.</summary>
    public void Thaw() => _ = Signal(_process!.Id, Continue);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Die();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    /// <summary>A TCP port of 127.0.0.1 that nobody has, below those that the kernel gives to clients: none of them
    /// takes it before or between its servers.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it; the next may be free.
            }
        }
    }

    private async Task ListeningAsync()
    {
        using CancellationTokenSource limit = new(Limit);
        while (true)
        {
            try
            {
                using TcpClient client = new();
                await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                return;
            }
            catch (SocketException) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(20);
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException)
            {
                throw new TimeoutException(
                    $"nginx did not take connections on port {Port} within {Limit.TotalSeconds:0} s. {Log}"
                );
            }
        }
    }

    // One process, so that a signal reaches the one that serves. The files carry the time in their names, so that they
    // sort.
    private string Configuration() =>
        $$"""
            daemon off;
            master_process off;
            pid {{_folder}}/nginx.pid;
            error_log {{LogPath}} info;
            load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
            events { worker_connections 128; }
            rtmp {
                server {
                    listen 127.0.0.1:{{Port.ToString(CultureInfo.InvariantCulture)}};
                    chunk_size 4096;
                    application live { live on; record all; record_path {{_folder}}; record_suffix -%s.flv; record_unique on; }
                    application closed { live on; deny publish all; }
                }
            }
            """;
}
