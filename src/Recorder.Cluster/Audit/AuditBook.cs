using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using Dapper;
using Npgsql;
using Recorder.Cluster.Database;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Audit;

/// <summary>The lines of the audit.</summary>
public interface IAuditBook
{
    /// <summary>Writes lines, all or none of them.</summary>
    /// <param name="lines">The lines, at most <see cref="AuditBook.MostInAStep"/>.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <exception cref="DbException">The database cannot be written.</exception>
    Task AddAsync(IReadOnlyList<AuditLine> lines, CancellationToken cancellation);

    /// <summary>The lines that are asked for, newest first.</summary>
    /// <param name="question">Which lines are asked for.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DbException">The database cannot be read.</exception>
    Task<ImmutableList<AuditLine>> ListAsync(AuditQuestion question, CancellationToken cancellation);

    /// <summary>Deletes some of the lines that are kept no longer.</summary>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the step; nothing is deleted then.</param>
    /// <returns>Whether there may be more to delete.</returns>
    /// <exception cref="DbException">The database cannot be written.</exception>
    Task<bool> ForgetAsync(DateTimeOffset now, CancellationToken cancellation);
}

/// <summary>The lines of the audit in the database of the farm.</summary>
/// <param name="database">The database.</param>
/// <param name="kept">How long a line is kept.</param>
public sealed class AuditBook(FarmDatabase database, TimeSpan kept) : IAuditBook
{
    /// <summary>How many lines are written or deleted at a time.</summary>
    public const int MostInAStep = 500;

    private const string Columns = """
        number AS Number, at AS At, node AS Node, who AS Who, address AS Address, action AS Action, call AS Call,
        session_id AS SessionId, status AS Status, code AS Code, detail AS Detail
        """;

    /// <inheritdoc/>
    public async Task AddAsync(IReadOnlyList<AuditLine> lines, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(lines);
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                """
                INSERT INTO audit (at, node, who, address, action, call, session_id, status, code, detail)
                VALUES (@At, @Node, @Who, @Address, @Action, @Call, @Session, @Status, @Code, @Detail)
                """,
                lines.Select(line => new
                {
                    At = line.At.ToUnixTimeMilliseconds(),
                    line.Node,
                    line.Who,
                    line.Address,
                    line.Action,
                    line.Call,
                    Session = (long?)line.Session?.Value,
                    line.Status,
                    line.Code,
                    line.Detail,
                }),
                transaction,
                cancellationToken: cancellation
            )
        );
        await transaction.CommitAsync(cancellation);
    }

    /// <inheritdoc/>
    public async Task<ImmutableList<AuditLine>> ListAsync(AuditQuestion question, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(question);
        var conditions = new List<string> { "number < @Before" };
        Add(question.Who is not null, "who = @Who");
        Add(question.Session is not null, "session_id = @Session");
        Add(question.Action is not null, "action = @Action");
        Add(question.From is not null, "at >= @From");
        Add(question.To is not null, "at < @To");
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(
                $"SELECT {Columns} FROM audit WHERE {string.Join(" AND ", conditions)} ORDER BY number DESC LIMIT {question.Limit.ToString(CultureInfo.InvariantCulture)}",
                new
                {
                    question.Before,
                    question.Who,
                    Session = (long?)question.Session?.Value,
                    question.Action,
                    From = question.From?.ToUnixTimeMilliseconds(),
                    To = question.To?.ToUnixTimeMilliseconds(),
                },
                cancellationToken: cancellation
            )
        );
        return [.. rows.Select(row => row.ToLine())];

        void Add(bool asked, string condition)
        {
            if (asked)
            {
                conditions.Add(condition);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<bool> ForgetAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);

        // Two nodes that forget at the same time pass over each other's rows.
        var passing = connection is NpgsqlConnection ? " FOR UPDATE SKIP LOCKED" : "";
        var deleted = await connection.ExecuteAsync(
            new CommandDefinition(
                $"""
                WITH old AS MATERIALIZED (
                    SELECT number FROM audit WHERE at < @before ORDER BY at LIMIT @MostInAStep{passing}
                )
                DELETE FROM audit WHERE number IN (SELECT number FROM old)
                """,
                new { before = (now - kept).ToUnixTimeMilliseconds(), MostInAStep },
                cancellationToken: cancellation
            )
        );
        return deleted == MostInAStep;
    }

    private sealed class Row
    {
        public long Number { get; init; }

        public long At { get; init; }

        public string Node { get; init; } = "";

        public string Who { get; init; } = "";

        public string Address { get; init; } = "";

        public string Action { get; init; } = "";

        public string Call { get; init; } = "";

        public long? SessionId { get; init; }

        public int Status { get; init; }

        public string? Code { get; init; }

        public string? Detail { get; init; }

        public AuditLine ToLine() =>
            new(
                DateTimeOffset.FromUnixTimeMilliseconds(At),
                Node,
                Who,
                Address,
                Action,
                Call,
                SessionId is { } session ? new SessionId((int)session) : null,
                Status
            )
            {
                Number = Number,
                Code = Code,
                Detail = Detail,
            };
    }
}
