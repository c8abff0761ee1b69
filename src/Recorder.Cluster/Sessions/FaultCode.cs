namespace Recorder.Cluster.Sessions;

/// <summary>
/// The closed set of reasons why something did not go on. The same words stand in answers (<c>code</c>), in a session's
/// faults, in logs and as metric labels.
/// </summary>
public static class FaultCode
{
    /// <summary>The page did not load; the browser's own reason is in the message.</summary>
    public const string PageFailed = "page_failed";

    /// <summary>The browser did not start, crashed or hung.</summary>
    public const string BrowserFailed = "browser_failed";

    /// <summary>The display server did not start or died.</summary>
    public const string DisplayFailed = "display_failed";

    /// <summary>The sound server did not start or died.</summary>
    public const string SoundFailed = "sound_failed";

    /// <summary>The pipeline's worker did not start, died, stalled or could not encode.</summary>
    public const string PipelineFailed = "pipeline_failed";

    /// <summary>The disk of the records folder is full, or below the low-water mark.</summary>
    public const string DiskFull = "disk_full";

    /// <summary>The records folder is missing, not a folder, or cannot be written.</summary>
    public const string RecordsFolderUnavailable = "records_folder_unavailable";

    /// <summary>The first frame was not written within the start limit.</summary>
    public const string StartTimeout = "start_timeout";

    /// <summary>No node of the farm has room for one more session.</summary>
    public const string AtCapacity = "at_capacity";

    /// <summary>The farm does not know this session.</summary>
    public const string NoSuchSession = "no_such_session";

    /// <summary>The node that recorded went away.</summary>
    public const string NodeLost = "node_lost";

    /// <summary>The session was stopped before it had begun to record.</summary>
    public const string StoppedAtStart = "stopped_at_start";

    /// <summary>A part of the farm did not answer in time.</summary>
    public const string Unavailable = "unavailable";
}
