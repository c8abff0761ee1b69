using System.Text.Json;
using Akka.Actor;
using Akka.Event;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Workers;

/// <summary>
/// Owns a worker's process. Takes <see cref="WorkerCommand"/>s, even before the process is up. Tells its parent each
/// event as <see cref="WorkerSaid"/> and the end as <see cref="WorkerGone"/>. A worker that is silent for too long is
/// killed.
/// </summary>
internal sealed class WorkerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AliveInterval = TimeSpan.FromSeconds(1);

    private readonly ProcessLauncher _launcher;
    private readonly RunDirectory _run;
    private readonly MediaOptions _options;
    private readonly NodeSilence _silence;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<WorkerCommand> _waiting = new();
    private LaunchedProcess? _process;
    private bool _finishing;
    private string _killed = "";

    /// <summary>Makes the actor; the process starts when the actor starts.</summary>
    public WorkerActor(
        ProcessLauncher launcher,
        RunDirectory run,
        MediaOptions options,
        NodeSilence silence,
        TimeProvider time
    )
    {
        _launcher = launcher;
        _run = run;
        _options = options;
        _silence = silence;
        _time = time;
        Receive<LaunchedProcess>(Started);
        Receive<WorkerCommand>(Send);
        Receive<Line>(Hear);
        Receive<Sent>(_ => { });
        Receive<AliveDue>(_ => SayAlive());
        Receive<Silence>(silence => Kill(silence.Limit));
        Receive<ProcessExit>(exit =>
            Gone(_killed.Length > 0 ? _killed : $"The worker {exit.Description}. {exit.LogTail}")
        );
        Receive<Status.Failure>(failure => Gone(failure.Cause.Message));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        var line = WorkerExecutable.CommandLine(_options.WorkerCommand);
        var request = new ProcessRequest(ProcessRole.Worker, line[0], line[1..])
        {
            Environment = WorkerExecutable
                .Environment.SetItem("XAUTHORITY", _run.PathOf("xauthority"))
                .SetItem(FileMask.Variable, _options.RecordsReadableBy.ToString()),
            Unprivileged = false,
            WithoutRights = NeedsNoRights(_options.RecordsFolder),
            DiesWithNode = false,
            Niceness = _options.WorkerNiceness,
            Grace = Grace,
            OnOutput = text => self.Tell(new Line(text), ActorRefs.NoSender),
            LongestOutputLine = WorkerProtocol.LongestLine,
        };
        _launcher.StartAsync(request, _run).PipeTo(Self);
    }

    /// <summary>Whether a worker of a node that is root writes its records without root's rights: in a folder of
    /// root's own. A folder of somebody else takes a file of root only by such a right.</summary>
    private static bool NeedsNoRights(string recordsFolder) =>
        Posix.EffectiveUser() == 0
        && Capabilities.MayTakeRights(File.ReadAllText("/proc/self/status"))
        && Directory.Exists(recordsFolder)
        && Posix.OwnershipOf(recordsFolder).User == 0;

    private void Started(LaunchedProcess process)
    {
        _process = process;
        process.Exited.PipeTo(Self);
        SayAlive();
        while (_waiting.TryDequeue(out var command))
        {
            Send(command);
        }
    }

    private void SayAlive()
    {
        if (_silence.Limit is not { } limit)
        {
            return;
        }
        Write(new WorkerCommand.Alive(limit.TotalSeconds));
        Timers.StartSingleTimer(nameof(AliveDue), new AliveDue(), AliveInterval);
    }

    private void Send(WorkerCommand command)
    {
        if (_process is null)
        {
            _waiting.Enqueue(command);
            return;
        }

        _finishing |= command is WorkerCommand.Finish or WorkerCommand.Repair or WorkerCommand.Keep;
        if (WorkerLimits.After(command, _options) is { } limit)
        {
            Limit(limit);
        }
        Write(command);
    }

    // A broken pipe is not reported separately, because the exit of the process follows.
    private void Write(WorkerCommand command) =>
        _process!
            .WriteLineAsync(WorkerProtocol.Serialize(command))
            .PipeTo(Self, success: () => Sent.Instance, failure: _ => Sent.Instance);

    private void Hear(Line line)
    {
        WorkerEvent said;
        try
        {
            said = WorkerProtocol.ParseEvent(line.Text);
        }
        catch (JsonException error)
        {
            _log.Warning("Worker of {0} said what is no event: {1}", _run.Path, error.Message);
            return;
        }

        if (WorkerLimits.After(said, _finishing, _options) is { } limit)
        {
            Limit(limit);
        }
        Context.Parent.Tell(new WorkerSaid(said, _time.GetUtcNow()));
    }

    private void Limit(TimeSpan limit)
    {
        if (limit == Timeout.InfiniteTimeSpan)
        {
            Timers.Cancel(nameof(Silence));
        }
        else
        {
            Timers.StartSingleTimer(nameof(Silence), new Silence(limit), limit);
        }
    }

    private void Kill(TimeSpan limit)
    {
        _killed = FormattableString
            .Invariant($"The worker said nothing for {limit.TotalSeconds:0.#} s and was killed. {_process?.LogTail}")
            .Trim();
        _log.Warning("{0} ({1})", _killed, _run.Path);
        _process?.Kill();
    }

    private void Gone(string message)
    {
        Context.Parent.Tell(new WorkerGone(message.Trim()));
        Context.Stop(Self);
    }

    private sealed record Line(string Text);

    private sealed record Silence(TimeSpan Limit);

    private sealed record AliveDue;

    private sealed record Sent
    {
        public static Sent Instance { get; } = new();
    }
}
