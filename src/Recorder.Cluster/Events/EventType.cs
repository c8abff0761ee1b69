using System.Collections.Immutable;

namespace Recorder.Cluster.Events;

/// <summary>The closed set of types of events, with what each says.</summary>
public static class EventType
{
    /// <summary>The session exists.</summary>
    public const string SessionAccepted = "session.accepted";

    /// <summary>The session goes on in a further attempt, on the same node or on another.</summary>
    public const string SessionAttemptStarted = "session.attempt_started";

    /// <summary>The page is shown and not recorded yet: its lobby, or the signal for the beginning, is
    /// awaited.</summary>
    public const string SessionWaiting = "session.waiting";

    /// <summary>The session records, streams, or is ready to receive, for the first time.</summary>
    public const string SessionStarted = "session.started";

    /// <summary>The record stands still because a caller asked for it.</summary>
    public const string SessionPaused = "session.paused";

    /// <summary>The record goes on after a pause.</summary>
    public const string SessionUnpaused = "session.unpaused";

    /// <summary>A time without recording or without a picture has begun.</summary>
    public const string SessionGapBegan = "session.gap_began";

    /// <summary>That time is over.</summary>
    public const string SessionGapEnded = "session.gap_ended";

    /// <summary>Something failed, survived or not.</summary>
    public const string SessionFault = "session.fault";

    /// <summary>The stream targets were changed by a caller.</summary>
    public const string SessionTargetsChanged = "session.targets_changed";

    /// <summary>The session ends by itself in at most a minute, unless something changes.</summary>
    public const string SessionEndingSoon = "session.ending_soon";

    /// <summary>A caller let the page go to another address, or changed its style sheet.</summary>
    public const string SessionPageChanged = "session.page_changed";

    /// <summary>The rules by which the session ends by itself were changed by a caller.</summary>
    public const string SessionEndChanged = "session.end_changed";

    /// <summary>The end of the session is decided.</summary>
    public const string SessionStopping = "session.stopping";

    /// <summary>The session has ended as asked.</summary>
    public const string SessionStopped = "session.stopped";

    /// <summary>The session was ended by a fault, or did not start.</summary>
    public const string SessionFailed = "session.failed";

    /// <summary>The session was away for longer than the resume window.</summary>
    public const string SessionInterrupted = "session.interrupted";

    /// <summary>The first frame of a record is in the file.</summary>
    public const string RecordOpened = "record.opened";

    /// <summary>A record is final and playable.</summary>
    public const string RecordFinished = "record.finished";

    /// <summary>The manifest of a record is written, and the hash is known.</summary>
    public const string RecordManifestWritten = "record.manifest_written";

    /// <summary>A record was found that had been begun for the session in a hand-over.</summary>
    public const string RecordFound = "record.found";

    /// <summary>A record cannot be reached at present.</summary>
    public const string RecordAway = "record.away";

    /// <summary>Nothing playable could be made of a record.</summary>
    public const string RecordLost = "record.lost";

    /// <summary>A record is on hold: nothing erases it.</summary>
    public const string RecordHeld = "record.held";

    /// <summary>A record is not on hold any more.</summary>
    public const string RecordReleased = "record.released";

    /// <summary>The files of a record are gone.</summary>
    public const string RecordErased = "record.erased";

    /// <summary>Media flows to a stream target or a playlist.</summary>
    public const string OutputActive = "output.active";

    /// <summary>An output is lost and tried again.</summary>
    public const string OutputRetrying = "output.retrying";

    /// <summary>An output is given up.</summary>
    public const string OutputFailed = "output.failed";

    /// <summary>A record is to be delivered.</summary>
    public const string DeliveryQueued = "delivery.queued";

    /// <summary>A destination has the record.</summary>
    public const string DeliveryDelivered = "delivery.delivered";

    /// <summary>An attempt failed, and another one follows.</summary>
    public const string DeliveryRetrying = "delivery.retrying";

    /// <summary>The record is not delivered.</summary>
    public const string DeliveryFailed = "delivery.failed";

    /// <summary>A node has joined the farm.</summary>
    public const string NodeJoined = "node.joined";

    /// <summary>A node has left the farm, or was given up.</summary>
    public const string NodeLeft = "node.left";

    /// <summary>The disk of a node's records folder is below the low-water mark.</summary>
    public const string DiskLow = "disk.low";

    /// <summary>The disk of a node's records folder has room again.</summary>
    public const string DiskFree = "disk.free";

    /// <summary>A time of a schedule has passed without a recording, and nobody wanted that.</summary>
    public const string ScheduleMissed = "schedule.missed";

    /// <summary>No room will be there for a time of a schedule.</summary>
    public const string ScheduleAtRisk = "schedule.at_risk";

    /// <summary>Every type.</summary>
    public static ImmutableList<string> All { get; } =
    [
        SessionAccepted,
        SessionAttemptStarted,
        SessionWaiting,
        SessionStarted,
        SessionPaused,
        SessionUnpaused,
        SessionGapBegan,
        SessionGapEnded,
        SessionFault,
        SessionTargetsChanged,
        SessionEndingSoon,
        SessionEndChanged,
        SessionPageChanged,
        SessionStopping,
        SessionStopped,
        SessionFailed,
        SessionInterrupted,
        RecordOpened,
        RecordFinished,
        RecordManifestWritten,
        RecordFound,
        RecordAway,
        RecordLost,
        RecordHeld,
        RecordReleased,
        RecordErased,
        OutputActive,
        OutputRetrying,
        OutputFailed,
        DeliveryQueued,
        DeliveryDelivered,
        DeliveryRetrying,
        DeliveryFailed,
        NodeJoined,
        NodeLeft,
        DiskLow,
        DiskFree,
        ScheduleMissed,
        ScheduleAtRisk,
    ];
}
