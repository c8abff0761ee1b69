namespace Recorder.Cluster.ReadModel;

/// <summary>A place in the journal, with the event that is there.</summary>
internal sealed class Place
{
    /// <summary>For the database.</summary>
    public Place() { }

    /// <summary>A place.</summary>
    /// <param name="ordering">The number of the event among all events of the journal; 0 before the first.</param>
    /// <param name="persistenceId">The journal that the event belongs to, or null before the first event.</param>
    /// <param name="sequenceNr">The number of the event there, or null before the first event.</param>
    public Place(long ordering, string? persistenceId, long? sequenceNr)
    {
        Ordering = ordering;
        PersistenceId = persistenceId;
        SequenceNr = sequenceNr;
    }

    /// <summary>The number of the event among all events of the journal.</summary>
    public long Ordering { get; init; }

    /// <summary>The journal that the event belongs to.</summary>
    public string? PersistenceId { get; init; }

    /// <summary>The number of the event there.</summary>
    public long? SequenceNr { get; init; }

    /// <summary>
    /// Whether the place belongs to a journal. A journal that ends before the place, or has another event there, is
    /// another one. A journal without an event there may have deleted it.
    /// </summary>
    /// <param name="last">The greatest number in the journal.</param>
    /// <param name="there">What the journal has at the place, or null.</param>
    public bool FitsIn(long last, Place? there) =>
        Ordering == 0
        || (
            Ordering <= last
            && (there is null || (there.PersistenceId == PersistenceId && there.SequenceNr == SequenceNr))
        );
}
