using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Media.Life;

/// <summary>
/// The common part of every session's media child, for pages and for RTP. The actor has a run directory that owns its
/// processes, so that no process outlives the actor. The actor has one worker at a time, and it repairs records. The
/// derived actor's pure function decides what happens next; this class carries out the decision.
/// </summary>
internal abstract class SessionMediaActor : ReceiveActor
{
    private readonly SessionId _session;
    private readonly Func<RunDirectory, Props> _workerOf;
    private readonly RunRoot _root;
    private readonly long _minimumFreeBytes;
    private readonly IRecordsFolder? _folder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<RepairRecord> _repairs = new();
    private readonly Dictionary<string, string> _titles = new(StringComparer.Ordinal);
    private ImmutableList<(string? Path, RecordMark Mark)> _marks = [];
    private RunDirectory? _run;
    private IActorRef _worker = ActorRefs.Nobody;
    private RepairRecord? _repairing;
    private string? _lastRepair;
    private long _began;
    private int _number;

    /// <summary>Makes the actor; it does nothing before its first command.</summary>
    /// <param name="session">The session's id.</param>
    /// <param name="workerOf">Makes a worker whose process belongs to the given run directory.</param>
    /// <param name="root">Where run directories are made.</param>
    /// <param name="minimumFreeBytes">Least free space in the records folder, in bytes. With less, no record begins and
    /// no repair makes a copy.</param>
    /// <param name="folder">The node's records folder; null where records are not kept.</param>
    protected SessionMediaActor(
        SessionId session,
        Func<RunDirectory, Props> workerOf,
        RunRoot root,
        long minimumFreeBytes,
        IRecordsFolder? folder
    )
    {
        _session = session;
        _workerOf = workerOf;
        _root = root;
        _minimumFreeBytes = minimumFreeBytes;
        _folder = folder;
        Receive<RepairRecord>(Repair);
        Receive<RepairActor.Repaired>(Repaired);
        Receive<BeginRecording>(begin =>
        {
            if (_run is null)
            {
                _began = Stopwatch.GetTimestamp();
                _run = _root.Create(_session, FormattableString.Invariant($"{begin.Attempt}"));
            }

            Take(begin);
        });
        Receive<IMediaCommand>(Take);

        // The end of a worker that has already been replaced is of no interest.
        Receive<WorkerGone>(Take, _ => Sender.Equals(_worker) || _worker.IsNobody());
        Receive<WorkerGone>(_ => { });
        Receive<IPartEvent>(Take);
        Receive<Left>(left => EndAsync(left.RemoveFile).PipeTo(Self));
    }

    /// <summary>The present phase of the media side.</summary>
    protected abstract MediaPhase Phase { get; }

    /// <summary>The run directory; it exists from the beginning of the recording on.</summary>
    protected RunDirectory Run =>
        _run ?? throw new InvalidOperationException($"Session {_session} has not begun to record.");

    /// <summary>Moves to the next state.</summary>
    /// <returns>The effects to carry out.</returns>
    protected abstract ImmutableList<MediaEffect> Decide(object input);

    /// <summary>Carries out an effect that only the derived actor knows.</summary>
    protected virtual void CarryOutOwn(MediaEffect effect) =>
        throw new InvalidOperationException($"Session {_session} has no {effect.GetType().Name} in it.");

    /// <summary>Maps the failure of a display, sound or browser child to the session's fault code.</summary>
    /// <param name="child">The child's name.</param>
    protected virtual string FaultOf(string child) => FaultCode.PipelineFailed;

    /// <summary>Lets the recorded page say good-bye before everything ends. The time is bounded. A repeated call
    /// returns the same task.</summary>
    protected virtual Task LeaveAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(error =>
        {
            // A failed part is not restarted by the supervisor, because its process may still be alive.
            var child = Sender;
            _log.Error(error, "A part of session {0} failed: {1}", _session, child.Path.Name);
            Self.Tell(
                child.Equals(_worker)
                    ? new WorkerGone(error.Message)
                    : new PartFailed(FaultOf(child.Path.Name), error.Message),
                child
            );
            return Directive.Stop;
        });

    /// <inheritdoc/>
    protected override void PostStop() => _ = _run?.CloseAsync();

    private void Take(object input)
    {
        var before = Phase;
        var effects = Decide(input);
        Trace(input, before);
        foreach (var effect in effects)
        {
            CarryOut(effect);
        }
    }

    /// <summary>Logs the steps of a start with their times, for people who want to shorten a start.</summary>
    private void Trace(object input, MediaPhase before)
    {
        if (input is WorkerSaid { Event: WorkerEvent.Progress or WorkerEvent.RtpProgress } || !_log.IsDebugEnabled)
        {
            return;
        }
        var what = input is WorkerSaid said ? said.Event.GetType().Name : input.GetType().Name;
        _log.Debug(
            "Session {0}: {1} after {2:0} ms, {3} -> {4}",
            _session,
            what,
            Stopwatch.GetElapsedTime(_began).TotalMilliseconds,
            before,
            Phase
        );
        if (input is WorkerSaid { Event: WorkerEvent.Failed failed })
        {
            _log.Warning("Session {0}: the worker failed ({1}): {2}", _session, failed.Code, failed.Message);
        }
    }

    private void CarryOut(MediaEffect effect)
    {
        switch (effect)
        {
            case MediaEffect.CheckFolder check:
                RecordsFolder.CheckAsync(check.RecordPath, _minimumFreeBytes, _folder).PipeTo(Self);
                break;
            case MediaEffect.StartWorker:
                _worker = Context.ActorOf(_workerOf(Run), Next("worker"));
                break;
            case MediaEffect.Command command:
                if (command.ToWorker is WorkerCommand.Mark mark)
                {
                    _titles[mark.Id] = mark.Title;
                }
                _worker.Tell(command.ToWorker);
                break;
            case MediaEffect.Report report:
                if (report.Event is MarkFound found && _titles.Remove(found.Id, out var title))
                {
                    _marks = _marks.Add((found.RecordPath, new RecordMark(title, found.At)));
                }
                Context.Parent.Tell(report.Event);
                break;
            case MediaEffect.EndEverything end:
                var left = new Left(end.RemoveFile);
                LeaveAsync().PipeTo(Self, success: () => left, failure: _ => left);
                break;
            case MediaEffect.RepairLast last:
                _lastRepair = last.RecordPath;
                Repair(
                    new RepairRecord(last.RecordPath, last.Container)
                    {
                        Marks = [.. _marks.Where(one => one.Path == last.RecordPath).Select(one => one.Mark)],
                    }
                );
                break;
            default:
                CarryOutOwn(effect);
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
            {
                Context.Stop(child);
            }
        }

        if (run is not null)
        {
            await run.CloseAsync();
        }
        try
        {
            if (removeFile is not null)
            {
                File.Delete(removeFile);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.Warning("The empty record {0} could not be removed: {1}", removeFile, error.Message);
        }

        return new EverythingEnded();
    }

    private void Repair(RepairRecord repair)
    {
        _repairs.Enqueue(repair);
        RepairNext();
    }

    private void RepairNext()
    {
        if (_repairing is not null || !_repairs.TryDequeue(out var repair))
        {
            return;
        }
        _repairing = repair;
        var run = _root.Create(_session, "repair");
        var (worker, folder) = (_workerOf(run), _folder);
        Context.ActorOf(
            Props.Create(() => new RepairActor(run, worker, repair, _minimumFreeBytes, folder)),
            Next("repair")
        );
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

    private sealed record Left(string? RemoveFile);

    private string Next(string name) => FormattableString.Invariant($"{name}-{++_number}");
}
