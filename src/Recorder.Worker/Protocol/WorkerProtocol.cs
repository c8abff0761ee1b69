using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>
/// What the node says to the worker process (<c>recorder pipeline</c>), one JSON object a line on its standard input.
/// The end of standard input, and SIGTERM, mean the same as <see cref="Finish"/>.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(Prepare), "prepare")]
[JsonDerivedType(typeof(Begin), "begin")]
[JsonDerivedType(typeof(ChangeTargets), "setTargets")]
[JsonDerivedType(typeof(Pause), "pause")]
[JsonDerivedType(typeof(Unpause), "continue")]
[JsonDerivedType(typeof(TakeThumbnail), "takeThumbnail")]
[JsonDerivedType(typeof(Finish), "finish")]
[JsonDerivedType(typeof(Repair), "repair")]
[JsonDerivedType(typeof(Keep), "keep")]
[JsonDerivedType(typeof(Alive), "alive")]
public abstract partial record WorkerCommand
{
    private WorkerCommand()
    {
    }

    /// <summary>
    /// Connect to the display and the sound server and set the encoders up, so that <see cref="Begin"/> costs nothing.
    /// Answered by <see cref="WorkerEvent.Ready"/> or <see cref="WorkerEvent.Failed"/>. Only once in a worker's life.
    /// </summary>
    /// <param name="Session">The session's id; it appears in messages for people.</param>
    /// <param name="Display">The X display, such as <c>:7</c>; its cookie, if any, comes from <c>XAUTHORITY</c>.</param>
    /// <param name="FramebufferId">The System V shared memory id that <c>Xvfb -shmem</c> prints as <c>screen 0 shmid N</c>.</param>
    /// <param name="PulseServer">Address of the session's sound server, <c>unix:/path/of/socket</c>; empty: a silent track.</param>
    /// <param name="Width">Width in pixels, even, at most the display's.</param>
    /// <param name="Height">Height in pixels, even, at most the display's.</param>
    /// <param name="Framerate">Frames a second, 1–120, the rate of the display's RandR mode too.</param>
    /// <param name="VideoBitrate">Video bit rate in kbit/s.</param>
    /// <param name="Preset">x264's speed preset, <c>ultrafast</c> … <c>placebo</c>.</param>
    /// <param name="Profile">H.264 profile: <c>baseline</c>, <c>main</c> or <c>high</c>.</param>
    /// <param name="KeyframeInterval">Frames between two key frames at most.</param>
    /// <param name="AudioBitrate">Sound bit rate in kbit/s.</param>
    /// <param name="Container">How the file is packed.</param>
    /// <param name="Path">
    /// Absolute path of the record; it must not exist yet, its folder must. The growing file has this very name. Null: no record is written, the session
    /// only streams.
    /// </param>
    /// <param name="MinimumFreeBytes">Below this much free space in the record's folder the record is finalised; 0: only when a write fails.</param>
    /// <param name="Hls">Whether a live playlist is kept beside the record, as <see cref="PlaylistNames"/> names it. Needs a record.</param>
    /// <param name="Targets">The stream targets; at least one without a record. They connect from <see cref="Begin"/> on.</param>
    public sealed record Prepare(
        long Session,
        string Display,
        int FramebufferId,
        string PulseServer,
        int Width,
        int Height,
        int Framerate,
        int VideoBitrate,
        string Preset,
        string Profile,
        int KeyframeInterval,
        int AudioBitrate,
        FileContainer Container,
        string? Path,
        long MinimumFreeBytes,
        bool Hls,
        ImmutableList<WorkerTarget> Targets) : WorkerCommand
    {
        /// <summary>Whether there is a key frame every 2 s, besides those of <see cref="KeyframeInterval"/>, while it is played live: by stream or playlist.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool LiveKeyFrames { get; init; }
    }

    /// <summary>
    /// The timeline starts now. Answered by <see cref="WorkerEvent.FirstFrame"/>, later than the write; without a record, once a target has accepted
    /// the stream, or by <see cref="WorkerEvent.Failed"/> with <c>stream_failed</c> when every target has refused it before.
    /// </summary>
    public sealed record Begin : WorkerCommand
    {
        /// <summary>
        /// Whether the session has recorded or streamed before. Without a record the first encoded picture is answered then, and targets that refuse are retried.
        /// </summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool Resumes { get; init; }
    }

    /// <summary>
    /// Stream to these from now on: those that are new are connected, those that are missing closed, the others left alone.
    /// <see cref="WorkerEvent.OutputChanged"/> tells what becomes of each.
    /// </summary>
    /// <param name="Targets">All targets.</param>
    public sealed record ChangeTargets(ImmutableList<WorkerTarget> Targets) : WorkerCommand;

    /// <summary>The record's timeline stands still; streams go on. Answered by <see cref="WorkerEvent.PauseChanged"/>.</summary>
    public sealed record Pause : WorkerCommand;

    /// <summary>The record's timeline goes on. Answered by <see cref="WorkerEvent.PauseChanged"/>.</summary>
    public sealed record Unpause : WorkerCommand;

    /// <summary>The picture now, as a JPEG. Answered by <see cref="WorkerEvent.ThumbnailTaken"/> or <see cref="WorkerEvent.ThumbnailFailed"/>.</summary>
    public sealed record TakeThumbnail : WorkerCommand;

    /// <summary>End of stream: finalise the file, answer <see cref="WorkerEvent.Finished"/> and exit with 0.</summary>
    public sealed record Finish : WorkerCommand;

    /// <summary>
    /// Make the file of a worker that died playable, with a duration and an index. Answered by <see cref="WorkerEvent.Finished"/>
    /// or <see cref="WorkerEvent.Unrecoverable"/>; several may follow each other in a worker that was not given <see cref="Prepare"/>.
    /// </summary>
    /// <param name="Path">Absolute path of the file; it is replaced in one step, or left as it is.</param>
    /// <param name="Container">How the file is packed.</param>
    /// <param name="MinimumFreeBytes">What must stay free on its disk; a file whose copy would take that room stays as it was written.</param>
    public sealed record Repair(string Path, FileContainer Container, long MinimumFreeBytes) : WorkerCommand;

    /// <summary>
    /// Leave the file of a worker that died as it was written, without an incomplete end, and say what is in it: for a file at whose repair
    /// workers die. Answered as <see cref="Repair"/> is.
    /// </summary>
    /// <param name="Path">Absolute path of the file.</param>
    /// <param name="Container">How the file is packed.</param>
    public sealed record Keep(string Path, FileContainer Container) : WorkerCommand;

    /// <summary>
    /// The node is alive. If it does not say so again within the limit, the worker finalises its record as for <see cref="Finish"/>: a node
    /// that stands still is given up by its farm, and its sessions go on elsewhere. A worker that never hears this waits for ever.
    /// </summary>
    /// <param name="Limit">Seconds, above 0.</param>
    public sealed record Alive(double Limit) : WorkerCommand;
}

/// <summary>What the worker process says to the node, one JSON object a line on its standard output. Logs for people go to standard error.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(FirstFrame), "firstFrame")]
[JsonDerivedType(typeof(Progress), "progress")]
[JsonDerivedType(typeof(OutputChanged), "outputChanged")]
[JsonDerivedType(typeof(PauseChanged), "pauseChanged")]
[JsonDerivedType(typeof(ThumbnailTaken), "thumbnailTaken")]
[JsonDerivedType(typeof(ThumbnailFailed), "thumbnailFailed")]
[JsonDerivedType(typeof(SoundLost), "soundLost")]
[JsonDerivedType(typeof(DisplayLost), "displayLost")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(Finished), "finished")]
[JsonDerivedType(typeof(Unrecoverable), "unrecoverable")]
public abstract partial record WorkerEvent
{
    private WorkerEvent()
    {
    }

    /// <summary>Display, sound and encoders are set up; <see cref="WorkerCommand.Begin"/> may follow.</summary>
    public sealed record Ready : WorkerEvent;

    /// <summary>
    /// The first encoded picture, or what is received first, picture or sound, is in the file: the file on disk holds it, readable. Without a record: a
    /// target has accepted the stream.
    /// </summary>
    /// <param name="At">When the timeline began, that is when its first picture was taken or its first media were received.</param>
    /// <param name="Path">The record's path; null without one, here and below.</param>
    public sealed record FirstFrame(DateTimeOffset At, string? Path) : WorkerEvent;

    /// <summary>Sent once a second from <see cref="WorkerCommand.Begin"/> on. All figures count from the beginning of the record.</summary>
    /// <param name="Captured">Frames given to the encoder, repeated ones included.</param>
    /// <param name="Painted">Different paints among them.</param>
    /// <param name="Repeated">Frames at whose tick nothing new had been painted.</param>
    /// <param name="Dropped">Ticks left out because the encoder could not keep up.</param>
    /// <param name="EncodedBytes">Bytes that the encoders made, picture and sound.</param>
    /// <param name="FileBytes">Length of the file on disk; 0 without a record.</param>
    /// <param name="Duration">Length of the record so far, in seconds.</param>
    /// <param name="SilenceInserted">Seconds of silence put where the sound server gave nothing.</param>
    public sealed record Progress(
        long Captured,
        long Painted,
        long Repeated,
        long Dropped,
        long EncodedBytes,
        long FileBytes,
        double Duration,
        double SilenceInserted) : WorkerEvent
    {
        /// <summary>Pictures that went into the file, those of a pause left out; 0 without a record.</summary>
        public long Recorded { get; init; }
    }

    /// <summary>The state of a stream target or of the HLS output has changed, or, once a second, its counters have.</summary>
    /// <param name="Output">The output as it is now; its address is redacted.</param>
    public sealed record OutputChanged(WorkerOutput Output) : WorkerEvent;

    /// <summary>The record's timeline stands still, or goes on again.</summary>
    /// <param name="Paused">Whether it stands still.</param>
    /// <param name="At">Since when.</param>
    public sealed record PauseChanged(bool Paused, DateTimeOffset At) : WorkerEvent;

    /// <summary>The picture that was asked for.</summary>
    /// <param name="Jpeg">The JPEG; base64 on the line.</param>
    /// <param name="At">When it was on the display.</param>
    public sealed record ThumbnailTaken(byte[] Jpeg, DateTimeOffset At) : WorkerEvent;

    /// <summary>There is no picture to give.</summary>
    /// <param name="Message">A sentence that says why.</param>
    public sealed record ThumbnailFailed(string Message) : WorkerEvent;

    /// <summary>The sound server is gone; the record goes on with silence.</summary>
    /// <param name="Message">A sentence that says what happened.</param>
    public sealed record SoundLost(string Message) : WorkerEvent;

    /// <summary>The display is gone; the record is finalised and <see cref="Failed"/> with <c>display_lost</c> follows.</summary>
    /// <param name="Message">A sentence that says what happened.</param>
    public sealed record DisplayLost(string Message) : WorkerEvent;

    /// <summary>Something failed. After <c>invalid_command</c> the worker goes on; after every other code it exits, not with 0.</summary>
    /// <param name="Code">One of <see cref="WorkerFailure"/>.</param>
    /// <param name="Message">A sentence: what happened, to which session, what to do.</param>
    public sealed record Failed(string Code, string Message) : WorkerEvent;

    /// <summary>The file is on disk, finalised and playable; without a record, the streams are closed.</summary>
    /// <param name="Path">The record's path.</param>
    /// <param name="Duration">Length in seconds.</param>
    /// <param name="Bytes">Length of the file; 0 without one.</param>
    /// <param name="Frames">Frames in it, or streamed; 0 when unknown.</param>
    /// <param name="Reason">One of <see cref="WorkerFinishReason"/>, or of <see cref="WorkerFailure"/> when a failure ended the record.</param>
    public sealed record Finished(string? Path, double Duration, long Bytes, long Frames, string Reason) : WorkerEvent
    {
        /// <summary>What the live playlist beside it holds; null without one.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public PlaylistLength? Hls { get; init; }
    }

    /// <summary>Nothing playable is in the file; it was left as it is.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="Message">A sentence that says why.</param>
    public sealed record Unrecoverable(string Path, string Message) : WorkerEvent;
}

/// <summary>Why a record ended well; the values of <see cref="WorkerEvent.Finished.Reason"/> beside the failures.</summary>
public static class WorkerFinishReason
{
    /// <summary>The node asked for it by <see cref="WorkerCommand.Finish"/>.</summary>
    public const string Finish = "finish";

    /// <summary>Standard input ended: the node is gone.</summary>
    public const string InputClosed = "input_closed";

    /// <summary>SIGTERM or SIGINT.</summary>
    public const string Terminated = "terminated";

    /// <summary>The node has not said that it is <see cref="WorkerCommand.Alive"/> for longer than the limit it gave.</summary>
    public const string NodeSilent = "node_silent";

    /// <summary>The answer to <see cref="WorkerCommand.Repair"/>.</summary>
    public const string Repaired = "repaired";
}

/// <summary>The closed set of <see cref="WorkerEvent.Failed.Code"/>; fit for metric labels.</summary>
public static class WorkerFailure
{
    /// <summary>A line was not a command, or a command came at the wrong time. Nothing else changed.</summary>
    public const string InvalidCommand = "invalid_command";

    /// <summary>The display cannot be reached, or its frame buffer cannot be mapped.</summary>
    public const string DisplayUnavailable = "display_unavailable";

    /// <summary>The display went away while recording.</summary>
    public const string DisplayLost = "display_lost";

    /// <summary>The sound server cannot be reached at the start.</summary>
    public const string SoundUnavailable = "sound_unavailable";

    /// <summary>A port to receive RTP on is in use, or cannot be bound.</summary>
    public const string PortInUse = "port_in_use";

    /// <summary>The records folder is missing or not writable, or the file exists already.</summary>
    public const string RecordsFolderUnavailable = "records_folder_unavailable";

    /// <summary>The record was removed or moved while it was written; nothing of it is left under its name.</summary>
    public const string RecordGone = "record_gone";

    /// <summary>No room is left; what was recorded is kept.</summary>
    public const string DiskFull = "disk_full";

    /// <summary>An element of the pipeline is missing or reported an error.</summary>
    public const string EncoderFailed = "encoder_failed";

    /// <summary>The file could not be written for another reason than a full disk.</summary>
    public const string WriteFailed = "write_failed";

    /// <summary>Without a record: every target refused the stream before one had accepted it.</summary>
    public const string StreamFailed = "stream_failed";

    /// <summary>No encoded picture came out for 5 s, or what is received was not written for so long.</summary>
    public const string Stalled = "stalled";
}

/// <summary>Exit codes of <c>recorder pipeline</c>.</summary>
public static class WorkerExitCode
{
    /// <summary>Everything that was begun is finalised, or nothing was begun.</summary>
    public const int Finished = 0;

    /// <summary>A failure ended the record after it had begun; the last <see cref="WorkerEvent.Failed"/> says which.</summary>
    public const int Failed = 1;

    /// <summary>The worker could not be prepared; nothing was recorded.</summary>
    public const int NotPrepared = 2;

    /// <summary>The file could not be finalised in time; it reads up to its last complete fragment and wants <see cref="WorkerCommand.Repair"/>.</summary>
    public const int NotFinalised = 3;
}

/// <summary>Lines of the worker's protocol to and from records. The form is fixed by golden lines in the tests.</summary>
public static class WorkerProtocol
{
    /// <summary>The greatest size of a picture in <see cref="WorkerEvent.ThumbnailTaken"/>, in bytes.</summary>
    public const int LargestThumbnail = 2 << 20;

    /// <summary>The longest line, in characters: a picture of <see cref="LargestThumbnail"/> in base64, and what stands around it.</summary>
    public const int LongestLine = (LargestThumbnail * 4 / 3) + 4096;

    /// <summary>One command as one line, without the line feed.</summary>
    public static string Serialize(WorkerCommand command) =>
        JsonSerializer.Serialize(command, WorkerProtocolJson.Default.WorkerCommand);

    /// <summary>One event as one line, without the line feed.</summary>
    public static string Serialize(WorkerEvent workerEvent) =>
        JsonSerializer.Serialize(workerEvent, WorkerProtocolJson.Default.WorkerEvent);

    /// <summary>Reads one command.</summary>
    /// <exception cref="JsonException">The line is not a command; the message says why.</exception>
    public static WorkerCommand ParseCommand(string line) =>
        Parse(line, WorkerProtocolJson.Default.WorkerCommand);

    /// <summary>Reads one event.</summary>
    /// <exception cref="JsonException">The line is not an event; the message says why.</exception>
    public static WorkerEvent ParseEvent(string line) =>
        Parse(line, WorkerProtocolJson.Default.WorkerEvent);

    private static T Parse<T>(string line, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, type) ?? throw new JsonException("The line is the JSON value null.");
        }
        catch (NotSupportedException error)
        {
            // System.Text.Json says this of an object that has no discriminator.
            throw new JsonException("The object does not say which message it is.", error);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(WorkerCommand))]
[JsonSerializable(typeof(WorkerEvent))]
internal sealed partial class WorkerProtocolJson : JsonSerializerContext;
