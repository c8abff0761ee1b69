using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A message to one session, routed by sharding: <see cref="Shard"/> is the shard, <see cref="Id"/> the
/// entity.</summary>
/// <param name="Id">The session addressed.</param>
public abstract record SessionMessage([property: JsonPropertyOrder(-2)] SessionId Id) : IWireMessage
{
    /// <summary>
    /// The shard that the placement gave the session. One running session has one shard. A negative value means that
    /// the message has no address and reaches nobody.
    /// </summary>
    [JsonPropertyName("slot"), JsonPropertyOrder(-1)]
    public int Shard { get; init; } = -1;

    /// <summary>The same message with the address of the session.</summary>
    /// <param name="shard">The session's shard, from 0.</param>
    public SessionMessage To(int shard) => this with { Shard = shard };
}

/// <summary>
/// Start the session. Answered by a <see cref="StartReply"/> once the first frame is written, or once the start has
/// certainly failed. A session without a record answers when a stream target has accepted; an RTP session, when its
/// ports are bound.
/// </summary>
[Wire("session/start:1")]
public sealed record StartSession(SessionId Id, SessionSpec Spec) : SessionMessage(Id)
{
    /// <summary>
    /// The cluster address of the node that has room for the session, or null for any node. If that node is gone,
    /// sharding takes the message to a node that may be full: there the start fails.
    /// </summary>
    [AddedLater]
    public string? Node { get; init; }
}

/// <summary>Stop the session. Answered by a <see cref="StopReply"/> once its last record is finalised. Stopping a
/// stopped session gets the same answer.</summary>
[Wire("session/stop:1")]
public sealed record StopSession(SessionId Id) : SessionMessage(Id);

/// <summary>
/// Resume a session whose node went away. Not answered; the session reports to the placement. For a living session
/// the message is only a request to report again.
/// </summary>
[Wire("session/resume:1")]
public sealed record ResumeSession(SessionId Id, SessionSpec Spec) : SessionMessage(Id)
{
    /// <summary>
    /// Until when the session was known to wait for room, or null. Waiting is no absence, because the farm was too
    /// small. The resume window counts from the end of the wait.
    /// </summary>
    [AddedLater]
    public DateTimeOffset? WaitedUntil { get; init; }

    /// <summary>
    /// The cluster address of the node that the session resumes on, or null for any node. On another node the session
    /// does not resume: sharding took the message there because the session's own node is away.
    /// </summary>
    [AddedLater]
    public string? Node { get; init; }
}

/// <summary>
/// A node that holds records of the session is reachable, and some of these records are not finalised, have no
/// manifest, or are undelivered. The session has that done on the node. Not answered; the session reports the outcome
/// to the placement. Also told to sessions that have ended.
/// </summary>
[Wire("session/records-reachable:1")]
public sealed record RecordsReachable(SessionId Id, string Node) : SessionMessage(Id)
{
    /// <summary>The ids of the node's records folder; empty when they are not known.</summary>
    [AddedLater]
    public ImmutableList<FolderId> Folders { get; init; } = [];
}

/// <summary>The answer to <see cref="StartSession"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(SessionRecords), "records")]
[JsonDerivedType(typeof(StartFailed), "failed")]
public abstract record StartReply(SessionId Id) : IWireMessage;

/// <summary>The session records, streams, or is ready to receive.</summary>
[Wire("session/records:1")]
public sealed record SessionRecords(SessionId Id) : StartReply(Id)
{
    /// <summary>Where an RTP session receives.</summary>
    [AddedLater]
    public RtpEndpoint? Endpoint { get; init; }
}

/// <summary>The session did not start, and nothing of it is left running.</summary>
/// <param name="Id">The session.</param>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
[Wire("session/start-failed:1")]
public sealed record StartFailed(SessionId Id, string Code, string Message) : StartReply(Id);

/// <summary>The answer to <see cref="StopSession"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(StopDone), "stopped")]
[JsonDerivedType(typeof(StopFailed), "failed")]
public abstract record StopReply(SessionId Id) : IWireMessage;

/// <summary>The session has ended and its records are final.</summary>
[Wire("session/stop-done:1")]
public sealed record StopDone(SessionId Id) : StopReply(Id);

/// <summary>The session could not be stopped.</summary>
/// <param name="Id">The session.</param>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
[Wire("session/stop-failed:1")]
public sealed record StopFailed(SessionId Id, string Code, string Message) : StopReply(Id);

/// <summary>The phases in a session's life, in their order. No phase before <see cref="WaitingToBegin"/> ever
/// comes back.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<SessionPhase>))]
public enum SessionPhase
{
    /// <summary>Nothing is known yet.</summary>
    New,

    /// <summary>Accepted; no frame has been written yet.</summary>
    Starting,

    /// <summary>The page is shown and not recorded: the signal for the beginning is awaited. Only what is told of the
    /// session has this phase; to the session itself, that is a part of starting.</summary>
    WaitingToBegin,

    /// <summary>The page is shown and not recorded: the page shows its lobby. Told only, as the phase before.</summary>
    WaitingToEnter,

    /// <summary>A record is being written.</summary>
    Recording,

    /// <summary>Recorded before, has lost its media or its node, and is preparing the next record.</summary>
    Resuming,

    /// <summary>Recorded before, has lost its node, and waits for room on another node. Only the farm's list has this
    /// phase, because no node runs the session.</summary>
    WaitingForRoom,

    /// <summary>Asked to end; the last record is being finalised.</summary>
    Stopping,

    /// <summary>Ended as asked.</summary>
    Stopped,

    /// <summary>Ended by a fault; what was recorded is listed.</summary>
    Failed,

    /// <summary>Was away for longer than the resume window; what was recorded is repaired and listed.</summary>
    Interrupted,
}

/// <summary>A record as it is shown outside the session.</summary>
/// <param name="Path">Absolute path on the node that holds the file.</param>
/// <param name="Attempt">The attempt that wrote the record, from 1.</param>
/// <param name="Finished">Whether the file is finalised. False for a growing or unrepaired record.</param>
/// <param name="OpenedAt">When the record's first frame was written.</param>
/// <param name="Duration">Playing time; null while the record grows.</param>
/// <param name="Bytes">Size in bytes; null while the record grows.</param>
/// <param name="Repaired">Whether the record was rebuilt after the death of its worker.</param>
/// <param name="FramesCaptured">Frames handed to the encoder, counted at the last confirmation or at the end of the
/// record.</param>
/// <param name="FramesDropped">Raw frames dropped because the encoder could not keep up, counted at the same
/// time.</param>
public sealed record RecordSummary(
    string Path,
    int Attempt,
    bool Finished,
    DateTimeOffset? OpenedAt,
    TimeSpan? Duration,
    long? Bytes,
    bool Repaired,
    long FramesCaptured,
    long FramesDropped
)
{
    /// <summary>The number of the record within its session, from 1; the number never changes. 0 in what an earlier
    /// version told: see <see cref="RecordId"/>.</summary>
    [AddedLater]
    public int Number { get; init; }

    /// <summary>The cluster address of the node that wrote the file.</summary>
    [AddedLater]
    public string? Node { get; init; }

    /// <summary>The folder that holds the file; null for a record of an earlier version.</summary>
    [AddedLater]
    public FolderId? Folder { get; init; }

    /// <summary>Why the record could not be looked for when that was last tried; null when nothing hindered
    /// that.</summary>
    [AddedLater]
    public string? Away { get; init; }

    /// <summary>The contents of the playlist of a finished record in a session with HLS; null when not
    /// known.</summary>
    [AddedLater]
    public HlsLength? Hls { get; init; }

    /// <summary>Whether the record was found after the session had continued without it. The segments of such a record
    /// are not in the session's playlist.</summary>
    [AddedLater]
    public bool Found { get; init; }

    /// <summary>Whether the record opened before the playlist length of the previous record was known. The segment
    /// numbers of such a record jump.</summary>
    [AddedLater]
    public bool Apart { get; init; }

    /// <summary>
    /// When the earliest of the lost records between the previous record and this one opened; null without any.
    /// Players may have been shown segments of lost records, and their number is no longer known.
    /// </summary>
    [AddedLater]
    public DateTimeOffset? LostSince { get; init; }

    /// <summary>The SHA-256 of the file in 64 lower-case hexadecimal digits, once the manifest is written; until then
    /// null.</summary>
    [AddedLater]
    public string? Sha256 { get; init; }

    /// <summary>Whether the record is finished and its manifest is still to be written.</summary>
    [AddedLater]
    public bool ManifestDue { get; init; }

    /// <summary>The deliveries of the record, with their state.</summary>
    [AddedLater]
    public ImmutableList<DeliverySummary> Deliveries { get; init; } = [];

    /// <summary>When the file was final; null before, and for a record closed by a version that did not write this
    /// time.</summary>
    [AddedLater]
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The hold on the record, or null.</summary>
    [AddedLater]
    public RecordHold? Hold { get; init; }

    /// <summary>The erasing of the record, once that is decided; else null.</summary>
    [AddedLater]
    public RecordErasing? Erasing { get; init; }

    /// <summary>Whether the file is final and nothing has begun to erase it.</summary>
    [JsonIgnore]
    public bool Kept => Finished && Erasing is null;

    /// <summary>Where the record is looked for: the id of its folder, or the address of its node.</summary>
    [JsonIgnore]
    public string? Holder => Folder?.ToString() ?? Node;

    /// <summary>When the record ended, as far as that is known.</summary>
    [JsonIgnore]
    public DateTimeOffset? EndedAt => ClosedAt ?? OpenedAt + Duration;
}

/// <summary>A fault that a session met, survived or not.</summary>
/// <param name="At">When the fault was noticed.</param>
/// <param name="Node">The node where the fault happened.</param>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">What happened.</param>
public sealed record SessionFault(DateTimeOffset At, string Node, string Code, string Message);

/// <summary>A time in which the session should have been recorded and was not.</summary>
/// <param name="From">The last evidence of recording before the gap.</param>
/// <param name="To">The first evidence after the gap; null while the gap lasts.</param>
/// <param name="Code">The <see cref="FaultCode"/> behind the gap.</param>
public sealed record SessionGap(DateTimeOffset From, DateTimeOffset? To, string Code);

/// <summary>A time in which the record's timeline stood still at a caller's wish.</summary>
/// <param name="From">When the pause was requested.</param>
/// <param name="To">When the session was unpaused; null while the timeline stands still.</param>
public sealed record SessionPause(DateTimeOffset From, DateTimeOffset? To);

/// <summary>All that the farm tells about a session.</summary>
public sealed record SessionSummary(
    SessionId Id,
    SessionPhase Phase,
    DateTimeOffset PhaseSince,
    string Node,
    int Attempt,
    SessionSpec Spec,
    ImmutableList<RecordSummary> Records,
    ImmutableList<SessionFault> Faults,
    ImmutableList<SessionGap> Gaps
)
{
    /// <summary>Whether the session ever recorded. To the caller, a failed start is no session.</summary>
    public bool EverRecorded { get; init; }

    /// <summary>
    /// The outputs at the time of the summary. For an ended session, the figures are final. For a running session,
    /// current figures come from <see cref="GetSession"/>.
    /// </summary>
    [AddedLater]
    public ImmutableList<OutputSummary> Outputs { get; init; } = [];

    /// <summary>Where an RTP session receives.</summary>
    [AddedLater]
    public RtpEndpoint? Endpoint { get; init; }

    /// <summary>Since when the record's timeline stands still at the caller's wish, or null.</summary>
    [AddedLater]
    public DateTimeOffset? PausedSince { get; init; }

    /// <summary>The rules by which the session ends by itself; null without rules, and after its end.</summary>
    [AddedLater]
    public EndRules? End { get; init; }

    /// <summary>When the session ends by itself, as far as that is known; null when nothing says so.</summary>
    [AddedLater]
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Why the session ends or has ended, once that is decided: one of <see cref="Model.EndReason"/> or
    /// <see cref="FaultCode"/>.</summary>
    [AddedLater]
    public string? EndReason { get; init; }

    /// <summary>The marked moments, in the order in which they were given.</summary>
    [AddedLater]
    public ImmutableList<SessionMark> Marks { get; init; } = [];

    /// <summary>Whether the session still has its shard.</summary>
    [JsonIgnore]
    public bool Running =>
        Phase
            is SessionPhase.Starting
                or SessionPhase.WaitingToBegin
                or SessionPhase.WaitingToEnter
                or SessionPhase.Recording
                or SessionPhase.Resuming
                or SessionPhase.WaitingForRoom
                or SessionPhase.Stopping;
}
