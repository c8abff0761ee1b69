using System.Collections.Immutable;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;
using Recorder.Node.Workers;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Media.Life;

/// <summary>
/// Decides how a session's record and worker end, for pages and for RTP: a function from the life so far and one input
/// to the next life and the effects to carry out. An input that does not fit the phase changes nothing. The beginning
/// of a recording is decided separately for each kind of media.
/// </summary>
internal static class WorkerLifeDecision
{
    /// <summary>Returns the next step.</summary>
    public static WorkerLifeStep Next(WorkerLife life, object input) =>
        input switch
        {
            BeginRecording when life.Phase == MediaPhase.Idle => End(
                life,
                new MediaFailed(FaultCode.NotSupported, Misfit)
            ),
            FinishRecording => Finish(life),
            WorkerSaid said => WorkerLifeStep.None(Hear(life, said.Event)),
            WorkerGone gone => WorkerEnded(life, gone),
            PartFailed failed => Lose(life, failed),
            EverythingEnded when life.Phase == MediaPhase.Ending => Ended(life),
            LastRecordRepaired repaired when life.Phase == MediaPhase.Ending => Told(
                life with
                {
                    Final = life.Final.Insert(0, repaired.Result),
                }
            ),
            _ => WorkerLifeStep.None(life),
        };

    private const string Misfit =
        "The type and outputs of this session do not fit the media side that was made for the session. Report this fault of the recorder.";

    private static WorkerLife Hear(WorkerLife life, WorkerEvent said) =>
        said switch
        {
            WorkerEvent.Failed failed when failed.Code != WorkerFailure.InvalidCommand => life with { Failed = failed },
            WorkerEvent.Finished finished => life with
            {
                Closed = new RecordFinished(
                    life.RecordPath,
                    TimeSpan.FromSeconds(finished.Duration),
                    finished.Bytes,
                    Repaired: false
                )
                {
                    Hls = finished.Hls?.ToSession(),
                },
            },
            WorkerEvent.Unrecoverable lost => life with
            {
                Closed = new RecordUnrecoverable(
                    life.RecordPath,
                    lost.Message,
                    life.FirstFrame ? FaultCode.PipelineFailed : life.CodeOfNothing
                ),
            },
            _ => life,
        };

    private static WorkerLifeStep Finish(WorkerLife life) =>
        life.Phase switch
        {
            MediaPhase.Idle => End(life, new RecordUnrecoverable(life.RecordPath, "Nothing was being recorded.")),
            MediaPhase.Starting => End(life, new RecordUnrecoverable(life.RecordPath, life.StoppedAtStart)),
            MediaPhase.Recording => FinishWorker(life),
            MediaPhase.WorkerLost => EndAndRepair(life),
            _ => WorkerLifeStep.None(life),
        };

    private static WorkerLifeStep FinishWorker(WorkerLife life) =>
        new(life with { Phase = MediaPhase.Finishing }, [new MediaEffect.Command(new WorkerCommand.Finish())]);

    /// <summary>Handles the loss of a part. The open record is finalised first, as far as the worker can.</summary>
    private static WorkerLifeStep Lose(WorkerLife life, PartFailed failed) =>
        life.Phase switch
        {
            MediaPhase.Starting or MediaPhase.WorkerLost => End(life, new MediaFailed(failed.Code, failed.Message)),
            MediaPhase.Recording => FinishWorker(life with { Cause = failed }),
            _ => WorkerLifeStep.None(life),
        };

    private static WorkerLifeStep WorkerEnded(WorkerLife life, WorkerGone gone)
    {
        var fault = life.Cause ?? WorkerFaults.Of(life.Failed, gone.Message);
        var failed = new MediaFailed(fault.Code, fault.Message);
        switch (life.Phase)
        {
            case MediaPhase.Starting:
                return End(life, failed);
            case MediaPhase.Recording when WorkerFaults.AnotherWorkerMayHelp(fault.Code):
                return new WorkerLifeStep(
                    life with
                    {
                        Phase = MediaPhase.WorkerLost,
                    },
                    [
                        .. ReportClosed(life),
                        new MediaEffect.Report(new WorkerLost(life.RecordPath, fault.Code, fault.Message)),
                    ]
                );
            case MediaPhase.Recording:
            case MediaPhase.Finishing when life.Cause is not null:
                var step = End(life, failed);
                return step with { Effects = [.. ReportClosed(life), .. step.Effects] };
            case MediaPhase.Finishing:
                return life.Closed is { } closed ? End(life, closed) : EndAndRepair(life);
            default:
                return WorkerLifeStep.None(life);
        }
    }

    private static ImmutableList<MediaEffect> ReportClosed(WorkerLife life) =>
        life.Closed is { } closed ? [new MediaEffect.Report(closed)] : [];

    private static WorkerLifeStep End(WorkerLife life, IMediaEvent final) =>
        new(
            life with
            {
                Phase = MediaPhase.Ending,
                Final = [final],
            },
            [new MediaEffect.EndEverything(life is { FileMade: true, FirstFrame: false } ? life.RecordPath : null)]
        );

    /// <summary>Ends everything, then repairs the record. A session that only streams has nothing to repair.</summary>
    private static WorkerLifeStep EndAndRepair(WorkerLife life) =>
        life.RecordPath is null
            ? End(life, new RecordFinished(null, life.Duration, 0, Repaired: false))
            : new(
                life with
                {
                    Phase = MediaPhase.Ending,
                    RepairAtEnd = true,
                },
                [new MediaEffect.EndEverything(RemoveFile: null)]
            );

    private static WorkerLifeStep Ended(WorkerLife life) =>
        life.RepairAtEnd
            ? new WorkerLifeStep(life, [new MediaEffect.RepairLast(life.RecordPath!, life.Container)])
            : Told(life);

    private static WorkerLifeStep Told(WorkerLife life) =>
        new(life with { Phase = MediaPhase.Ended }, [.. life.Final.Select(final => new MediaEffect.Report(final))]);
}
