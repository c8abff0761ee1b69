using System.Collections.Immutable;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge;

/// <summary>
/// The sessions of the farm, by id: the placement's, and the ended ones of the archive. For each part of the list the
/// placement is asked first. A session that the placement forgets meanwhile is then already in the archive. No list is
/// ever held as a whole.
/// </summary>
internal sealed class SessionLists(EdgeClient edge, ISessionArchive archive, ILogger<SessionLists> log)
{
    /// <summary>Where a page ends. Only ids are read for this, so that the page itself can be sent while it is
    /// read.</summary>
    /// <param name="after">Only sessions with a greater id.</param>
    /// <param name="phase">Only sessions of this phase; null: every phase.</param>
    /// <param name="labels">Only sessions that have all these labels.</param>
    /// <param name="limit">The most sessions of the page, at least 1.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <returns>The last id of the page, 0 when the page is empty; and whether another session follows.</returns>
    /// <exception cref="RefusedException">The placement does not answer, or the archive cannot be read.</exception>
    public async Task<(int Last, bool More)> PageEndAsync(
        int after,
        SessionPhase? phase,
        ImmutableList<SessionLabel> labels,
        int limit,
        CancellationToken aborted
    )
    {
        var owner = edge.Only;
        var (last, count) = (0, 0);
        var ids = MergeAsync(
            after,
            int.MaxValue,
            sessions => from session in sessions where IsWanted(session, phase, labels, owner) select session.Id,
            (from, upTo) =>
                archive.IdsAsync(
                    new ArchiveRange(from, upTo, phase) { Labels = labels, Owner = owner },
                    limit + 1,
                    aborted
                ),
            id => new RecordId(id, 0),
            (placed, _) => placed,
            aborted
        );
        await foreach (var id in ids)
        {
            if (count == limit)
            {
                return (last, true);
            }
            (last, count) = (id.Value, count + 1);
        }
        return (last, false);
    }

    /// <summary>All that is known of the sessions.</summary>
    /// <param name="after">Only sessions with a greater id.</param>
    /// <param name="last">Only sessions with this id or a smaller one.</param>
    /// <param name="phase">Only sessions of this phase; null: every phase.</param>
    /// <param name="labels">Only sessions that have all these labels.</param>
    /// <param name="expected">How many sessions the caller expects to take, at least 1.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <exception cref="RefusedException">The placement does not answer, or the archive cannot be read.</exception>
    public IAsyncEnumerable<SessionSummary> AllAsync(
        int after,
        int last,
        SessionPhase? phase,
        ImmutableList<SessionLabel> labels,
        int expected,
        CancellationToken aborted
    )
    {
        var owner = edge.Only;
        return MergeAsync(
            after,
            last,
            sessions => sessions.Where(session => IsWanted(session, phase, labels, owner)),
            (from, upTo) =>
                archive.EndedAsync(
                    new ArchiveRange(from, upTo, phase) { Labels = labels, Owner = owner },
                    expected,
                    aborted
                ),
            session => new RecordId(session.Id, 0),
            // The placement's word is never older than the archive's, except about an end.
            (placed, ended) => placed.IsOver() ? placed : ended,
            aborted
        );
    }

    /// <summary>The original's status list. A start that failed is an error for its caller, and is no session of this
    /// list; <see cref="AllAsync"/> lists such starts.</summary>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <exception cref="RefusedException">The placement does not answer, or the archive cannot be read.</exception>
    public IAsyncEnumerable<StatusEntry> StatusAsync(CancellationToken aborted)
    {
        var owner = edge.Only;
        return MergeAsync(
            0,
            int.MaxValue,
            sessions => SessionViews.StatusOf(sessions.Where(session => session.Spec.IsSeenBy(owner))),
            (from, upTo) => InShortAsync(from, upTo, owner, aborted),
            entry => new RecordId(new SessionId(entry.Id), 0),
            (placed, ended) => placed.Running ? ended : placed,
            aborted
        );
    }

    /// <summary>The records of the farm, by session and number.</summary>
    /// <param name="wanted">Which records.</param>
    /// <param name="expected">How many records the caller expects to take, at least 1.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <exception cref="RefusedException">The placement does not answer, or the archive cannot be read.</exception>
    public IAsyncEnumerable<SessionRecord> RecordsAsync(RecordsWanted wanted, int expected, CancellationToken aborted)
    {
        var first = wanted.After.Session.Value;
        var own = wanted with { Owner = edge.Only };
        return MergeAsync(
            Math.Max(0, first - 1),
            int.MaxValue,
            sessions => sessions.SelectMany(own.Of),
            (from, upTo) =>
                own.InArchive(from < first ? wanted.After : new RecordId(new SessionId(from), int.MaxValue), upTo)
                    is { } ended
                    ? archive.RecordsAsync(ended, expected, aborted)
                    : AsyncEnumerable.Empty<SessionRecord>(),
            record => record.Id,
            (placed, ended) => placed.Session.IsOver() ? placed : ended,
            aborted
        );
    }

    private static bool IsWanted(
        SessionSummary session,
        SessionPhase? phase,
        ImmutableList<SessionLabel> labels,
        string? owner
    ) => (phase is null || session.Phase == phase) && session.Spec.HasAll(labels) && session.Spec.IsSeenBy(owner);

    private async IAsyncEnumerable<StatusEntry> InShortAsync(
        int after,
        int upTo,
        string? owner,
        [EnumeratorCancellation] CancellationToken aborted
    )
    {
        await foreach (var session in archive.InShortAsync(after, upTo, owner, aborted))
        {
            yield return new StatusEntry(session.Id.Value, session.Records, false, false);
        }
    }

    private async IAsyncEnumerable<T> MergeAsync<T>(
        int after,
        int last,
        Func<IEnumerable<SessionSummary>, IEnumerable<T>> view,
        Func<int, int, IAsyncEnumerable<T>> archived,
        Func<T, RecordId> keyOf,
        Func<T, T, T> choose,
        [EnumeratorCancellation] CancellationToken aborted
    )
    {
        var from = after;
        while (true)
        {
            var part = await PartAsync(from, aborted);
            var upTo = part.More ? Math.Min(last, part.Sessions.Max(session => session.Id.Value)) : last;
            var placed = new Queue<T>(
                view(part.Sessions.Where(session => session.Id.Value > from && session.Id.Value <= last)).OrderBy(Order)
            );
            await foreach (var ended in ReadableAsync(archived(from, upTo), aborted))
            {
                var key = Order(ended);
                while (placed.TryPeek(out var first) && Order(first).CompareTo(key) < 0)
                {
                    yield return placed.Dequeue();
                }
                yield return placed.TryPeek(out var same) && Order(same) == key
                    ? choose(placed.Dequeue(), ended)
                    : ended;
            }
            foreach (var item in placed)
            {
                yield return item;
            }
            if (!part.More || upTo == last)
            {
                yield break;
            }
            from = upTo;
        }

        (int Session, int Number) Order(T item) => (keyOf(item).Session.Value, keyOf(item).Number);
    }

    private async Task<SessionsFound> PartAsync(int after, CancellationToken aborted) =>
        await edge.AskAsync(new ListSummaries(after), aborted) switch
        {
            SessionsFound found => found,
            EdgeRefusal refusal => throw new RefusedException(refusal),
            var other => throw new InvalidOperationException(
                $"The edge actor answered {nameof(ListSummaries)} with {other.GetType().Name}."
            ),
        };

    private async IAsyncEnumerable<T> ReadableAsync<T>(
        IAsyncEnumerable<T> archived,
        [EnumeratorCancellation] CancellationToken aborted
    )
    {
        await using var each = archived.GetAsyncEnumerator(aborted);
        while (await NextAsync(each))
        {
            yield return each.Current;
        }
    }

    private async Task<bool> NextAsync<T>(IAsyncEnumerator<T> each)
    {
        try
        {
            return await each.MoveNextAsync();
        }
        catch (DbException error)
        {
            log.LogError(error, "The ended sessions could not be read from the database");
            throw new RefusedException(EdgeRefusal.ArchiveUnreadable());
        }
    }
}

/// <summary>A list cannot be made, or cannot be made to its end.</summary>
internal sealed class RefusedException(EdgeRefusal refusal) : Exception(refusal.Message)
{
    /// <summary>The answer to the caller.</summary>
    public EdgeRefusal Refusal => refusal;
}
