using System.Collections.Immutable;
using System.Text.Json;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Database;
using Recorder.Cluster.Tests.Journal;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Events;

/// <summary>The tables of the feed in each kind of database.</summary>
[Trait("ring", "farm")]
public sealed class EventTablesTests(TestPostgres postgres) : InEachDatabase(postgres)
{
    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task What_is_written_twice_is_told_once_and_numbers_have_no_holes(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        Assert.Equal(2, await WriteAsync(database, 1, 5, Draft(1, 2), Draft(1, 5)));
        Assert.Equal(0, await WriteAsync(database, 1, 5, Draft(1, 2), Draft(1, 5)));
        Assert.Equal(1, await WriteAsync(database, 2, 9, Draft(2, 9)));
        Assert.Equal(1, await WriteAsync(database, 1, 8, Draft(1, 5), Draft(1, 8)));
        Assert.Equal(0, await WriteAsync(database, 1, 8));

        var feed = new EventFeed(database);
        var all = await feed.AfterAsync(0, EventFilter.Everything, 100, CancellationToken.None);
        Assert.Equal(["evt_1-2-0", "evt_1-5-0", "evt_2-9-0", "evt_1-8-0"], all.Events.Select(told => told.Id));
        Assert.Equal([1L, 2, 3, 4], all.Events.Select(told => told.Position));
        Assert.Equal(
            [1L, 2, 3],
            (await feed.OfSessionAsync(1, 0, 100, CancellationToken.None)).Select(told => SeqOf(told.Body))
        );
        Assert.Equal([3L], (await feed.OfSessionAsync(1, 2, 100, CancellationToken.None)).Select(told => told.Seq));
        Assert.Equal(new FeedBounds(4, 0), await feed.BoundsAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task News_that_tell_nothing_count_as_told(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        await WriteAsync(database, 1, 3, Draft(1, 3));
        await WriteAsync(database, 1, 9);
        await WriteAsync(database, 2, 4);

        await using var connection = await database.OpenAsync(CancellationToken.None);
        var told = await EventTables.ToldToAsync(connection, [new SessionId(1), new SessionId(2)]);
        Assert.Equal([(1L, 9L), (2L, 4L)], told.OrderBy(one => one.Key).Select(one => (one.Key, one.Value)));
        await WriteAsync(database, 1, 10, Draft(1, 10));
        var events = await new EventFeed(database).OfSessionAsync(1, 0, 100, CancellationToken.None);
        Assert.Equal([1L, 2], events.Select(one => one.Seq));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_part_goes_on_where_the_part_before_ended_whatever_is_wanted(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        for (var number = 1; number <= 7; number++)
        {
            await WriteAsync(database, (number % 2) + 1, number, Draft((number % 2) + 1, number));
        }
        var feed = new EventFeed(database);
        var filter = new EventFilter(["record.*"], 2);

        var first = await feed.AfterAsync(0, filter, 2, CancellationToken.None);
        var second = await feed.AfterAsync(first.ReadTo, filter, 2, CancellationToken.None);
        var third = await feed.AfterAsync(second.ReadTo, filter, 2, CancellationToken.None);

        Assert.Equal(
            ["evt_2-1-0", "evt_2-3-0", "evt_2-5-0", "evt_2-7-0"],
            first.Events.Concat(second.Events).Concat(third.Events).Select(told => told.Id)
        );
        Assert.True(second.More);
        Assert.False(third.More);
        var none = await feed.AfterAsync(0, new EventFilter(["disk.low"], null), 100, CancellationToken.None);
        Assert.Empty(none.Events);
        Assert.Equal(7, none.ReadTo);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Events_of_the_past_are_deleted_and_numbers_go_on(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        await WriteAsync(database, 1, 3, Draft(1, 1), Draft(1, 2), Draft(1, 3));

        Assert.Equal(2, await EventDeletion.StepAsync(database, Sample.Time(3), default, CancellationToken.None));
        Assert.Equal(0, await EventDeletion.StepAsync(database, Sample.Time(3), default, CancellationToken.None));
        await WriteAsync(database, 1, 4, Draft(1, 1), Draft(1, 4));

        var feed = new EventFeed(database);
        Assert.Equal(new FeedBounds(4, 2), await feed.BoundsAsync(CancellationToken.None));
        Assert.Equal(
            [3L, 4],
            (await feed.OfSessionAsync(1, 0, 100, CancellationToken.None)).Select(told => told.Seq)
        );
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task An_older_copy_of_the_journal_takes_the_events_back_that_it_does_not_know(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        await WriteAsync(database, 1, 3, Draft(1, 1), Draft(1, 2), Draft(1, 3));

        await WriteAsync(database, 1, 2, Draft(1, 1), Draft(1, 2));
        await WriteAsync(database, 1, 3, Draft(1, 3));

        Assert.Equal(
            [1L, 2, 3],
            (await new EventFeed(database).OfSessionAsync(1, 0, 100, CancellationToken.None)).Select(told => told.Seq)
        );
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task No_reader_passes_over_an_event_however_many_write(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var feed = new EventFeed(database);
        var writers = Task.WhenAll(
            Enumerable
                .Range(1, 4)
                .Select(session =>
                    Task.Run(async () =>
                    {
                        for (var number = 1; number <= 25; number++)
                        {
                            await WriteAsync(database, session, number, Draft(session, number));
                        }
                    })
                )
        );
        var seen = new List<string>();
        var after = 0L;
        while (true)
        {
            var last = writers.IsCompleted;
            var part = await feed.AfterAsync(after, EventFilter.Everything, 7, CancellationToken.None);
            seen.AddRange(part.Events.Select(told => told.Id));
            after = part.ReadTo;
            if (last && !part.More)
            {
                break;
            }
        }
        await writers;

        Assert.Equal(100, seen.Count);
        Assert.Equal(100, seen.Distinct().Count());
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_member_is_not_forgotten_however_long_ago_it_joined(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var disk = EventType.DiskLow;
        await TellOfFarmAsync(database, (EventType.NodeJoined, "a"), (EventType.NodeJoined, "b"), (disk, "a"), (disk, "b"));
        await TellOfFarmAsync(database, (EventType.NodeLeft, "b"));
        for (var number = 0; number < 505; number++)
        {
            await TellOfFarmAsync(database, (disk, "c"), (EventType.DiskFree, "c"));
        }

        while (await EventDeletion.StepAsync(database, Far, Far, CancellationToken.None) > 0) { }

        await using var connection = await database.OpenAsync(CancellationToken.None);
        var left = (
            await connection.QueryAsync<(string Type, string Node)>(
                "SELECT type, node FROM events WHERE seq <= 10 ORDER BY seq"
            )
        ).ToList();
        Assert.Equal([(EventType.NodeJoined, "a"), (disk, "a")], left);
        Assert.Equal(1002, await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM events"));
    }

    private static readonly DateTimeOffset Far = Sample.Begin.AddYears(1);

    private static async Task TellOfFarmAsync(FarmDatabase database, params (string Type, string Node)[] told)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync();
        await EventTables.WriteOfFarmAsync(
            transaction,
            last =>
                Task.FromResult<ImmutableList<EventDraft>>([
                    .. told.Select(
                        (one, number) =>
                            new EventDraft(
                                $"evt_farm-{last + number + 1}",
                                one.Type,
                                Sample.Begin,
                                one.Node,
                                last + number + 1,
                                new NodeData(1, null, null)
                            )
                    ),
                ])
        );
        await transaction.CommitAsync();
    }

    private static EventDraft Draft(int session, long sequenceNr) =>
        new(
            $"evt_{session}-{sequenceNr}-0",
            EventType.RecordFinished,
            Sample.Time(sequenceNr),
            Sample.Node,
            sequenceNr,
            new NoData()
        );

    private static long SeqOf(string body)
    {
        using var text = JsonDocument.Parse(body);
        return text.RootElement.GetProperty("seq").GetInt64();
    }

    private static async Task<int> WriteAsync(
        FarmDatabase database,
        int session,
        long sequenceNr,
        params EventDraft[] told
    )
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync();
        var written = await EventTables.WriteAsync(
            transaction,
            ToldSession.Of(new SessionId(session)),
            [.. told],
            sequenceNr
        );
        await transaction.CommitAsync();
        return written;
    }
}
