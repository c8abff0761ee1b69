using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A message to one session, routed by sharding: <see cref="Shard"/> is the shard, <see cref="Id"/> the
/// entity.</summary>
/// <param name="Id">The session addressed.</param>
public abstract record SessionMessage([property: JsonPropertyOrder(-2)] SessionId Id) : IWireMessage
{
    /// <summary>
    /// The shard that the placement gave the session. One running session has one shard. Negative while the message has
    /// no address: such a message reaches nobody.
    /// </summary>
    [JsonPropertyName("slot"), JsonPropertyOrder(-1)]
    public int Shard { get; init; } = -1;

    /// <summary>The same message with the address of the session.</summary>
    /// <param name="shard">The session's shard, from 0.</param>
    public SessionMessage To(int shard) => this with { Shard = shard };
}

/// <summary>
/// Start the session. Answered by a <see cref="StartReply"/> once the first frame is written (accepted by a stream
/// target in a session without a record; the ports are bound in an RTP session), or it is certain that none will be.
/// </summary>
[Wire("session/start:1")]
public sealed record StartSession(SessionId Id, SessionSpec Spec) : SessionMessage(Id);

/// <summary>Stop the session. Answered by a <see cref="StopReply"/> once its last record is finalised; stopping again
/// answers the same.</summary>
[Wire("session/stop:1")]
public sealed record StopSession(SessionId Id) : SessionMessage(Id);

/// <summary>
/// Resume a session whose node went away. Not answered; the session reports to the placement. To a session that is
/// alive it is only a request to report again.
/// </summary>
[Wire("session/resume:1")]
public sealed record ResumeSession(SessionId Id, SessionSpec Spec) : SessionMessage(Id)
{
    /// <summary>
    /// Until when the session was known to wait for room, or null: it was not away for as long, the farm was too small.
    /// The resume window is counted from the end of its wait.
    /// </summary>
    [AddedLater]
    public DateTimeOffset? WaitedUntil { get; init; }
}

/// <summary>
/// A node that holds records of the session which were never finalised, have no manifest yet or are still to be
/// delivered, is reachable: have that done there. Not answered; the session reports to the placement what has become of
/// them. Told to sessions that have ended too.
/// </summary>
[Wire("session/records-reachable:1")]
public sealed record RecordsReachable(SessionId Id, string Node) : SessionMessage(Id);

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

/// <summary>The life of a session, in the order it is lived; it never goes back past <see cref="Recording"/>.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<SessionPhase>))]
public enum SessionPhase
{
    /// <summary>Nothing is known yet.</summary>
    New,

    /// <summary>Accepted; no frame has been written yet.</summary>
    Starting,

    /// <summary>A record is being written.</summary>
    Recording,

    /// <summary>Recorded before, has lost its media or its node, and is on the way to the next record.</summary>
    Resuming,

    /// <summary>Recorded before, has lost its node, and waits for room on another. Only the farm's list says it: no
    /// node runs the session.</summary>
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

/// <summary>A record as it is told to the outside.</summary>
/// <param name="Path">Absolute path on the node that holds the file.</param>
/// <param name="Attempt">The attempt that wrote it, from 1.</param>
/// <param name="Finished">Whether the file is finalised; a growing or unrepaired record is not.</param>
/// <param name="OpenedAt">When its first frame was written.</param>
/// <param name="Duration">Playing time; null while it grows.</param>
/// <param name="Bytes">Size in bytes; null while it grows.</param>
/// <param name="Repaired">Whether it was rebuilt after the death of its worker.</param>
/// <param name="FramesCaptured">Frames handed to the encoder, as of the last confirmation or of the end of the
/// record.</param>
/// <param name="FramesDropped">Raw frames dropped because the encoder could not keep up, likewise.</param>
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
    /// <summary>The cluster address of the node that holds the file.</summary>
    [AddedLater]
    public string? Node { get; init; }

    /// <summary>What its playlist holds, of a finished record of a session with HLS; null where that is not
    /// known.</summary>
    [AddedLater]
    public HlsLength? Hls { get; init; }

    /// <summary>Whether it was found later, when the session had gone on without it: its segments are none of the
    /// session's playlist.</summary>
    [AddedLater]
    public bool Found { get; init; }

    /// <summary>Whether it opened before it was known how much the playlist of the record before it holds: its segments
    /// are numbered with a jump.</summary>
    [AddedLater]
    public bool Apart { get; init; }

    /// <summary>
    /// When the earliest of the lost records opened that lie between the record before and this one; null without any.
    /// Players may have been shown their segments, of which nobody knows the number any more.
    /// </summary>
    [AddedLater]
    public DateTimeOffset? LostSince { get; init; }

    /// <summary>The SHA-256 of the file in 64 lower-case hexadecimal digits, once its manifest is written; else
    /// null.</summary>
    [AddedLater]
    public string? Sha256 { get; init; }

    /// <summary>Whether the record is finished and its manifest is still to be written.</summary>
    [AddedLater]
    public bool ManifestDue { get; init; }

    /// <summary>Where else the record goes, and how far that is.</summary>
    [AddedLater]
    public ImmutableList<DeliverySummary> Deliveries { get; init; } = [];
}

/// <summary>A fault that a session met, survived or not.</summary>
/// <param name="At">When it was noticed.</param>
/// <param name="Node">The node it happened on.</param>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">What happened.</param>
public sealed record SessionFault(DateTimeOffset At, string Node, string Code, string Message);

/// <summary>A time in which the session should have been recorded and was not.</summary>
/// <param name="From">The last evidence of recording before it.</param>
/// <param name="To">The first evidence after it; null while it lasts.</param>
/// <param name="Code">The <see cref="FaultCode"/> behind it.</param>
public sealed record SessionGap(DateTimeOffset From, DateTimeOffset? To, string Code);

/// <summary>A time in which the record's timeline stood still because it was asked to.</summary>
/// <param name="From">When it was asked to.</param>
/// <param name="To">When it was unpaused; null while it stands still.</param>
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
    /// <summary>Whether the session was ever recording: a start that failed is no session to its caller.</summary>
    public bool EverRecorded { get; init; }

    /// <summary>
    /// The outputs as they were when this was told; a session that has ended has told its final figures. Those of a
    /// running session are asked for by <see cref="GetSession"/>.
    /// </summary>
    [AddedLater]
    public ImmutableList<OutputSummary> Outputs { get; init; } = [];

    /// <summary>Where an RTP session receives.</summary>
    [AddedLater]
    public RtpEndpoint? Endpoint { get; init; }

    /// <summary>Since when the record's timeline stands still at the caller's wish, or null.</summary>
    [AddedLater]
    public DateTimeOffset? PausedSince { get; init; }

    /// <summary>Whether it still has its shard.</summary>
    [JsonIgnore]
    public bool Running =>
        Phase
            is SessionPhase.Starting
                or SessionPhase.Recording
                or SessionPhase.Resuming
                or SessionPhase.WaitingForRoom
                or SessionPhase.Stopping;
}
