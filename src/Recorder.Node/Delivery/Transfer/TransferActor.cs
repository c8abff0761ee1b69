using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Node.Processes;

namespace Recorder.Node.Delivery.Transfer;

/// <summary>Makes one attempt to bring a record to a destination, in a process of its own
/// (<see cref="TransferProcess"/>) whose priority is below that of every encoder.</summary>
internal sealed class TransferActor : ReceiveActor
{
    /// <summary>How much longer than <see cref="DestinationOptions.Timeout"/> a process may tell nothing. The process
    /// needs a part of this time to start.</summary>
    public static readonly TimeSpan SilenceBeyondTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The niceness of the process. Encoders have 5 unless configured otherwise.</summary>
    private const int Niceness = 10;

    /// <summary>What stands as the last output of a delivery whose content nobody could compare. A delivery by PUT has
    /// no other output, and one with an output never lets the record go from its node.</summary>
    private const string Unconfirmed =
        "The destination took the record, and told no sum by which its content could be compared. The record stays on its node.";

    private readonly ProcessLauncher _launcher;
    private readonly RunRoot _root;
    private readonly RecordToDeliver _record;
    private readonly ImmutableArray<string> _commandLine;
    private readonly TransferRequest _request;
    private readonly TimeSpan _silence;
    private TransferReport? _report;
    private DeliveryOutcome? _outcome;
    private RunDirectory? _run;

    /// <summary>Makes the actor; the attempt begins when the actor starts.</summary>
    /// <param name="launcher">Starts the process.</param>
    /// <param name="root">The run root, in which the attempt gets a run directory.</param>
    /// <param name="record">The record.</param>
    /// <param name="commandLine">The command line of a transfer process.</param>
    /// <param name="request">What the process is told.</param>
    /// <param name="silence">How long the process may tell nothing. The process itself ends a transfer that stands
    /// still; only a process that hangs in the kernel, as on a mount whose server is away, is silent longer.</param>
    public TransferActor(
        ProcessLauncher launcher,
        RunRoot root,
        RecordToDeliver record,
        ImmutableArray<string> commandLine,
        TransferRequest request,
        TimeSpan silence
    )
    {
        (_launcher, _root, _record, _commandLine, _request) = (launcher, root, record, commandLine, request);
        _silence = silence;
        Receive<Started>(started =>
        {
            started.Process.Exited.PipeTo(Self);
            started
                .Process.WriteLineAsync(_request.ToLine())
                .PipeTo(Self, success: () => Told.Instance, failure: _ => Told.Instance);
        });
        Receive<Told>(_ => { });
        Receive<ReceiveTimeout>(_ => OnSilence());
        Receive<ProcessExit>(OnExit);
        Receive<Status.Failure>(failure =>
            Conclude(
                new DeliveryOutcome.Failed(
                    null,
                    null,
                    $"The transfer to {_request.Destination} could not be started: {failure.Cause.GetBaseException().Message}",
                    MayPass: true
                )
            )
        );
        Receive<StopSending>(_ =>
            Conclude(
                new DeliveryOutcome.Failed(null, null, "The record does not grow any more.", MayPass: true)
            )
        );
        Receive<GrowthReport>(part =>
            Context.Parent.Tell(
                new GrownPartSent(part.Key, part.UploadId, part.PartSize, part.Number, part.Tag)
            )
        );
        Receive<Concluded>(concluded => Context.Parent.Tell(concluded.Outcome));
    }

    /// <summary>The environment of transfer processes. A small budget of young objects keeps their memory small; they
    /// allocate little.</summary>
    public static ImmutableDictionary<string, string> Environment { get; } =
        ProcessEnvironment.Worker.SetItem("DOTNET_GCgen0size", "1000000").SetItem("DOTNET_TieredPGO", "0");

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        Context.SetReceiveTimeout(_silence);
        _run = _root.Create(_record.Session, "delivery");
        var process = new ProcessRequest(ProcessRole.Tool, _commandLine[0], _commandLine[1..])
        {
            Unprivileged = false,
            Niceness = Niceness,
            TakesInput = true,
            Environment = Environment,
            LongestOutputLine = 64 * 1024,
            OnOutput = line =>
            {
                var part = GrowthReport.Of(line);
                _report = part is null ? TransferReport.Of(line) ?? _report : _report;
                self.Tell(part ?? (object)Told.Instance, ActorRefs.NoSender);
            },
        };
        _launcher.StartAsync(process, _run).PipeTo(Self, success: started => new Started(started));
    }

    /// <inheritdoc/>
    protected override void PostStop() => _ = _run?.CloseAsync();

    private void OnExit(ProcessExit exit) =>
        Conclude(
            _report switch
            {
                { Problem: null } when exit.Code == 0 => new DeliveryOutcome.Delivered(
                    null,
                    _report.Unconfirmed ? Unconfirmed : null
                ),
                { Problem: { } problem } => new DeliveryOutcome.Failed(null, null, problem, _report.MayPass),
                _ => new DeliveryOutcome.Failed(
                    null,
                    null,
                    $"The process of the transfer to {_request.Destination} {exit.Description}; the attempt is made again.",
                    MayPass: true
                ),
            }
        );

    private void OnSilence()
    {
        if (_outcome is { } outcome)
        {
            // No signal ends a process that hangs in the kernel. The other deliveries of this node must not wait.
            Context.SetReceiveTimeout(null);
            Context.Parent.Tell(outcome);
            return;
        }
        Conclude(
            new DeliveryOutcome.Failed(
                null,
                null,
                $"The transfer to {_request.Destination} told nothing for {_silence.TotalSeconds:0.###} s, and the node ended the attempt. Look at the destination: a mount whose server is away stops a transfer so.",
                MayPass: true
            )
        );
    }

    // The outcome is told when nothing of the attempt is left, so that the next attempt does not meet it.
    private void Conclude(DeliveryOutcome outcome)
    {
        if (_outcome is not null)
        {
            return;
        }
        _outcome = outcome;
        (_run?.CloseAsync() ?? Task.CompletedTask).PipeTo(
            Self,
            success: () => new Concluded(outcome),
            failure: _ => new Concluded(outcome)
        );
    }

    private sealed record Started(LaunchedProcess Process);

    private sealed record Told
    {
        public static Told Instance { get; } = new();
    }

    private sealed record Concluded(DeliveryOutcome Outcome);
}
