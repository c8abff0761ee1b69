using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Placement;

namespace Recorder.Cluster.Schedules;

/// <summary>The times of schedules for which no room is foreseen, in the database of the farm. Everything throws
/// <see cref="DbException"/> while the database is away.</summary>
public sealed class ScheduleRiskBook(FarmDatabase database)
{
    /// <summary>The times that are at risk at present.</summary>
    /// <param name="now">Times before this one do not count.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<ImmutableHashSet<ScheduleTime>> PresentAsync(
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<(string Schedule, long At)>(
            new CommandDefinition(
                "SELECT schedule_id, at FROM schedule_risks WHERE present = 1 AND at > @now",
                new { now = now.ToUnixTimeMilliseconds() },
                cancellationToken: cancellation
            )
        );
        return [.. rows.Select(row => new ScheduleTime(row.Schedule, row.At))];
    }

    /// <summary>Notes which times are at risk. Each is told in the feed of events the first time.</summary>
    /// <param name="places">The places of the times that are at risk; all other times are not.</param>
    /// <param name="node">The node that notes them.</param>
    /// <param name="now">The time at present.</param>
    /// <param name="cancellation">Ends the step; nothing is written then.</param>
    /// <returns>Whether an event was written.</returns>
    internal async Task<bool> NoteAsync(
        ImmutableList<PromisedPlace> places,
        string node,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(
            "UPDATE schedule_risks SET present = 0 WHERE present = 1",
            transaction: transaction
        );
        var told = false;
        foreach (var place in places)
        {
            var time = new { place.Schedule, at = place.At.ToUnixTimeMilliseconds() };
            var isNew =
                await connection.ExecuteAsync(
                    """
                    INSERT INTO schedule_risks (schedule_id, at, present)
                    SELECT id, @at, 1 FROM schedules WHERE id = @Schedule
                    ON CONFLICT (schedule_id, at) DO NOTHING
                    """,
                    time,
                    transaction
                ) == 1;
            if (isNew)
            {
                await TellAsync(transaction, place, node, now);
                told = true;
            }
            else
            {
                await connection.ExecuteAsync(
                    "UPDATE schedule_risks SET present = 1 WHERE schedule_id = @Schedule AND at = @at",
                    time,
                    transaction
                );
            }
        }
        await transaction.CommitAsync(cancellation);
        return told;
    }

    private static async Task TellAsync(DbTransaction within, PromisedPlace place, string node, DateTimeOffset now)
    {
        var at = place.At.ToUniversalTime();
        await EventTables.WriteOfFarmAsync(
            within,
            last =>
                Task.FromResult<ImmutableList<EventDraft>>([
                    new EventDraft(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"evt_farm-{last + 1}-{now.ToUnixTimeMilliseconds():x}"
                        ),
                        EventType.ScheduleAtRisk,
                        now,
                        node,
                        last + 1,
                        new ScheduleAtRiskData(
                            place.Schedule,
                            place.Name,
                            at,
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"No node has room for the recording of {at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, which needs {place.Cost:0.##} slots. Stop a session, or add a node."
                            )
                        )
                    ),
                ])
        );
    }
}

/// <summary>One time of a schedule.</summary>
/// <param name="Schedule">The id of the schedule.</param>
/// <param name="At">The time, in milliseconds since 1970.</param>
public readonly record struct ScheduleTime(string Schedule, long At)
{
    /// <summary>A time of a schedule; null stays null.</summary>
    /// <param name="schedule">The id of the schedule.</param>
    /// <param name="at">The time, or null.</param>
    public static ScheduleTime? Of(string schedule, DateTimeOffset? at) =>
        at is { } time ? new ScheduleTime(schedule, time.ToUnixTimeMilliseconds()) : null;
}
