using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Links;

/// <summary>The links of the farm, in its database, so that each edge knows each link.</summary>
public sealed class RecordLinkBook(FarmDatabase database)
{
    private const string Columns = """
        id AS Id, session_id AS SessionId, number AS Number, inline AS Inline, created_at AS CreatedAt,
        expires_at AS ExpiresAt, downloads AS Downloads, downloaded AS Downloaded, last_used_at AS LastUsedAt,
        revoked_at AS RevokedAt
        """;

    private const string OpensStill =
        "revoked_at IS NULL AND expires_at > @now AND (downloads IS NULL OR downloaded < downloads)";

    /// <summary>Keeps a new link, and forgets links that expired long ago.</summary>
    /// <param name="link">The link.</param>
    /// <param name="secret">The secret of the link's address; only its hash is kept.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>False, and nothing is kept, when the record has <see cref="RecordLink.MostOfRecord"/> links that open
    /// it.</returns>
    /// <exception cref="DbException">The database cannot be written.</exception>
    public async Task<bool> PutAsync(RecordLink link, string secret, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(link);
        await using var connection = await database.OpenAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "DELETE FROM record_links WHERE expires_at < @before",
                new { before = (link.CreatedAt - RecordLink.KeptFor).ToUnixTimeMilliseconds() },
                cancellationToken: cancellation
            )
        );
        return await connection.ExecuteAsync(
                new CommandDefinition(
                    $"""
                    INSERT INTO record_links
                        (id, session_id, number, secret_hash, inline, created_at, expires_at, downloads, downloaded)
                    SELECT @Id, @Session, @Number, @Hash, @Inline, @now, @Until, @Downloads, 0
                    WHERE (SELECT COUNT(*) FROM record_links
                        WHERE session_id = @Session AND number = @Number AND {OpensStill}) < @Most
                    """,
                    new
                    {
                        link.Id,
                        Session = (long)link.Record.Session.Value,
                        Number = (long)link.Record.Number,
                        Hash = LinkSecret.HashOf(secret),
                        Inline = link.Inline ? 1 : 0,
                        now = link.CreatedAt.ToUnixTimeMilliseconds(),
                        Until = link.ExpiresAt.ToUnixTimeMilliseconds(),
                        Downloads = (long?)link.Downloads,
                        Most = RecordLink.MostOfRecord,
                    },
                    cancellationToken: cancellation
                )
            ) == 1;
    }

    /// <summary>The link of a secret; null when there is none.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DbException">The database cannot be read.</exception>
    public async Task<RecordLink?> FindAsync(string secret, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (
            await connection.QuerySingleOrDefaultAsync<Row>(
                new CommandDefinition(
                    $"SELECT {Columns} FROM record_links WHERE secret_hash = @hash",
                    new { hash = LinkSecret.HashOf(secret) },
                    cancellationToken: cancellation
                )
            )
        )?.ToLink();
    }

    /// <summary>The links of a record, oldest first, with those that have ended.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DbException">The database cannot be read.</exception>
    public async Task<ImmutableList<RecordLink>> ListAsync(RecordId record, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(
                $"SELECT {Columns} FROM record_links WHERE session_id = @session AND number = @number ORDER BY created_at, id",
                new { session = (long)record.Session.Value, number = (long)record.Number },
                cancellationToken: cancellation
            )
        );
        return [.. rows.Select(row => row.ToLink())];
    }

    /// <summary>Counts one more download.</summary>
    /// <param name="id">The link.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>Whether the link still opens its record. Of several edges that ask at once for the last download, one
    /// gets it.</returns>
    /// <exception cref="DbException">The database cannot be written.</exception>
    public async Task<bool> CountAsync(string id, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteAsync(
                new CommandDefinition(
                    $"UPDATE record_links SET downloaded = downloaded + 1, last_used_at = @now WHERE id = @id AND {OpensStill}",
                    new { id, now = now.ToUnixTimeMilliseconds() },
                    cancellationToken: cancellation
                )
            ) == 1;
    }

    /// <summary>Takes a link back. A link that was taken back before stays so.</summary>
    /// <param name="record">The record.</param>
    /// <param name="id">The link.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>Whether the record has such a link.</returns>
    /// <exception cref="DbException">The database cannot be written.</exception>
    public async Task<bool> RevokeAsync(
        RecordId record,
        string id,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteAsync(
                new CommandDefinition(
                    """
                    UPDATE record_links SET revoked_at = COALESCE(revoked_at, @now)
                    WHERE id = @id AND session_id = @session AND number = @number
                    """,
                    new
                    {
                        id,
                        session = (long)record.Session.Value,
                        number = (long)record.Number,
                        now = now.ToUnixTimeMilliseconds(),
                    },
                    cancellationToken: cancellation
                )
            ) == 1;
    }

    private sealed class Row
    {
        public string Id { get; init; } = "";

        public long SessionId { get; init; }

        public long Number { get; init; }

        public int Inline { get; init; }

        public long CreatedAt { get; init; }

        public long ExpiresAt { get; init; }

        public long? Downloads { get; init; }

        public long Downloaded { get; init; }

        public long? LastUsedAt { get; init; }

        public long? RevokedAt { get; init; }

        public RecordLink ToLink() =>
            new(
                Id,
                new RecordId(new SessionId((int)SessionId), (int)Number),
                Inline != 0,
                DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
                DateTimeOffset.FromUnixTimeMilliseconds(ExpiresAt),
                (int?)Downloads,
                (int)Downloaded,
                At(LastUsedAt),
                At(RevokedAt)
            );

        private static DateTimeOffset? At(long? time) =>
            time is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;
    }
}
