using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>Which record is made, whatever is recorded.</summary>
/// <param name="Session">The session's id, for messages.</param>
/// <param name="Path">The absolute path of the file; null: no record is written.</param>
/// <param name="Container">How the file is packed.</param>
/// <param name="MinimumFreeBytes">Below this much free space in its folder the record is finalised.</param>
internal sealed record RecordPlace(long Session, string? Path, FileContainer Container, long MinimumFreeBytes);

/// <summary>Why a record has to end without having been asked to.</summary>
/// <param name="Code">One of <see cref="WorkerFailure"/>.</param>
/// <param name="Message">A sentence: what happened, to which session, what to do.</param>
internal sealed record RecordFault(string Code, string Message);

/// <summary>What is known of a record whose writer has ended.</summary>
/// <param name="Duration">Its length in seconds, as far as the writer counted.</param>
/// <param name="FileBytes">The length of its file.</param>
/// <param name="Frames">The pictures in it; without a record, those that were streamed.</param>
internal sealed record RecordEnd(double Duration, long FileBytes, long Frames)
{
    /// <summary>What is in the file, when it is final as it is; null: it has to be finalised.</summary>
    public FileSummary? Final { get; init; }

    /// <summary>Why there is nothing to keep, a sentence; the file is removed then. Null: there is something.</summary>
    public string? Nothing { get; init; }

    /// <summary>What the live playlist beside it holds; null without one.</summary>
    public PlaylistLength? Hls { get; init; }
}

/// <summary>What a source has of the loop that it is in.</summary>
/// <param name="Post">Gives the loop something to react to. From any thread.</param>
/// <param name="Tell">Tells the node. From the loop alone.</param>
/// <param name="Time">The clock.</param>
/// <param name="Watching">Cancelled when the record is being ended.</param>
internal sealed record LoopPort(
    Action<WorkerInput> Post,
    Action<WorkerEvent> Tell,
    TimeProvider Time,
    CancellationToken Watching
);

/// <summary>
/// What a worker records: a page's picture and sound, or what is received. Everything is called by the loop, one after
/// the other; what happens on threads of the source's own is posted to the loop.
/// </summary>
/// <param name="place">The record.</param>
/// <param name="port">The loop.</param>
internal abstract class RecordSource(RecordPlace place, LoopPort port) : IDisposable
{
    /// <summary>The record.</summary>
    public RecordPlace Place { get; } = place;

    /// <summary>Whether the record's file was made by this worker; until the record has begun, it holds
    /// nothing.</summary>
    public bool FileIsOurs { get; private set; }

    /// <summary>Whether the record has begun: from then on its end finalises it, before that nothing is kept.</summary>
    public abstract bool HasBegun { get; }

    /// <summary>How often <see cref="OnTickAsync"/> is called once the record has begun.</summary>
    public abstract TimeSpan TickInterval { get; }

    /// <summary>The loop.</summary>
    protected LoopPort Port { get; } = port;

    /// <summary>Sets everything up.</summary>
    /// <exception cref="WorkerException">It cannot be set up.</exception>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    /// <exception cref="DllNotFoundException">A library is missing.</exception>
    public abstract Task PrepareAsync();

    /// <summary>The sentence about a pipeline that cannot be built.</summary>
    public abstract string CannotBuild(string reason);

    /// <summary>Does what only this source knows how to do.</summary>
    /// <returns>Why the record has to end, or null.</returns>
    public abstract Task<RecordFault?> ObeyAsync(WorkerCommand command);

    /// <summary>Reacts to what only this source posts.</summary>
    /// <returns>Why the record has to end, or null.</returns>
    public abstract Task<RecordFault?> ReactAsync(WorkerInput input);

    /// <summary>Looks after the record, and tells how it goes.</summary>
    /// <returns>Why the record has to end, or null.</returns>
    public abstract Task<RecordFault?> OnTickAsync();

    /// <summary>Ends the stream and the writer, and lets go of everything. What hangs is left behind after some
    /// seconds.</summary>
    /// <param name="limit">For how long the stream may take to end.</param>
    public abstract Task<RecordEnd> EndAsync(TimeSpan limit);

    /// <summary>Lets go of everything before the record has begun.</summary>
    public abstract Task AbandonAsync();

    /// <summary>Lets go of what neither <see cref="EndAsync"/> nor <see cref="AbandonAsync"/> has, after a fault of
    /// ours.</summary>
    public abstract void Dispose();

    /// <summary>Takes the record's name.</summary>
    /// <exception cref="WorkerException">The file cannot be made.</exception>
    protected void Reserve(string path)
    {
        PrepareCheck.Reserve(Place.Session, path);
        FileIsOurs = true;
    }

    /// <summary>Says that a command makes no sense now; nothing else changes.</summary>
    protected RecordFault? Refuse(string message)
    {
        Port.Tell(new WorkerEvent.Failed(WorkerFailure.InvalidCommand, message));
        return null;
    }
}
