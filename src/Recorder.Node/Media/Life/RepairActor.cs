using Akka.Actor;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Node.Workers;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Media.Life;

/// <summary>
/// Makes one file playable with a short-lived worker. When that worker dies, another worker tries, because a killed
/// repair says nothing about the file. When all repairs have died, one last worker only inspects the file, which may
/// well play as it is. Tells its parent <see cref="Repaired"/> when the last worker is gone, and stops.
/// </summary>
internal sealed class RepairActor : ReceiveActor, IWithTimers
{
    /// <summary>How many workers try to repair the file.</summary>
    public const int Tries = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly IRecordsFolder? _folder;
    private readonly RunDirectory _run;
    private readonly Props _worker;
    private readonly RepairRecord _repair;
    private readonly long _minimumFreeBytes;
    private IMediaEvent? _result;
    private int _try;

    /// <summary>The outcome.</summary>
    /// <param name="Result">A <see cref="RecordFinished"/> or <see cref="RecordUnrecoverable"/>.</param>
    public sealed record Repaired(IMediaEvent Result);

    /// <summary>Makes the actor; the repair begins when the actor starts.</summary>
    /// <param name="run">The run directory that owns the workers' processes.</param>
    /// <param name="worker">A worker in that run directory.</param>
    /// <param name="repair">What to repair.</param>
    /// <param name="minimumFreeBytes">What the repair must leave free on the disk, in bytes.</param>
    /// <param name="folder">The node's records folder; null where records are not kept.</param>
    public RepairActor(
        RunDirectory run,
        Props worker,
        RepairRecord repair,
        long minimumFreeBytes,
        IRecordsFolder? folder = null
    )
    {
        _folder = folder;
        _run = run;
        _worker = worker;
        _repair = repair;
        _minimumFreeBytes = minimumFreeBytes;
        Receive<WorkerSaid>(said =>
        {
            switch (said.Event)
            {
                case WorkerEvent.Finished finished:
                    Conclude(
                        new RecordFinished(
                            repair.RecordPath,
                            TimeSpan.FromSeconds(finished.Duration),
                            finished.Bytes,
                            Repaired: true
                        )
                        {
                            Hls = finished.Hls?.ToSession(),
                        }
                    );
                    break;
                case WorkerEvent.Unrecoverable lost:
                    Conclude(new RecordUnrecoverable(repair.RecordPath, lost.Message));
                    break;
            }
        });
        Receive<WorkerGone>(gone =>
        {
            if (_result is null && _try <= Tries)
            {
                Timers.StartSingleTimer(nameof(Retry), Retry.Instance, Pause);
            }
            else
            {
                Conclude(
                    new RecordUnrecoverable(
                        repair.RecordPath,
                        $"The repair failed {Tries} times; the file was left as it is: {gone.Message}"
                    )
                );
            }
        });
        Receive<Retry>(_ => Begin());
        Receive<LookedAt>(looked =>
        {
            if (looked.Verdict is { } verdict)
            {
                Conclude(verdict);
            }
            else
            {
                Begin();
            }
        });
        Receive<Closed>(_ =>
        {
            Context.Parent.Tell(new Repaired(_result!));
            Context.Stop(Self);
        });
        Receive<Final>(final =>
        {
            _result = final.Result;
            _run.CloseAsync().PipeTo(Self, success: () => new Closed());
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        if (_folder is not { } folder)
        {
            Begin();
            return;
        }

        // Asking a disk has no asynchronous form.
        var repair = _repair;
        Task.Run(() => RecordPresence.Look(folder, repair))
            .PipeTo(
                Self,
                success: verdict => new LookedAt(verdict),
                failure: error => new LookedAt(new RecordNotHere(repair.RecordPath, error.GetBaseException().Message))
            );
    }

    /// <inheritdoc/>
    protected override void PostStop() => _ = _run.CloseAsync();

    private void Begin()
    {
        _try++;
        Context
            .ActorOf(_worker, $"worker{_try}")
            .Tell(
                _try <= Tries
                    ? new WorkerCommand.Repair(_repair.RecordPath, _repair.Container.ToWorker(), _minimumFreeBytes)
                    {
                        Chapters = _repair.Marks.IsEmpty
                            ? null
                            : _repair.Marks.ConvertAll(mark => new RecordChapter(mark.Title, mark.At.TotalSeconds)),
                    }
                    : new WorkerCommand.Keep(_repair.RecordPath, _repair.Container.ToWorker())
            );
    }

    private void Conclude(IMediaEvent result)
    {
        if (_result is not null)
        {
            return;
        }
        _result = result;
        if (_folder is not { } folder || result is not RecordUnrecoverable)
        {
            _run.CloseAsync().PipeTo(Self, success: () => new Closed());
            return;
        }
        var repair = _repair;
        Task.Run(() => RecordPresence.After(folder, repair, result))
            .PipeTo(Self, success: final => new Final(final), failure: _ => new Final(result));
    }

    private sealed record LookedAt(IMediaEvent? Verdict);

    private sealed record Final(IMediaEvent Result);

    private sealed record Closed;

    private sealed record Retry
    {
        public static Retry Instance { get; } = new();
    }
}
