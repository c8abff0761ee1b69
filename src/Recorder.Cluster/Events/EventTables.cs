using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Npgsql;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Events;

/// <summary>Writes events into the tables of the feed, in the transaction of the caller.</summary>
internal static class EventTables
{
    /// <summary>The session of the events of the farm.</summary>
    public const int Farm = 0;

    /// <summary>Writes the events of a session that are not there yet. The caller's transaction holds the session's row
    /// of the read model, so that no other writes at the same time.</summary>
    /// <param name="within">The transaction.</param>
    /// <param name="session">The session.</param>
    /// <param name="told">The events that its journal tells, oldest first. Earlier ones may be missing.</param>
    /// <param name="sequenceNr">The number of the newest event in its journal.</param>
    /// <returns>How many events were written.</returns>
    public static async Task<int> WriteAsync(
        DbTransaction within,
        ToldSession session,
        ImmutableList<EventDraft> told,
        long sequenceNr
    )
    {
        var connection = within.Connection!;
        var stream = await StreamAsync(within, session.Id.Value);
        if (sequenceNr < stream.SequenceNr)
        {
            // The journal is an older copy, and will tell other events under these numbers.
            var forgotten = await connection.ExecuteAsync(
                "DELETE FROM events WHERE session_id = @id AND sequence_nr > @sequenceNr",
                new { id = (long)session.Id.Value, sequenceNr },
                within
            );
            stream = new Stream { SequenceNr = sequenceNr, Seq = stream.Seq - forgotten };
            await SetStreamAsync(within, session.Id.Value, stream);
        }
        var fresh = told.FindAll(draft => draft.SequenceNr > stream.SequenceNr);
        if (fresh.IsEmpty)
        {
            // Silent news count as told. Otherwise the next reading would need a snapshot from before them, which the
            // session deletes once the read model has them.
            if (sequenceNr > stream.SequenceNr)
            {
                await SetStreamAsync(
                    within,
                    session.Id.Value,
                    new Stream { SequenceNr = sequenceNr, Seq = stream.Seq }
                );
            }
            return 0;
        }
        await AppendAsync(within, session, fresh, stream, sequenceNr);
        return fresh.Count;
    }

    /// <summary>Up to which events of their journals sessions have been told.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="sessions">The sessions.</param>
    /// <returns>The number of the last event of each session that was ever told of.</returns>
    public static async Task<Dictionary<long, long>> ToldToAsync(DbConnection connection, List<SessionId> sessions) =>
        sessions.Count == 0
            ? []
            : (
                await connection.QueryAsync<(long Id, long SequenceNr)>(
                    $"""
                    SELECT session_id, sequence_nr FROM event_streams
                    WHERE session_id {(connection is NpgsqlConnection ? "= ANY(@ids)" : "IN @ids")}
                    """,
                    new { ids = sessions.ConvertAll(id => (long)id.Value).ToArray() }
                )
            ).ToDictionary(row => row.Id, row => row.SequenceNr);

    /// <summary>Writes events of the farm.</summary>
    /// <param name="within">The transaction.</param>
    /// <param name="choose">Chooses the events, once nobody else can write. It gets the number of the last
    /// event.</param>
    /// <returns>How many events were written.</returns>
    public static async Task<int> WriteOfFarmAsync(
        DbTransaction within,
        Func<long, Task<ImmutableList<EventDraft>>> choose
    )
    {
        // Taking no place holds the row like taking some.
        await TakeAsync(within, 0);
        var stream = await StreamAsync(within, Farm);
        var told = await choose(stream.Seq);
        if (!told.IsEmpty)
        {
            await AppendAsync(within, null, told, stream, stream.SequenceNr + told.Count);
        }
        return told.Count;
    }

    /// <summary>Takes the events of sessions out that the journal no longer knows.</summary>
    /// <param name="within">The transaction.</param>
    /// <param name="ids">The sessions.</param>
    public static async Task RemoveAsync(DbTransaction within, long[] ids)
    {
        foreach (var id in ids)
        {
            await within.Connection!.ExecuteAsync(
                "DELETE FROM events WHERE session_id = @id; DELETE FROM event_streams WHERE session_id = @id",
                new { id },
                within
            );
        }
    }

    private static async Task AppendAsync(
        DbTransaction within,
        ToldSession? session,
        ImmutableList<EventDraft> told,
        Stream stream,
        long sequenceNr
    )
    {
        var id = session?.Id.Value ?? Farm;
        var first = await TakeAsync(within, told.Count) - told.Count;
        await within.Connection!.ExecuteAsync(
            """
            INSERT INTO events (position, id, session_id, seq, sequence_nr, type, at, node, body, owner)
            VALUES (@Position, @Id, @SessionId, @Seq, @SequenceNr, @Type, @At, @Node, @Body, @Owner)
            """,
            told.Select(
                (draft, number) =>
                    new
                    {
                        Position = first + number + 1,
                        draft.Id,
                        SessionId = (long)id,
                        Seq = stream.Seq + number + 1,
                        draft.SequenceNr,
                        draft.Type,
                        At = draft.At.ToUnixTimeMilliseconds(),
                        draft.Node,
                        Body = EventBody.Of(draft, stream.Seq + number + 1, session),
                        session?.Owner,
                    }
            ),
            within
        );
        await SetStreamAsync(within, id, new Stream { SequenceNr = sequenceNr, Seq = stream.Seq + told.Count });
    }

    private static async Task<Stream> StreamAsync(DbTransaction within, int session) =>
        await within.Connection!.QuerySingleOrDefaultAsync<Stream>(
            "SELECT sequence_nr AS SequenceNr, seq AS Seq FROM event_streams WHERE session_id = @id",
            new { id = (long)session },
            within
        ) ?? new Stream();

    private static Task<int> SetStreamAsync(DbTransaction within, int session, Stream stream) =>
        within.Connection!.ExecuteAsync(
            """
            INSERT INTO event_streams (session_id, sequence_nr, seq) VALUES (@id, @SequenceNr, @Seq)
            ON CONFLICT (session_id) DO UPDATE SET sequence_nr = excluded.sequence_nr, seq = excluded.seq
            """,
            new
            {
                id = (long)session,
                stream.SequenceNr,
                stream.Seq,
            },
            within
        );

    /// <summary>Takes places of the feed and holds their row.</summary>
    /// <returns>The last place.</returns>
    private static Task<long> TakeAsync(DbTransaction within, int count) =>
        within.Connection!.ExecuteScalarAsync<long>(
            "UPDATE event_feed SET position = position + @count WHERE one = 1 RETURNING position",
            new { count },
            within
        );

    private sealed class Stream
    {
        public long SequenceNr { get; init; }

        public long Seq { get; init; }
    }
}
