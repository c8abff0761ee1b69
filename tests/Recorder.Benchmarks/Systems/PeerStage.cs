using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Recorder.Benchmarks.Processes;
using Recorder.Harness;

namespace Recorder.Benchmarks.Systems;

/// <summary>The display, sound server and browser of one peer session. Disposing ends what was started, in reverse
/// order, by id.</summary>
/// <param name="folder">Where logs, sockets and the browser's profile go.</param>
internal sealed class PeerStage(string folder) : IAsyncDisposable
{
    /// <summary>The browser's account where the benchmark runs as root: Chromium's sandbox refuses root.</summary>
    private const string BrowserUser = "recorder";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly Stack<ChildProcess> _started = new();
    private readonly Dictionary<string, string> _environment = new()
    {
        ["HOME"] = folder,
        ["XDG_RUNTIME_DIR"] = folder,
    };

    /// <summary>Everything started here.</summary>
    public SessionProcesses Processes { get; } = new();

    /// <summary>Starts Xvfb on a free display.</summary>
    /// <returns>The display, such as <c>:7</c>.</returns>
    public async Task<string> StartDisplayAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        // -displayfd 1: it takes a free number and writes it to its standard output once it accepts clients.
        var display = Start("Xvfb", ["-displayfd", "1", .. arguments], "display.log");
        var name = ":" + await display.FirstLineAsync(StartLimit, cancellationToken);
        _environment["DISPLAY"] = name;
        return name;
    }

    /// <summary>Starts a PulseAudio daemon on a private socket with one sink, at the daemon's default rate (44.1 kHz),
    /// as both peers leave it.</summary>
    public async Task StartSoundAsync(string sinkModule, CancellationToken cancellationToken)
    {
        var socket = Path.Combine(folder, "pulse.socket");
        var sound = Start(
            "pulseaudio",
            [
                "-n",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--disallow-exit",
                "--use-pid-file=no",
                "-L",
                $"module-native-protocol-unix auth-anonymous=1 socket={socket}",
                "-L",
                sinkModule,
            ],
            "sound.log"
        );
        await sound.WaitForAsync("its socket", () => ConnectAsync(socket), StartLimit, cancellationToken);
        _environment["PULSE_SERVER"] = $"unix:{socket}";
    }

    /// <summary>Starts Chromium on the page and waits until the page says by its title that it plays.</summary>
    public async Task StartBrowserAsync(
        IReadOnlyList<string> arguments,
        bool sandbox,
        Uri page,
        CancellationToken cancellationToken
    )
    {
        var profile = Path.Combine(folder, "profile");
        Directory.CreateDirectory(profile);
        // Written by the browser's account, read by ours.
        File.SetUnixFileMode(profile, (UnixFileMode)0b111_111_111);
        var root = Environment.UserName == "root";
        var browser = Start(
            "chromium",
            [
                .. arguments,
                .. sandbox ? [] : new[] { "--no-sandbox" },
                $"--user-data-dir={profile}",
                "--remote-debugging-port=0",
                page.AbsoluteUri,
            ],
            "browser.log",
            root && sandbox ? BrowserUser : null,
            new() { ["HOME"] = profile, ["XDG_RUNTIME_DIR"] = profile }
        );
        using var http = new HttpClient();
        await browser.WaitForAsync(
            "a playing page",
            () => PlayingTitleAsync(http, profile, cancellationToken),
            StartLimit,
            cancellationToken
        );
    }

    /// <summary>
    /// Makes the browser's window as large as the display, which a window manager would do: without one Chromium stays
    /// a pixel smaller each way.
    /// </summary>
    public async Task FillDisplayAsync(RecordingFormat format, CancellationToken cancellationToken)
    {
        var size = new[] { format.Width, format.Height }.Select(side => side.ToString(CultureInfo.InvariantCulture));
        var tool = Start(
            "xdotool",
            ["search", "--sync", "--maxdepth", "1", "--onlyvisible", "--class", ".", "windowsize", "%@", .. size],
            "window.log"
        );
        await tool.WaitForEndAsync(StartLimit, cancellationToken);
    }

    /// <summary>Starts a further process of the session.</summary>
    public ChildProcess Start(
        string executable,
        IReadOnlyList<string> arguments,
        string logFile,
        string? user = null,
        Dictionary<string, string>? further = null
    )
    {
        var all = _environment.Concat(further ?? []).GroupBy(e => e.Key).ToDictionary(g => g.Key, g => g.Last().Value);
        var command = new ChildCommand(executable, arguments, Path.Combine(folder, logFile))
        {
            Environment = all,
            User = user,
        };
        var child = ChildProcess.Start(command, Processes);
        _started.Push(child);
        return child;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        var all = Processes.Current();
        while (_started.TryPop(out var child))
        {
            await child.DisposeAsync();
        }
        // What has left the tree, such as the crash handler; only processes that are still the same ones.
        foreach (var left in Processes.Current().IntersectBy(all.Select(p => p.Key), p => p.Key))
        {
            Signals.Send(left.Key.Id, Signals.Terminate);
        }
    }

    private static async Task<string?> ConnectAsync(string socket)
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await client.ConnectAsync(new UnixDomainSocketEndPoint(socket));
            return socket;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Asks the browser's debugging endpoint, which both peers have open too, without attaching to the
    /// page.</summary>
    private static async Task<string?> PlayingTitleAsync(
        HttpClient http,
        string profile,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var lines = await File.ReadAllLinesAsync(Path.Combine(profile, "DevToolsActivePort"), cancellationToken);
            if (lines.Length == 0)
            {
                return null;
            }
            var port = int.Parse(lines[0], CultureInfo.InvariantCulture);
            var targets = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/json/list"), cancellationToken);
            using var document = JsonDocument.Parse(targets);
            return document
                .RootElement.EnumerateArray()
                .Where(t => t.GetProperty("type").GetString() == "page")
                .Select(t => t.GetProperty("title").GetString())
                .FirstOrDefault(title => title == "playing");
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            return null;
        }
    }
}
