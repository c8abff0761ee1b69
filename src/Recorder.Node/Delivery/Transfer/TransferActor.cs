using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Node.Processes;

namespace Recorder.Node.Delivery.Transfer;

/// <summary>Makes one attempt to bring a record to a destination, in a process of its own
/// (<see cref="TransferProcess"/>) whose priority is below that of every encoder.</summary>
internal sealed class TransferActor : ReceiveActor
{
    /// <summary>The niceness of the process. Encoders have 5 unless configured otherwise.</summary>
    private const int Niceness = 10;

    private readonly ProcessLauncher _launcher;
    private readonly RunRoot _root;
    private readonly RecordToDeliver _record;
    private readonly ImmutableArray<string> _commandLine;
    private readonly TransferRequest _request;
    private TransferReport? _report;
    private RunDirectory? _run;

    /// <summary>Makes the actor; the attempt begins when the actor starts.</summary>
    public TransferActor(
        ProcessLauncher launcher,
        RunRoot root,
        RecordToDeliver record,
        ImmutableArray<string> commandLine,
        TransferRequest request
    )
    {
        (_launcher, _root, _record, _commandLine, _request) = (launcher, root, record, commandLine, request);
        Receive<Started>(started =>
        {
            started.Process.Exited.PipeTo(Self);
            started
                .Process.WriteLineAsync(_request.ToLine())
                .PipeTo(Self, success: () => Told.Instance, failure: _ => Told.Instance);
        });
        Receive<Told>(_ => { });
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
        Receive<Concluded>(concluded => Context.Parent.Tell(concluded.Outcome));
    }

    /// <summary>The environment of transfer processes. A small budget of young objects keeps their memory small; they
    /// allocate little.</summary>
    public static ImmutableDictionary<string, string> Environment { get; } =
        ProcessEnvironment.Worker.SetItem("DOTNET_GCgen0size", "1000000").SetItem("DOTNET_TieredPGO", "0");

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _run = _root.Create(_record.Session, "delivery");
        var process = new ProcessRequest(ProcessRole.Tool, _commandLine[0], _commandLine[1..])
        {
            Unprivileged = false,
            Niceness = Niceness,
            TakesInput = true,
            Environment = Environment,
            LongestOutputLine = 64 * 1024,
            OnOutput = line => _report = TransferReport.Of(line) ?? _report,
        };
        _launcher.StartAsync(process, _run).PipeTo(Self, success: started => new Started(started));
    }

    /// <inheritdoc/>
    protected override void PostStop() => _ = _run?.CloseAsync();

    private void OnExit(ProcessExit exit) =>
        Conclude(
            _report switch
            {
                { Problem: null } when exit.Code == 0 => new DeliveryOutcome.Delivered(null, null),
                { Problem: { } problem } => new DeliveryOutcome.Failed(null, null, problem, _report.MayPass),
                _ => new DeliveryOutcome.Failed(
                    null,
                    null,
                    $"The process of the transfer to {_request.Destination} {exit.Description}; the attempt is made again.",
                    MayPass: true
                ),
            }
        );

    // The outcome is told when nothing of the attempt is left, so that the next attempt does not meet it.
    private void Conclude(DeliveryOutcome outcome) =>
        (_run?.CloseAsync() ?? Task.CompletedTask).PipeTo(
            Self,
            success: () => new Concluded(outcome),
            failure: _ => new Concluded(outcome)
        );

    private sealed record Started(LaunchedProcess Process);

    private sealed record Told
    {
        public static Told Instance { get; } = new();
    }

    private sealed record Concluded(DeliveryOutcome Outcome);
}
