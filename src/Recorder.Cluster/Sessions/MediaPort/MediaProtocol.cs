using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.MediaPort;

/// <summary>
/// The media side of sessions: it makes the one child through which a session owns its display, sound, browser and
/// worker. The product's is in the node; tests of placement and cluster bring a simulated one.
/// </summary>
public interface ISessionMedia
{
    /// <summary>
    /// The props of a session's media child. It speaks the messages of this file with its parent and ends every process
    /// it started when it stops. It does nothing before it is told to.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="spec">What it records; a child of one kind of spec serves that kind only.</param>
    Props MediaOf(SessionId session, SessionSpec spec);

    /// <summary>The folder records of this node go to, as an absolute path.</summary>
    string RecordsFolder { get; }
}

/// <summary>What a session tells its media child.</summary>
public interface IMediaCommand;

/// <summary>
/// Bring up display, sound, browser and worker side by side, load the page and write the record; or bind the ports of
/// an RTP session. Answered by <see cref="FirstFrameWritten"/> (after <see cref="PortsBound"/> for RTP) or
/// <see cref="MediaFailed"/>.
/// </summary>
/// <remarks>
/// In <see cref="RecordingMode.Stream"/> the first target that accepts the publish counts as the first frame. If each
/// of them refuses before one has accepted, the answer is <see cref="MediaFailed"/> with
/// <see cref="FaultCode.StreamFailed"/> and the first target's redacted address and answer in its message; but when the
/// session <see cref="Resumes"/>, the first encoded picture counts. In every other mode a refusing target is only told
/// by <see cref="OutputChanged"/>.
/// </remarks>
/// <param name="Attempt">The attempt, from 1.</param>
/// <param name="Spec">What to record.</param>
/// <param name="RecordPath">The absolute path of the record, whose file does not exist yet; null exactly when the spec
/// writes no record.</param>
public sealed record BeginRecording(int Attempt, SessionSpec Spec, string? RecordPath) : IMediaCommand
{
    /// <summary>The stream targets as they are now; they may differ from those of the spec.</summary>
    public ImmutableList<StreamOutput> Targets { get; init; } = [];

    /// <summary>Whether the session has recorded or streamed before: a stream target that refuses is retried then, and
    /// ends nothing.</summary>
    public bool Resumes { get; init; }

    /// <summary>Where an earlier attempt received, or null: its ports are bound again where they are free, so that the
    /// sender need not be told.</summary>
    public RtpEndpoint? Endpoint { get; init; }
}

/// <summary>
/// Resume with the next record and the display, sound and browser that are up, after <see cref="WorkerLost"/>. Answered
/// like a <see cref="BeginRecording"/> that resumes.
/// </summary>
/// <param name="RecordPath">The absolute path of the next record; null exactly when the spec writes no record.</param>
public sealed record ResumeRecording(string? RecordPath) : IMediaCommand
{
    /// <summary>The stream targets as they are now.</summary>
    public ImmutableList<StreamOutput> Targets { get; init; } = [];

    /// <summary>Where the worker before received, or null; as in <see cref="BeginRecording.Endpoint"/>.</summary>
    public RtpEndpoint? Endpoint { get; init; }
}

/// <summary>
/// End the record, and every stream. Answered by <see cref="RecordFinished"/> or <see cref="RecordUnrecoverable"/>,
/// after which the media child has ended every process and only awaits its own stop.
/// </summary>
public sealed record FinishRecording : IMediaCommand;

/// <summary>
/// Stream to these targets from now on: connect those that are new, close those that are gone, leave the others alone.
/// Told only between a first frame and its end. Not answered; <see cref="OutputChanged"/> tells what becomes of each.
/// </summary>
/// <param name="Targets">All targets, each with the id of its output.</param>
public sealed record ChangeStreamTargets(ImmutableList<StreamOutput> Targets) : IMediaCommand;

/// <summary>
/// Let the record's timeline stand still: nothing more goes into the file, streams are kept alive. Answered by
/// <see cref="PauseChanged"/>. Told only between a first frame and its end. <see cref="RecordGrew"/> goes on once a
/// second.
/// </summary>
public sealed record PauseRecording : IMediaCommand;

/// <summary>Unpause: the record's timeline runs again after <see cref="PauseRecording"/>. Answered by
/// <see cref="PauseChanged"/>.</summary>
public sealed record UnpauseRecording : IMediaCommand;

/// <summary>Make a JPEG of the picture now. Answered by <see cref="ThumbnailTaken"/> or <see cref="ThumbnailFailed"/>,
/// within 3 seconds.</summary>
public sealed record TakeThumbnail : IMediaCommand;

/// <summary>
/// Make the file of a dead worker playable. Answered by <see cref="RecordFinished"/> with <c>Repaired</c> set, or
/// <see cref="RecordUnrecoverable"/>. May be asked at any time, while another record is being written too.
/// </summary>
/// <param name="RecordPath">The absolute path of the record.</param>
/// <param name="Container">Its container.</param>
public sealed record RepairRecord(string RecordPath, RecordContainer Container) : IMediaCommand;

/// <summary>What a media child tells its session.</summary>
public interface IMediaEvent;

/// <summary>The first encoded frame of a record is in the file, of what is received a picture or sound; or, without a
/// record, a stream target has accepted the publish.</summary>
/// <param name="RecordPath">The record; null exactly when the spec writes none, here and in the events below.</param>
/// <param name="At">When the record, or the stream, began.</param>
public sealed record FirstFrameWritten(string? RecordPath, DateTimeOffset At) : IMediaEvent;

/// <summary>An RTP session's ports are bound: from now on the sender may send, and the session counts as
/// started.</summary>
/// <param name="RecordPath">The record that awaits its first frame.</param>
/// <param name="Endpoint">Where to send to.</param>
/// <param name="At">When they were bound.</param>
public sealed record PortsBound(string RecordPath, RtpEndpoint Endpoint, DateTimeOffset At) : IMediaEvent;

/// <summary>
/// Once a second from the first frame (or, of an RTP session, from <see cref="PortsBound"/>) until the end: the record
/// grows, is paused, or awaits its sender. All counts are since the record's first frame.
/// </summary>
/// <param name="RecordPath">The record.</param>
/// <param name="At">When this was counted.</param>
/// <param name="FramesCaptured">Frames handed to the encoder.</param>
/// <param name="FramesDropped">Raw frames dropped because the encoder could not keep up.</param>
/// <param name="Bytes">Size of the file in bytes; 0 without a record.</param>
/// <param name="Duration">Playing time so far.</param>
public sealed record RecordGrew(
    string? RecordPath,
    DateTimeOffset At,
    long FramesCaptured,
    long FramesDropped,
    long Bytes,
    TimeSpan Duration
) : IMediaEvent
{
    /// <summary>Encoded frames that are in the record: not those of a pause, nor those that the encoder still
    /// holds.</summary>
    public long FramesRecorded { get; init; } = FramesCaptured;

    /// <summary>The figures behind it, of a session that captures a page.</summary>
    public CaptureStatistics? Capture { get; init; }

    /// <summary>What was received, of an RTP session.</summary>
    public RtpStatistics? Rtp { get; init; }
}

/// <summary>
/// The state of a stream target's or the HLS output has changed, or, once a second, its counters have. The record's own
/// output is not told: the session knows it. A target that is being retried stays <see cref="OutputState.Retrying"/>
/// until it is active again.
/// </summary>
public sealed record OutputChanged(OutputSummary Output) : IMediaEvent;

/// <summary>The record's timeline stands still, or runs again.</summary>
public sealed record PauseChanged(bool Paused, DateTimeOffset At) : IMediaEvent;

/// <summary>The picture that was asked for.</summary>
/// <param name="Jpeg">A JPEG of the recording's size, or smaller, of at most
/// <see cref="SessionThumbnail.MaximumBytes"/>.</param>
/// <param name="At">When the picture was on the display, at most one second ago.</param>
public sealed record ThumbnailTaken(byte[] Jpeg, DateTimeOffset At) : IMediaEvent;

/// <summary>There is no picture to give.</summary>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record ThumbnailFailed(string Message) : IMediaEvent;

/// <summary>Nothing usable has come from the sender of an RTP session for 5 seconds, at the start or later. The record
/// goes on waiting.</summary>
/// <param name="At">When the last of it came, or when the ports were bound.</param>
/// <param name="Message">One sentence a person can act on: what was awaited where, and what came instead, if
/// anything.</param>
public sealed record SenderSilent(DateTimeOffset At, string Message) : IMediaEvent;

/// <summary>A second sender sends to a port of an RTP session, and is not recorded as long as the first one sends. Told
/// of a few senders only.</summary>
/// <param name="At">When.</param>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record SenderIgnored(DateTimeOffset At, string Message) : IMediaEvent;

/// <summary>A page's sound did not come in time, and a record holds silence in its place. Told a few times a record
/// only.</summary>
/// <param name="At">When that was over.</param>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record SoundMissed(DateTimeOffset At, string Message) : IMediaEvent;

/// <summary>The sender is heard again.</summary>
public sealed record SenderHeard(DateTimeOffset At) : IMediaEvent;

/// <summary>
/// What the sender of an RTP session sends broke the reception. It is begun anew by itself, after longer and longer
/// waits; told once, and once more when it goes on.
/// </summary>
/// <param name="At">When.</param>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record ReceptionFailed(DateTimeOffset At, string Message) : IMediaEvent;

/// <summary>A record is finalised and playable; or, without a record, the streams are closed.</summary>
/// <param name="RecordPath">The record.</param>
/// <param name="Duration">Playing time.</param>
/// <param name="Bytes">Size in bytes; 0 without a record.</param>
/// <param name="Repaired">Whether it was rebuilt after the death of its worker.</param>
public sealed record RecordFinished(string? RecordPath, TimeSpan Duration, long Bytes, bool Repaired) : IMediaEvent
{
    /// <summary>What its playlist holds; null without one.</summary>
    public HlsLength? Hls { get; init; }
}

/// <summary>Nothing playable can be made of a record.</summary>
/// <param name="RecordPath">The record.</param>
/// <param name="Message">One sentence a person can act on.</param>
/// <param name="Code">One of <see cref="FaultCode"/>: <see cref="FaultCode.SenderSilent"/> when nothing was ever
/// received.</param>
public sealed record RecordUnrecoverable(string? RecordPath, string Message, string Code = FaultCode.PipelineFailed)
    : IMediaEvent;

/// <summary>
/// The worker died or stalled. Display, sound and browser are still up; the session answers with
/// <see cref="ResumeRecording"/> and asks for the repair of the old record.
/// </summary>
public sealed record WorkerLost(string? RecordPath, string Code, string Message) : IMediaEvent;

/// <summary>The browser is gone or hangs, and is being restarted inside the same record.</summary>
public sealed record BrowserLost(DateTimeOffset At, string Message) : IMediaEvent;

/// <summary>The restarted browser shows the page again.</summary>
public sealed record BrowserRestored(DateTimeOffset At) : IMediaEvent;

/// <summary>
/// The page does not do what it was opened for: it has gone to an address that does not load, does not answer, or has
/// the browser ask a person for something. The record goes on.
/// </summary>
/// <param name="At">When.</param>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record PageTroubled(DateTimeOffset At, string Message) : IMediaEvent
{
    /// <summary>One of <see cref="FaultCode"/>.</summary>
    public string Code { get; init; } = FaultCode.PageFailed;
}

/// <summary>
/// The media set cannot go on; every process of it has ended. A record that was open has been finalised and told by
/// <see cref="RecordFinished"/> before this where that was possible; else it needs <see cref="RepairRecord"/>.
/// </summary>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record MediaFailed(string Code, string Message) : IMediaEvent;
