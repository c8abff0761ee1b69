using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Parts;

/// <summary>What the parts of a media set tell the media actor.</summary>
internal interface IPartEvent;

/// <summary>The display takes clients and runs at the recording's rate.</summary>
/// <param name="Display">Its X name, such as <c>:7</c>.</param>
/// <param name="FramebufferId">The System V shared memory id of its frame buffer.</param>
/// <param name="AuthorityFile">The file of its cookie, for <c>XAUTHORITY</c>.</param>
internal sealed record DisplayReady(string Display, int FramebufferId, string AuthorityFile) : IPartEvent;

/// <summary>The sound server takes clients.</summary>
/// <param name="Server">Its address, for <c>PULSE_SERVER</c>.</param>
internal sealed record SoundReady(string Server) : IPartEvent;

/// <summary>The page is shown for the first time.</summary>
internal sealed record PageLoaded : IPartEvent;

/// <summary>A part cannot do its work, at the start or later, and has ended.</summary>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">A sentence for people.</param>
internal sealed record PartFailed(string Code, string Message) : IPartEvent;

/// <summary>The browser was lost, is back, or its page does what it should not: told on to the session as it
/// is.</summary>
/// <param name="Event">A <see cref="BrowserLost"/>, <see cref="BrowserRestored"/> or
/// <see cref="PageTroubled"/>.</param>
internal sealed record BrowserChanged(IMediaEvent Event) : IPartEvent;

/// <summary>The worker said something.</summary>
/// <param name="Event">What.</param>
/// <param name="At">When.</param>
internal sealed record WorkerSaid(WorkerEvent Event, DateTimeOffset At) : IPartEvent;

/// <summary>The worker's process is gone; all it said has been told before.</summary>
/// <param name="Message">How it ended, a sentence for people.</param>
internal sealed record WorkerGone(string Message) : IPartEvent;

/// <summary>The records folder is fit for a record.</summary>
internal sealed record FolderReady : IPartEvent;

/// <summary>The repair of the record that was open at the end is done.</summary>
/// <param name="Result">A <see cref="RecordFinished"/> or <see cref="RecordUnrecoverable"/>.</param>
internal sealed record LastRecordRepaired(IMediaEvent Result) : IPartEvent;

/// <summary>Every process of the attempt has ended, and its run directory is gone.</summary>
internal sealed record EverythingEnded : IPartEvent;
