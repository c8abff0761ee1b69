using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Worker.Network;

namespace Recorder.Worker.Protocol;

/// <summary>
/// The node's commands to the worker process (<c>recorder pipeline</c>), one JSON object a line on standard input. The
/// end of standard input, and SIGTERM, mean the same as <see cref="Finish"/>.
/// </summary>
[JsonPolymorphic(
    TypeDiscriminatorPropertyName = "command",
    UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization
)]
[JsonDerivedType(typeof(Prepare), "prepare")]
[JsonDerivedType(typeof(Begin), "begin")]
[JsonDerivedType(typeof(ChangeTargets), "setTargets")]
[JsonDerivedType(typeof(Pause), "pause")]
[JsonDerivedType(typeof(Unpause), "continue")]
[JsonDerivedType(typeof(Mark), "mark")]
[JsonDerivedType(typeof(TakeThumbnail), "takeThumbnail")]
[JsonDerivedType(typeof(Finish), "finish")]
[JsonDerivedType(typeof(Repair), "repair")]
[JsonDerivedType(typeof(Keep), "keep")]
[JsonDerivedType(typeof(Alive), "alive")]
public abstract partial record WorkerCommand
{
    private WorkerCommand() { }

    /// <summary>
    /// Connect to the display and the sound server and set the encoders up, so that <see cref="Begin"/> costs nothing.
    /// Answered by <see cref="WorkerEvent.Ready"/> or <see cref="WorkerEvent.Failed"/>. Only once in a worker's life.
    /// </summary>
    /// <param name="Session">The session's id, which appears in messages for people.</param>
    /// <param name="Display">The X display, such as <c>:7</c>. The display's cookie, if any, comes from
    /// <c>XAUTHORITY</c>.</param>
    /// <param name="FramebufferId">The System V shared memory id that <c>Xvfb -shmem</c> prints as <c>screen 0 shmid
    /// N</c>.</param>
    /// <param name="PulseServer">Address of the session's sound server, <c>unix:/path/of/socket</c>; empty: a silent
    /// track.</param>
    /// <param name="Picture">The picture.</param>
    /// <param name="Sound">The sound.</param>
    /// <param name="Container">The file's container.</param>
    /// <param name="Path">
    /// Absolute path of the record. The file must not exist yet, but its folder must. The growing file already has this
    /// name. Null: no record is written, the session only streams.
    /// </param>
    /// <param name="MinimumFreeBytes">The record is finalised when less than this is free in its folder; 0: only when a
    /// write fails.</param>
    /// <param name="Hls">Whether a live playlist is kept beside the record, with the names of
    /// <see cref="PlaylistNames"/>. Needs a record.</param>
    /// <param name="Targets">The stream targets, at least one without a record. The targets connect from
    /// <see cref="Begin"/> on.</param>
    public sealed record Prepare(
        long Session,
        string Display,
        int FramebufferId,
        string PulseServer,
        PictureSettings Picture,
        SoundSettings Sound,
        FileContainer Container,
        string? Path,
        long MinimumFreeBytes,
        bool Hls,
        ImmutableList<WorkerTarget> Targets
    ) : WorkerCommand
    {
        /// <summary>Absolute path of a PEM file of authorities for the check of stream targets' certificates, in
        /// addition to the system's authorities; null: none.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public string? Authorities { get; init; }

        /// <summary>The address, or the name of an address, on which stream targets that wait for viewers are bound;
        /// null: the loopback address.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? ListenAddress { get; init; }

        /// <summary>Where streams may go; null: anywhere.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public NetworkRules? Network { get; init; }

        /// <summary>Whether the record has sound alone. The display is then not looked at, and the picture's settings
        /// have no meaning. Needs a record in a container of sound.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool SoundOnly { get; init; }

        /// <summary>The container of the sound that is kept in a file of its own beside the record
        /// (<see cref="FileContainers.SoundBeside"/>); null: none. Needs a record.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public FileContainer? AlsoAudio { get; init; }
    }

    /// <summary>
    /// The timeline starts now. Answered by <see cref="WorkerEvent.FirstFrame"/> after the first frame is written.
    /// Without a record, that answer comes once a target has accepted the stream. If every target has refused the
    /// stream before, the answer is <see cref="WorkerEvent.Failed"/> with <c>stream_failed</c>.
    /// </summary>
    public sealed record Begin : WorkerCommand
    {
        /// <summary>
        /// Whether the session has recorded or streamed before. If so, and without a record, the answer comes with the
        /// first encoded picture, and targets that refuse are retried.
        /// </summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool Resumes { get; init; }
    }

    /// <summary>
    /// Make these the stream targets from now on. New targets are connected, missing targets are closed, and the other
    /// targets are left alone. <see cref="WorkerEvent.OutputChanged"/> tells what becomes of each target.
    /// </summary>
    /// <param name="Targets">All targets.</param>
    public sealed record ChangeTargets(ImmutableList<WorkerTarget> Targets) : WorkerCommand;

    /// <summary>Let the record's timeline stand still; streams continue. Answered by
    /// <see cref="WorkerEvent.PauseChanged"/>.</summary>
    public sealed record Pause : WorkerCommand;

    /// <summary>Let the record's timeline run again. Answered by <see cref="WorkerEvent.PauseChanged"/>.</summary>
    public sealed record Unpause : WorkerCommand;

    /// <summary>Mark a moment of the record, as a chapter of the file. Answered by <see cref="WorkerEvent.Marked"/>.
    /// A moment before the record has begun is its beginning.</summary>
    /// <param name="Id">The mark's id, for the answer.</param>
    /// <param name="Title">The chapter's title.</param>
    /// <param name="At">The moment, by the clock of this host.</param>
    public sealed record Mark(string Id, string Title, DateTimeOffset At) : WorkerCommand;

    /// <summary>Take the current picture as a JPEG. Answered by <see cref="WorkerEvent.ThumbnailTaken"/> or
    /// <see cref="WorkerEvent.ThumbnailFailed"/>.</summary>
    public sealed record TakeThumbnail : WorkerCommand;

    /// <summary>End the stream: finalise the file, answer <see cref="WorkerEvent.Finished"/> and exit with 0.</summary>
    public sealed record Finish : WorkerCommand;

    /// <summary>
    /// Make the file of a worker that died playable, with a duration and an index. Answered by
    /// <see cref="WorkerEvent.Finished"/> or <see cref="WorkerEvent.Unrecoverable"/>. Several repairs may follow each
    /// other in a worker that did not get <see cref="Prepare"/>.
    /// </summary>
    /// <param name="Path">Absolute path of the file, which is replaced in one step or left unchanged.</param>
    /// <param name="Container">The file's container.</param>
    /// <param name="MinimumFreeBytes">Number of bytes that must stay free on the disk. If a copy of the file would
    /// leave fewer, the file stays as it was written.</param>
    public sealed record Repair(string Path, FileContainer Container, long MinimumFreeBytes) : WorkerCommand
    {
        /// <summary>The chapters that the file is to have.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public ImmutableList<RecordChapter>? Chapters { get; init; }
    }

    /// <summary>
    /// Leave the file of a worker that died as it was written, without an incomplete end, and tell its content. For a
    /// file whose repair makes workers die. Answered like <see cref="Repair"/>.
    /// </summary>
    /// <param name="Path">Absolute path of the file.</param>
    /// <param name="Container">The file's container.</param>
    public sealed record Keep(string Path, FileContainer Container) : WorkerCommand;

    /// <summary>
    /// The node is alive. If this command does not come again within the limit, the worker finalises its record as for
    /// <see cref="Finish"/>. The farm gives up a node that stands still, and its sessions resume elsewhere. A worker
    /// that never gets this command waits for ever.
    /// </summary>
    /// <param name="Limit">Seconds, above 0.</param>
    public sealed record Alive(double Limit) : WorkerCommand;
}
