using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Recorder.ReferencePages;

/// <summary>
/// A real SRT peer of a test's own: GStreamer's <c>srtsrc</c> in a process, which writes what it receives into a file.
/// As a listener, the peer waits on a port that stays the same over restarts, and each start has a file of its own. As
/// a viewer, the peer calls.
/// </summary>
public sealed partial class SrtReceiver : IAsyncDisposable
{
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Continue = 18;
    private const int Stop = 19;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-srt-").FullName;
    private readonly string _mode;
    private readonly string? _passphrase;
    private readonly List<string> _received = [];
    private Process? _process;

    private SrtReceiver(string mode, int port, string? passphrase)
    {
        _mode = mode;
        Port = port;
        _passphrase = passphrase;
    }

    /// <summary>The port on the loopback address.</summary>
    public int Port { get; }

    /// <summary>The received media, a transport stream for each start, the oldest first; those that received nothing
    /// are left out.</summary>
    public IReadOnlyList<string> Received =>
        [.. _received.Where(file => File.Exists(file) && new FileInfo(file).Length > 0)];

    /// <summary>Bytes of the newest file.</summary>
    public long Bytes => File.Exists(_received[^1]) ? new FileInfo(_received[^1]).Length : 0;

    /// <summary>The address for a target that calls it.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"srt://127.0.0.1:{Port}");

    /// <summary>A receiver that waits for a caller.</summary>
    public static async Task<SrtReceiver> ListenAsync(string? passphrase = null)
    {
        SrtReceiver receiver = new("listener", FreePort(), passphrase);
        await receiver.RestartAsync();
        return receiver;
    }

    /// <summary>A viewer that calls a port of the loopback address.</summary>
    public static SrtReceiver Call(int port, string? passphrase = null)
    {
        SrtReceiver viewer = new("caller", port, passphrase);
        viewer.Start();
        return viewer;
    }

    /// <summary>Starts the peer again, on the same port, after <see cref="Die"/>. Returns when the port is
    /// bound.</summary>
    public async Task RestartAsync()
    {
        Start();
        using CancellationTokenSource limit = new(Limit);
        while (!IsBound(Port))
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"srtsrc did not bind port {Port} within {Limit.TotalSeconds:0} s.");
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Waits until the newest file has so many bytes.</summary>
    public async Task ReceiveAsync(long bytes)
    {
        using CancellationTokenSource limit = new(Limit);
        while (Bytes < bytes)
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"{bytes} bytes were not received within {Limit.TotalSeconds:0} s, but {Bytes}."
                );
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Ends the peer at once, as a crash would.</summary>
    public void Die() => End(Kill);

    /// <summary>Ends the peer with a good-bye to the sender.</summary>
    public void Leave() => End(Interrupt);

    /// <summary>Stops the peer without closing anything.</summary>
    public void Freeze() => _ = Signal(_process!.Id, Stop);

    /// <summary>Lets the peer go on after <see cref="Freeze"/>.</summary>
    public void Thaw() => _ = Signal(_process!.Id, Continue);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Die();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A UDP port of 127.0.0.1 that nobody has, below those that the kernel gives to clients.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            if (!IsBound(port))
            {
                return port;
            }
        }
    }

    /// <summary>Whether somebody has this UDP port of the loopback or of every address.</summary>
    public static bool IsBound(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    private void Start()
    {
        var file = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_received.Count:D3}.ts"));
        _received.Add(file);
        ProcessStartInfo start = new("gst-launch-1.0") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in new[] { "-q", "-e", "srtsrc", $"uri={Address}?mode={_mode}" })
        {
            start.ArgumentList.Add(argument);
        }

        if (_passphrase is not null)
        {
            start.ArgumentList.Add($"passphrase={_passphrase}");
        }

        foreach (var argument in new[] { "!", "filesink", $"location={file}", "buffer-mode=unbuffered" })
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;

        // Nobody reads it to the end; a full pipe would stop it.
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    private void End(int signal)
    {
        if (_process is not { } process)
        {
            return;
        }

        // A frozen process hears of nothing but this signal.
        _ = Signal(process.Id, signal);
        if (!process.WaitForExit(Limit))
        {
            _ = Signal(process.Id, Kill);
            process.WaitForExit();
        }

        process.Dispose();
        _process = null;
    }
}
