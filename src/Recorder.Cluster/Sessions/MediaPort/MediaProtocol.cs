using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.MediaPort;

/// <summary>
/// The media side of sessions. It makes the one child through which a session owns its display, sound, browser and
/// worker. The product's implementation is in the node; tests of placement and cluster bring a simulated one.
/// </summary>
public interface ISessionMedia
{
    /// <summary>
    /// The props of a session's media child. The child exchanges the messages of this file with its parent. When it
    /// stops, it ends every process that it started. It does nothing before its first command.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="spec">What the session records. A child for one kind of spec serves only that kind.</param>
    Props MediaOf(SessionId session, SessionSpec spec);

    /// <summary>The folder for the records of this node, as an absolute path.</summary>
    string RecordsFolder { get; }

    /// <summary>Makes a picture of a finished record.</summary>
    /// <param name="session">The session.</param>
    /// <param name="record">The path of the record.</param>
    /// <param name="picture">The path of the new picture, a JPEG.</param>
    /// <returns>Null when the picture is made, or else why not, as one sentence.</returns>
    Task<string?> MakePosterAsync(SessionId session, string record, string picture) =>
        Task.FromResult<string?>("This node makes no pictures of records.");
}

/// <summary>A command from a session to its media child.</summary>
public interface IMediaCommand;

/// <summary>
/// Bring up display, sound, browser and worker at the same time, load the page and write the record. For an RTP
/// session: bind the ports. Answered by <see cref="FirstFrameWritten"/> (after <see cref="PortsBound"/> for RTP) or
/// <see cref="MediaFailed"/>.
/// </summary>
/// <remarks>
/// In <see cref="RecordingMode.Stream"/> the first target that accepts the publish counts as the first frame. If
/// every target refuses before one has accepted, the answer is <see cref="MediaFailed"/> with
/// <see cref="FaultCode.StreamFailed"/>. Its message has the first target's redacted address and answer. When the
/// session <see cref="Resumes"/>, the first encoded picture counts instead. In every other mode only
/// <see cref="OutputChanged"/> tells of a refusing target.
/// </remarks>
/// <param name="Attempt">The attempt, from 1.</param>
/// <param name="Spec">What to record.</param>
/// <param name="RecordPath">The absolute path of the record, whose file does not exist yet. Null exactly when the
/// spec writes no record.</param>
public sealed record BeginRecording(int Attempt, SessionSpec Spec, string? RecordPath) : IMediaCommand
{
    /// <summary>The present stream targets, which may differ from those of the spec.</summary>
    public ImmutableList<StreamOutput> Targets { get; init; } = [];

    /// <summary>Whether the session has recorded or streamed before. Then a refusing stream target is retried, and
    /// ends nothing.</summary>
    public bool Resumes { get; init; }

    /// <summary>The rules by which the session ends, of which the page is watched for some.</summary>
    public EndRules End { get; init; } = EndRules.None;

    /// <summary>Whether the record begins whatever the page shows: the rule for the beginning has been
    /// decided.</summary>
    public bool Anyway { get; init; }

    /// <summary>Whether the page was recorded before, so that the beginning is awaited for a short time only. A meeting
    /// comes only once.</summary>
    public bool Rejoins { get; init; }

    /// <summary>Where an earlier attempt received, or null. Its ports are bound again if they are free, so that the
    /// sender need not be told new ones.</summary>
    public RtpEndpoint? Endpoint { get; init; }
}

/// <summary>
/// Resume with the next record after <see cref="WorkerLost"/>, with the same display, sound and browser. Answered
/// like a <see cref="BeginRecording"/> that resumes.
/// </summary>
/// <param name="RecordPath">The absolute path of the next record; null exactly when the spec writes no record.</param>
public sealed record ResumeRecording(string? RecordPath) : IMediaCommand
{
    /// <summary>The present stream targets.</summary>
    public ImmutableList<StreamOutput> Targets { get; init; } = [];

    /// <summary>Where the previous worker received, or null; as in <see cref="BeginRecording.Endpoint"/>.</summary>
    public RtpEndpoint? Endpoint { get; init; }
}

/// <summary>Watch the page for the words of these rules from now on. Told when the rules have changed.</summary>
/// <param name="End">The rules by which the session ends.</param>
public sealed record WatchPage(EndRules End) : IMediaCommand;

/// <summary>Show the page of this spec from now on: another address, or another style sheet. Told when the spec has
/// changed.</summary>
/// <param name="Spec">What the session records now.</param>
public sealed record ShowPage(PageSessionSpec Spec) : IMediaCommand;

/// <summary>Begin the record now, whatever the page shows. Told only to media that wait, as <see cref="PageWaits"/>
/// says; other media pass over the command.</summary>
public sealed record BeginAnyway : IMediaCommand;

/// <summary>
/// End the record, and every stream. Answered by <see cref="RecordFinished"/> or <see cref="RecordUnrecoverable"/>.
/// After the answer, the media child has ended every process and only awaits its own stop.
/// </summary>
public sealed record FinishRecording : IMediaCommand;

/// <summary>
/// Stream to these targets from now on: connect new targets, close removed targets, leave the others alone. Told only
/// between a first frame and its end. Not answered; <see cref="OutputChanged"/> tells the state of each target.
/// </summary>
/// <param name="Targets">All targets, each with the id of its output.</param>
public sealed record ChangeStreamTargets(ImmutableList<StreamOutput> Targets) : IMediaCommand;

/// <summary>
/// Let the record's timeline stand still: nothing more goes into the file, and streams are kept alive. Answered by
/// <see cref="PauseChanged"/>. Sent only between a first frame and its end. <see cref="RecordGrew"/> is still sent
/// once a second.
/// </summary>
public sealed record PauseRecording : IMediaCommand;

/// <summary>Unpause: the record's timeline runs again after <see cref="PauseRecording"/>. Answered by
/// <see cref="PauseChanged"/>.</summary>
public sealed record UnpauseRecording : IMediaCommand;

/// <summary>Find the place of a moment in the record, and make the moment a chapter of the file. Answered by
/// <see cref="MarkFound"/>. Told only between a first frame and its end.</summary>
/// <param name="Id">The id of the mark.</param>
/// <param name="Title">What players show.</param>
/// <param name="At">The moment. A moment before the first frame is the beginning of the record.</param>
public sealed record FindMark(string Id, string Title, DateTimeOffset At) : IMediaCommand;

/// <summary>Make a JPEG of the present picture. Answered by <see cref="ThumbnailTaken"/> or
/// <see cref="ThumbnailFailed"/>, within 3 seconds.</summary>
public sealed record TakeThumbnail : IMediaCommand;

/// <summary>
/// Make the file of a dead worker playable. Answered by <see cref="RecordFinished"/> with <c>Repaired</c> set, by
/// <see cref="RecordUnrecoverable"/> or by <see cref="RecordNotHere"/>. May be sent at any time, even while another record is being written.
/// </summary>
/// <param name="RecordPath">The absolute path of the record.</param>
/// <param name="Container">The container of the record.</param>
public sealed record RepairRecord(string RecordPath, RecordContainer Container) : IMediaCommand
{
    /// <summary>The folder that holds the record; null when it is not known.</summary>
    public FolderId? Folder { get; init; }

    /// <summary>Whether the record is known to have had a first frame.</summary>
    public bool Opened { get; init; }

    /// <summary>The chapters that the file is to have.</summary>
    public ImmutableList<RecordMark> Marks { get; init; } = [];
}

/// <summary>An event from a media child to its session.</summary>
public interface IMediaEvent;

/// <summary>The first encoded frame of a record is in the file; for RTP, the first picture or sound. Without a
/// record: a stream target has accepted the publish.</summary>
/// <param name="RecordPath">The record; null exactly when the spec writes no record, here and in the events
/// below.</param>
/// <param name="At">When the record, or the stream, began.</param>
public sealed record FirstFrameWritten(string? RecordPath, DateTimeOffset At) : IMediaEvent;

/// <summary>An RTP session's ports are bound. From now on the sender may send, and the session counts as
/// started.</summary>
/// <param name="RecordPath">The record that awaits its first frame.</param>
/// <param name="Endpoint">Where to send to.</param>
/// <param name="At">When the ports were bound.</param>
public sealed record PortsBound(string RecordPath, RtpEndpoint Endpoint, DateTimeOffset At) : IMediaEvent;

/// <summary>
/// The record grows, is paused, or awaits its sender. Sent once a second until the end, from the first frame, or for
/// an RTP session from <see cref="PortsBound"/>. All counts are since the record's first frame.
/// </summary>
/// <param name="RecordPath">The record.</param>
/// <param name="At">When the figures were counted.</param>
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
    /// <summary>Encoded frames in the record, without those of a pause and without those that the encoder still
    /// holds.</summary>
    public long FramesRecorded { get; init; } = FramesCaptured;

    /// <summary>The figures of the capture, for a page session.</summary>
    public CaptureStatistics? Capture { get; init; }

    /// <summary>The figures of the reception, for an RTP session.</summary>
    public RtpStatistics? Rtp { get; init; }
}

/// <summary>
/// The state of a stream target or of the HLS output has changed, or, once a second, its counters have. The record's
/// own output is not reported, because the session knows it. A target that is being retried stays
/// <see cref="OutputState.Retrying"/> until it is active again.
/// </summary>
public sealed record OutputChanged(OutputSummary Output) : IMediaEvent;

/// <summary>The record's timeline stands still, or runs again.</summary>
public sealed record PauseChanged(bool Paused, DateTimeOffset At) : IMediaEvent;

/// <summary>A marked moment has its place in the record.</summary>
/// <param name="RecordPath">The record.</param>
/// <param name="Id">The id of the mark.</param>
/// <param name="At">Where the moment is in the record, exact to a frame.</param>
public sealed record MarkFound(string? RecordPath, string Id, TimeSpan At) : IMediaEvent;

/// <summary>The page marks a moment.</summary>
/// <param name="Title">What players are to show, as the page says.</param>
/// <param name="At">The moment.</param>
public sealed record PageMarks(string Title, DateTimeOffset At) : IMediaEvent;

/// <summary>The requested picture.</summary>
/// <param name="Jpeg">A JPEG of the recording's size or smaller, of at most
/// <see cref="SessionThumbnail.MaximumBytes"/>.</param>
/// <param name="At">When the picture was on the display, at most one second ago.</param>
public sealed record ThumbnailTaken(byte[] Jpeg, DateTimeOffset At) : IMediaEvent;

/// <summary>No picture can be given.</summary>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record ThumbnailFailed(string Message) : IMediaEvent;

/// <summary>Nothing usable has come from the sender of an RTP session for 5 seconds, at the start or later. The
/// record keeps waiting.</summary>
/// <param name="At">When the last usable packet came, or when the ports were bound.</param>
/// <param name="Message">One sentence a person can act on: what was awaited where, and what came instead, if
/// anything.</param>
public sealed record SenderSilent(DateTimeOffset At, string Message) : IMediaEvent;

/// <summary>A second sender sends to a port of an RTP session, and is not recorded as long as the first sender sends.
/// Sent for only a few senders.</summary>
/// <param name="At">When the second sender was noticed.</param>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record SenderIgnored(DateTimeOffset At, string Message) : IMediaEvent;

/// <summary>A page's sound did not come in time, and a record holds silence in its place. Sent only a few times per
/// record.</summary>
/// <param name="At">When the sound came again.</param>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record SoundMissed(DateTimeOffset At, string Message) : IMediaEvent;

/// <summary>The sender sends again.</summary>
public sealed record SenderHeard(DateTimeOffset At) : IMediaEvent;

/// <summary>
/// The media from the sender of an RTP session broke the reception. The reception restarts by itself, after
/// increasing waits. Of several failures in a row, only the first is sent, and the failure after which the waits stop
/// growing.
/// </summary>
/// <param name="At">When the reception broke.</param>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record ReceptionFailed(DateTimeOffset At, string Message) : IMediaEvent;

/// <summary>A record is finalised and playable. Without a record: the streams are closed.</summary>
/// <param name="RecordPath">The record.</param>
/// <param name="Duration">Playing time.</param>
/// <param name="Bytes">Size in bytes; 0 without a record.</param>
/// <param name="Repaired">Whether the record was rebuilt after the death of its worker.</param>
public sealed record RecordFinished(string? RecordPath, TimeSpan Duration, long Bytes, bool Repaired) : IMediaEvent
{
    /// <summary>The contents of the record's playlist; null without a playlist.</summary>
    public HlsLength? Hls { get; init; }
}

/// <summary>Nothing playable can be made of a record.</summary>
/// <param name="RecordPath">The record.</param>
/// <param name="Message">One sentence a person can act on.</param>
/// <param name="Code">One of <see cref="FaultCode"/>; <see cref="FaultCode.SenderSilent"/> when nothing was ever
/// received.</param>
public sealed record RecordUnrecoverable(string? RecordPath, string Message, string Code = FaultCode.PipelineFailed)
    : IMediaEvent;

/// <summary>A record that was to be repaired could not be looked for: its folder is away, or another folder is in its
/// place. This says nothing about the record.</summary>
/// <param name="RecordPath">The record.</param>
/// <param name="Message">The reason, as one or more sentences that a person can act on.</param>
public sealed record RecordNotHere(string RecordPath, string Message) : IMediaEvent;

/// <summary>
/// The worker died or stalled. Display, sound and browser are still up. The session answers with
/// <see cref="ResumeRecording"/>, and asks for the repair of the old record.
/// </summary>
public sealed record WorkerLost(string? RecordPath, string Code, string Message) : IMediaEvent;

/// <summary>The page has said or done something that may end its session.</summary>
/// <param name="Reason">One of <see cref="EndReason"/>.</param>
/// <param name="Holds">Whether that holds; false when the page has taken that back.</param>
/// <param name="At">When that happened.</param>
public sealed record PageSays(string Reason, bool Holds, DateTimeOffset At) : IMediaEvent;

/// <summary>The page is shown, and its record waits for the beginning. Told at each change, and every few seconds
/// until the beginning.</summary>
/// <param name="InLobby">Whether the page shows a lobby.</param>
/// <param name="At">When that was seen.</param>
public sealed record PageWaits(bool InLobby, DateTimeOffset At) : IMediaEvent;

/// <summary>The browser is gone or hangs, and is being restarted inside the same record.</summary>
public sealed record BrowserLost(DateTimeOffset At, string Message) : IMediaEvent;

/// <summary>The restarted browser shows the page again.</summary>
public sealed record BrowserRestored(DateTimeOffset At) : IMediaEvent;

/// <summary>
/// The page does not do its job: it has moved to an address that does not load, it does not answer, or its browser
/// asks a person for something. The record continues.
/// </summary>
/// <param name="At">When the trouble was noticed.</param>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record PageTroubled(DateTimeOffset At, string Message) : IMediaEvent
{
    /// <summary>One of <see cref="FaultCode"/>.</summary>
    public string Code { get; init; } = FaultCode.PageFailed;
}

/// <summary>
/// The media set cannot continue; each of its processes has ended. If possible, an open record has been finalised and
/// reported by <see cref="RecordFinished"/> before this event. Otherwise the record needs <see cref="RepairRecord"/>.
/// </summary>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
public sealed record MediaFailed(string Code, string Message) : IMediaEvent;
