using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Schedules;

/// <summary>The schedules of the farm and their times, in its database. Everything throws <see cref="DbException"/> while
/// the database is away.</summary>
public sealed class ScheduleBook(FarmDatabase database)
{
    /// <summary>How long a time that has passed is still told of.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    /// <summary>The times for which no room is foreseen.</summary>
    public ScheduleRiskBook Risks { get; } = new(database);

    private const string Columns = "definition AS Definition, revision AS Revision, settled_at AS SettledAt";

    /// <summary>Schedules, oldest first.</summary>
    /// <param name="owner">Lists only schedules of this owner; null: of all owners.</param>
    /// <param name="after">Lists only schedules after this one; null: from the oldest on.</param>
    /// <param name="most">The most schedules.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<ImmutableList<KeptSchedule>> ListAsync(
        string? owner,
        SchedulePlace? after,
        int most,
        CancellationToken cancellation
    )
    {
        var filters = new List<string>();
        if (owner is not null)
        {
            filters.Add("owner = @owner");
        }
        if (after is not null)
        {
            filters.Add("(created_at > @created OR (created_at = @created AND id > @id))");
        }
        var where = filters.Count == 0 ? "" : "WHERE " + string.Join(" AND ", filters);
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(
                $"SELECT {Columns} FROM schedules {where} ORDER BY created_at, id LIMIT @most",
                new
                {
                    owner,
                    created = after?.Created ?? 0,
                    id = after?.Id ?? "",
                    most,
                },
                cancellationToken: cancellation
            )
        );
        return [.. rows.Select(row => row.ToSchedule())];
    }

    /// <summary>The schedules that may have something to do up to a moment.</summary>
    /// <param name="until">The moment.</param>
    /// <param name="cancellation">Ends the reading.</param>
    internal async Task<ImmutableList<KeptSchedule>> DueAsync(DateTimeOffset until, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            new CommandDefinition(
                $"SELECT {Columns} FROM schedules WHERE due_at <= @until ORDER BY due_at, id",
                new { until = Milliseconds(until) },
                cancellationToken: cancellation
            )
        );
        return [.. rows.Select(row => row.ToSchedule())];
    }

    /// <summary>A schedule; null when there is none with the id.</summary>
    /// <param name="id">The id.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<KeptSchedule?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (
            await connection.QuerySingleOrDefaultAsync<Row>(
                new CommandDefinition(
                    $"SELECT {Columns} FROM schedules WHERE id = @id",
                    new { id },
                    cancellationToken: cancellation
                )
            )
        )?.ToSchedule();
    }

    /// <summary>Keeps a new schedule. Times up to now are settled.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>False, and nothing is kept, when the farm has <see cref="Schedule.Most"/> schedules, or one with the
    /// same id.</returns>
    public async Task<bool> AddAsync(Schedule schedule, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteAsync(
                new CommandDefinition(
                    """
                    INSERT INTO schedules
                        (id, owner, definition, revision, settled_at, due_at, once_at, created_at)
                    SELECT @Id, @Owner, @definition, 1, @at, @due, @once, @at
                    WHERE (SELECT COUNT(*) FROM schedules) < @Most
                    ON CONFLICT (id) DO NOTHING
                    """,
                    new
                    {
                        schedule.Id,
                        schedule.Owner,
                        definition = Write(schedule),
                        at = Milliseconds(schedule.CreatedAt),
                        due = Milliseconds(schedule.DueAfter(schedule.CreatedAt)),
                        once = Milliseconds(schedule.At),
                        Schedule.Most,
                    },
                    cancellationToken: cancellation
                )
            ) == 1;
    }

    /// <summary>Changes a schedule. Times up to now are settled, so that what is new counts from now on.</summary>
    /// <param name="before">The schedule as it was read.</param>
    /// <param name="after">The schedule as it is to be.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>The schedule; null, and nothing is changed, when another change came between.</returns>
    public async Task<KeptSchedule?> ChangeAsync(
        KeptSchedule before,
        Schedule after,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);

        // Times between the two revisions are settled, since settling needs the earlier revision too.
        var settled = before.Settled > now ? before.Settled : now;
        await using var connection = await database.OpenAsync(cancellation);
        return (
            await connection.QuerySingleOrDefaultAsync<Row>(
                new CommandDefinition(
                    $"""
                    UPDATE schedules SET definition = @definition, revision = revision + 1, settled_at = @settled,
                        due_at = @due, once_at = @once
                    WHERE id = @Id AND revision = @Revision AND settled_at = @known
                    RETURNING {Columns}
                    """,
                    new
                    {
                        before.Schedule.Id,
                        before.Revision,
                        known = Milliseconds(before.Settled),
                        definition = Write(after),
                        settled = Milliseconds(settled),
                        due = Milliseconds(after.DueAfter(settled)),
                        once = Milliseconds(after.At),
                    },
                    cancellationToken: cancellation
                )
            )
        )?.ToSchedule();
    }

    /// <summary>Forgets a schedule and its times. Sessions that have started go on.</summary>
    /// <param name="id">The schedule.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>Whether there was such a schedule.</returns>
    public async Task<bool> RemoveAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var removed = await connection.ExecuteAsync("DELETE FROM schedules WHERE id = @id", new { id }, transaction);
        await connection.ExecuteAsync(
            "DELETE FROM schedule_occurrences WHERE schedule_id = @id",
            new { id },
            transaction
        );
        await connection.ExecuteAsync(
            "DELETE FROM schedule_risks WHERE schedule_id = @id",
            new { id },
            transaction
        );
        await transaction.CommitAsync(cancellation);
        return removed == 1;
    }

    /// <summary>The times of a schedule that have come, the earliest first.</summary>
    /// <param name="id">The schedule.</param>
    /// <param name="from">The first time.</param>
    /// <param name="to">The first time that does not count any more.</param>
    /// <param name="most">The most times.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<ImmutableList<Occurrence>> OccurrencesAsync(
        string id,
        DateTimeOffset from,
        DateTimeOffset to,
        int most,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<OccurrenceRow>(
            new CommandDefinition(
                """
                SELECT schedule_id AS Schedule, at AS At, state AS State, session_id AS Session, code AS Code,
                    reason AS Reason
                FROM schedule_occurrences WHERE schedule_id = @id AND at >= @from AND at < @to ORDER BY at LIMIT @most
                """,
                new
                {
                    id,
                    from = Milliseconds(from),
                    to = Milliseconds(to),
                    most,
                },
                cancellationToken: cancellation
            )
        );
        return [.. rows.Select(row => row.ToOccurrence())];
    }

    /// <summary>The times whose sessions are being started or run.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    internal async Task<ImmutableList<OpenOccurrence>> OpenAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<OccurrenceRow>(
            new CommandDefinition(
                """
                SELECT schedule_id AS Schedule, at AS At, state AS State, session_id AS Session, start AS Start
                FROM schedule_occurrences WHERE start IS NOT NULL ORDER BY at
                """,
                cancellationToken: cancellation
            )
        );
        return
        [
            .. rows.Select(row =>
            {
                var start = Read<KeptStart>(row.Start!);
                return start.Of(row.ToOccurrence());
            }),
        ];
    }

    /// <summary>Settles the next time of a schedule: its session is to be started.</summary>
    /// <param name="kept">The schedule as it was read.</param>
    /// <param name="at">The time.</param>
    /// <param name="now">The time at present.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>What is to be started; null when somebody else has settled the time, or changed the schedule.</returns>
    internal async Task<OpenOccurrence?> BeginAsync(
        KeptSchedule kept,
        DateTimeOffset at,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var schedule = kept.Schedule;
        var start = new KeptStart(schedule.SpecFor(at), schedule.Late, schedule.Limits, schedule.Name)
        {
            Webhooks = schedule.Webhooks,
        };
        var occurrence = new Occurrence(schedule.Id, at, OccurrenceState.Starting);
        return await SettleAsync(kept, occurrence, Write(start), null, now, cancellation)
            ? start.Of(occurrence)
            : null;
    }

    /// <summary>Settles the next time of a schedule: there is no session. A missed time is told in the feed of
    /// events.</summary>
    /// <param name="kept">The schedule as it was read.</param>
    /// <param name="leftOut">The time and the reason.</param>
    /// <param name="node">The node that settles the time.</param>
    /// <param name="now">The time at present.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>False when somebody else has settled the time, or changed the schedule.</returns>
    internal Task<bool> LeaveOutAsync(
        KeptSchedule kept,
        Occurrence leftOut,
        string node,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        SettleAsync(
            kept,
            leftOut,
            null,
            new Told(leftOut, kept.Schedule.Name, node),
            now,
            cancellation
        );

    /// <summary>Notes the session of a time.</summary>
    /// <param name="occurrence">The time, with its session.</param>
    /// <param name="now">The time at present.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    internal async Task StartedAsync(Occurrence occurrence, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                """
                UPDATE schedule_occurrences SET state = 'started', session_id = @session, changed_at = @now
                WHERE schedule_id = @Schedule AND at = @at AND start IS NOT NULL
                """,
                new
                {
                    occurrence.Schedule,
                    at = Milliseconds(occurrence.At),
                    session = (long?)occurrence.Session?.Value,
                    now = Milliseconds(now),
                },
                cancellationToken: cancellation
            )
        );
    }

    /// <summary>Closes a time: its session has ended, or there will be none. A missed time is told in the feed of
    /// events, once.</summary>
    /// <param name="closed">The time.</param>
    /// <param name="name">The name of the schedule, or null.</param>
    /// <param name="node">The node that closes the time.</param>
    /// <param name="now">The time at present.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    internal async Task CloseAsync(
        Occurrence closed,
        string? name,
        string node,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var written = await connection.ExecuteAsync(
            """
            UPDATE schedule_occurrences
            SET state = @state, session_id = @session, code = @Code, reason = @Reason, start = NULL, changed_at = @now
            WHERE schedule_id = @Schedule AND at = @at AND start IS NOT NULL
            """,
            Columned(closed, null, now),
            transaction
        );
        if (written == 1)
        {
            await TellAsync(transaction, new Told(closed, name, node), now);
        }
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Forgets times that passed long ago, and schedules of one such time.</summary>
    /// <param name="now">The time at present.</param>
    /// <param name="cancellation">Ends the step.</param>
    internal async Task ForgetAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                """
                DELETE FROM schedule_occurrences WHERE changed_at < @before AND start IS NULL;
                DELETE FROM schedules WHERE once_at < @before;
                DELETE FROM schedule_risks WHERE at < @before
                """,
                new { before = Milliseconds(now - KeptFor) },
                cancellationToken: cancellation
            )
        );
    }

    private async Task<bool> SettleAsync(
        KeptSchedule kept,
        Occurrence occurrence,
        string? start,
        Told? told,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var settled = await connection.ExecuteAsync(
            """
            UPDATE schedules SET settled_at = @at, due_at = @due
            WHERE id = @Schedule AND revision = @Revision AND settled_at < @at
            """,
            new
            {
                occurrence.Schedule,
                kept.Revision,
                at = Milliseconds(occurrence.At),
                due = Milliseconds(kept.Schedule.DueAfter(occurrence.At)),
            },
            transaction
        );
        if (settled == 0)
        {
            return false;
        }
        await connection.ExecuteAsync(
            """
            INSERT INTO schedule_occurrences (schedule_id, at, state, start, session_id, code, reason, changed_at)
            VALUES (@Schedule, @at, @state, @start, @session, @Code, @Reason, @now)
            ON CONFLICT (schedule_id, at) DO NOTHING
            """,
            Columned(occurrence, start, now),
            transaction
        );
        if (told is not null)
        {
            await TellAsync(transaction, told, now);
        }
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private static object Columned(Occurrence occurrence, string? start, DateTimeOffset now) =>
        new
        {
            occurrence.Schedule,
            at = Milliseconds(occurrence.At),
            state = JsonNamingPolicy.SnakeCaseLower.ConvertName(occurrence.State.ToString()),
            start,
            session = (long?)occurrence.Session?.Value,
            occurrence.Code,
            occurrence.Reason,
            now = Milliseconds(now),
        };

    private static async Task TellAsync(DbTransaction within, Told told, DateTimeOffset now)
    {
        var occurrence = told.Occurrence;
        if (occurrence.State != OccurrenceState.Missed)
        {
            return;
        }
        await EventTables.WriteOfFarmAsync(
            within,
            last =>
                Task.FromResult<ImmutableList<EventDraft>>([
                    new EventDraft(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"evt_farm-{last + 1}-{now.ToUnixTimeMilliseconds():x}"
                        ),
                        EventType.ScheduleMissed,
                        now,
                        told.Node,
                        last + 1,
                        new ScheduleMissedData(
                            occurrence.Schedule,
                            told.Name,
                            occurrence.At.ToUniversalTime(),
                            occurrence.Session?.Value,
                            occurrence.Code,
                            AddressRedaction.Of(occurrence.Reason ?? "")
                        )
                    ),
                ])
        );
    }

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static long? Milliseconds(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, WireSerializer.Json);

    private static T Read<T>(string text) =>
        JsonSerializer.Deserialize<T>(text, WireSerializer.Json)
        ?? throw new JsonException($"A {typeof(T).Name} in the database is null.");

    private sealed record Told(Occurrence Occurrence, string? Name, string Node);

    /// <summary>The start of one time, as it was decided.</summary>
    private sealed record KeptStart(
        SessionSpec Spec,
        TimeSpan Late,
        Placement.OwnerLimits? Limits,
        string? Name
    )
    {
        public ImmutableList<ScheduledWebhook> Webhooks { get; init; } = [];

        public OpenOccurrence Of(Occurrence occurrence) =>
            new(occurrence, Spec, Late, Limits, Name) { Webhooks = Webhooks };
    }

    private sealed class Row
    {
        public string Definition { get; init; } = "";

        public long Revision { get; init; }

        public long SettledAt { get; init; }

        public KeptSchedule ToSchedule() =>
            new(Read<Schedule>(Definition), Revision, DateTimeOffset.FromUnixTimeMilliseconds(SettledAt));
    }

    private sealed class OccurrenceRow
    {
        public string Schedule { get; init; } = "";

        public long At { get; init; }

        public string State { get; init; } = "";

        public long? Session { get; init; }

        public string? Code { get; init; }

        public string? Reason { get; init; }

        public string? Start { get; init; }

        public Occurrence ToOccurrence() =>
            new(
                Schedule,
                DateTimeOffset.FromUnixTimeMilliseconds(At),
                Enum.Parse<OccurrenceState>(State, ignoreCase: true)
            )
            {
                Session = Session is { } id ? new SessionId((int)id) : null,
                Code = Code,
                Reason = Reason,
            };
    }
}
