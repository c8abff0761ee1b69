using System.Collections.Immutable;
using System.Data.Common;
using Akka.Event;
using Akka.Persistence.Query;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.ReadModel;

/// <summary>
/// Brings the read model up to the journal. For each session with news, the session is read again from its own journal,
/// and its rows are written with the place in the journal, in one transaction. An event that is read twice therefore
/// changes nothing, and an event that was passed over is made up for by the session's next one. A session that cannot
/// be read keeps no other session from the lists.
/// </summary>
internal sealed class Projection(
    FarmDatabase database,
    ISessionJournal journal,
    TimeProvider clock,
    ILoggingAdapter log
)
{
    private const string Name = "sessions";

    /// <summary>How many events without news are read before their place is written.</summary>
    private const long LongestUnwritten = 5_000;

    private readonly UnreadableSessions _unreadable = new(clock);
    private long _written;

    /// <summary>How many sessions were read from their journals. For tests of what the projection costs.</summary>
    public long Read { get; private set; }

    /// <summary>How many sessions could not be read when that was last tried.</summary>
    public int Unreadable => _unreadable.Count;

    /// <summary>Finds where the projection was. A journal that does not have the event of that place is another one,
    /// such as an older one from a backup; then every session is read again.</summary>
    /// <returns>The place in the journal after which to go on; and, when the journal is read anew, its last place,
    /// after which <see cref="SweepAsync"/> is due, else null.</returns>
    public async Task<(long Ordering, long? AnewUntil)> BeginAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var last = await SessionJournal.LastAsync(connection);
        var place = await connection.QuerySingleOrDefaultAsync<Place>(
            """
            SELECT ordering AS Ordering, persistence_id AS PersistenceId, sequence_nr AS SequenceNr
            FROM projections WHERE name = @Name
            """,
            new { Name }
        );
        if (place is null)
        {
            await connection.ExecuteAsync(
                "INSERT INTO projections (name, ordering) VALUES (@Name, 0) ON CONFLICT (name) DO NOTHING",
                new { Name }
            );
            _written = 0;
            return (0, last);
        }

        var there = await connection.QuerySingleOrDefaultAsync<Place>(
            """
            SELECT ordering AS Ordering, persistence_id AS PersistenceId, sequence_number AS SequenceNr
            FROM journal WHERE ordering = @Ordering
            """,
            new { place.Ordering }
        );
        if (place.FitsIn(last, there))
        {
            _written = place.Ordering;
            var unfinished = await connection.ExecuteScalarAsync<long?>(
                "SELECT MIN(id) FROM sessions WHERE sequence_nr = 0"
            );
            return (place.Ordering, unfinished is null ? null : last);
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(
            "UPDATE sessions SET sequence_nr = 0 WHERE journal_deleted_at IS NULL",
            transaction: transaction
        );
        await connection.ExecuteAsync(
            "UPDATE projections SET ordering = 0, persistence_id = NULL, sequence_nr = NULL WHERE name = @Name",
            new { Name },
            transaction
        );
        await transaction.CommitAsync(cancellation);
        _written = 0;
        return (0, last);
    }

    /// <summary>Takes a part of the journal.</summary>
    /// <param name="events">Events in the order of the journal; at least one.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>The sessions of the part that have ended, now that the read model tells of their end.</returns>
    /// <exception cref="InvalidOperationException">Another projection has written meanwhile; this one must begin
    /// again.</exception>
    public async Task<ImmutableList<SessionId>> TakeAsync(
        IReadOnlyList<EventEnvelope> events,
        CancellationToken cancellation
    ) => await TakeAsync(events, evenWithoutNews: false, cancellation);

    private async Task<ImmutableList<SessionId>> TakeAsync(
        IReadOnlyList<EventEnvelope> events,
        bool evenWithoutNews,
        CancellationToken cancellation
    )
    {
        var last = events[^1];
        var reached = new Place(((Sequence)last.Offset).Value, last.PersistenceId, last.SequenceNr);
        var touched = Touched(events);
        if (!evenWithoutNews && touched.Count == 0 && reached.Ordering - _written < LongestUnwritten)
        {
            return [];
        }

        await using var connection = await database.OpenAsync(cancellation);
        var known = await KnownAsync(connection, touched.Keys);
        var due = await ReadAsync(connection, BehindOf(touched, known));

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await WriteAsync(transaction, due, known);
        var moved = await connection.ExecuteAsync(
            """
            UPDATE projections SET ordering = @Ordering, persistence_id = @PersistenceId, sequence_nr = @SequenceNr
            WHERE name = @Name AND ordering = @Before
            """,
            new
            {
                reached.Ordering,
                reached.PersistenceId,
                reached.SequenceNr,
                Name,
                Before = _written,
            },
            transaction
        );
        if (moved != 1)
        {
            throw new InvalidOperationException(
                "Another node fills the read model at the same time; this node begins again where the other one is."
            );
        }
        await transaction.CommitAsync(cancellation);
        _written = reached.Ordering;
        return EndedOf(touched.Keys, due, known);
    }

    /// <summary>
    /// Passes over the next event that cannot be read, once the reader of the journal has failed. The events before are
    /// taken as usual. The session of the event counts as one with news, so that the operator hears of the session.
    /// </summary>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>The sessions of the part that have ended, and the place after which to go on; null when every one of
    /// the next events can be read, so that the reader has failed for another reason.</returns>
    public async Task<(ImmutableList<SessionId> Ended, long Ordering)?> PassOverAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var next = await journal.NextAsync(connection, _written);
        var place = next.FindIndex(envelope => envelope.Event is UnreadableEvent);
        if (place < 0)
        {
            return null;
        }
        var (part, bad) = (next.GetRange(0, place + 1), next[place]);
        if (SessionJournal.SessionOf(bad.PersistenceId) is null)
        {
            log.Warning(
                "Event {0} of {1} cannot be read: {2} The lists need no such event and go on after this one.",
                bad.SequenceNr,
                bad.PersistenceId,
                ((UnreadableEvent)bad.Event).Cause.Message
            );
        }
        return (await TakeAsync(part, evenWithoutNews: true, cancellation), _written);
    }

    /// <summary>Makes sure that sessions that have ended are in the read model with all that came after the end: the
    /// repair of a record, manifests and deliveries.</summary>
    /// <param name="ended">The sessions.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>The sessions that are in the read model, and for which nothing is left to do.</returns>
    public async Task<ImmutableList<SessionId>> CatchUpAsync(
        ImmutableList<SessionId> ended,
        CancellationToken cancellation
    )
    {
        if (ended.IsEmpty)
        {
            return [];
        }
        await using var connection = await database.OpenAsync(cancellation);
        var known = await KnownAsync(connection, ended);
        var newest = await journal.NewestAsync(
            connection,
            [
                .. ended.Where(id =>
                    !(
                        known.TryGetValue(id.Value, out var row)
                        && row is { Settled: true, SequenceNr: > 0, IsTold: true }
                    )
                ),
            ]
        );
        var due = await ReadAsync(
            connection,
            ended.Where(id =>
                _unreadable.MayBeTried(id)
                && (
                    _unreadable.Contains(id)
                    || (
                        newest.TryGetValue(id, out var number)
                        && !(known.TryGetValue(id.Value, out var row) && row.Reached >= number)
                    )
                )
            )
        );
        await WriteAloneAsync(connection, due, known, cancellation);
        return EndedOf(ended, due, known);
    }

    /// <summary>Takes the news of sessions before the journal's reader comes to them.</summary>
    /// <param name="news">The sessions, each with the number of its newest event.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>The sessions among them that have ended and are settled.</returns>
    public async Task<ImmutableList<SessionId>> TakeAheadAsync(
        IReadOnlyDictionary<SessionId, long> news,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var known = await KnownAsync(connection, [.. news.Keys]);
        var due = await ReadAsync(connection, BehindOf(news, known));
        await WriteAloneAsync(connection, due, known, cancellation);
        return EndedOf(news.Keys, due, known);
    }

    /// <summary>The sessions that the feed has not told of although the read model has them: a node of a version
    /// without events has filled the read model meanwhile. Sessions from before the first event are not told.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The sessions, each with the number of its newest event.</returns>
    public async Task<Dictionary<SessionId, long>> UntoldAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (
            await connection.QueryAsync<(long Id, long SequenceNr)>(
                new CommandDefinition(
                    """
                    SELECT s.id, s.sequence_nr
                    FROM sessions s LEFT JOIN event_streams e ON e.session_id = s.id
                    WHERE s.journal_deleted_at IS NULL AND s.sequence_nr > COALESCE(e.sequence_nr, 0)
                        AND s.accepted_at >= (SELECT at FROM events WHERE session_id > 0 ORDER BY position LIMIT 1)
                    """,
                    cancellationToken: cancellation
                )
            )
        ).ToDictionary(row => new SessionId((int)row.Id), row => row.SequenceNr);
    }

    /// <summary>Up to which event the read model has a session; 0 when it does not have the session.</summary>
    /// <param name="database">The database.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <exception cref="DbException">The database cannot be read.</exception>
    public static async Task<long> ReachedAsync(
        FarmDatabase database,
        SessionId session,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<long?>(
                new CommandDefinition(
                    "SELECT sequence_nr FROM sessions WHERE id = @id",
                    new { id = (long)session.Value },
                    cancellationToken: cancellation
                )
            ) ?? 0;
    }

    /// <summary>Takes the sessions out of the tables that the journal no longer knows, once a journal that is read anew
    /// was read to its end. Sessions whose events were deleted on purpose stay, and so do sessions that cannot be
    /// read.</summary>
    /// <returns>How many sessions were taken out.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var gone = (
            await connection.QueryAsync<long>(
                $"""
                SELECT id FROM sessions WHERE sequence_nr = 0
                    AND NOT EXISTS (
                        SELECT 1 FROM journal WHERE persistence_id = '{SessionJournal.Prefix}' || sessions.id
                    )
                """,
                transaction: transaction
            )
        ).AsList();
        foreach (var some in gone.Chunk(500))
        {
            await SessionTables.RemoveAsync(transaction, some);
            await EventTables.RemoveAsync(transaction, some);
        }
        await transaction.CommitAsync(cancellation);
        return gone.Count;
    }

    /// <summary>The sessions with news, each with the number of its newest event here. Mere growth of a record is no
    /// news.</summary>
    private static Dictionary<SessionId, long> Touched(IReadOnlyList<EventEnvelope> events)
    {
        var touched = new Dictionary<SessionId, long>();
        foreach (var envelope in events)
        {
            if (
                envelope.Event
                    is UnreadableEvent
                        or (ISessionEvent and not (RecordConfirmed or StreamingConfirmed))
                && SessionJournal.SessionOf(envelope.PersistenceId) is { } id
            )
            {
                touched[id] = envelope.SequenceNr;
            }
        }
        return touched;
    }

    /// <summary>The sessions whose rows are older than their news.</summary>
    private static IEnumerable<SessionId> BehindOf(
        IReadOnlyDictionary<SessionId, long> news,
        Dictionary<long, Known> known
    ) =>
        news.Where(one => !(known.TryGetValue(one.Key.Value, out var row) && row.Reached >= one.Value))
            .Select(one => one.Key);

    private async Task<List<JournaledSession>> ReadAsync(DbConnection connection, IEnumerable<SessionId> due)
    {
        var ids = due.ToList();
        var told = await EventTables.ToldToAsync(connection, ids);
        var sessions = new List<JournaledSession>();

        // Two steps at a time must take the rows in one order.
        foreach (var id in ids.OrderBy(id => id.Value))
        {
            Read++;

            // A journal without its beginning tells nothing of the session.
            if (await TryReadAsync(id, told.GetValueOrDefault(id.Value)) is { State.Spec: not null } session)
            {
                sessions.Add(session);
            }
        }
        return sessions;
    }

    /// <summary>Reads a session; null when the session cannot be read. A database that does not answer is another
    /// thing: then no session can be read, and the step ends.</summary>
    private async Task<JournaledSession?> TryReadAsync(SessionId id, long told)
    {
        try
        {
            var session = await journal.ReadAsync(id, told);
            if (_unreadable.Remove(id))
            {
                log.Info("Session {0} can be read from the journal again, and the lists have the session's news.", id);
            }
            return session;
        }
        catch (Exception error) when (UnreadableSessions.IsOfTheSession(error))
        {
            if (_unreadable.Add(id))
            {
                log.Error(
                    "Session {0} cannot be read from the journal, and the lists keep what they had of the session: {1} "
                        + "The lists of other sessions go on. The node tries again every {2:0} minutes while the "
                        + "placement keeps the session, and at each of the session's events. What to do: if a newer "
                        + "build wrote the event, install the newer build. Otherwise restore the rows {3} of journal "
                        + "and snapshot from a backup of the database. The session's records are files, and this "
                        + "fault does not touch files.",
                    id,
                    UnreadableSessions.CauseOf(error),
                    UnreadableSessions.Pause.TotalMinutes,
                    SessionJournal.IdOf(id)
                );
            }
            return null;
        }
    }

    private static async Task WriteAloneAsync(
        DbConnection connection,
        List<JournaledSession> sessions,
        Dictionary<long, Known> known,
        CancellationToken cancellation
    )
    {
        if (sessions.Count > 0)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await WriteAsync(transaction, sessions, known);
            await transaction.CommitAsync(cancellation);
        }
    }

    private static async Task WriteAsync(
        DbTransaction within,
        IEnumerable<JournaledSession> sessions,
        Dictionary<long, Known> known
    )
    {
        // All rows of sessions come before the row of the feed, so that two steps take them in one order.
        var written = new List<JournaledSession>();
        foreach (var session in sessions)
        {
            if (
                await SessionTables.WriteAsync(
                    within,
                    SessionRows.Of(session.State, session.SequenceNr),
                    known.ContainsKey(session.State.Id.Value)
                )
            )
            {
                written.Add(session);
            }
        }
        foreach (var session in written)
        {
            await EventTables.WriteAsync(
                within,
                ToldSession.Of(session.State.Id, session.State.Spec),
                session.Told,
                session.SequenceNr
            );

            // A node of a version without webhooks of sessions may have taken the beginning of the session.
            if (
                session.State.Spec is { Webhooks: { IsEmpty: false } webhooks }
                && (!session.State.Settled || session.Told.Exists(draft => draft.Type == EventType.SessionAccepted))
            )
            {
                await WebhookStore.AttachAsync(within, session.State.Id, webhooks);
            }
        }
    }

    private ImmutableList<SessionId> EndedOf(
        IEnumerable<SessionId> asked,
        List<JournaledSession> written,
        Dictionary<long, Known> known
    ) =>
        [
            .. asked
                .Where(id => known.TryGetValue(id.Value, out var row) && row.Settled)
                .Union(written.Where(session => session.State.Settled).Select(session => session.State.Id))
                .Where(id => !_unreadable.Contains(id)),
        ];

    private static async Task<Dictionary<long, Known>> KnownAsync(
        DbConnection connection,
        IReadOnlyCollection<SessionId> ids
    ) =>
        ids.Count == 0
            ? []
            : (
                await connection.QueryAsync<Known>(
                    $"""
                    SELECT id AS Id, sessions.sequence_nr AS SequenceNr, settled AS Settled,
                        COALESCE(event_streams.sequence_nr, 0) AS ToldTo
                    FROM sessions LEFT JOIN event_streams ON event_streams.session_id = sessions.id
                    WHERE id {SessionTables.Among(connection)}
                    """,
                    new { ids = ids.Select(id => (long)id.Value).ToArray() }
                )
            ).ToDictionary(row => row.Id);

    private sealed class Known
    {
        public long Id { get; init; }

        public long SequenceNr { get; init; }

        public bool Settled { get; init; }

        /// <summary>Up to which event of its journal the session was told. Less than <see cref="SequenceNr"/> where a
        /// node of a version without events has written the rows.</summary>
        public long ToldTo { get; init; }

        public bool IsTold => ToldTo >= SequenceNr;

        public long Reached => Math.Min(SequenceNr, ToldTo);
    }
}
