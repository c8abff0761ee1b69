using System.Collections.Immutable;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>A record that a sweep looks at.</summary>
/// <param name="Id">The record.</param>
/// <param name="Spec">What its session records.</param>
/// <param name="Record">The record.</param>
public sealed record SweptRecord(RecordId Id, SessionSpec Spec, RecordSummary Record);

/// <summary>The records of one node, as a sweep needs them. The lists of records have them from the journal.</summary>
public interface ISweptRecords
{
    /// <summary>A part of the records that may be past their retention, or whose erasing is not carried out, oldest
    /// first.</summary>
    /// <param name="look">Which records.</param>
    /// <param name="after">Only records after this one in the order; null: from the oldest on.</param>
    /// <param name="most">The most records of the part.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be read.</exception>
    Task<ImmutableList<SweptRecord>> PartAsync(
        SweepLook look,
        SweptRecord? after,
        int most,
        CancellationToken cancellation
    );

    /// <summary>The bytes of the finished records of a node that are not erased.</summary>
    /// <param name="holders">The ids of the node's records folder, and the node's address.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be read.</exception>
    Task<long> BytesAsync(ImmutableList<string> holders, CancellationToken cancellation);
}

/// <summary>Which records a sweep looks at.</summary>
/// <param name="Holders">The ids of the node's records folder, and the node's address.</param>
/// <param name="Now">The time up to which a record's own start may have let it expire.</param>
/// <param name="EndedBefore">The time before which a record must have ended for a rule or the default to let it expire;
/// null when none of them lets records expire.</param>
public sealed record SweepLook(ImmutableList<string> Holders, DateTimeOffset Now, DateTimeOffset? EndedBefore);

/// <summary>The records of one node in the tables of the read model.</summary>
internal sealed class SweptRecords(FarmDatabase database) : ISweptRecords
{
    /// <summary>A node of an earlier version writes rows without a holder.</summary>
    private const string Holder = "COALESCE(records.holder, records.node)";

    /// <inheritdoc/>
    public async Task<ImmutableList<SweptRecord>> PartAsync(
        SweepLook look,
        SweptRecord? after,
        int most,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<(long Session, int Number, string SessionBody, string Body)>(
            new CommandDefinition(
                $"""
                SELECT records.session_id, {SessionArchive.RecordNumber}, sessions.body, records.body
                FROM records JOIN sessions ON sessions.id = records.session_id
                WHERE {Holder} {SessionTables.Among(connection)} AND records.closed_at IS NOT NULL
                    AND (
                        records.erase_state = 1
                        OR (
                            records.erase_state = 0
                            AND (records.expires_at <= @now OR records.closed_at <= @endedBefore)
                        )
                    )
                    AND (
                        records.closed_at > @closed
                        OR (
                            records.closed_at = @closed
                            AND (
                                records.session_id > @session
                                OR (records.session_id = @session AND {SessionArchive.RecordNumber} > @number)
                            )
                        )
                    )
                ORDER BY records.closed_at, records.session_id, {SessionArchive.RecordNumber} LIMIT @most
                """,
                new
                {
                    ids = look.Holders.ToArray(),
                    now = look.Now.ToUnixTimeMilliseconds(),
                    endedBefore = look.EndedBefore?.ToUnixTimeMilliseconds() ?? long.MinValue,
                    closed = after?.Record.EndedAt?.ToUnixTimeMilliseconds() ?? long.MinValue,
                    session = (long)(after?.Id.Session.Value ?? 0),
                    number = after?.Id.Number ?? 0,
                    most,
                },
                cancellationToken: cancellation
            )
        );
        return
        [
            .. rows.Select(row => new SweptRecord(
                new RecordId(new SessionId((int)row.Session), row.Number),
                SessionRows.ReadAlone(row.SessionBody).Spec,
                SessionRows.ReadRecord(row.Body)
            )),
        ];
    }

    /// <inheritdoc/>
    public async Task<long> BytesAsync(ImmutableList<string> holders, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<long?>(
                new CommandDefinition(
                    $"""
                    SELECT SUM(bytes) FROM records
                    WHERE {Holder} {SessionTables.Among(connection)} AND erase_state = 0 AND finished
                    """,
                    new { ids = holders.ToArray() },
                    cancellationToken: cancellation
                )
            ) ?? 0;
    }
}
