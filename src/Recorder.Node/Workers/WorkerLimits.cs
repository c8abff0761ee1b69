using Recorder.Node.Parts;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Workers;

/// <summary>How long a worker may be silent before it is killed. The limit depends on the last command and the last
/// event.</summary>
internal static class WorkerLimits
{
    /// <summary>How long a worker that has nothing left to do may take to exit.</summary>
    public static TimeSpan Exit { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The limit after a command was sent; null: the present limit stays.</summary>
    public static TimeSpan? After(WorkerCommand command, MediaOptions options) =>
        command switch
        {
            WorkerCommand.Finish => options.FinishLimit,
            WorkerCommand.Repair or WorkerCommand.Keep => options.RepairLimit,
            WorkerCommand.Prepare or WorkerCommand.Begin => options.StartLimit,
            _ => null,
        };

    /// <summary>The limit after an event. An infinite limit lets the worker wait for ever; null: the present limit
    /// stays.</summary>
    /// <param name="said">The event.</param>
    /// <param name="finishing">Whether the worker was asked to finish or repair.</param>
    /// <param name="options">The options.</param>
    public static TimeSpan? After(WorkerEvent said, bool finishing, MediaOptions options) =>
        said switch
        {
            WorkerEvent.Ready => Timeout.InfiniteTimeSpan,
            WorkerEvent.FirstFrame
            or WorkerEvent.Progress
            or WorkerEvent.SoundLost
            or WorkerEvent.RtpReady
            or WorkerEvent.RtpProgress
            or WorkerEvent.RtpSenderSilent
            or WorkerEvent.RtpSenderHeard
            or WorkerEvent.RtpReceptionFailed
            or WorkerEvent.RtpSenderIgnored => finishing ? null : options.WorkerSilenceLimit,
            WorkerEvent.OutputChanged
            or WorkerEvent.PauseChanged
            or WorkerEvent.Marked
            or WorkerEvent.ThumbnailTaken
            or WorkerEvent.ThumbnailFailed => null,
            WorkerEvent.DisplayLost => options.FinishLimit,
            WorkerEvent.Failed { Code: WorkerFailure.InvalidCommand } => null,
            WorkerEvent.Failed => options.FinishLimit,
            _ => Exit,
        };
}
