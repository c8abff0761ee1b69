using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;
using Recorder.Node.Processes;

namespace Recorder.Node.Sound;

/// <summary>
/// Owns the sound server of a session: one small PulseAudio daemon with a null sink on a private socket. Tells its
/// parent <see cref="SoundReady"/> once the server takes clients. Tells <see cref="PartFailed"/> when the server cannot
/// start or is gone. The run directory ends the process.
/// </summary>
internal sealed class SoundActor : ReceiveActor
{
    private const string Folder = "sound";
    private const string SettingsFile = "daemon.conf";

    /// <summary>
    /// The rate that the server gives its clients as its own, whatever rate its sinks have. The default is 44100, and a
    /// browser would then play at that rate. There is no argument for this setting; see pulse-daemon.conf(5).
    /// </summary>
    private const string Settings = "default-sample-rate = 48000\n";

    private static readonly TimeSpan Probe = TimeSpan.FromMilliseconds(10);

    private readonly ProcessLauncher _launcher;
    private readonly RunDirectory _run;
    private readonly TimeSpan _limit;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private LaunchedProcess? _server;

    /// <summary>Makes the actor; the server starts when the actor starts.</summary>
    public SoundActor(ProcessLauncher launcher, RunDirectory run, TimeSpan limit)
    {
        _launcher = launcher;
        _run = run;
        _limit = limit;
        Receive<LaunchedProcess>(process =>
        {
            _server = process;
            process.Exited.PipeTo(Self);
            AcceptsAsync(SocketOf(_run), _limit, process).PipeTo(Self);
        });
        Receive<Accepts>(_ => Context.Parent.Tell(new SoundReady("unix:" + SocketOf(_run))));
        Receive<Status.Failure>(failure => Fail($"{failure.Cause.Message} {_server?.LogTail}"));
        Receive<ProcessExit>(exit => Fail($"PulseAudio {exit.Description}. {exit.LogTail}"));
    }

    /// <inheritdoc/>
    protected override void PreStart() => StartAsync().PipeTo(Self);

    private async Task<LaunchedProcess> StartAsync()
    {
        var home = _run.CreateFolder(Folder, new RunFile(SettingsFile, Encoding.ASCII.GetBytes(Settings)));
        var request = new ProcessRequest(ProcessRole.Sound, "pulseaudio", Arguments(SocketOf(_run)))
        {
            Environment = ProcessEnvironment
                .Minimal.SetItem("HOME", home)
                .SetItem("XDG_RUNTIME_DIR", home)
                // The server closes its own folder to everybody else, so the socket lies beside that folder.
                .SetItem("PULSE_RUNTIME_PATH", Path.Combine(home, "own"))
                .SetItem("PULSE_CONFIG", Path.Combine(home, SettingsFile))
                // Without an address, the server would look for a session bus and find none.
                .SetItem("DBUS_SESSION_BUS_ADDRESS", "disabled:")
                .SetItem("DBUS_SYSTEM_BUS_ADDRESS", "disabled:"),
        };
        return await _launcher.StartAsync(request, _run);
    }

    /// <summary>The socket that a session's clients connect to.</summary>
    public static string SocketOf(RunDirectory run) => Path.Combine(run.PathOf(Folder), "sock");

    /// <summary>
    /// Arguments of PulseAudio: no default modules, no realtime. The sink has 48 kHz, which is the rate of the browser
    /// and of the recording, so nothing resamples.
    /// </summary>
    public static ImmutableArray<string> Arguments(string socket) =>
        [
            "-n",
            "--daemonize=no",
            "--use-pid-file=no",
            "--exit-idle-time=-1",
            "--disallow-exit=yes",
            "--realtime=no",
            "--high-priority=no",
            "--log-target=stderr",
            "-L",
            "module-null-sink sink_name=recorder rate=48000 channels=2 format=s16le",
            "-L",
            $"module-native-protocol-unix socket={socket} auth-anonymous=1 auth-cookie-enabled=0",
        ];

    private static async Task<Accepts> AcceptsAsync(string socket, TimeSpan limit, LaunchedProcess process)
    {
        using var limited = new CancellationTokenSource(limit);
        try
        {
            while (true)
            {
                using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await probe.ConnectAsync(new UnixDomainSocketEndPoint(socket), limited.Token);
                    return new Accepts();
                }
                catch (SocketException) when (!process.Exited.IsCompleted)
                {
                    await Task.Delay(Probe, limited.Token);
                }
            }
        }
        catch (OperationCanceledException error)
        {
            throw new TimeoutException($"PulseAudio did not take clients within {limit.TotalSeconds:0} s.", error);
        }
    }

    private void Fail(string message)
    {
        _run.LogFailure(_log, $"Sound of {_run.Path}: {message}");
        Context.Parent.Tell(new PartFailed(FaultCode.SoundFailed, "The sound server failed: " + message.Trim()));
        Context.Stop(Self);
    }

    private sealed record Accepts;
}
