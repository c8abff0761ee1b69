using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>
/// What the node says to the worker process (<c>recorder pipeline</c>), one JSON object a line on its standard input.
/// The end of standard input, and SIGTERM, mean the same as <see cref="Finish"/>.
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
    /// <param name="Session">The session's id; it appears in messages for people.</param>
    /// <param name="Display">The X display, such as <c>:7</c>; its cookie, if any, comes from
    /// <c>XAUTHORITY</c>.</param>
    /// <param name="FramebufferId">The System V shared memory id that <c>Xvfb -shmem</c> prints as <c>screen 0 shmid
    /// N</c>.</param>
    /// <param name="PulseServer">Address of the session's sound server, <c>unix:/path/of/socket</c>; empty: a silent
    /// track.</param>
    /// <param name="Picture">The picture.</param>
    /// <param name="Sound">The sound.</param>
    /// <param name="Container">How the file is packed.</param>
    /// <param name="Path">
    /// Absolute path of the record; it must not exist yet, its folder must. The growing file has this very name. Null:
    /// no record is written, the session only streams.
    /// </param>
    /// <param name="MinimumFreeBytes">Below this much free space in the record's folder the record is finalised; 0:
    /// only when a write fails.</param>
    /// <param name="Hls">Whether a live playlist is kept beside the record, as <see cref="PlaylistNames"/> names it.
    /// Needs a record.</param>
    /// <param name="Targets">The stream targets; at least one without a record. They connect from <see cref="Begin"/>
    /// on.</param>
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
        /// <summary>Absolute path of a file of authorities, as PEM, that certificates of stream targets are checked
        /// against besides the system's; null: none.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public string? Authorities { get; init; }

        /// <summary>The address, or the name of one, that stream targets are bound on which wait for viewers; null: the
        /// loopback address.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? ListenAddress { get; init; }
    }

    /// <summary>
    /// The timeline starts now. Answered by <see cref="WorkerEvent.FirstFrame"/>, later than the write; without a
    /// record, once a target has accepted the stream, or by <see cref="WorkerEvent.Failed"/> with <c>stream_failed</c>
    /// when every target has refused it before.
    /// </summary>
    public sealed record Begin : WorkerCommand
    {
        /// <summary>
        /// Whether the session has recorded or streamed before. Without a record the first encoded picture is answered
        /// then, and targets that refuse are retried.
        /// </summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool Resumes { get; init; }
    }

    /// <summary>
    /// Stream to these from now on: those that are new are connected, those that are missing closed, the others left
    /// alone. <see cref="WorkerEvent.OutputChanged"/> tells what becomes of each.
    /// </summary>
    /// <param name="Targets">All targets.</param>
    public sealed record ChangeTargets(ImmutableList<WorkerTarget> Targets) : WorkerCommand;

    /// <summary>The record's timeline stands still; streams go on. Answered by
    /// <see cref="WorkerEvent.PauseChanged"/>.</summary>
    public sealed record Pause : WorkerCommand;

    /// <summary>The record's timeline runs again. Answered by <see cref="WorkerEvent.PauseChanged"/>.</summary>
    public sealed record Unpause : WorkerCommand;

    /// <summary>The picture now, as a JPEG. Answered by <see cref="WorkerEvent.ThumbnailTaken"/> or
    /// <see cref="WorkerEvent.ThumbnailFailed"/>.</summary>
    public sealed record TakeThumbnail : WorkerCommand;

    /// <summary>End of stream: finalise the file, answer <see cref="WorkerEvent.Finished"/> and exit with 0.</summary>
    public sealed record Finish : WorkerCommand;

    /// <summary>
    /// Make the file of a worker that died playable, with a duration and an index. Answered by
    /// <see cref="WorkerEvent.Finished"/> or <see cref="WorkerEvent.Unrecoverable"/>; several may follow each other in
    /// a worker that was not given <see cref="Prepare"/>.
    /// </summary>
    /// <param name="Path">Absolute path of the file; it is replaced in one step, or left as it is.</param>
    /// <param name="Container">How the file is packed.</param>
    /// <param name="MinimumFreeBytes">What must stay free on its disk; a file whose copy would take that room stays as
    /// it was written.</param>
    public sealed record Repair(string Path, FileContainer Container, long MinimumFreeBytes) : WorkerCommand;

    /// <summary>
    /// Leave the file of a worker that died as it was written, without an incomplete end, and say what is in it: for a
    /// file at whose repair workers die. Answered as <see cref="Repair"/> is.
    /// </summary>
    /// <param name="Path">Absolute path of the file.</param>
    /// <param name="Container">How the file is packed.</param>
    public sealed record Keep(string Path, FileContainer Container) : WorkerCommand;

    /// <summary>
    /// The node is alive. If it does not say so again within the limit, the worker finalises its record as for
    /// <see cref="Finish"/>: a node that stands still is given up by its farm, and its sessions go on elsewhere. A
    /// worker that never hears this waits for ever.
    /// </summary>
    /// <param name="Limit">Seconds, above 0.</param>
    public sealed record Alive(double Limit) : WorkerCommand;
}
