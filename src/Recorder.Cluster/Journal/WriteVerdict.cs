using System.Collections.Immutable;

namespace Recorder.Cluster.Journal;

/// <summary>The parts of an event that tell which write the event came from.</summary>
/// <param name="SequenceNr">The event's number among the events of its actor.</param>
/// <param name="Timestamp">When the event was handed to the journal, in ticks; the same at each try.</param>
/// <param name="Payload">The event's serialized form.</param>
internal sealed record WrittenEvent(long SequenceNr, long Timestamp, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Whether the other is this very event, and not just an event of the same number.</summary>
    public bool Is(WrittenEvent other) =>
        SequenceNr == other.SequenceNr
        && Timestamp == other.Timestamp
        && Payload.Span.SequenceEqual(other.Payload.Span);
}

/// <summary>The fate of a write that met an event of its own number.</summary>
internal enum WriteVerdict
{
    /// <summary>The whole write is in the journal: an earlier try was committed, and its answer was lost.</summary>
    Done,

    /// <summary>No part of the write is in the journal, and nothing is in its way: a neighbour in the same batch was
    /// in conflict. To be tried again.</summary>
    NotWritten,

    /// <summary>Another incarnation of the actor wrote these numbers, and may have deleted its events since. This
    /// incarnation is stale and must learn of the failure.</summary>
    Fenced,
}

/// <summary>Compares the events of a write with the journal.</summary>
internal static class WriteVerdicts
{
    /// <summary>The verdict. A write is atomic, so the journal never has only a part of it.</summary>
    /// <param name="own">The events of the write.</param>
    /// <param name="stored">The events in the journal under these numbers.</param>
    /// <param name="highest">The highest number that the journal has given for this actor, deleted events
    /// included.</param>
    public static WriteVerdict Of(
        ImmutableList<WrittenEvent> own,
        ImmutableList<WrittenEvent> stored,
        long highest
    ) =>
        stored.IsEmpty && highest < own[0].SequenceNr ? WriteVerdict.NotWritten
        : stored.Count == own.Count && own.Zip(stored).All(pair => pair.Item1.Is(pair.Item2)) ? WriteVerdict.Done
        : WriteVerdict.Fenced;
}
