using System.Collections.Immutable;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Media.Life;

/// <summary>What the media side of every session knows of its record and its worker, whatever the worker
/// records.</summary>
internal sealed record WorkerLife
{
    /// <summary>Where in its life the media side is.</summary>
    public MediaPhase Phase { get; init; }

    /// <summary>The record being written, or the last one; null when the session writes none.</summary>
    public string? RecordPath { get; init; } = "";

    /// <summary>How the record is packed.</summary>
    public RecordContainer Container { get; init; }

    /// <summary>What is told of a record whose session is stopped while it starts; a sentence for people.</summary>
    public required string StoppedAtStart { get; init; }

    /// <summary>One of <see cref="FaultCode"/>: why a worker that had no first frame finalises nothing.</summary>
    public required string CodeOfNothing { get; init; }

    /// <summary>Whether the present worker has made its file, which stays empty until the first frame.</summary>
    public bool FileMade { get; init; }

    /// <summary>Whether the present worker's first picture is in the file, or a target has accepted the
    /// stream.</summary>
    public bool FirstFrame { get; init; }

    /// <summary>Length of the present worker's timeline, as the worker told last.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>What the present worker failed with.</summary>
    public WorkerEvent.Failed? Failed { get; init; }

    /// <summary>What the present worker said of the end of its record.</summary>
    public IMediaEvent? Closed { get; init; }

    /// <summary>Why everything has to end, when a part made that necessary.</summary>
    public PartFailed? Cause { get; init; }

    /// <summary>Whether the record that was open must be repaired when everything has ended.</summary>
    public bool RepairAtEnd { get; init; }

    /// <summary>What is told once everything has ended.</summary>
    public ImmutableList<IMediaEvent> Final { get; init; } = [];

    /// <summary>The same with a new worker for the next record.</summary>
    /// <param name="recordPath">The record; null: none is written.</param>
    /// <param name="container">How the record is packed.</param>
    public WorkerLife WithWorker(string? recordPath, RecordContainer container) =>
        this with
        {
            Phase = MediaPhase.Starting,
            RecordPath = recordPath,
            Container = container,
            FileMade = false,
            FirstFrame = false,
            Duration = TimeSpan.Zero,
            Failed = null,
            Closed = null,
        };
}

/// <summary>A life and what led to it asks for.</summary>
internal sealed record WorkerLifeStep(WorkerLife Life, ImmutableList<MediaEffect> Effects)
{
    /// <summary>Nothing changes.</summary>
    public static WorkerLifeStep None(WorkerLife life) => new(life, []);
}
