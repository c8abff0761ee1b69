using System.Collections.Immutable;

namespace Recorder.Cluster.Journal;

/// <summary>An event as far as it tells whose it is.</summary>
/// <param name="SequenceNr">Its number among the events of its actor.</param>
/// <param name="Timestamp">When it was handed to the journal, in ticks; the same at each try.</param>
/// <param name="Payload">Its serialized form.</param>
internal sealed record WrittenEvent(long SequenceNr, long Timestamp, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Whether the other is this very event and not just one of the same number.</summary>
    public bool Is(WrittenEvent other) =>
        SequenceNr == other.SequenceNr
        && Timestamp == other.Timestamp
        && Payload.Span.SequenceEqual(other.Payload.Span);
}

/// <summary>What has become of a write that met an event of its own number.</summary>
internal enum WriteVerdict
{
    /// <summary>All of it is there: an earlier try was committed, and its answer lost.</summary>
    Done,

    /// <summary>Nothing of it is there, nor in its way: a neighbour in the same batch was in conflict. To be tried
    /// again.</summary>
    NotWritten,

    /// <summary>Another incarnation of the actor wrote these numbers: this one is stale and must hear that it
    /// failed.</summary>
    Fenced,
}

/// <summary>Compares what was to be written with what is in the journal.</summary>
internal static class WriteVerdicts
{
    /// <summary>The verdict. A write is atomic, so a part of it is never there.</summary>
    /// <param name="own">What was to be written.</param>
    /// <param name="stored">What the journal has under these numbers.</param>
    public static WriteVerdict Of(ImmutableList<WrittenEvent> own, ImmutableList<WrittenEvent> stored) =>
        stored.IsEmpty ? WriteVerdict.NotWritten
        : stored.Count == own.Count && own.Zip(stored).All(pair => pair.Item1.Is(pair.Item2)) ? WriteVerdict.Done
        : WriteVerdict.Fenced;
}
