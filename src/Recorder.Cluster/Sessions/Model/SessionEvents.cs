using System.Collections.Immutable;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A fact in the life of a session: what happened, when, and on which node.</summary>
public interface ISessionEvent : IWireMessage
{
    /// <summary>When it happened, by the clock of <see cref="Node"/>.</summary>
    DateTimeOffset At { get; }

    /// <summary>The cluster address of the node it happened on.</summary>
    string Node { get; }
}

/// <summary>The session exists.</summary>
[Wire("session-event/accepted:1")]
public sealed record SessionAccepted(SessionId Id, SessionSpec Spec, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>One life of the session on one node begins; a resume is a further attempt.</summary>
[Wire("session-event/attempt-started:1")]
public sealed record AttemptStarted(int Attempt, DateTimeOffset At, string Node) : ISessionEvent
{
    /// <summary>Until when the session waited for room before, or null.</summary>
    [AddedLater]
    public DateTimeOffset? WaitedUntil { get; init; }
}

/// <summary>The next record has a name. Persisted before the file is made, so that no file can be forgotten.</summary>
[Wire("session-event/record-named:1")]
public sealed record RecordNamed(string Path, int Attempt, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The first encoded frame of the record is in the file.</summary>
[Wire("session-event/record-opened:1")]
public sealed record RecordOpened(string Path, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>
/// The record still grows. Written every few seconds: it is the evidence from which gaps and the resume window are
/// counted, and a fence, since a stale incarnation of the session stops at the journal's unique index when it writes
/// its own.
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
    /// <summary>Encoded frames that are in the record; null where they were not counted apart from those
    /// captured.</summary>
    [AddedLater]
    public long? FramesRecorded { get; init; }
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
    /// <summary>What its playlist holds; null without one, or where that is not known.</summary>
    [AddedLater]
    public HlsLength? Hls { get; init; }
}

/// <summary>The manifest of a finished record stands beside it.</summary>
/// <param name="Path">The record.</param>
/// <param name="Sha256">The record's SHA-256 in 64 lower-case hexadecimal digits.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds the record.</param>
[Wire("session-event/manifest-written:1")]
public sealed record ManifestWritten(string Path, string Sha256, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>A finished record gets no manifest: the file is gone, or something else has the manifest's name.</summary>
[Wire("session-event/manifest-given-up:1")]
public sealed record ManifestGivenUp(string Path, string Message, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>Nothing playable could be made of the record.</summary>
[Wire("session-event/record-lost:1")]
public sealed record RecordLost(string Path, string Message, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>
/// A node has a record that was begun for the session in a hand-over which the node before did not live to complete,
/// and that no attempt went on with.
/// </summary>
/// <param name="Path">The record.</param>
/// <param name="Attempt">The attempt that it was begun for.</param>
/// <param name="OpenedAt">When its first frame was written.</param>
/// <param name="Duration">Its playing time; null while it needs a repair.</param>
/// <param name="Bytes">Its size in bytes; null likewise.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds it.</param>
[Wire("session-event/record-found:1")]
public sealed record RecordFound(
    string Path,
    int Attempt,
    DateTimeOffset OpenedAt,
    TimeSpan? Duration,
    long? Bytes,
    DateTimeOffset At,
    string Node
) : ISessionEvent;

/// <summary>Something failed.</summary>
[Wire("session-event/fault-met:1")]
public sealed record FaultMet(string Code, string Message, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>Nothing is written any more: the worker, the media set or the node is gone.</summary>
/// <param name="From">The last evidence of recording: where the gap begins.</param>
/// <param name="Code">The <see cref="FaultCode"/> behind it.</param>
/// <param name="MediaEnded">Whether browser, display and sound are gone too; else only the worker is.</param>
/// <param name="At">When it was noticed.</param>
/// <param name="Node">Where it was noticed.</param>
[Wire("session-event/recording-interrupted:1")]
public sealed record RecordingInterrupted(
    DateTimeOffset From,
    string Code,
    bool MediaEnded,
    DateTimeOffset At,
    string Node
) : ISessionEvent;

/// <summary>
/// A session without a record is to stream from now on: what <see cref="RecordNamed"/> is to one with a record. It ends
/// with <see cref="StreamingEnded"/> or <see cref="RecordingInterrupted"/>.
/// </summary>
[Wire("session-event/streaming-planned:1")]
public sealed record StreamingPlanned(int Attempt, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>A stream target of a session without a record has accepted the publish.</summary>
[Wire("session-event/streaming-began:1")]
public sealed record StreamingBegan(DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>A session without a record still streams; evidence and fence, as <see cref="RecordConfirmed"/>.</summary>
[Wire("session-event/streaming-confirmed:1")]
public sealed record StreamingConfirmed(long FramesCaptured, long FramesDropped, DateTimeOffset At, string Node)
    : ISessionEvent;

/// <summary>The streams of a session without a record are closed.</summary>
[Wire("session-event/streaming-ended:1")]
public sealed record StreamingEnded(DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The stream targets of the session are these from now on.</summary>
[Wire("session-event/targets-changed:1")]
public sealed record TargetsChanged(ImmutableList<StreamOutput> Targets, DateTimeOffset At, string Node)
    : ISessionEvent;

/// <summary>The ports of an RTP session are bound; it counts as started, though nothing may have been received
/// yet.</summary>
[Wire("session-event/ports-bound:1")]
public sealed record SessionPortsBound(RtpEndpoint Endpoint, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The caller wants the record's timeline to stand still. What it leaves out is no gap.</summary>
[Wire("session-event/recording-paused:1")]
public sealed record RecordingPaused(DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The caller has unpaused the session: the record's timeline is to run again.</summary>
[Wire("session-event/recording-continued:1")]
public sealed record RecordingUnpaused(DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The browser is gone or hangs, or the sender is silent; the record goes on with a picture that stands still,
/// or waits.</summary>
[Wire("session-event/picture-lost:1")]
public sealed record PictureLost(DateTimeOffset At, string Node) : ISessionEvent
{
    /// <summary>The <see cref="FaultCode"/> behind it; null is <see cref="FaultCode.BrowserFailed"/>.</summary>
    [AddedLater]
    public string? Code { get; init; }
}

/// <summary>The browser shows the page again, or the sender sends again.</summary>
[Wire("session-event/picture-restored:1")]
public sealed record PictureRestored(DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The session is to end, and how; what is still open is finalised or repaired first.</summary>
/// <param name="Outcome"><see cref="SessionPhase.Stopped"/>, <see cref="SessionPhase.Failed"/> or
/// <see cref="SessionPhase.Interrupted"/>.</param>
/// <param name="Code">The <see cref="FaultCode"/> behind it, or null when it was asked for.</param>
/// <param name="Message">One sentence a person can act on, or null.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Node">Where it was decided.</param>
[Wire("session-event/end-decided:1")]
public sealed record EndDecided(SessionPhase Outcome, string? Code, string? Message, DateTimeOffset At, string Node)
    : ISessionEvent;

/// <summary>The session has ended; every record of it is closed or lost.</summary>
[Wire("session-event/ended:1")]
public sealed record SessionEnded(DateTimeOffset At, string Node) : ISessionEvent
{
    /// <summary>The outputs as they were at the end.</summary>
    [AddedLater]
    public ImmutableList<OutputSummary> Outputs { get; init; } = [];
}
