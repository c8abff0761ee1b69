using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Database;
using Recorder.Cluster.Tests.Journal;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.ReadModel;

/// <summary>The tables of the read model in each kind of database.</summary>
[Trait("ring", "farm")]
public sealed class SessionTablesTests(TestPostgres postgres) : InEachDatabase(postgres)
{
    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task What_is_written_is_read_and_only_a_change_is_written(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var archive = new SessionArchive(database);
        var first = Ended(1, SessionPhase.Stopped, records: 3);

        Assert.Equal(1 + 3 + 2 + 2, await WriteAsync(database, first, 5, known: false));
        Assert.Equal(Text(first), Text(await archive.FindAsync(new SessionId(1), CancellationToken.None)));

        var changed = first with
        {
            Records = first.Records.SetItem(1, first.Records[1] with { Sha256 = "found" }),
            Gaps = [],
        };
        Assert.Equal(1 + 1, await WriteAsync(database, changed, 6, known: true));
        Assert.Equal(Text(changed), Text(await archive.FindAsync(new SessionId(1), CancellationToken.None)));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_range_of_ended_sessions_comes_by_id_in_as_many_parts_as_needed(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var archive = new SessionArchive(database);
        await using (var connection = await database.OpenAsync(CancellationToken.None))
        {
            await using var transaction = await connection.BeginTransactionAsync();
            foreach (var id in Enumerable.Range(1001, 600))
            {
                var phase = id % 2 == 0 ? SessionPhase.Stopped : SessionPhase.Failed;
                var state = id % 3 == 0 ? Recording(id) : Ended(id, phase, 1);
                await SessionTables.WriteAsync(transaction, SessionRows.Of(state, 3), known: false);
            }
            await transaction.CommitAsync();
        }

        Assert.Equal(
            Enumerable.Range(1002, 597).Where(id => id % 3 != 0),
            await IdsAsync(archive.EndedAsync(new ArchiveRange(1001, 1598, null), 7, CancellationToken.None))
        );
        Assert.Equal(
            Enumerable.Range(1001, 600).Where(id => id % 3 != 0 && id % 2 != 0),
            await IdsAsync(
                archive.EndedAsync(
                    new ArchiveRange(1000, int.MaxValue, SessionPhase.Failed),
                    1000,
                    CancellationToken.None
                )
            )
        );
        var inShort = new List<SessionInShort>();
        await foreach (var session in archive.InShortAsync(1000, 1003, null, CancellationToken.None))
        {
            inShort.Add(session);
        }
        Assert.Equal([1001, 1003], inShort.Select(session => session.Id.Value));
        Assert.All(inShort, session => Assert.Single(session.Records));
        Assert.NotNull(await archive.FindAsync(new SessionId(1003), CancellationToken.None));
        Assert.Null(await archive.FindAsync(new SessionId(1005), CancellationToken.None));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Sessions_are_found_by_all_their_labels(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var archive = new SessionArchive(database);
        foreach (var id in Enumerable.Range(3001, 6))
        {
            await WriteAsync(
                database,
                Labelled(Ended(id, SessionPhase.Stopped, 1), ("room", id % 2 == 0 ? "Sal" : "sal"), ("id", $"{id % 3}")),
                5,
                known: false
            );
        }

        Assert.Equal([3002, 3004, 3006], await FoundAsync(("room", "Sal")));
        Assert.Equal([3006], await FoundAsync(("id", "0"), ("room", "Sal")));
        Assert.Empty(await FoundAsync(("room", "SAL")));
        Assert.Empty(await FoundAsync(("none", "Sal")));

        await WriteAsync(database, Labelled(Ended(3002, SessionPhase.Stopped, 1), ("room", "sal")), 6, known: true);
        Assert.Equal([3004, 3006], await FoundAsync(("room", "Sal")));
        Assert.DoesNotContain(3002, await FoundAsync(("id", "2")));

        async Task<List<int>> FoundAsync(params (string Key, string Value)[] labels) =>
            await IdsAsync(
                archive.EndedAsync(
                    new ArchiveRange(3000, 3010, SessionPhase.Stopped)
                    {
                        Labels = [.. labels.Select(label => new SessionLabel(label.Key, label.Value))],
                    },
                    2,
                    CancellationToken.None
                )
            );
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Two_steps_that_both_take_a_session_for_a_new_one_write_its_labels(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var session = Ended(5001, SessionPhase.Stopped, 1);
        await WriteAsync(database, Labelled(session, ("room", "Sal")), 5, known: false);
        await WriteAsync(database, Labelled(session, ("room", "Saal")), 6, known: false);

        await using var connection = await database.OpenAsync(CancellationToken.None);
        Assert.Equal(
            ["Saal"],
            await connection.QueryAsync<string>("SELECT value FROM labels WHERE session_id = 5001")
        );
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Records_come_by_session_and_number_and_by_what_is_asked(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var archive = new SessionArchive(database);
        var first = Ended(4001, SessionPhase.Stopped, 3);

        // The second record in the list was found later.
        await WriteAsync(
            database,
            first with
            {
                Records =
                [
                    first.Records[0] with { Number = 1 },
                    first.Records[1] with { Number = 3 },
                    first.Records[2] with { Number = 2, Duration = null, Bytes = null },
                ],
            },
            5,
            known: false
        );
        await WriteAsync(database, Labelled(Ended(4002, SessionPhase.Failed, 2), ("room", "Sal")), 5, known: false);
        await WriteAsync(database, Recording(4003), 5, known: false);

        var all = new ArchivedRecords(default, int.MaxValue);
        Assert.Equal(["4001-1", "4001-2", "4001-3", "4002-1", "4002-2"], await RecordsAsync(all));
        Assert.Equal(["4001-3", "4002-1", "4002-2"], await RecordsAsync(all with { After = new(new(4001), 2) }));
        Assert.Equal(["4001-1", "4001-2", "4001-3"], await RecordsAsync(all with { UpTo = 4001 }));
        Assert.Equal(["4001-2"], await RecordsAsync(all with { Finished = false }));
        Assert.Equal(
            ["4002-1", "4002-2"],
            await RecordsAsync(all with { Labels = [new SessionLabel("room", "Sal")], Finished = true })
        );
        Assert.Equal(
            ["4001-3", "4002-2"],
            await RecordsAsync(all with { From = Sample.Time(2), To = Sample.Time(3) })
        );

        // A node of the version before writes no numbers.
        await using (var connection = await database.OpenAsync(CancellationToken.None))
        {
            await connection.ExecuteAsync("UPDATE records SET number = 0 WHERE session_id = 4002");
        }
        Assert.Equal(["4001-1", "4001-2", "4001-3", "4002-1", "4002-2"], await RecordsAsync(all));
        Assert.Equal(["4002-2"], await RecordsAsync(all with { After = new(new(4002), 1) }));

        var read = new List<SessionRecord>();
        await foreach (var record in archive.RecordsAsync(all, 1, CancellationToken.None))
        {
            read.Add(record);
        }
        Assert.Equal("/records/4001__1.mp4", read[2].Record.Path);
        Assert.Equal(SessionPhase.Failed, read[3].Session.Phase);

        async Task<List<string>> RecordsAsync(ArchivedRecords wanted)
        {
            var ids = new List<string>();
            await foreach (var record in archive.RecordsAsync(wanted, 2, CancellationToken.None))
            {
                ids.Add($"{record.Id}");
            }
            return ids;
        }
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Sessions_are_taken_out_with_all_that_belongs_to_them(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        await WriteAsync(database, Ended(2001, SessionPhase.Stopped, 2), 5, known: false);
        await WriteAsync(database, Ended(2002, SessionPhase.Stopped, 2), 5, known: false);
        await WriteAsync(database, Labelled(Ended(2001, SessionPhase.Stopped, 2), ("room", "Sal")), 6, known: true);
        await WriteAsync(database, Labelled(Ended(2002, SessionPhase.Stopped, 2), ("room", "Sal")), 6, known: true);

        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await SessionTables.RemoveAsync(transaction, [2001]);
            await transaction.CommitAsync();
        }

        foreach (var table in new[] { "records", "gaps", "faults", "labels" })
        {
            Assert.Equal(
                [2002],
                await connection.QueryAsync<long>($"SELECT DISTINCT session_id FROM {table} WHERE session_id > 2000")
            );
        }
    }

    /// <summary>Writes a session.</summary>
    /// <returns>How many rows were written.</returns>
    private static async Task<long> WriteAsync(FarmDatabase database, SessionState state, long number, bool known)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync();
        var before = await WrittenAsync(connection, database.Kind);
        await SessionTables.WriteAsync(transaction, SessionRows.Of(state, number), known);
        var after = await WrittenAsync(connection, database.Kind);
        await transaction.CommitAsync();
        var deleted = known ? 2 : 0;
        return after - before - deleted;
    }

    private static async Task<long> WrittenAsync(System.Data.Common.DbConnection connection, DatabaseKind kind) =>
        kind == DatabaseKind.Sqlite
            ? await connection.ExecuteScalarAsync<long>("SELECT total_changes()")
            : await connection.ExecuteScalarAsync<long>(
                """
                SELECT COALESCE(SUM(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables
                WHERE relname IN ('sessions', 'records', 'gaps', 'faults')
                """
            );

    private static async Task<List<int>> IdsAsync(IAsyncEnumerable<SessionSummary> sessions)
    {
        var ids = new List<int>();
        await foreach (var session in sessions)
        {
            ids.Add(session.Id.Value);
        }
        return ids;
    }

    private static string Text(SessionState state) => Text(state.Summarise());

    private static string Text(SessionSummary? summary) =>
        System.Text.Json.JsonSerializer.Serialize(summary, Recorder.Cluster.Serialization.WireSerializer.Json);

    private static SessionState Labelled(SessionState state, params (string Key, string Value)[] labels) =>
        state with
        {
            Spec = state.Spec! with
            {
                Labels = [.. labels.Select(label => new SessionLabel(label.Key, label.Value))],
            },
        };

    private static SessionState Recording(int id) =>
        Ended(id, SessionPhase.Stopped, 1) with
        {
            Phase = SessionPhase.Recording,
        };

    private static SessionState Ended(int id, SessionPhase phase, int records) =>
        new(new SessionId(id))
        {
            Phase = phase,
            PhaseSince = Sample.Time(100),
            AcceptedAt = Sample.Time(0),
            Spec = new PageSessionSpec(new Uri("https://example.org/room")),
            Node = Sample.Node,
            Started = true,
            Attempt = 2,
            Records =
            [
                .. Enumerable
                    .Range(0, records)
                    .Select(number => new RecordState($"/records/{id}__{number}.mp4", 1, Sample.Time(1))
                    {
                        Node = Sample.Node,
                        OpenedAt = Sample.Time(1 + number),
                        Duration = TimeSpan.FromSeconds(9.5),
                        Bytes = 12_345_678_901,
                    }),
            ],
            Gaps =
            [
                new SessionGap(Sample.Time(10).AddTicks(7), Sample.Time(11), FaultCode.NodeLost),
                new SessionGap(Sample.Time(20), null, FaultCode.PipelineFailed),
            ],
            Faults =
            [
                new SessionFault(Sample.Time(10), Sample.Node, FaultCode.NodeLost, "It was \"lost\"; räume."),
                new SessionFault(Sample.Time(20), Sample.Node, FaultCode.PipelineFailed, "It failed."),
            ],
        };
}
