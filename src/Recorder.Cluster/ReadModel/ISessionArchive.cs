using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>Which ended sessions are asked for.</summary>
/// <param name="After">Only sessions with a greater id.</param>
/// <param name="UpTo">Only sessions with this id or a smaller one.</param>
/// <param name="Phase">Only sessions of this phase; null: every phase.</param>
public sealed record ArchiveRange(int After, int UpTo, SessionPhase? Phase);

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
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be read.</exception>
    IAsyncEnumerable<SessionInShort> InShortAsync(int after, int upTo, CancellationToken cancellation);

    /// <summary>One ended session; null when there is none of this id.</summary>
    /// <param name="id">The session.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be read.</exception>
    Task<SessionSummary?> FindAsync(SessionId id, CancellationToken cancellation);
}
