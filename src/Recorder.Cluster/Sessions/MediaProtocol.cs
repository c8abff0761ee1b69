using Akka.Actor;

namespace Recorder.Cluster.Sessions;

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
    Props MediaOf(SessionId session);

    /// <summary>The folder records of this node go to, as an absolute path.</summary>
    string RecordsFolder { get; }
}

/// <summary>What a session tells its media child.</summary>
public interface IMediaCommand;

/// <summary>
/// Bring up display, sound, browser and worker side by side, load the page and write the record. Answered by
/// <see cref="FirstFrameWritten"/> or <see cref="MediaFailed"/>.
/// </summary>
/// <param name="Attempt">The attempt, from 1.</param>
/// <param name="Spec">What to record.</param>
/// <param name="RecordPath">The absolute path of the record; the file does not exist yet.</param>
public sealed record BeginRecording(int Attempt, SessionSpec Spec, string RecordPath) : IMediaCommand;

/// <summary>
/// Go on into the next record with the display, sound and browser that are up, after <see cref="WorkerLost"/>. Answered
/// like <see cref="BeginRecording"/>.
/// </summary>
/// <param name="RecordPath">The absolute path of the next record.</param>
public sealed record ContinueRecording(string RecordPath) : IMediaCommand;

/// <summary>
/// End the record. Answered by <see cref="RecordFinished"/> or <see cref="RecordUnrecoverable"/>, after which the media
/// child has ended every process and only awaits its own stop.
/// </summary>
public sealed record FinishRecording : IMediaCommand;

/// <summary>
/// Make the file of a dead worker playable. Answered by <see cref="RecordFinished"/> with <c>Repaired</c> set, or
/// <see cref="RecordUnrecoverable"/>. May be asked at any time, while another record is being written too.
/// </summary>
/// <param name="RecordPath">The absolute path of the record.</param>
/// <param name="Container">Its container.</param>
public sealed record RepairRecord(string RecordPath, RecordContainer Container) : IMediaCommand;

/// <summary>What a media child tells its session.</summary>
public interface IMediaEvent;

/// <summary>The first encoded frame of a record is in the file.</summary>
public sealed record FirstFrameWritten(string RecordPath, DateTimeOffset At) : IMediaEvent;

/// <summary>Once a second while recording: the record grows. All counts are since the record's first frame.</summary>
/// <param name="RecordPath">The record.</param>
/// <param name="At">When this was counted.</param>
/// <param name="FramesCaptured">Frames handed to the encoder.</param>
/// <param name="FramesDropped">Raw frames dropped because the encoder could not keep up.</param>
/// <param name="Bytes">Size of the file in bytes.</param>
/// <param name="Duration">Playing time so far.</param>
public sealed record RecordGrew(
    string RecordPath, DateTimeOffset At, long FramesCaptured, long FramesDropped, long Bytes, TimeSpan Duration) : IMediaEvent;

/// <summary>A record is finalised and playable.</summary>
/// <param name="RecordPath">The record.</param>
/// <param name="Duration">Playing time.</param>
/// <param name="Bytes">Size in bytes.</param>
/// <param name="Repaired">Whether it was rebuilt after the death of its worker.</param>
public sealed record RecordFinished(string RecordPath, TimeSpan Duration, long Bytes, bool Repaired) : IMediaEvent;

/// <summary>Nothing playable can be made of a record.</summary>
public sealed record RecordUnrecoverable(string RecordPath, string Message) : IMediaEvent;

/// <summary>
/// The worker died or stalled. Display, sound and browser are still up; the session answers with
/// <see cref="ContinueRecording"/> and asks for the repair of the old record.
/// </summary>
public sealed record WorkerLost(string RecordPath, string Code, string Message) : IMediaEvent;

/// <summary>The browser is gone or hangs, and is being restarted inside the same record.</summary>
public sealed record BrowserLost(DateTimeOffset At, string Message) : IMediaEvent;

/// <summary>The restarted browser shows the page again.</summary>
public sealed record BrowserRestored(DateTimeOffset At) : IMediaEvent;

/// <summary>
/// The media set cannot go on; every process of it has ended. A record that was open has been finalised and told by
/// <see cref="RecordFinished"/> before this where that was possible; else it needs <see cref="RepairRecord"/>.
/// </summary>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record MediaFailed(string Code, string Message) : IMediaEvent;
