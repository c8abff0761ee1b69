using System.Collections.Immutable;
using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>The record that is made, whatever its source.</summary>
/// <param name="Session">The session's id, for messages.</param>
/// <param name="Path">The absolute path of the file; null: no record is written.</param>
/// <param name="Container">How the file is packed.</param>
/// <param name="MinimumFreeBytes">The record is finalised when less than this is free in its folder.</param>
internal sealed record RecordPlace(long Session, string? Path, FileContainer Container, long MinimumFreeBytes);

/// <summary>Why a record has to end without a command to end.</summary>
/// <param name="Code">One of <see cref="WorkerFailure"/>.</param>
/// <param name="Message">A sentence: what happened, to which session, what to do.</param>
internal sealed record RecordFault(string Code, string Message);

/// <summary>The figures of a record whose writer has ended.</summary>
/// <param name="Duration">Its length in seconds, as far as the writer counted.</param>
/// <param name="FileBytes">The length of its file.</param>
/// <param name="Frames">Number of pictures in the file; without a record, number of streamed pictures.</param>
internal sealed record RecordEnd(double Duration, long FileBytes, long Frames)
{
    /// <summary>The content of the file, when the file is final already; null: the file has to be finalised.</summary>
    public FileSummary? Final { get; init; }

    /// <summary>A sentence that says why nothing is worth keeping; the file is then removed. Null: the file has
    /// content.</summary>
    public string? Nothing { get; init; }

    /// <summary>The content of the record's live playlist; null without a playlist.</summary>
    public PlaylistLength? Hls { get; init; }
}

/// <summary>What the loop offers to its source.</summary>
/// <param name="Post">Gives the loop something to react to. From any thread.</param>
/// <param name="Tell">Tells the node. Called only by the loop.</param>
/// <param name="Time">The clock.</param>
/// <param name="Watching">Cancelled when the record is being ended.</param>
internal sealed record LoopPort(
    Action<WorkerInput> Post,
    Action<WorkerEvent> Tell,
    TimeProvider Time,
    CancellationToken Watching
);

/// <summary>
/// What a worker records: a page's picture and sound, or a received stream. The loop makes all calls, one after the
/// other. Events on the source's own threads are posted to the loop.
/// </summary>
/// <param name="place">The record.</param>
/// <param name="port">The loop.</param>
internal abstract class RecordSource(RecordPlace place, LoopPort port) : IDisposable
{
    /// <summary>The record.</summary>
    public RecordPlace Place { get; } = place;

    /// <summary>Whether this worker made the record's file. The file is empty until the record has begun.</summary>
    public bool FileIsOurs { get; private set; }

    /// <summary>Whether the record has begun. After that, an end finalises the record; before, an end keeps
    /// nothing.</summary>
    public abstract bool HasBegun { get; }

    /// <summary>How often <see cref="OnTickAsync"/> is called once the record has begun.</summary>
    public abstract TimeSpan TickInterval { get; }

    /// <summary>The chapters of the record so far.</summary>
    public ImmutableList<RecordChapter> Chapters { get; private set; } = [];

    /// <summary>The loop.</summary>
    protected LoopPort Port { get; } = port;

    /// <summary>Sets everything up.</summary>
    /// <exception cref="WorkerException">The source cannot be set up.</exception>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    /// <exception cref="DllNotFoundException">A library is missing.</exception>
    public abstract Task PrepareAsync();

    /// <summary>The sentence to report when the pipeline cannot be built.</summary>
    public abstract string CannotBuild(string reason);

    /// <summary>Carries out a command that only this source knows.</summary>
    /// <returns>Why the record has to end, or null.</returns>
    public abstract Task<RecordFault?> ObeyAsync(WorkerCommand command);

    /// <summary>Reacts to an input that only this source posts.</summary>
    /// <returns>Why the record has to end, or null.</returns>
    public abstract Task<RecordFault?> ReactAsync(WorkerInput input);

    /// <summary>Checks the record, and reports its progress.</summary>
    /// <returns>Why the record has to end, or null.</returns>
    public abstract Task<RecordFault?> OnTickAsync();

    /// <summary>Ends the stream and the writer, and releases everything. A part that hangs is abandoned after some
    /// seconds.</summary>
    /// <param name="limit">How long the stream may take to end.</param>
    public abstract Task<RecordEnd> EndAsync(TimeSpan limit);

    /// <summary>Releases everything before the record has begun.</summary>
    public abstract Task AbandonAsync();

    /// <summary>After a fault of the worker itself: releases what neither <see cref="EndAsync"/> nor
    /// <see cref="AbandonAsync"/> has released.</summary>
    public abstract void Dispose();

    /// <summary>Creates the record's file, so that its name is taken.</summary>
    /// <exception cref="WorkerException">The file cannot be made.</exception>
    protected void Reserve(string path)
    {
        PrepareCheck.Reserve(Place.Session, path);
        FileIsOurs = true;
    }

    /// <summary>Marks a moment of the record.</summary>
    /// <param name="mark">The mark.</param>
    /// <param name="at">Where the moment is, in seconds from the beginning of the record.</param>
    protected void Mark(WorkerCommand.Mark mark, double at)
    {
        Chapters = Chapters.Add(new RecordChapter(mark.Title, at));
        Port.Tell(new WorkerEvent.Marked(mark.Id, at));
    }

    /// <summary>Reports that a command makes no sense now. Nothing else changes.</summary>
    protected RecordFault? Refuse(string message)
    {
        Port.Tell(new WorkerEvent.Failed(WorkerFailure.InvalidCommand, message));
        return null;
    }
}
