using System.Collections.Immutable;
using Dapper;
using Recorder.Cluster.Database;

namespace Recorder.Cluster.Events;

/// <summary>The feed in the tables of the read model.</summary>
public sealed class EventFeed(FarmDatabase database) : IEventFeed
{
    /// <inheritdoc/>
    public async Task<FeedBounds> BoundsAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var (last, deletedTo) = await connection.QuerySingleAsync<(long, long)>(
            new CommandDefinition(
                "SELECT position, deleted_to FROM event_feed",
                cancellationToken: cancellation
            )
        );
        return new FeedBounds(last, deletedTo);
    }

    /// <inheritdoc/>
    public async Task<FeedPart> AfterAsync(
        long after,
        EventFilter filter,
        int most,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(filter);
        await using var connection = await database.OpenAsync(cancellation);
        var rows = (
            await connection.QueryAsync<(
                long Position,
                string Id,
                string Type,
                long Session,
                long At,
                string Body,
                string? Owner
            )>(
                new CommandDefinition(
                    $"""
                    SELECT position, id, type, session_id, at, body, owner FROM events
                    WHERE position > @after{(filter.Session is null ? "" : " AND session_id = @session")}
                    ORDER BY position LIMIT @most
                    """,
                    new
                    {
                        after,
                        session = (long)(filter.Session ?? 0),
                        most,
                    },
                    cancellationToken: cancellation
                )
            )
        ).AsList();
        return new FeedPart(
            [
                .. rows.Select(row => new FarmEvent(
                        row.Position,
                        row.Id,
                        row.Type,
                        row.Session == EventTables.Farm ? null : (int)row.Session,
                        row.Body
                    )
                    {
                        At = DateTimeOffset.FromUnixTimeMilliseconds(row.At),
                        Owner = row.Owner,
                    })
                    .Where(filter.Wants),
            ],
            rows.Count > 0 ? rows[^1].Position : after,
            rows.Count == most
        );
    }

    /// <inheritdoc/>
    public async Task<ImmutableList<SessionEvent>> OfSessionAsync(
        int session,
        long afterSeq,
        int most,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<(long Seq, string Body)>(
            new CommandDefinition(
                """
                SELECT seq, body FROM events WHERE session_id = @session AND seq > @afterSeq
                ORDER BY seq LIMIT @most
                """,
                new
                {
                    session = (long)session,
                    afterSeq,
                    most,
                },
                cancellationToken: cancellation
            )
        );
        return [.. rows.Select(row => new SessionEvent(row.Seq, row.Body))];
    }
}
