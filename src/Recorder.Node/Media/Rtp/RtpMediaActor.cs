using Akka.Actor;
using Akka.Event;

using Recorder.Cluster.Sessions;
using Recorder.Node.Processes;

namespace Recorder.Node.Media.Rtp;

/// <summary>
/// The media child of an RTP session: carries out what <see cref="RtpMediaDecision"/> decides, over one worker. Its run directory owns the
/// worker's process, so that none survives it.
/// </summary>
internal sealed class RtpMediaActor : ReceiveActor
{
    private readonly SessionId _session;
    private readonly Func<RunDirectory, Props> _workerOf;
    private readonly RunRoot _root;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<RepairRecord> _repairs = new();
    private RtpMediaState _state;
    private RunDirectory? _run;
    private IActorRef _worker = ActorRefs.Nobody;
    private RepairRecord? _repairing;
    private string? _lastRepair;
    private int _number;

    /// <summary>Makes the actor; it does nothing before it is told to.</summary>
    public RtpMediaActor(SessionId session, RtpReach reach, Func<RunDirectory, Props> workerOf, RunRoot root, long minimumFreeBytes)
    {
        _session = session;
        _workerOf = workerOf;
        _root = root;
        _state = new RtpMediaState { Session = session, Reach = reach, MinimumFreeBytes = minimumFreeBytes };
        Receive<RepairRecord>(repair =>
        {
            _repairs.Enqueue(repair);
            RepairNext();
        });
        Receive<RepairActor.Repaired>(Repaired);
        Receive<BeginRecording>(begin =>
        {
            _run ??= _root.Create(_session, FormattableString.Invariant($"{begin.Attempt}"));
            Take(begin);
        });
        Receive<IMediaCommand>(Take);

        // A worker that has been replaced meanwhile is no news.
        Receive<WorkerGone>(Take, _ => Sender.Equals(_worker) || _worker.IsNobody());
        Receive<WorkerGone>(_ => { });
        Receive<IPartEvent>(Take);
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(error =>
    {
        var child = Sender;
        _log.Error(error, "A part of session {0} failed: {1}", _session, child.Path.Name);
        Self.Tell(new WorkerGone(error.Message), child);
        return Directive.Stop;
    });

    /// <inheritdoc/>
    protected override void PostStop() => _ = _run?.CloseAsync();

    private void Take(object input)
    {
        var step = RtpMediaDecision.Next(_state, input);
        _state = step.State;
        foreach (var effect in step.Effects)
            CarryOut(effect);
    }

    private void CarryOut(MediaEffect effect)
    {
        switch (effect)
        {
            case MediaEffect.CheckFolder check:
                RecordsFolder.CheckAsync(check.RecordPath, _state.MinimumFreeBytes).PipeTo(Self);
                break;
            case MediaEffect.StartWorker:
                _worker = Context.ActorOf(_workerOf(_run!), Next("worker"));
                break;
            case MediaEffect.Command command:
                _worker.Tell(command.ToWorker);
                break;
            case MediaEffect.Report report:
                Context.Parent.Tell(report.Event);
                break;
            case MediaEffect.EndEverything:
                Context.Stop(_worker);
                (_run?.CloseAsync() ?? Task.CompletedTask).PipeTo(Self, success: () => new EverythingEnded());
                break;
            case MediaEffect.RepairLast last:
                _lastRepair = last.RecordPath;
                _repairs.Enqueue(new RepairRecord(last.RecordPath, last.Container));
                RepairNext();
                break;
            default:
                throw new InvalidOperationException($"An RTP session has no {effect.GetType().Name}.");
        }
    }

    private void RepairNext()
    {
        if (_repairing is not null || !_repairs.TryDequeue(out var repair))
            return;
        _repairing = repair;
        var run = _root.Create(_session, "repair");
        var worker = _workerOf(run);
        Context.ActorOf(Props.Create(() => new RepairActor(run, worker, repair)), Next("repair"));
    }

    private void Repaired(RepairActor.Repaired repaired)
    {
        var isLast = _repairing?.RecordPath == _lastRepair;
        _repairing = null;
        if (isLast)
            Take(new LastRecordRepaired(repaired.Result));
        else
            Context.Parent.Tell(repaired.Result);
        RepairNext();
    }

    private string Next(string name) => FormattableString.Invariant($"{name}-{++_number}");
}
