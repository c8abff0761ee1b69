namespace Recorder.Cluster.Sessions.Model;

/// <summary>
/// The closed set of reasons for faults. The same words are used in answers (<c>code</c>), in a session's faults, in
/// logs and as metric labels.
/// </summary>
public static class FaultCode
{
    /// <summary>The page did not load, has moved to a page that does not load, or does not answer. The message has
    /// the browser's own reason.</summary>
    public const string PageFailed = "page_failed";

    /// <summary>The page's browser took more memory, threads or disk than the node allows one session.</summary>
    public const string PageTooLarge = "page_too_large";

    /// <summary>The browser did not start, crashed or hung.</summary>
    public const string BrowserFailed = "browser_failed";

    /// <summary>The display server did not start or died.</summary>
    public const string DisplayFailed = "display_failed";

    /// <summary>The sound server did not start or died, or delivered nothing for a moment. That moment is silence in
    /// the record.</summary>
    public const string SoundFailed = "sound_failed";

    /// <summary>The pipeline's worker did not start, died, stalled, could not encode or lost its file. Or the media
    /// sent to an RTP session broke its reception.</summary>
    public const string PipelineFailed = "pipeline_failed";

    /// <summary>The disk of the records folder is full, or below the low-water mark.</summary>
    public const string DiskFull = "disk_full";

    /// <summary>The records folder is missing, not a folder, or cannot be written.</summary>
    public const string RecordsFolderUnavailable = "records_folder_unavailable";

    /// <summary>The first frame was not written within the start limit.</summary>
    public const string StartTimeout = "start_timeout";

    /// <summary>The page showed its lobby for too long: nobody let the recorder in.</summary>
    public const string NotAdmitted = "not_admitted";

    /// <summary>A step of entering the page failed.</summary>
    public const string JoinFailed = "join_failed";

    /// <summary>Nothing began the record in time.</summary>
    public const string BeginTimeout = "begin_timeout";

    /// <summary>A script of the caller failed in the page. The script counts as not true.</summary>
    public const string PageScriptFailed = "page_script_failed";

    /// <summary>No node of the farm has room for one more session.</summary>
    public const string AtCapacity = "at_capacity";

    /// <summary>The owner of the API key has as many sessions as the key allows.</summary>
    public const string TooManySessions = "too_many_sessions";

    /// <summary>The sessions of the API key's owner would have more pixels a second than the key allows.</summary>
    public const string TooManyPixels = "too_many_pixels";

    /// <summary>The farm does not know this session.</summary>
    public const string NoSuchSession = "no_such_session";

    /// <summary>The node that recorded went away.</summary>
    public const string NodeLost = "node_lost";

    /// <summary>The session was stopped before it had begun to record.</summary>
    public const string StoppedAtStart = "stopped_at_start";

    /// <summary>A stream target refused, went away or stalled. The message has the target's answer, with its address
    /// redacted.</summary>
    public const string StreamFailed = "stream_failed";

    /// <summary>A port that was asked for is in use on the node.</summary>
    public const string PortInUse = "port_in_use";

    /// <summary>Nothing usable has come from the sender of an RTP session for some seconds.</summary>
    public const string SenderSilent = "sender_silent";

    /// <summary>A second sender sends to a port of an RTP session and is not recorded.</summary>
    public const string SenderIgnored = "sender_ignored";

    /// <summary>A browser window beside the page, such as a dialog or a menu, was kept out of the picture.</summary>
    public const string WindowRefused = "window_refused";

    /// <summary>The manifest of a record could not be written; the record itself is unchanged.</summary>
    public const string ManifestFailed = "manifest_failed";

    /// <summary>A record was not delivered: its attempts are used up, or no attempt can help. The record itself is
    /// unchanged.</summary>
    public const string DeliveryFailed = "delivery_failed";

    /// <summary>The record is still being written, or waits for its repair.</summary>
    public const string NotFinished = "not_finished";

    /// <summary>The record is on hold and may not be erased.</summary>
    public const string OnHold = "on_hold";

    /// <summary>The record is erased, or is being erased.</summary>
    public const string RecordErased = "record_erased";

    /// <summary>The session has no such record.</summary>
    public const string NoSuchRecord = "no_such_record";

    /// <summary>The record is not delivered to this destination.</summary>
    public const string NoSuchDelivery = "no_such_delivery";

    /// <summary>The delivery is not one that can be asked for again: the destination has the record, or an attempt is
    /// under way.</summary>
    public const string NotRetriable = "not_retriable";

    /// <summary>The events of the session are deleted, since the session ended long ago. Nothing can be done for the
    /// session any more.</summary>
    public const string JournalDeleted = "journal_deleted";

    /// <summary>The session no longer runs, or does not record yet.</summary>
    public const string NotRunning = "not_running";

    /// <summary>A session of this kind cannot do what was requested.</summary>
    public const string NotSupported = "not_supported";

    /// <summary>The session records sound alone, so there is no picture to give.</summary>
    public const string NoPicture = "no_picture";

    /// <summary>The request does not fit the session's present state.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>A part of the farm did not answer in time.</summary>
    public const string Unavailable = "unavailable";
}
