using System.Collections.Immutable;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A fact in the life of a session: what happened, when, and on which node.</summary>
public interface ISessionEvent : IWireMessage
{
    /// <summary>When it happened, by the clock of <see cref="Node"/>.</summary>
    DateTimeOffset At { get; }

    /// <summary>The cluster address of the node where it happened.</summary>
    string Node { get; }
}

/// <summary>The session exists.</summary>
[Wire("session-event/accepted:1")]
public sealed record SessionAccepted(SessionId Id, SessionSpec Spec, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>One life of the session on one node begins. Each resume on another node begins a further
/// attempt.</summary>
[Wire("session-event/attempt-started:1")]
public sealed record AttemptStarted(int Attempt, DateTimeOffset At, string Node) : ISessionEvent
{
    /// <summary>Until when the session waited for room before the attempt, or null.</summary>
    [AddedLater]
    public DateTimeOffset? WaitedUntil { get; init; }

    /// <summary>The id of the node, whose address may later be another node's; null in events of earlier
    /// versions.</summary>
    [AddedLater]
    public NodeId? NodeId { get; init; }
}

/// <summary>The next record has a name. Persisted before the file is made, so that no file can be forgotten.</summary>
[Wire("session-event/record-named:1")]
public sealed record RecordNamed(string Path, int Attempt, DateTimeOffset At, string Node) : ISessionEvent
{
    /// <summary>The folder that the record belongs to, wherever the folder is; null in events of earlier
    /// versions.</summary>
    [AddedLater]
    public FolderId? Folder { get; init; }
}

/// <summary>The first encoded frame of the record is in the file.</summary>
[Wire("session-event/record-opened:1")]
public sealed record RecordOpened(string Path, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>
/// The record still grows. Written every few seconds. Gaps and the resume window are counted from this evidence. The
/// event is also a fence: a stale incarnation that writes its own event fails at the journal's unique index and
/// stops.
/// </summary>
[Wire("session-event/record-confirmed:1")]
public sealed record RecordConfirmed(
    string Path,
    long FramesCaptured,
    long FramesDropped,
    DateTimeOffset At,
    string Node
) : ISessionEvent
{
    /// <summary>Encoded frames in the record; null when they were not counted separately from the captured
    /// frames.</summary>
    [AddedLater]
    public long? FramesRecorded { get; init; }

    /// <summary>The size of the record's file so far, in bytes; null when nobody said.</summary>
    [AddedLater]
    public long? Bytes { get; init; }
}

/// <summary>The record is finalised and playable.</summary>
[Wire("session-event/record-closed:1")]
public sealed record RecordClosed(
    string Path,
    TimeSpan Duration,
    long Bytes,
    bool Repaired,
    DateTimeOffset At,
    string Node
) : ISessionEvent
{
    /// <summary>The contents of the record's playlist; null without a playlist, or when its contents are not
    /// known.</summary>
    [AddedLater]
    public HlsLength? Hls { get; init; }
}

/// <summary>The manifest of a finished record is written beside the record.</summary>
/// <param name="Path">The record.</param>
/// <param name="Sha256">The record's SHA-256 in 64 lower-case hexadecimal digits.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds the record.</param>
[Wire("session-event/manifest-written:1")]
public sealed record ManifestWritten(string Path, string Sha256, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>A finished record gets no manifest: the file is gone, or another file has the manifest's name.</summary>
[Wire("session-event/manifest-given-up:1")]
public sealed record ManifestGivenUp(string Path, string Message, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>Nothing playable could be made of the record.</summary>
[Wire("session-event/record-lost:1")]
public sealed record RecordLost(string Path, string Message, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>
/// The record that is to be finalised is not where it could be looked for: its folder is away, or another folder is in
/// its place. The record is asked for again when its folder is back.
/// </summary>
/// <param name="Path">The record.</param>
/// <param name="Message">The reason, as one or more sentences that a person can act on.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that was asked.</param>
[Wire("session-event/record-away:1")]
public sealed record RecordWentAway(string Path, string Message, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>
/// A node has a record that was begun for the session in a hand-over, but the earlier node died before completing the
/// hand-over. No attempt has adopted the record.
/// </summary>
/// <param name="Path">The record.</param>
/// <param name="Attempt">The attempt that the record was begun for.</param>
/// <param name="OpenedAt">When the record's first frame was written.</param>
/// <param name="Duration">The record's playing time; null while the record needs a repair.</param>
/// <param name="Bytes">The record's size in bytes; null while the record needs a repair.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds the record.</param>
[Wire("session-event/record-found:1")]
public sealed record RecordFound(
    string Path,
    int Attempt,
    DateTimeOffset OpenedAt,
    TimeSpan? Duration,
    long? Bytes,
    DateTimeOffset At,
    string Node
) : ISessionEvent
{
    /// <summary>The folder that the record belongs to; null in events of earlier versions.</summary>
    [AddedLater]
    public FolderId? Folder { get; init; }
}

/// <summary>Something failed.</summary>
[Wire("session-event/fault-met:1")]
public sealed record FaultMet(string Code, string Message, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>Writing has stopped: the worker, the media set or the node is gone.</summary>
/// <param name="From">The last evidence of recording, where the gap begins.</param>
/// <param name="Code">The <see cref="FaultCode"/> behind the interruption.</param>
/// <param name="MediaEnded">True when browser, display and sound are gone too; false when only the worker is
/// gone.</param>
/// <param name="At">When the interruption was noticed.</param>
/// <param name="Node">Where the interruption was noticed.</param>
[Wire("session-event/recording-interrupted:1")]
public sealed record RecordingInterrupted(
    DateTimeOffset From,
    string Code,
    bool MediaEnded,
    DateTimeOffset At,
    string Node
) : ISessionEvent;

/// <summary>
/// A session without a record is to stream from now on. The event corresponds to <see cref="RecordNamed"/> of a
/// session with a record. The streaming ends with <see cref="StreamingEnded"/> or <see cref="RecordingInterrupted"/>.
/// </summary>
[Wire("session-event/streaming-planned:1")]
public sealed record StreamingPlanned(int Attempt, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>A stream target of a session without a record has accepted the publish.</summary>
[Wire("session-event/streaming-began:1")]
public sealed record StreamingBegan(DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>A session without a record still streams. Evidence and fence, like
/// <see cref="RecordConfirmed"/>.</summary>
[Wire("session-event/streaming-confirmed:1")]
public sealed record StreamingConfirmed(long FramesCaptured, long FramesDropped, DateTimeOffset At, string Node)
    : ISessionEvent;

/// <summary>The streams of a session without a record are closed.</summary>
[Wire("session-event/streaming-ended:1")]
public sealed record StreamingEnded(DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The session's stream targets have changed to these.</summary>
[Wire("session-event/targets-changed:1")]
public sealed record TargetsChanged(ImmutableList<StreamOutput> Targets, DateTimeOffset At, string Node)
    : ISessionEvent;

/// <summary>An output began to take media, was lost and is tried again, or is given up.</summary>
/// <param name="Output">The id of the output.</param>
/// <param name="Kind">The kind of output.</param>
/// <param name="Target">The redacted address of the target, or the folder of the playlist.</param>
/// <param name="State">The state since this event.</param>
/// <param name="Reason">Why the output is retried or was given up; otherwise null.</param>
/// <param name="Retries">How often the output was retried before.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node of the session.</param>
[Wire("session-event/output-state-changed:1")]
public sealed record OutputStateChanged(
    string Output,
    OutputKind Kind,
    string Target,
    OutputState State,
    string? Reason,
    int Retries,
    DateTimeOffset At,
    string Node
) : ISessionEvent;

/// <summary>The ports of an RTP session are bound. The session counts as started, though no media may have been
/// received yet.</summary>
[Wire("session-event/ports-bound:1")]
public sealed record SessionPortsBound(RtpEndpoint Endpoint, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The caller wants the record's timeline to stand still. The time left out is no gap.</summary>
[Wire("session-event/recording-paused:1")]
public sealed record RecordingPaused(DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The caller has unpaused the session: the record's timeline is to run again.</summary>
[Wire("session-event/recording-continued:1")]
public sealed record RecordingUnpaused(DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The browser is gone or hangs, or the sender is silent. The record continues with a picture that stands
/// still, or waits.</summary>
[Wire("session-event/picture-lost:1")]
public sealed record PictureLost(DateTimeOffset At, string Node) : ISessionEvent
{
    /// <summary>The <see cref="FaultCode"/> behind the loss; null means
    /// <see cref="FaultCode.BrowserFailed"/>.</summary>
    [AddedLater]
    public string? Code { get; init; }
}

/// <summary>The browser shows the page again, or the sender sends again.</summary>
[Wire("session-event/picture-restored:1")]
public sealed record PictureRestored(DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The end of the session, and its kind, are decided. Open records are finalised or repaired
/// first.</summary>
/// <param name="Outcome"><see cref="SessionPhase.Stopped"/>, <see cref="SessionPhase.Failed"/> or
/// <see cref="SessionPhase.Interrupted"/>.</param>
/// <param name="Code">The <see cref="FaultCode"/> behind the end, or null when the caller asked for the end.</param>
/// <param name="Message">One sentence a person can act on, or null.</param>
/// <param name="At">When the end was decided.</param>
/// <param name="Node">Where the end was decided.</param>
[Wire("session-event/end-decided:1")]
public sealed record EndDecided(SessionPhase Outcome, string? Code, string? Message, DateTimeOffset At, string Node)
    : ISessionEvent
{
    /// <summary>Which rule ended the session, one of <see cref="EndReason"/>; null when no rule did.</summary>
    [AddedLater]
    public string? Reason { get; init; }
}

/// <summary>The rules by which the session ends by itself have changed to these.</summary>
[Wire("session-event/end-rules-changed:1")]
public sealed record EndRulesChanged(EndRules Rules, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The page of the session shows another address, or has another style sheet, from now on.</summary>
/// <param name="Change">What has changed.</param>
/// <param name="At">When that was decided.</param>
/// <param name="Node">The node of the session.</param>
[Wire("session-event/page-changed:1")]
public sealed record PageChanged(PageChange Change, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>A condition holds that ends the session if the condition goes on.</summary>
/// <param name="Reason">One of <see cref="EndReason"/>.</param>
/// <param name="Since">Since when the condition holds.</param>
/// <param name="At">When that was decided.</param>
/// <param name="Node">The node of the session.</param>
[Wire("session-event/condition-began:1")]
public sealed record ConditionBegan(string Reason, DateTimeOffset Since, DateTimeOffset At, string Node)
    : ISessionEvent;

/// <summary>A condition that would have ended the session holds no more.</summary>
[Wire("session-event/condition-ended:1")]
public sealed record ConditionEnded(string Reason, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The session ends by itself in at most a minute, unless something changes.</summary>
/// <param name="Reason">One of <see cref="EndReason"/>.</param>
/// <param name="EndsAt">When the session ends.</param>
/// <param name="At">When this was noticed.</param>
/// <param name="Node">The node of the session.</param>
[Wire("session-event/ends-soon:1")]
public sealed record SessionEndsSoon(string Reason, DateTimeOffset EndsAt, DateTimeOffset At, string Node)
    : ISessionEvent;

/// <summary>The session has ended; each of its records is closed or lost.</summary>
[Wire("session-event/ended:1")]
public sealed record SessionEnded(DateTimeOffset At, string Node) : ISessionEvent
{
    /// <summary>The outputs as they were at the end.</summary>
    [AddedLater]
    public ImmutableList<OutputSummary> Outputs { get; init; } = [];
}
