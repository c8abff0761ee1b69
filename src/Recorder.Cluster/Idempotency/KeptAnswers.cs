using Dapper;
using Npgsql;
using Recorder.Cluster.Database;

namespace Recorder.Cluster.Idempotency;

/// <summary>The answers of calls that may be repeated, in the database of the farm.</summary>
public sealed class KeptAnswers(FarmDatabase database) : IKeptAnswers
{
    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>How long a call may be under way. Longer than any call takes; the key of a node that died within a call
    /// is free after this time.</summary>
    public static readonly TimeSpan ClaimLength = TimeSpan.FromMinutes(2);

    private const int MostForgotten = 100;

    /// <inheritdoc/>
    public async Task<KeyStanding> BeginAsync(KeyedCall call, DateTimeOffset now, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        var claim = Guid.NewGuid().ToString("n");
        var key = SealedAnswer.MarkOf(call);
        await using var connection = await database.OpenAsync(cancellation);
        while (true)
        {
            var claimed = await connection.ExecuteAsync(
                new CommandDefinition(
                    """
                    INSERT INTO idempotency_keys (caller, key, mark, claim, until)
                    VALUES (@Caller, @key, @Mark, @claim, @until)
                    ON CONFLICT (caller, key) DO UPDATE SET
                        mark = excluded.mark, claim = excluded.claim, until = excluded.until,
                        status = NULL, location = NULL, body = NULL
                    WHERE idempotency_keys.until <= @now
                    """,
                    new
                    {
                        call.Caller,
                        key,
                        call.Mark,
                        claim,
                        until = (now + ClaimLength).ToUnixTimeMilliseconds(),
                        now = now.ToUnixTimeMilliseconds(),
                    },
                    cancellationToken: cancellation
                )
            );
            if (claimed == 1)
            {
                return new KeyStanding.Claimed(claim);
            }
            var there = await connection.QuerySingleOrDefaultAsync<Row>(
                new CommandDefinition(
                    """
                    SELECT mark AS Mark, status AS Status, location AS Location, body AS Body
                    FROM idempotency_keys WHERE caller = @Caller AND key = @key
                    """,
                    new { call.Caller, key },
                    cancellationToken: cancellation
                )
            );
            if (there is not null)
            {
                return there.Mark != call.Mark ? new KeyStanding.Other()
                    : there.Status is { } status
                        ? new KeyStanding.Answered(new KeptAnswer(status, there.Location, SealedAnswer.Open(call, there.Body ?? "")))
                    : new KeyStanding.UnderWay();
            }

            // The key was freed between the two statements, and is to be had.
        }
    }

    /// <inheritdoc/>
    public async Task KeepAsync(
        KeyedCall call,
        string claim,
        KeptAnswer answer,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(answer);
        await using var connection = await database.OpenAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                """
                UPDATE idempotency_keys SET status = @Status, location = @Location, body = @Body, until = @until
                WHERE caller = @Caller AND key = @key AND claim = @claim
                """,
                new
                {
                    answer.Status,
                    answer.Location,
                    Body = SealedAnswer.Seal(call, answer.Body),
                    until = (now + Lifetime).ToUnixTimeMilliseconds(),
                    call.Caller,
                    key = SealedAnswer.MarkOf(call),
                    claim,
                },
                cancellationToken: cancellation
            )
        );

        // Two nodes that forget at the same time pass over each other's rows.
        var passing = connection is NpgsqlConnection ? " FOR UPDATE SKIP LOCKED" : "";
        await connection.ExecuteAsync(
            new CommandDefinition(
                $"""
                WITH old AS MATERIALIZED (
                    SELECT caller, key FROM idempotency_keys WHERE until <= @now
                    ORDER BY until LIMIT @MostForgotten{passing}
                )
                DELETE FROM idempotency_keys WHERE (caller, key) IN (SELECT caller, key FROM old)
                """,
                new { now = now.ToUnixTimeMilliseconds(), MostForgotten },
                cancellationToken: cancellation
            )
        );
    }

    /// <inheritdoc/>
    public async Task FreeAsync(KeyedCall call, string claim, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        await using var connection = await database.OpenAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "DELETE FROM idempotency_keys WHERE caller = @Caller AND key = @key AND claim = @claim",
                new
                {
                    call.Caller,
                    key = SealedAnswer.MarkOf(call),
                    claim,
                },
                cancellationToken: cancellation
            )
        );
    }

    private sealed class Row
    {
        public string Mark { get; init; } = "";

        public int? Status { get; init; }

        public string? Location { get; init; }

        public string? Body { get; init; }
    }
}
