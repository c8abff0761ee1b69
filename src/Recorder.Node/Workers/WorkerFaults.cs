using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Workers;

/// <summary>Maps a worker's failure to a fault of its session.</summary>
internal static class WorkerFaults
{
    /// <summary>The fault code for a worker's failure code.</summary>
    public static string CodeOf(string failure) =>
        failure switch
        {
            WorkerFailure.DisplayUnavailable or WorkerFailure.DisplayLost => FaultCode.DisplayFailed,
            WorkerFailure.SoundUnavailable => FaultCode.SoundFailed,
            WorkerFailure.PortInUse => FaultCode.PortInUse,
            WorkerFailure.DiskFull => FaultCode.DiskFull,
            WorkerFailure.RecordsFolderUnavailable or WorkerFailure.WriteFailed => FaultCode.RecordsFolderUnavailable,
            WorkerFailure.StreamFailed => FaultCode.StreamFailed,
            _ => FaultCode.PipelineFailed,
        };

    /// <summary>Whether another worker with the same display, sound and folder may succeed.</summary>
    public static bool AnotherWorkerMayHelp(string code) => code == FaultCode.PipelineFailed;

    /// <summary>The fault behind the end of a worker: the failure that the worker reported, or else its
    /// death.</summary>
    public static PartFailed Of(WorkerEvent.Failed? failed, string gone) =>
        failed is null
            ? new PartFailed(FaultCode.PipelineFailed, gone)
            : new PartFailed(CodeOf(failed.Code), failed.Message);
}
