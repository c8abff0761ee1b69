using Dapper;
using Recorder.Cluster.Database;

namespace Recorder.Cluster.Events;

/// <summary>Deletes old events.</summary>
internal static class EventDeletion
{
    /// <summary>How many events are deleted at a time, so that a long history does not keep the database
    /// busy.</summary>
    public const int MostInAStep = 1_000;

    /// <summary>The newest events of the farm are kept whatever their age: they tell who is in the farm. So is what is
    /// still so, however old the event: a node that joined and has not left, a disk that became low and is not free.
    /// And so are events that a webhook is still to get, for a time.</summary>
    private const string Deletable = """
        (
            session_id <> 0
            OR (
                seq <= (SELECT seq FROM event_streams WHERE session_id = 0) - 1000
                AND (
                    type NOT IN ('node.joined', 'disk.low')
                    OR EXISTS (
                        SELECT 1 FROM events later
                        WHERE later.session_id = 0 AND later.node = events.node AND later.seq > events.seq
                            AND (
                                later.type = 'node.left'
                                OR substr(later.type, 1, 5) = substr(events.type, 1, 5)
                            )
                    )
                )
            )
        )
        AND (
            at < @evenWanted
            OR NOT EXISTS (
                SELECT 1 FROM webhook_deliveries d
                WHERE d.position = events.position AND d.state IN ('pending', 'waiting')
            )
        )
        """;

    /// <summary>Deletes the oldest events that are old enough, up to the first younger one in the order of the
    /// feed.</summary>
    /// <param name="database">The database.</param>
    /// <param name="before">Only events from before this time.</param>
    /// <param name="evenWanted">Events from before this time are deleted even if a webhook is still to get
    /// them.</param>
    /// <param name="cancellation">Ends the step; nothing is deleted then.</param>
    /// <returns>How many events were deleted.</returns>
    public static async Task<int> StepAsync(
        FarmDatabase database,
        DateTimeOffset before,
        DateTimeOffset evenWanted,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var oldest = (
            await connection.QueryAsync<(long Position, long At)>(
                new CommandDefinition(
                    $"SELECT position, at FROM events WHERE {Deletable} ORDER BY position LIMIT @MostInAStep",
                    new { MostInAStep, evenWanted = evenWanted.ToUnixTimeMilliseconds() },
                    cancellationToken: cancellation
                )
            )
        )
            .TakeWhile(row => row.At < before.ToUnixTimeMilliseconds())
            .ToList();
        if (oldest.Count == 0)
        {
            return 0;
        }
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var upTo = oldest[^1].Position;
        await connection.ExecuteAsync("UPDATE event_feed SET deleted_to = @upTo WHERE deleted_to < @upTo",
            new { upTo },
            transaction
        );
        var deleted = await connection.ExecuteAsync(
            $"DELETE FROM events WHERE position <= @upTo AND {Deletable}",
            new { upTo, evenWanted = evenWanted.ToUnixTimeMilliseconds() },
            transaction
        );
        await transaction.CommitAsync(cancellation);
        return deleted;
    }
}
