using System.Collections.Immutable;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>The ended sessions in the tables of the read model.</summary>
public sealed class SessionArchive(FarmDatabase database) : ISessionArchive
{
    /// <summary>The most sessions that are read at a time, with all that is known of them.</summary>
    private const int LargestPart = 250;

    /// <summary>The most sessions that are read at a time in short.</summary>
    private const int LargestShortPart = 2_000;

    /// <summary>The number of a record within its session. A node of the version before, in a farm that is brought to
    /// this version node by node, writes rows without a number.</summary>
    internal const string RecordNumber = "COALESCE(NULLIF(records.number, 0), records.position + 1)";

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionSummary> EndedAsync(
        ArchiveRange range,
        int expected,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(range);
        var after = (long)range.After;
        var most = Math.Clamp(expected, 1, LargestPart);
        while (true)
        {
            var part = await PartAsync(
                $"SELECT sessions.id AS Id, sessions.body AS Body {OfRange(range)}",
                ParametersOf(range, after, most),
                cancellation
            );
            foreach (var session in part)
            {
                yield return session;
            }
            if (part.Count < most)
            {
                yield break;
            }
            after = part[^1].Id.Value;
            most = LargestPart;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionId> IdsAsync(
        ArchiveRange range,
        int expected,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(range);
        var after = (long)range.After;
        var most = Math.Clamp(expected, 1, LargestShortPart);
        while (true)
        {
            var part = await IdsOfPartAsync(range, after, most, cancellation);
            foreach (var id in part)
            {
                yield return new SessionId((int)id);
            }
            if (part.Count < most)
            {
                yield break;
            }
            after = part[^1];
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionInShort> InShortAsync(
        int after,
        int upTo,
        string? owner,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var last = (long)after;
        while (true)
        {
            var part = await ShortPartAsync(last, upTo, owner, cancellation);
            foreach (var session in part)
            {
                yield return session;
            }
            if (part.Count < LargestShortPart)
            {
                yield break;
            }
            last = part[^1].Id.Value;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionRecord> RecordsAsync(
        ArchivedRecords wanted,
        int expected,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var most = Math.Clamp(expected, 1, LargestPart);
        for (var after = wanted.After; ; most = LargestPart)
        {
            var part = await RecordsPartAsync(wanted with { After = after }, most, cancellation);
            foreach (var record in part)
            {
                yield return record;
            }
            if (part.Count < most)
            {
                yield break;
            }
            after = part[^1].Id;
        }
    }

    /// <inheritdoc/>
    public async Task<SessionSummary?> FindAsync(SessionId id, CancellationToken cancellation) =>
        (
            await PartAsync(
                "SELECT id AS Id, body AS Body FROM sessions WHERE id = @id AND ended",
                new { id = (long)id.Value },
                cancellation
            )
        ).FirstOrDefault();

    /// <inheritdoc/>
    public async Task<SessionSummary?> FindOfAsync(
        SessionId id,
        string owner,
        CancellationToken cancellation
    ) =>
        (
            await PartAsync(
                "SELECT id AS Id, body AS Body FROM sessions WHERE id = @id AND ended AND owner = @owner",
                new { id = (long)id.Value, owner },
                cancellation
            )
        ).FirstOrDefault();

    private static string OfRange(ArchiveRange range)
    {
        var (joins, id, _) = LabelCondition.Of(range.Labels, "sessions.id");
        return $"""
            FROM sessions{joins}
            WHERE {id} > @after AND {id} <= @upTo AND ended{(range.Phase is null ? "" : " AND phase = @phase")}{OfOwner(range.Owner)}
            ORDER BY {id} LIMIT @most
            """;
    }

    private static string OfOwner(string? owner) => owner is null ? "" : " AND sessions.owner = @owner";

    private static DynamicParameters ParametersOf(ArchiveRange range, long after, int most)
    {
        var (_, _, parameters) = LabelCondition.Of(range.Labels, "sessions.id");
        parameters.Add("after", after);
        parameters.Add("upTo", (long)range.UpTo);
        parameters.Add("phase", range.Phase is { } phase ? SessionRows.NameOf(phase) : null);
        parameters.Add("most", most);
        parameters.Add("owner", range.Owner);
        return parameters;
    }

    private async Task<List<long>> IdsOfPartAsync(
        ArchiveRange range,
        long after,
        int most,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (
            await connection.QueryAsync<long>(
                new CommandDefinition(
                    $"SELECT sessions.id {OfRange(range)}",
                    ParametersOf(range, after, most),
                    cancellationToken: cancellation
                )
            )
        ).AsList();
    }

    private async Task<ImmutableList<SessionInShort>> ShortPartAsync(
        long after,
        long upTo,
        string? owner,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<(long Id, string? Path)>(
            new CommandDefinition(
                $"""
                SELECT part.id, records.path
                FROM (
                    SELECT id FROM sessions
                    WHERE id > @after AND id <= @upTo AND ended AND ever_recorded{OfOwner(owner)}
                    ORDER BY id LIMIT @most
                ) part
                LEFT JOIN records ON records.session_id = part.id AND records.finished
                ORDER BY part.id, records.position
                """,
                new
                {
                    after,
                    upTo,
                    owner,
                    most = LargestShortPart,
                },
                cancellationToken: cancellation
            )
        );
        return
        [
            .. rows.GroupBy(row => row.Id)
                .Select(session => new SessionInShort(
                    new SessionId((int)session.Key),
                    [.. session.Select(row => row.Path).OfType<string>()]
                )),
        ];
    }

    private async Task<ImmutableList<SessionRecord>> RecordsPartAsync(
        ArchivedRecords wanted,
        int most,
        CancellationToken cancellation
    )
    {
        var (labelled, id, parameters) = LabelCondition.Of(wanted.Labels, "records.session_id");
        parameters.Add("session", (long)wanted.After.Session.Value);
        parameters.Add("number", wanted.After.Number);
        parameters.Add("upTo", (long)wanted.UpTo);
        parameters.Add("finished", wanted.Finished);
        parameters.Add("erasing", (int)(wanted.Erasing ?? EraseStage.Erased));
        parameters.Add("owner", wanted.Owner);
        parameters.Add("from", wanted.From?.ToUnixTimeMilliseconds());
        parameters.Add("to", wanted.To?.ToUnixTimeMilliseconds());
        parameters.Add("most", most);
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<(int Number, string Session, string Record)>(
            new CommandDefinition(
                $"""
                SELECT {RecordNumber}, sessions.body, records.body
                FROM records JOIN sessions ON sessions.id = records.session_id{labelled}
                WHERE {id} >= @session AND {id} <= @upTo
                    AND ({id} > @session OR {RecordNumber} > @number) AND sessions.ended{OfOwner(wanted.Owner)}
                    {(wanted.Finished is null ? "" : "AND records.finished = @finished")}
                    AND records.erase_state {(wanted.Erasing is null ? "<" : "=")} @erasing
                    {(wanted.From is null ? "" : "AND records.opened_at >= @from")}
                    {(wanted.To is null ? "" : "AND records.opened_at < @to")}
                    {DeliveryCondition.Of(wanted.Deliveries, connection)}
                ORDER BY {id}, {RecordNumber} LIMIT @most
                """,
                parameters,
                cancellationToken: cancellation
            )
        );
        return
        [
            .. rows.Select(row =>
            {
                var session = SessionRows.ReadAlone(row.Session);
                return new SessionRecord(
                    new RecordId(session.Id, row.Number),
                    session,
                    SessionRows.ReadRecord(row.Record)
                );
            }),
        ];
    }

    private async Task<ImmutableList<SessionSummary>> PartAsync(
        string select,
        object parameters,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var sessions = (
            await connection.QueryAsync<(long Id, string Body)>(
                new CommandDefinition(select, parameters, cancellationToken: cancellation)
            )
        ).AsList();
        if (sessions.Count == 0)
        {
            return [];
        }
        var ids = sessions.Select(session => session.Id).ToArray();
        var records = await BodiesAsync(connection, "records", ids, cancellation);
        var gaps = await BodiesAsync(connection, "gaps", ids, cancellation);
        var faults = await BodiesAsync(connection, "faults", ids, cancellation);
        return
        [
            .. sessions.Select(session =>
                SessionRows.Read(session.Body, records[session.Id], gaps[session.Id], faults[session.Id])
            ),
        ];
    }

    private static async Task<ILookup<long, string>> BodiesAsync(
        DbConnection connection,
        string table,
        long[] ids,
        CancellationToken cancellation
    ) =>
        (
            await connection.QueryAsync<(long Id, string Body)>(
                new CommandDefinition(
                    $"""
                    SELECT session_id, body FROM {table}
                    WHERE session_id {SessionTables.Among(connection)} ORDER BY session_id, position
                    """,
                    new { ids },
                    cancellationToken: cancellation
                )
            )
        ).ToLookup(row => row.Id, row => row.Body);
}
