using System.Diagnostics;

using Akka.Actor;
using Akka.Event;

using Recorder.Cluster.Sessions;
using Recorder.Node.Pipelines;
using Recorder.Node.Processes;

namespace Recorder.Node.Media;

/// <summary>
/// The media child of a session: carries out what <see cref="MediaDecision"/> decides, over a display, a sound server, a browser and
/// a worker. Its run directory owns their processes, so that none survives it.
/// </summary>
internal sealed class MediaActor : ReceiveActor
{
    private readonly SessionId _session;
    private readonly IMediaChildren _children;
    private readonly RunRoot _root;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<RepairRecord> _repairs = new();
    private MediaState _state;
    private RunDirectory? _run;
    private IActorRef _worker = ActorRefs.Nobody;
    private RepairRecord? _repairing;
    private string? _lastRepair;
    private long _began;
    private int _number;

    /// <summary>Makes the actor; it does nothing before it is told to.</summary>
    public MediaActor(SessionId session, IMediaChildren children, RunRoot root, long minimumFreeBytes)
    {
        _session = session;
        _children = children;
        _root = root;
        _state = MediaState.Initial with { Session = session, MinimumFreeBytes = minimumFreeBytes };
        Receive<RepairRecord>(repair =>
        {
            _repairs.Enqueue(repair);
            RepairNext();
        });
        Receive<RepairActor.Repaired>(Repaired);
        Receive<BeginRecording>(begin =>
        {
            if (_state.Phase == MediaPhase.Idle)
            {
                _began = Stopwatch.GetTimestamp();
                _run = _root.Create(_session, FormattableString.Invariant($"{begin.Attempt}"));
            }

            Take(begin);
        });
        Receive<IMediaCommand>(Take);
        Receive<WorkerGone>(gone =>
        {
            // A worker that has been replaced meanwhile is no news.
            if (Sender.Equals(_worker) || _worker.IsNobody())
                Take(gone);
        });
        Receive<IPartEvent>(Take);
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(error =>
    {
        // A part that has a fault of its own is not started again by itself: its process may still live.
        var child = Sender;
        _log.Error(error, "A part of session {0} failed: {1}", _session, child.Path.Name);
        Self.Tell(child.Equals(_worker) ? new WorkerGone(error.Message) : new PartFailed(FaultOf(child.Path.Name), error.Message), child);
        return Directive.Stop;
    });

    /// <inheritdoc/>
    protected override void PostStop() => _ = _run?.CloseAsync();

    private static string FaultOf(string child) => child switch
    {
        "display" => FaultCode.DisplayFailed,
        "sound" => FaultCode.SoundFailed,
        "browser" => FaultCode.BrowserFailed,
        _ => FaultCode.PipelineFailed,
    };

    private void Take(object input)
    {
        var before = _state.Phase;
        var step = MediaDecision.Next(_state, input);
        _state = step.State;
        Trace(input, before);
        foreach (var effect in step.Effects)
            CarryOut(effect);
    }

    /// <summary>The time line of a start, for those who want it shorter.</summary>
    private void Trace(object input, MediaPhase before)
    {
        if (input is WorkerSaid { Event: WorkerEvent.Progress } || !_log.IsDebugEnabled)
            return;
        var what = input is WorkerSaid said ? said.Event.GetType().Name : input.GetType().Name;
        _log.Debug(
            "Session {0}: {1} after {2:0} ms, {3} -> {4}", _session, what, Stopwatch.GetElapsedTime(_began).TotalMilliseconds, before, _state.Phase);
        if (input is WorkerSaid { Event: WorkerEvent.Failed failed })
            _log.Warning("Session {0}: the worker failed ({1}): {2}", _session, failed.Code, failed.Message);
    }

    private void CarryOut(MediaEffect effect)
    {
        switch (effect)
        {
            case MediaEffect.CheckFolder check:
                RecordsFolder.CheckAsync(check.RecordPath, _state.MinimumFreeBytes).PipeTo(Self);
                break;
            case MediaEffect.StartDisplay:
                Context.ActorOf(_children.Display(_run!, _state.Spec!), "display");
                break;
            case MediaEffect.StartSound:
                Context.ActorOf(_children.Sound(_run!), "sound");
                break;
            case MediaEffect.StartWorker:
                _worker = Context.ActorOf(_children.Worker(_run!), Next("worker"));
                break;
            case MediaEffect.StartBrowser start:
                Context.ActorOf(_children.Browser(_run!, start), "browser");
                break;
            case MediaEffect.Command command:
                _worker.Tell(command.ToWorker);
                break;
            case MediaEffect.Report report:
                Context.Parent.Tell(report.Event);
                break;
            case MediaEffect.EndEverything end:
                EndAsync(end.RemoveFile).PipeTo(Self);
                break;
            case MediaEffect.RepairLast last:
                _lastRepair = last.RecordPath;
                _repairs.Enqueue(new RepairRecord(last.RecordPath, last.Container));
                RepairNext();
                break;
        }
    }

    private async Task<EverythingEnded> EndAsync(string? removeFile)
    {
        var run = _run;
        var log = _log;
        foreach (var child in Context.GetChildren())
        {
            if (!child.Path.Name.StartsWith("repair", StringComparison.Ordinal))
                Context.Stop(child);
        }

        if (run is not null)
            await run.CloseAsync().ConfigureAwait(false);
        try
        {
            if (removeFile is not null)
                File.Delete(removeFile);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.Warning("The empty record {0} could not be removed: {1}", removeFile, error.Message);
        }

        return new EverythingEnded();
    }

    private void RepairNext()
    {
        if (_repairing is not null || !_repairs.TryDequeue(out var repair))
            return;
        _repairing = repair;
        var run = _root.Create(_session, "repair");
        var worker = _children.Worker(run);
        Context.ActorOf(Props.Create(() => new RepairActor(run, worker, repair)), Next("repair"));
    }

    private void Repaired(RepairActor.Repaired repaired)
    {
        var path = _repairing?.RecordPath;
        _repairing = null;
        if (path is not null && path == _lastRepair)
        {
            _lastRepair = null;
            Take(new LastRecordRepaired(repaired.Result));
        }
        else
        {
            Context.Parent.Tell(repaired.Result);
        }

        RepairNext();
    }

    private string Next(string name) => FormattableString.Invariant($"{name}-{++_number}");
}
