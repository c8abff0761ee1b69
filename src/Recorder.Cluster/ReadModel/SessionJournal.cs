using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using Akka;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using Dapper;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>A session as its journal has it.</summary>
/// <param name="State">The session.</param>
/// <param name="SequenceNr">The number of the newest event in the state; 0 when there is none.</param>
internal sealed record JournaledSession(SessionState State, long SequenceNr)
{
    /// <summary>What people are told of the session since the event that was asked for, oldest first.</summary>
    public ImmutableList<EventDraft> Told { get; init; } = [];

    /// <summary>The session after one more event.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="sequenceNr">Its number.</param>
    /// <param name="told">Up to which event people have been told.</param>
    public JournaledSession With(ISessionEvent happened, long sequenceNr, long told)
    {
        var after = State.Apply(happened);
        return new JournaledSession(after, sequenceNr)
        {
            Told = sequenceNr > told ? Told.AddRange(SessionFeed.Of(State, happened, after, sequenceNr)) : Told,
        };
    }
}

/// <summary>Reads sessions from the journal, for the projection.</summary>
internal interface ISessionJournal
{
    /// <summary>Reads one session as it is now.</summary>
    /// <param name="session">The session.</param>
    /// <param name="told">Up to which of its events people have been told.</param>
    Task<JournaledSession> ReadAsync(SessionId session, long told);

    /// <summary>The next events after a place, even those that cannot be read: they are
    /// <see cref="UnreadableEvent"/>.</summary>
    /// <param name="connection">To the database of the journal.</param>
    /// <param name="ordering">The last place that was read, or 0.</param>
    Task<List<EventEnvelope>> NextAsync(DbConnection connection, long ordering);

    /// <summary>The numbers of the newest events of sessions. A session without an event is left out.</summary>
    /// <param name="connection">To the database of the journal.</param>
    /// <param name="sessions">The sessions.</param>
    Task<Dictionary<SessionId, long>> NewestAsync(DbConnection connection, IReadOnlyCollection<SessionId> sessions);
}

/// <summary>Stands for an event that cannot be read.</summary>
/// <param name="Cause">Why not.</param>
internal sealed record UnreadableEvent(Exception Cause);

/// <summary>Reads sessions from the journal.</summary>
internal sealed class SessionJournal(ActorSystem system, IMaterializer materializer) : ISessionJournal
{
    /// <summary>What the ids of the sessions' journals begin with.</summary>
    public const string Prefix = "session-";

    /// <summary>How many events the reader of Akka.Persistence.Query takes at a time; an unreadable one among them ends
    /// the reader.</summary>
    private const int EventsAtATime = 500;

    private readonly SqlReadJournal _journal = PersistenceQuery
        .Get(system)
        .ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier);

    /// <summary>How long the snapshot store may take.</summary>
    private static readonly TimeSpan SnapshotLimit = TimeSpan.FromSeconds(30);

    private readonly IActorRef _snapshots = Persistence.Instance.Apply(system).SnapshotStoreFor("");

    /// <summary>The session that a journal's id belongs to; null when the journal is no session's.</summary>
    public static SessionId? SessionOf(string persistenceId) =>
        persistenceId.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(
            persistenceId.AsSpan(Prefix.Length),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var id
        )
            ? new SessionId(id)
            : null;

    /// <summary>The id of a session's journal.</summary>
    public static string IdOf(SessionId session) => $"{Prefix}{session}";

    /// <summary>Every event after a place in the journal, in the order of the journal, for ever.</summary>
    /// <param name="ordering">The last place that was read, or 0.</param>
    public Source<EventEnvelope, NotUsed> AllAfter(long ordering) => _journal.AllEvents(new Sequence(ordering));

    /// <inheritdoc/>
    public async Task<JournaledSession> ReadAsync(SessionId session, long told)
    {
        var reading = await _journal
            .CurrentEventsByPersistenceId(IdOf(session), 0, long.MaxValue)
            .RunAggregate(
                new Reading(new JournaledSession(new SessionState(session), 0), []),
                (known, envelope) =>
                    envelope.Event is ISessionEvent happened ? known.With(happened, envelope, told) : known,
                materializer
            );
        if (reading.Loose.IsEmpty)
        {
            return reading.Whole;
        }

        // The first events were deleted, so a snapshot has what they told. A snapshot from before the first news is
        // needed to tell the news; the session keeps such a snapshot until they are told. A snapshot from after the
        // last event that was read would swallow the events in between.
        var before = reading.FirstNewsAfter(told) - 1;
        var snapshot =
            (before is { } limit ? await SnapshotAsync(session, new SnapshotSelectionCriteria(limit)) : null)
            ?? await SnapshotAsync(session, new SnapshotSelectionCriteria(reading.Loose[^1].SequenceNr));
        return snapshot is null ? reading.Whole : reading.After(snapshot, told);
    }

    private async Task<JournaledSession?> SnapshotAsync(SessionId session, SnapshotSelectionCriteria criteria) =>
        await _snapshots.Ask<object>(new LoadSnapshot(IdOf(session), criteria, long.MaxValue), SnapshotLimit) switch
        {
            LoadSnapshotResult { Snapshot: { Snapshot: SessionSnapshot snapshot } found } => new JournaledSession(
                snapshot.State,
                found.Metadata.SequenceNr
            ),
            LoadSnapshotFailed failed => throw new InvalidOperationException(
                $"The snapshot of session {session} could not be read.",
                failed.Cause
            ),
            _ => null,
        };

    /// <inheritdoc/>
    public async Task<List<EventEnvelope>> NextAsync(DbConnection connection, long ordering) =>
        [
            .. (
                await connection.QueryAsync<Row>(
                    """
                    SELECT ordering AS Ordering, persistence_id AS PersistenceId, sequence_number AS SequenceNr,
                        message AS Message, identifier AS Identifier, manifest AS Manifest
                    FROM journal WHERE ordering > @ordering AND NOT deleted ORDER BY ordering LIMIT @most
                    """,
                    new { ordering, most = EventsAtATime }
                )
            ).Select(row => new EventEnvelope(
                new Sequence(row.Ordering),
                row.PersistenceId,
                row.SequenceNr,
                EventOf(row),
                timestamp: 0,
                tags: []
            )),
        ];

    /// <inheritdoc/>
    public async Task<Dictionary<SessionId, long>> NewestAsync(
        DbConnection connection,
        IReadOnlyCollection<SessionId> sessions
    ) =>
        sessions.Count == 0
            ? []
            : (
                await connection.QueryAsync<(string Id, long Number)>(
                    $"""
                    SELECT persistence_id, MAX(sequence_number) FROM journal
                    WHERE persistence_id {SessionTables.Among(connection)} GROUP BY persistence_id
                    """,
                    new { ids = sessions.Select(IdOf).ToArray() }
                )
            ).ToDictionary(row => SessionOf(row.Id)!.Value, row => row.Number);

    private object EventOf(Row row)
    {
        try
        {
            return system.Serialization.Deserialize(row.Message, row.Identifier ?? 0, row.Manifest);
        }
        catch (Exception error)
        {
            return new UnreadableEvent(error);
        }
    }

    /// <summary>The number of the newest event of the journal, or 0.</summary>
    public static async Task<long> LastAsync(DbConnection connection) =>
        await connection.ExecuteScalarAsync<long?>("SELECT MAX(ordering) FROM journal") ?? 0;

    /// <summary>What was read of a journal: the session from its first event on, or else events without their
    /// beginning.</summary>
    private sealed record Reading(
        JournaledSession Whole,
        ImmutableList<(ISessionEvent Happened, long SequenceNr)> Loose
    )
    {
        public Reading With(ISessionEvent happened, EventEnvelope envelope, long told) =>
            happened is SessionRecalled
                // The session was recalled from the lists. Whatever is left of its earlier events is in that event.
                ? new Reading(
                    new JournaledSession(new SessionState(Whole.State.Id), 0).With(
                        happened,
                        envelope.SequenceNr,
                        told
                    ) with
                    {
                        Told = Whole.Told,
                    },
                    []
                )
            : envelope.SequenceNr == Whole.SequenceNr + 1
                ? this with
                {
                    Whole = Whole.With(happened, envelope.SequenceNr, told),
                }
                : this with
                {
                    Loose = Loose.Add((happened, envelope.SequenceNr)),
                };

        public long? FirstNewsAfter(long told) =>
            Loose
                .Where(item => item.SequenceNr > told && item.Happened is not (RecordConfirmed or StreamingConfirmed))
                .Select(item => (long?)item.SequenceNr)
                .FirstOrDefault();

        public JournaledSession After(JournaledSession snapshot, long told) =>
            Loose
                .Where(item => item.SequenceNr > snapshot.SequenceNr)
                .Aggregate(snapshot, (known, item) => known.With(item.Happened, item.SequenceNr, told));
    }

    private sealed class Row
    {
        public long Ordering { get; init; }

        public string PersistenceId { get; init; } = "";

        public long SequenceNr { get; init; }

        public byte[] Message { get; init; } = [];

        public int? Identifier { get; init; }

        public string Manifest { get; init; } = "";
    }
}
