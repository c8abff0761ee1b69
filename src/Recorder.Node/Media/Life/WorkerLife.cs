using System.Collections.Immutable;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Media.Life;

/// <summary>What the media side of every session knows of its record and its worker, for pages and for RTP.</summary>
internal sealed record WorkerLife
{
    /// <summary>The present phase of the media side.</summary>
    public MediaPhase Phase { get; init; }

    /// <summary>The record being written, or the last one; null when the session writes none.</summary>
    public string? RecordPath { get; init; } = "";

    /// <summary>The container format of the record.</summary>
    public RecordContainer Container { get; init; }

    /// <summary>The message about a record whose session was stopped while the session started; a sentence for
    /// people.</summary>
    public required string StoppedAtStart { get; init; }

    /// <summary>The reason why a worker without a first frame finalises nothing: one of
    /// <see cref="FaultCode"/>.</summary>
    public required string CodeOfNothing { get; init; }

    /// <summary>Whether the present worker has made its file. The file stays empty until the first frame.</summary>
    public bool FileMade { get; init; }

    /// <summary>Whether the present worker's first picture is in the file, or a target has accepted the
    /// stream.</summary>
    public bool FirstFrame { get; init; }

    /// <summary>Length of the present worker's timeline, as last reported by the worker.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The failure of the present worker; null when the worker reported none.</summary>
    public WorkerEvent.Failed? Failed { get; init; }

    /// <summary>The present worker's report about the end of its record.</summary>
    public IMediaEvent? Closed { get; init; }

    /// <summary>The failure of a part because of which everything has to end; null when there is none.</summary>
    public PartFailed? Cause { get; init; }

    /// <summary>Whether the record that was open must be repaired after everything has ended.</summary>
    public bool RepairAtEnd { get; init; }

    /// <summary>The events to report once everything has ended.</summary>
    public ImmutableList<IMediaEvent> Final { get; init; } = [];

    /// <summary>Returns this life with a new worker for the next record.</summary>
    /// <param name="recordPath">The path of the record; null when no record is written.</param>
    /// <param name="container">The container format of the record.</param>
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

/// <summary>The next life and the effects to carry out.</summary>
internal sealed record WorkerLifeStep(WorkerLife Life, ImmutableList<MediaEffect> Effects)
{
    /// <summary>The step that changes nothing.</summary>
    public static WorkerLifeStep None(WorkerLife life) => new(life, []);
}
