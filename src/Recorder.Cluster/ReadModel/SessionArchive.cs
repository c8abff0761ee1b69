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
                $"SELECT id AS Id, body AS Body {OfRange(range)}",
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
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var last = (long)after;
        while (true)
        {
            var part = await ShortPartAsync(last, upTo, cancellation);
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
    public async Task<SessionSummary?> FindAsync(SessionId id, CancellationToken cancellation) =>
        (
            await PartAsync(
                "SELECT id AS Id, body AS Body FROM sessions WHERE id = @id AND ended",
                new { id = (long)id.Value },
                cancellation
            )
        ).FirstOrDefault();

    private static string OfRange(ArchiveRange range) =>
        $"""
        FROM sessions
        WHERE id > @after AND id <= @upTo AND ended{(range.Phase is null ? "" : " AND phase = @phase")}
        ORDER BY id LIMIT @most
        """;

    private static object ParametersOf(ArchiveRange range, long after, int most) =>
        new
        {
            after,
            upTo = (long)range.UpTo,
            phase = range.Phase is { } phase ? SessionRows.NameOf(phase) : null,
            most,
        };

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
                    $"SELECT id {OfRange(range)}",
                    ParametersOf(range, after, most),
                    cancellationToken: cancellation
                )
            )
        ).AsList();
    }

    private async Task<ImmutableList<SessionInShort>> ShortPartAsync(
        long after,
        long upTo,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<(long Id, string? Path)>(
            new CommandDefinition(
                """
                SELECT part.id, records.path
                FROM (
                    SELECT id FROM sessions
                    WHERE id > @after AND id <= @upTo AND ended AND ever_recorded
                    ORDER BY id LIMIT @most
                ) part
                LEFT JOIN records ON records.session_id = part.id AND records.finished
                ORDER BY part.id, records.position
                """,
                new
                {
                    after,
                    upTo,
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
