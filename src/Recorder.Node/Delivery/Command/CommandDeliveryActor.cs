using System.Globalization;
using Akka.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Node.Processes;

namespace Recorder.Node.Delivery.Command;

/// <summary>
/// Delivers one record by running a command of the operator with the paths of the record and its manifest. The command
/// runs as the node's user, at a priority below every encoder. No shell interprets the arguments. Exit code 0 means
/// that the record is delivered.
/// </summary>
internal sealed class CommandDeliveryActor : ReceiveActor, IWithTimers
{
    /// <summary>The kind's name in journals and answers.</summary>
    public const string Kind = "command";

    /// <summary>The niceness of the command, equal to that of reading manifests. The command runs below the encoders,
    /// whose niceness is 5 unless configured otherwise.</summary>
    private const int Niceness = 10;

    /// <summary>How long looking at the disk, starting, or ending a command may take. A disk or a process that hangs in
    /// the kernel answers no signal, and the other deliveries of the node must not wait for it.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(1);

    private readonly ProcessLauncher _launcher;
    private readonly RunRoot _root;
    private readonly DeliveryCommand _command;
    private readonly RecordToDeliver _record;
    private readonly OutputTail _output = new();
    private RunDirectory? _run;
    private LaunchedProcess? _process;
    private readonly TimeSpan _silence;
    private DeliveryOutcome? _outcome;
    private bool _timedOut;

    /// <summary>Makes the actor; the delivery begins when the actor starts.</summary>
    public CommandDeliveryActor(
        ProcessLauncher launcher,
        RunRoot root,
        DeliveryCommand command,
        RecordToDeliver record,
        TimeSpan silence
    )
    {
        _silence = silence;
        _launcher = launcher;
        _root = root;
        _command = command;
        _record = record;
        Receive<Looked>(looked => OnLooked(looked.Refusal));
        Receive<Started>(started =>
        {
            Timers.Cancel(nameof(SilenceTooLong));
            _process = started.Process;
            _process.Exited.PipeTo(Self);
            Timers.StartSingleTimer(nameof(TimeLimitPassed), new TimeLimitPassed(), _command.TimeLimit);
        });
        Receive<TimeLimitPassed>(_ => OnTimeLimitPassed());
        Receive<SilenceTooLong>(_ => OnSilence());
        Receive<ProcessExit>(OnExit);
        Receive<Status.Failure>(failure =>
            Conclude(
                Failed(
                    null,
                    $"The delivery command {_command.Path} could not be started: {failure.Cause.GetBaseException().Message}"
                )
            )
        );
        Receive<Concluded>(concluded => Context.Parent.Tell(concluded.Outcome));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The props of one attempt.</summary>
    /// <param name="launcher">Starts the process.</param>
    /// <param name="root">The run root, in which the attempt gets a run directory.</param>
    /// <param name="command">The command.</param>
    /// <param name="record">The record.</param>
    /// <param name="silence">How long looking, starting and ending may take; null:
    /// <see cref="LongestSilence"/>.</param>
    public static Props PropsFor(
        ProcessLauncher launcher,
        RunRoot root,
        DeliveryCommand command,
        RecordToDeliver record,
        TimeSpan? silence = null
    )
    {
        var longest = silence ?? LongestSilence;
        return Props.Create(() => new CommandDeliveryActor(launcher, root, command, record, longest));
    }

    /// <summary>Describes the process of an attempt. Pure.</summary>
    /// <param name="command">The command.</param>
    /// <param name="record">The record to deliver.</param>
    /// <param name="output">Keeps the end of the command's output.</param>
    public static ProcessRequest Request(DeliveryCommand command, RecordToDeliver record, OutputTail output) =>
        new(ProcessRole.Tool, command.Path, [.. command.Arguments, record.Path, record.Manifest ?? ""])
        {
            Unprivileged = false,
            Niceness = Niceness,
            Tail = output,
            Environment = ProcessEnvironment.Command.AddRange([
                KeyValuePair.Create("RECORDER_SESSION", record.Session.Value.ToString(CultureInfo.InvariantCulture)),
                KeyValuePair.Create("RECORDER_RECORD", record.Path),
                KeyValuePair.Create("RECORDER_MANIFEST", record.Manifest ?? ""),
                KeyValuePair.Create("RECORDER_ATTEMPT", record.Attempt.ToString(CultureInfo.InvariantCulture)),
            ]),
        };

    /// <inheritdoc/>
    protected override void PreStart()
    {
        // A disk that hangs must not block a thread of the actors.
        var (command, record) = (_command.Path, _record.Path);
        AwaitWithin();
        Task.Run(() => new Looked(Look(command, record))).PipeTo(Self);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _ = _run?.CloseAsync();

    private static DeliveryOutcome.Failed? Look(string command, string record)
    {
        if (!File.Exists(record))
        {
            return new DeliveryOutcome.Failed(
                null,
                null,
                $"The record {record} was removed or moved away before it was delivered.",
                MayPass: false
            );
        }
        return CommandFile.Problem(command) is { } problem
            ? new DeliveryOutcome.Failed(null, null, problem, MayPass: true)
            : null;
    }

    private void OnLooked(DeliveryOutcome.Failed? refusal)
    {
        if (_outcome is not null)
        {
            return;
        }
        AwaitWithin();
        if (refusal is not null)
        {
            Conclude(refusal);
            return;
        }

        _run = _root.Create(_record.Session, "delivery");
        _launcher
            .StartAsync(Request(_command, _record, _output), _run)
            .PipeTo(Self, success: process => new Started(process));
    }

    private void OnTimeLimitPassed()
    {
        _timedOut = true;

        // The command gets SIGTERM first, so that it can abandon an upload in order. Its whole process group is killed
        // after the grace.
        _ = _process!.EndAsync();
        AwaitWithin();
    }

    private void OnExit(ProcessExit exit)
    {
        Timers.Cancel(nameof(TimeLimitPassed));
        var name = $"The delivery command {_command.Path}";
        Conclude(
            _timedOut
                ? Failed(
                    null,
                    $"{name} did not end within Delivery:CommandTimeout, {_command.TimeLimit.TotalSeconds:0.###} s, and was ended."
                )
            : exit.Code != 0 ? Failed(exit.Code, $"{name} {exit.Description}.")
            : new DeliveryOutcome.Delivered(0, _output.Text)
        );
    }

    private DeliveryOutcome.Failed Failed(int? exitCode, string message) =>
        new(exitCode, _output.Text, message, MayPass: true);

    private void AwaitWithin() =>
        Timers.StartSingleTimer(nameof(SilenceTooLong), new SilenceTooLong(), _silence);

    private void OnSilence()
    {
        _outcome ??= Failed(
            null,
            $"The delivery command {_command.Path} could not be {(_timedOut ? "ended" : "started")} within {_silence.TotalSeconds:0.###} s. Look at the disk: a mount whose server is away stops a command so."
        );
        Context.Parent.Tell(_outcome);
    }

    // The outcome is told when nothing of the attempt is left, so that the next attempt does not meet it.
    private void Conclude(DeliveryOutcome outcome)
    {
        if (_outcome is not null)
        {
            return;
        }
        _outcome = outcome;
        AwaitWithin();
        (_run?.CloseAsync() ?? Task.CompletedTask).PipeTo(
            Self,
            success: () => new Concluded(outcome),
            failure: _ => new Concluded(outcome)
        );
    }

    private sealed record Looked(DeliveryOutcome.Failed? Refusal);

    private sealed record Started(LaunchedProcess Process);

    private sealed record TimeLimitPassed;

    private sealed record SilenceTooLong;

    private sealed record Concluded(DeliveryOutcome Outcome);
}
