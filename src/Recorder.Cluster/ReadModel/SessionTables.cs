using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Npgsql;

namespace Recorder.Cluster.ReadModel;

/// <summary>Writes sessions into the tables of the read model. Unchanged rows are not written again, so that a session
/// with thousands of records costs no more than its change.</summary>
internal static class SessionTables
{
    private const string UpsertSession = """
        INSERT INTO sessions
            (id, sequence_nr, phase, ended, settled, ever_recorded, node, accepted_at, ended_at, body, owner)
        VALUES
            (@Id, @SequenceNr, @Phase, @Ended, @Settled, @EverRecorded, @Node, @AcceptedAt, @EndedAt, @Body, @Owner)
        ON CONFLICT (id) DO UPDATE SET
            sequence_nr = excluded.sequence_nr, phase = excluded.phase, ended = excluded.ended,
            settled = excluded.settled, ever_recorded = excluded.ever_recorded, node = excluded.node,
            accepted_at = COALESCE(excluded.accepted_at, sessions.accepted_at), ended_at = excluded.ended_at, body = excluded.body,
            owner = excluded.owner, journal_deleted_at = NULL
        WHERE excluded.sequence_nr >= sessions.sequence_nr
        """;

    private static readonly ItemTable Records = new(
        "records",
        """
        INSERT INTO records
            (session_id, position, number, path, finished, node, opened_at, duration_ms, bytes, body,
            holder, closed_at, expires_at, erase_state)
        VALUES
            (@SessionId, @Position, @Number, @Path, @Finished, @Node, @OpenedAt, @DurationMs, @Bytes, @Body,
            @Holder, @ClosedAt, @ExpiresAt, @EraseState)
        ON CONFLICT (session_id, position) DO UPDATE SET
            number = excluded.number, path = excluded.path, finished = excluded.finished, node = excluded.node,
            opened_at = excluded.opened_at, duration_ms = excluded.duration_ms, bytes = excluded.bytes, body = excluded.body,
            holder = excluded.holder, closed_at = excluded.closed_at, expires_at = excluded.expires_at,
            erase_state = excluded.erase_state
        """
    );

    private static readonly ItemTable Gaps = new(
        "gaps",
        """
        INSERT INTO gaps (session_id, position, from_at, to_at, code, body)
        VALUES (@SessionId, @Position, @FromAt, @ToAt, @Code, @Body)
        ON CONFLICT (session_id, position) DO UPDATE SET
            from_at = excluded.from_at, to_at = excluded.to_at, code = excluded.code, body = excluded.body
        """
    );

    private static readonly ItemTable Faults = new(
        "faults",
        """
        INSERT INTO faults (session_id, position, at, node, code, body)
        VALUES (@SessionId, @Position, @At, @Node, @Code, @Body)
        ON CONFLICT (session_id, position) DO UPDATE SET
            at = excluded.at, node = excluded.node, code = excluded.code, body = excluded.body
        """
    );

    /// <summary>Writes a session, in the transaction of the caller.</summary>
    /// <param name="within">The transaction.</param>
    /// <param name="rows">The session.</param>
    /// <param name="known">Whether the tables may hold rows of the session already.</param>
    /// <returns>Whether the session was written; not when the tables have a newer state of it.</returns>
    public static async Task<bool> WriteAsync(DbTransaction within, SessionRows rows, bool known)
    {
        if (await within.Connection!.ExecuteAsync(UpsertSession, rows.Session, within) == 0)
        {
            // Another step has written a newer state of the session meanwhile.
            return false;
        }
        await Records.WriteAsync(within, rows.Session.Id, rows.Records, known);
        await Gaps.WriteAsync(within, rows.Session.Id, rows.Gaps, known);
        await Faults.WriteAsync(within, rows.Session.Id, rows.Faults, known);
        await WriteLabelsAsync(within, rows.Session.Id, rows.Labels, known);
        return true;
    }

    private static async Task WriteLabelsAsync(
        DbTransaction within,
        long session,
        ImmutableList<LabelRow> labels,
        bool known
    )
    {
        var connection = within.Connection!;
        if (known)
        {
            var there = await connection.QueryAsync<(string Key, string Value)>(
                "SELECT key, value FROM labels WHERE session_id = @session",
                new { session },
                within
            );
            if (there.ToHashSet().SetEquals(labels.Select(label => (label.Key, label.Value))))
            {
                return;
            }
            await connection.ExecuteAsync("DELETE FROM labels WHERE session_id = @session", new { session }, within);
        }
        if (!labels.IsEmpty)
        {
            await connection.ExecuteAsync(
                """
                INSERT INTO labels (session_id, key, value) VALUES (@SessionId, @Key, @Value)
                ON CONFLICT (session_id, key) DO UPDATE SET value = excluded.value
                """,
                labels,
                within
            );
        }
    }

    /// <summary>Takes sessions out of the tables.</summary>
    /// <param name="within">The transaction.</param>
    /// <param name="ids">The sessions.</param>
    public static async Task RemoveAsync(DbTransaction within, long[] ids)
    {
        foreach (var (table, key) in new[] { ("sessions", "id") }.Concat(Items.Select(item => (item, "session_id"))))
        {
            await within.Connection!.ExecuteAsync($"DELETE FROM {table} WHERE {key} {Among(within.Connection!)}",
                new { ids },
                within);
        }
    }

    /// <summary>The condition that a column is one of the parameter <c>ids</c>. Dapper gives PostgreSQL an array, and
    /// writes a list for SQLite.</summary>
    public static string Among(DbConnection connection) =>
        connection is NpgsqlConnection ? "= ANY(@ids)" : "IN @ids";

    private static ImmutableList<string> Items => [Records.Name, Gaps.Name, Faults.Name, "labels"];

    private sealed record ItemTable(string Name, string Upsert)
    {
        public async Task WriteAsync<T>(DbTransaction within, long session, ImmutableList<T> rows, bool known)
            where T : IItemRow
        {
            var connection = within.Connection!;
            var changed = rows;
            if (known)
            {
                var there = (
                    await connection.QueryAsync<(int Position, string Body)>(
                        $"SELECT position, body FROM {Name} WHERE session_id = @session",
                        new { session },
                        within
                    )
                ).ToDictionary(row => row.Position, row => row.Body);
                changed = rows.FindAll(row => there.GetValueOrDefault(row.Position) != row.Body);
                if (there.Keys.Any(position => position >= rows.Count))
                {
                    await connection.ExecuteAsync(
                        $"DELETE FROM {Name} WHERE session_id = @session AND position >= @count",
                        new { session, count = rows.Count },
                        within
                    );
                }
            }
            if (!changed.IsEmpty)
            {
                await connection.ExecuteAsync(Upsert, changed, within);
            }
        }
    }
}
