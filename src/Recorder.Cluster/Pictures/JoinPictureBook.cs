using System.Data.Common;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Pictures;

/// <summary>What a page showed that could not be entered.</summary>
/// <param name="Jpeg">The picture.</param>
/// <param name="At">When the picture was taken.</param>
public sealed record JoinPicture(byte[] Jpeg, DateTimeOffset At);

/// <summary>Keeps the pictures of pages that could not be entered, in the farm's database, so that each edge can show
/// them.</summary>
/// <param name="database">The farm's database.</param>
public sealed class JoinPictureBook(FarmDatabase database)
{
    /// <summary>How long a picture is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>Keeps the picture of a session, in place of the one before, and forgets old pictures.</summary>
    /// <param name="session">The session.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="cancellation">Ends the step.</param>
    /// <exception cref="DbException">The database cannot be written.</exception>
    public async Task PutAsync(SessionId session, JoinPicture picture, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(picture);
        await using var connection = await database.OpenAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                """
                DELETE FROM join_pictures WHERE taken_at < @before OR session_id = @session;
                INSERT INTO join_pictures (session_id, taken_at, jpeg) VALUES (@session, @at, @jpeg);
                """,
                new
                {
                    before = (picture.At - Kept).ToUnixTimeMilliseconds(),
                    session = (long)session.Value,
                    at = picture.At.ToUnixTimeMilliseconds(),
                    jpeg = picture.Jpeg,
                },
                cancellationToken: cancellation
            )
        );
    }

    /// <summary>The picture of a session; null when there is none, or when it is older than <see cref="Kept"/>.</summary>
    /// <param name="session">The session.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DbException">The database cannot be read.</exception>
    public async Task<JoinPicture?> FindAsync(SessionId session, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(
                "SELECT jpeg AS Jpeg, taken_at AS TakenAt FROM join_pictures WHERE session_id = @session AND taken_at >= @since",
                new { session = (long)session.Value, since = (now - Kept).ToUnixTimeMilliseconds() },
                cancellationToken: cancellation
            )
        );
        return row is null ? null : new JoinPicture(row.Jpeg, DateTimeOffset.FromUnixTimeMilliseconds(row.TakenAt));
    }

    private sealed class Row
    {
        public byte[] Jpeg { get; init; } = [];

        public long TakenAt { get; init; }
    }
}
