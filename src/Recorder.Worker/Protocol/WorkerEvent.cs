using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>The worker process's reports to the node, one JSON object a line on standard output. Logs for people go to
/// standard error.</summary>
[JsonPolymorphic(
    TypeDiscriminatorPropertyName = "event",
    UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization
)]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(FirstFrame), "firstFrame")]
[JsonDerivedType(typeof(Progress), "progress")]
[JsonDerivedType(typeof(OutputChanged), "outputChanged")]
[JsonDerivedType(typeof(PauseChanged), "pauseChanged")]
[JsonDerivedType(typeof(Marked), "marked")]
[JsonDerivedType(typeof(ThumbnailTaken), "thumbnailTaken")]
[JsonDerivedType(typeof(ThumbnailFailed), "thumbnailFailed")]
[JsonDerivedType(typeof(SoundLost), "soundLost")]
[JsonDerivedType(typeof(DisplayLost), "displayLost")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(Finished), "finished")]
[JsonDerivedType(typeof(Unrecoverable), "unrecoverable")]
public abstract partial record WorkerEvent
{
    private WorkerEvent() { }

    /// <summary>Display, sound and encoders are set up; <see cref="WorkerCommand.Begin"/> may follow.</summary>
    public sealed record Ready : WorkerEvent;

    /// <summary>
    /// The first encoded picture is in the file on disk and can be read. For received media: the first frame, picture
    /// or sound. Without a record: a target has accepted the stream.
    /// </summary>
    /// <param name="At">When the timeline began: when the first picture was taken, or the first media were
    /// received.</param>
    /// <param name="Path">The record's path; null without a record, here and below.</param>
    public sealed record FirstFrame(DateTimeOffset At, string? Path) : WorkerEvent;

    /// <summary>Sent once a second from <see cref="WorkerCommand.Begin"/> on. All figures count from the beginning of
    /// the record.</summary>
    /// <param name="Captured">Number of frames given to the encoder, repeated frames included.</param>
    /// <param name="Painted">Number of different paints among the captured frames.</param>
    /// <param name="Repeated">Number of frames at whose tick nothing new had been painted.</param>
    /// <param name="Dropped">Number of ticks left out because the encoder could not keep up.</param>
    /// <param name="EncodedBytes">Bytes that the encoders made, picture and sound.</param>
    /// <param name="FileBytes">Length of the file on disk; 0 without a record.</param>
    /// <param name="Duration">Length of the record so far, in seconds.</param>
    /// <param name="SilenceInserted">Seconds of silence put in where the sound server gave nothing.</param>
    public sealed record Progress(
        long Captured,
        long Painted,
        long Repeated,
        long Dropped,
        long EncodedBytes,
        long FileBytes,
        double Duration,
        double SilenceInserted
    ) : WorkerEvent
    {
        /// <summary>Number of pictures in the file, without those of a pause; 0 without a record.</summary>
        public long Recorded { get; init; }

        /// <summary>How loud the sound of the last second was, in decibels below full scale, from -100 (silence) to 0;
        /// null when there was no sound to measure.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? SoundLevel { get; init; }

        /// <summary>For how many seconds the picture has stood still.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public double Still { get; init; }
    }

    /// <summary>The state of a stream target or of the HLS output has changed. Also sent once a second when an output's
    /// counters have changed.</summary>
    /// <param name="Output">The output's present state, with a redacted address.</param>
    public sealed record OutputChanged(WorkerOutput Output) : WorkerEvent;

    /// <summary>The record's timeline stands still, or runs again.</summary>
    /// <param name="Paused">Whether the timeline stands still.</param>
    /// <param name="At">When that began.</param>
    public sealed record PauseChanged(bool Paused, DateTimeOffset At) : WorkerEvent;

    /// <summary>A moment of the record is marked.</summary>
    /// <param name="Id">The mark's id.</param>
    /// <param name="At">Where the moment is, in seconds from the beginning of the record. For a record of pictures, the
    /// time of the frame that was on the display.</param>
    public sealed record Marked(string Id, double At) : WorkerEvent;

    /// <summary>The requested picture.</summary>
    /// <param name="Jpeg">The JPEG; base64 on the line.</param>
    /// <param name="At">When the picture was on the display.</param>
    public sealed record ThumbnailTaken(byte[] Jpeg, DateTimeOffset At) : WorkerEvent;

    /// <summary>There is no picture to give.</summary>
    /// <param name="Message">A sentence that says why.</param>
    public sealed record ThumbnailFailed(string Message) : WorkerEvent;

    /// <summary>The sound server is gone; the record continues with silence.</summary>
    /// <param name="Message">A sentence that says what happened.</param>
    public sealed record SoundLost(string Message) : WorkerEvent;

    /// <summary>The display is gone; the record is finalised and <see cref="Failed"/> with <c>display_lost</c>
    /// follows.</summary>
    /// <param name="Message">A sentence that says what happened.</param>
    public sealed record DisplayLost(string Message) : WorkerEvent;

    /// <summary>Something failed. After <c>invalid_command</c> the worker continues. After every other code the worker
    /// exits with a code other than 0.</summary>
    /// <param name="Code">One of <see cref="WorkerFailure"/>.</param>
    /// <param name="Message">A sentence: what happened, to which session, what to do.</param>
    public sealed record Failed(string Code, string Message) : WorkerEvent;

    /// <summary>The file is on disk, finalised and playable; without a record, the streams are closed.</summary>
    /// <param name="Path">The record's path.</param>
    /// <param name="Duration">Length in seconds.</param>
    /// <param name="Bytes">Length of the file; 0 without a file.</param>
    /// <param name="Frames">Number of frames in the file, or streamed; 0 when unknown.</param>
    /// <param name="Reason">One of <see cref="WorkerFinishReason"/>, or of <see cref="WorkerFailure"/> when a failure
    /// ended the record.</param>
    public sealed record Finished(string? Path, double Duration, long Bytes, long Frames, string Reason) : WorkerEvent
    {
        /// <summary>The size of the record's live playlist; null without a playlist.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public PlaylistLength? Hls { get; init; }
    }

    /// <summary>The file holds nothing playable, and was left unchanged.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="Message">A sentence that says why.</param>
    public sealed record Unrecoverable(string Path, string Message) : WorkerEvent;
}
