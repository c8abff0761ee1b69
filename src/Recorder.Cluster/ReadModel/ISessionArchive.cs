using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>Which ended sessions are asked for.</summary>
/// <param name="After">Only sessions with a greater id.</param>
/// <param name="UpTo">Only sessions with this id or a smaller one.</param>
/// <param name="Phase">Only sessions of this phase; null: every phase.</param>
public sealed record ArchiveRange(int After, int UpTo, SessionPhase? Phase)
{
    /// <summary>Only sessions that have all these labels.</summary>
    public ImmutableList<SessionLabel> Labels { get; init; } = [];

    /// <summary>Only sessions of this owner; null: of every owner.</summary>
    public string? Owner { get; init; }
}

/// <summary>How far the erasing of a record is.</summary>
public enum EraseStage
{
    /// <summary>The record is kept.</summary>
    Kept,

    /// <summary>The erasing is decided, and files may still be there.</summary>
    Erasing,

    /// <summary>The files are gone.</summary>
    Erased,
}

/// <summary>Tells how far the erasing of records is. Pure.</summary>
public static class EraseStages
{
    /// <summary>How far the erasing of a record is.</summary>
    /// <param name="record">The record.</param>
    public static EraseStage Of(RecordSummary record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Erasing switch
        {
            null => EraseStage.Kept,
            { Done: null } => EraseStage.Erasing,
            _ => EraseStage.Erased,
        };
    }
}

/// <summary>Which records of ended sessions are asked for.</summary>
/// <param name="After">Only records after this one, by session and number.</param>
/// <param name="UpTo">Only records of the session with this id or a smaller one.</param>
public sealed record ArchivedRecords(RecordId After, int UpTo)
{
    /// <summary>Only records that are finished, or only records that are not; null: both.</summary>
    public bool? Finished { get; init; }

    /// <summary>Only records whose erasing has come so far; null: every record that is not erased.</summary>
    public EraseStage? Erasing { get; init; }

    /// <summary>Only records whose first frame was written at this time or later; null: any time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only records whose first frame was written before this time; null: any time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only records of sessions that have all these labels.</summary>
    public ImmutableList<SessionLabel> Labels { get; init; } = [];

    /// <summary>Only records of sessions of this owner; null: of every owner.</summary>
    public string? Owner { get; init; }

    /// <summary>Only records with a delivery that has failed for good, or only records with a delivery; null: all
    /// records.</summary>
    public ArchivedDeliveries? Deliveries { get; init; }
}

/// <summary>Which deliveries a record must have to be asked for.</summary>
public enum ArchivedDeliveries
{
    /// <summary>At least one, whatever its state.</summary>
    Any,

    /// <summary>At least one that has failed for good.</summary>
    GivenUp,
}

/// <summary>A record, with its session.</summary>
/// <param name="Id">The record's id.</param>
/// <param name="Session">The session; its own list of records may be left out.</param>
/// <param name="Record">The record.</param>
public sealed record SessionRecord(RecordId Id, SessionSummary Session, RecordSummary Record);

/// <summary>An ended session in short.</summary>
/// <param name="Id">The session.</param>
/// <param name="Records">The paths of its finished records, oldest first.</param>
public sealed record SessionInShort(SessionId Id, ImmutableList<string> Records);

/// <summary>
/// The sessions that have ended. The placement knows the running ones, and each ended one until it is here. A caller
/// who needs both asks the placement first: then no session is missing.
/// </summary>
public interface ISessionArchive
{
    /// <summary>The ended sessions of a range, by id. They are read in parts; the whole list is never held.</summary>
    /// <param name="range">The range.</param>
    /// <param name="expected">How many sessions the caller expects to take, at least 1.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be read.</exception>
    IAsyncEnumerable<SessionSummary> EndedAsync(ArchiveRange range, int expected, CancellationToken cancellation);

    /// <summary>The ids of the ended sessions of a range, in their order.</summary>
    /// <param name="range">The range.</param>
    /// <param name="expected">How many ids the caller expects to take, at least 1.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be read.</exception>
    IAsyncEnumerable<SessionId> IdsAsync(ArchiveRange range, int expected, CancellationToken cancellation);

    /// <summary>The ended sessions of a range that ever recorded, in short, by id.</summary>
    /// <param name="after">Only sessions with a greater id.</param>
    /// <param name="upTo">Only sessions with this id or a smaller one.</param>
    /// <param name="owner">Only sessions of this owner; null: of every owner.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be read.</exception>
    IAsyncEnumerable<SessionInShort> InShortAsync(
        int after,
        int upTo,
        string? owner,
        CancellationToken cancellation
    );

    /// <summary>Records of ended sessions, by session and number. They are read in parts; the whole list is never
    /// held.</summary>
    /// <param name="wanted">Which records.</param>
    /// <param name="expected">How many records the caller expects to take, at least 1.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be read.</exception>
    IAsyncEnumerable<SessionRecord> RecordsAsync(
        ArchivedRecords wanted,
        int expected,
        CancellationToken cancellation
    );

    /// <summary>One ended session; null when there is none of this id.</summary>
    /// <param name="id">The session.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be read.</exception>
    Task<SessionSummary?> FindAsync(SessionId id, CancellationToken cancellation);

    /// <summary>One ended session of an owner; null when the owner has none of this id. A session of somebody else
    /// costs no more time than none.</summary>
    /// <param name="id">The session.</param>
    /// <param name="owner">The owner.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be read.</exception>
    Task<SessionSummary?> FindOfAsync(SessionId id, string owner, CancellationToken cancellation);
}
