using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Parts;

/// <summary>An event that a part of a media set reports to the media actor.</summary>
internal interface IPartEvent;

/// <summary>The display takes clients and runs at the recording's rate.</summary>
/// <param name="Display">The display's X name, such as <c>:7</c>.</param>
/// <param name="FramebufferId">The System V shared memory id of the display's frame buffer.</param>
/// <param name="AuthorityFile">The file with the display's cookie, for <c>XAUTHORITY</c>.</param>
internal sealed record DisplayReady(string Display, int FramebufferId, string AuthorityFile) : IPartEvent;

/// <summary>The sound server takes clients.</summary>
/// <param name="Server">The server's address, for <c>PULSE_SERVER</c>.</param>
internal sealed record SoundReady(string Server) : IPartEvent;

/// <summary>The page is shown for the first time.</summary>
internal sealed record PageLoaded : IPartEvent;

/// <summary>The record of the page may begin.</summary>
internal sealed record PageEntered : IPartEvent;

/// <summary>A part cannot do its work, at the start or later, and has ended.</summary>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">A sentence for people.</param>
internal sealed record PartFailed(string Code, string Message) : IPartEvent;

/// <summary>The browser was lost, is back, or its page misbehaves. The event goes on to the session
/// unchanged.</summary>
/// <param name="Event">A <see cref="BrowserLost"/>, <see cref="BrowserRestored"/>, <see cref="PageTroubled"/> or
/// <see cref="PageWaits"/>, or the answer to a question for a picture.</param>
internal sealed record BrowserChanged(IMediaEvent Event) : IPartEvent;

/// <summary>The worker said something.</summary>
/// <param name="Event">The worker's event.</param>
/// <param name="At">The time of the event.</param>
internal sealed record WorkerSaid(WorkerEvent Event, DateTimeOffset At) : IPartEvent;

/// <summary>The worker's process is gone; all its events have been told before.</summary>
/// <param name="Message">How the process ended; a sentence for people.</param>
internal sealed record WorkerGone(string Message) : IPartEvent;

/// <summary>The records folder is fit for a record.</summary>
internal sealed record FolderReady : IPartEvent;

/// <summary>The repair of the record that was open at the end is done.</summary>
/// <param name="Result">A <see cref="RecordFinished"/> or <see cref="RecordUnrecoverable"/>.</param>
internal sealed record LastRecordRepaired(IMediaEvent Result) : IPartEvent;

/// <summary>Every process of the attempt has ended, and its run directory is gone.</summary>
internal sealed record EverythingEnded : IPartEvent;
