namespace Recorder.Worker.Protocol;

/// <summary>The closed set of <see cref="WorkerEvent.Failed.Code"/>; fit for metric labels.</summary>
public static class WorkerFailure
{
    /// <summary>A line was not a command, or a command came at the wrong time. Nothing else changed.</summary>
    public const string InvalidCommand = "invalid_command";

    /// <summary>The display cannot be reached, or its frame buffer cannot be mapped.</summary>
    public const string DisplayUnavailable = "display_unavailable";

    /// <summary>The display went away while recording.</summary>
    public const string DisplayLost = "display_lost";

    /// <summary>The sound server cannot be reached at the start.</summary>
    public const string SoundUnavailable = "sound_unavailable";

    /// <summary>A port to receive RTP on is in use, or cannot be bound.</summary>
    public const string PortInUse = "port_in_use";

    /// <summary>The records folder is missing or not writable, or the file exists already.</summary>
    public const string RecordsFolderUnavailable = "records_folder_unavailable";

    /// <summary>The record was removed or moved while it was written; no file is left under its name.</summary>
    public const string RecordGone = "record_gone";

    /// <summary>No space is left; the record so far is kept.</summary>
    public const string DiskFull = "disk_full";

    /// <summary>An element of the pipeline is missing or reported an error.</summary>
    public const string EncoderFailed = "encoder_failed";

    /// <summary>The file could not be written for another reason than a full disk.</summary>
    public const string WriteFailed = "write_failed";

    /// <summary>Without a record: every target refused the stream before any target had accepted it.</summary>
    public const string StreamFailed = "stream_failed";

    /// <summary>No encoded picture came out for 5 s, or received media were not written for as long.</summary>
    public const string Stalled = "stalled";
}

/// <summary>Why a record ended well: the values of <see cref="WorkerEvent.Finished.Reason"/> that are not
/// failures.</summary>
public static class WorkerFinishReason
{
    /// <summary>The node asked for the end by <see cref="WorkerCommand.Finish"/>.</summary>
    public const string Finish = "finish";

    /// <summary>Standard input ended: the node is gone.</summary>
    public const string InputClosed = "input_closed";

    /// <summary>The process got SIGTERM or SIGINT.</summary>
    public const string Terminated = "terminated";

    /// <summary>The node has sent no <see cref="WorkerCommand.Alive"/> for longer than the limit in the last
    /// one.</summary>
    public const string NodeSilent = "node_silent";

    /// <summary>The answer to <see cref="WorkerCommand.Repair"/>.</summary>
    public const string Repaired = "repaired";
}

/// <summary>Exit codes of <c>recorder pipeline</c>.</summary>
public static class WorkerExitCode
{
    /// <summary>All started work is finalised, or no work was started.</summary>
    public const int Finished = 0;

    /// <summary>A failure ended the record after it had begun; the last <see cref="WorkerEvent.Failed"/> tells the
    /// failure.</summary>
    public const int Failed = 1;

    /// <summary>The worker could not be prepared; nothing was recorded.</summary>
    public const int NotPrepared = 2;

    /// <summary>The file could not be finalised in time. The file reads up to its last complete fragment and wants
    /// <see cref="WorkerCommand.Repair"/>.</summary>
    public const int NotFinalised = 3;
}
