using Dapper;
using Npgsql;
using Recorder.Cluster.Database;
using Recorder.Cluster.Tests.Journal;

namespace Recorder.Cluster.Tests.Database;

/// <summary>The tables of a database, on SQLite and on PostgreSQL.</summary>
[Trait("ring", "farm")]
public sealed class SchemaTests(TestPostgres postgres) : IClassFixture<TestPostgres>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Nodes_that_begin_at_the_same_moment_make_the_tables_together(DatabaseKind kind)
    {
        var options = await NewAsync(kind);

        await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        await using var database = new FarmDatabase(options);
                        await database.PrepareAsync(CancellationToken.None);
                    })
                )
        );

        await using var reader = new FarmDatabase(options);
        await using var connection = await reader.OpenAsync(CancellationToken.None);
        var scripts = await connection.QueryAsync<string>(
            $"SELECT scriptname FROM {SchemaScripts.JournalTable} ORDER BY scriptname"
        );
        Assert.Equal(scripts.Distinct(), scripts);
        Assert.Contains("0001-database-schema.sql", scripts);
        Assert.Equal(1, (await SchemaScripts.StandingAsync(reader, CancellationToken.None))!.LeastReader);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_database_of_a_newer_build_is_refused_with_the_build_to_start(DatabaseKind kind)
    {
        var options = await NewAsync(kind);
        await using var database = new FarmDatabase(options);
        await database.PrepareAsync(CancellationToken.None);
        await using (var connection = await database.OpenAsync(CancellationToken.None))
        {
            await connection.ExecuteAsync("UPDATE database_schema SET least_reader = 99, build = '7.3.0'");
        }

        var error = await Assert.ThrowsAsync<DatabaseUnusableException>(() =>
            database.PrepareAsync(CancellationToken.None)
        );

        Assert.Contains("Recorder 7.3.0 or newer", error.Message, StringComparison.Ordinal);
        Assert.False(error.MayPass);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite, "database_schema")]
    [InlineData(DatabaseKind.Postgres, "database_schema")]
    [InlineData(DatabaseKind.Sqlite, "node")]
    [InlineData(DatabaseKind.Postgres, "node")]
    [InlineData(DatabaseKind.Sqlite, "faults")]
    [InlineData(DatabaseKind.Postgres, "faults")]
    public async Task A_preparation_that_fails_between_two_scripts_or_inside_one_changes_nothing_and_says_what_to_do(
        DatabaseKind kind,
        string inTheWay
    )
    {
        var options = await NewAsync(kind);
        await using var database = new FarmDatabase(options);
        await ExecuteAsync(database, $"CREATE TABLE {inTheWay} (mine INTEGER)");

        var error = await Assert.ThrowsAsync<DatabaseUnusableException>(() =>
            database.PrepareAsync(CancellationToken.None)
        );

        Assert.Contains(database.Place, error.Message, StringComparison.Ordinal);
        Assert.Contains("restore its backup as a whole", error.Message, StringComparison.Ordinal);
        Assert.False(error.MayPass);
        Assert.Equal([inTheWay], await TablesAsync(database));
        await ExecuteAsync(database, $"DROP TABLE {inTheWay}");
        await database.PrepareAsync(CancellationToken.None);
        Assert.NotNull(await SchemaScripts.StandingAsync(database, CancellationToken.None));
    }

    [Fact]
    public async Task A_node_that_is_killed_inside_a_script_leaves_the_database_as_it_was()
    {
        var options = await NewAsync(DatabaseKind.Postgres);
        await using var database = new FarmDatabase(options);
        // The version before has made the journal. Whoever writes there holds up the script that adds a trigger to it.
        await ExecuteAsync(database, JournalOfTheVersionBefore);
        await using var writer = await database.OpenAsync(CancellationToken.None);
        await using var writing = await writer.BeginTransactionAsync();
        await writer.ExecuteAsync("LOCK TABLE journal IN ROW EXCLUSIVE MODE", transaction: writing);
        await using var killed = new FarmDatabase(options);
        var preparing = Record.ExceptionAsync(() => killed.PrepareAsync(CancellationToken.None));
        await Eventually.BeAsync(
            "a script waits for the journal",
            TimeSpan.FromSeconds(20),
            async () => await CountAsync(database, "pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'journal'") > 0
        );

        // The server does this with the connections of a process that is gone.
        await ExecuteAsync(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'journal'"
        );
        Assert.NotNull(await preparing);
        await writing.RollbackAsync();

        Assert.Equal(["journal"], await TablesAsync(database));
        await database.PrepareAsync(CancellationToken.None);
        Assert.Equal(1, await CountAsync(database, "journal WHERE persistence_id = 'session-1'"));
        Assert.NotNull(await SchemaScripts.StandingAsync(database, CancellationToken.None));
    }

    [Fact]
    public async Task A_read_only_PostgreSQL_is_waited_for_with_the_way_out_and_stays_as_it_is()
    {
        var options = await NewAsync(DatabaseKind.Postgres);
        var name = new NpgsqlConnectionStringBuilder(options.ConnectionString).Database;
        await using (var database = new FarmDatabase(options))
        {
            await ExecuteAsync(database, $"ALTER DATABASE {name} SET default_transaction_read_only = on");
        }
        NpgsqlConnection.ClearAllPools();
        await using (var database = new FarmDatabase(options))
        {
            var error = await Assert.ThrowsAsync<DatabaseUnusableException>(() =>
                database.PrepareAsync(CancellationToken.None)
            );

            Assert.Contains($"{name} on 127.0.0.1", error.Message, StringComparison.Ordinal);
            Assert.Contains("is read-only", error.Message, StringComparison.Ordinal);
            Assert.Contains(
                $"ALTER DATABASE {name} RESET default_transaction_read_only",
                error.Message,
                StringComparison.Ordinal
            );
            Assert.True(error.MayPass);
            Assert.Empty(await TablesAsync(database));
            await ExecuteAsync(
                database,
                $"BEGIN READ WRITE; ALTER DATABASE {name} RESET default_transaction_read_only; COMMIT"
            );
        }
        await using var allowed = new FarmDatabase(options);
        await allowed.PrepareAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_script_may_take_longer_than_an_ordinary_command()
    {
        var options = await NewAsync(DatabaseKind.Postgres);
        await using var database = new FarmDatabase(options);
        await database.PrepareAsync(CancellationToken.None);
        await using var writer = await database.OpenAsync(CancellationToken.None);
        await using var writing = await writer.BeginTransactionAsync();
        await writer.ExecuteAsync("UPDATE database_schema SET build = build", transaction: writing);
        await using var hasty = new FarmDatabase(
            new DatabaseOptions
            {
                ConnectionString = new NpgsqlConnectionStringBuilder(options.ConnectionString)
                {
                    CommandTimeout = 1,
                }.ToString(),
            }
        );

        var preparing = hasty.PrepareAsync(CancellationToken.None);
        await Eventually.BeAsync(
            "a script has waited for twice the time of a command, or was given up",
            TimeSpan.FromSeconds(20),
            async () =>
                preparing.IsCompleted
                || await CountAsync(
                    database,
                    "pg_stat_activity WHERE wait_event_type = 'Lock' AND query_start < clock_timestamp() - interval '2s'"
                ) > 0
        );
        await writing.RollbackAsync();

        await preparing;
    }

    private const string JournalOfTheVersionBefore = """
        CREATE TABLE journal (
            ordering bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT "PK_journal" PRIMARY KEY, created bigint NOT NULL,
            deleted boolean NOT NULL, persistence_id text NOT NULL, sequence_number bigint NOT NULL,
            message bytea NOT NULL, manifest text NULL, identifier integer NULL, writer_uuid text NULL,
            CONSTRAINT journal_uq UNIQUE (persistence_id, sequence_number)
        );
        INSERT INTO journal (created, deleted, persistence_id, sequence_number, message)
        VALUES (0, false, 'session-1', 1, '')
        """;

    private static async Task ExecuteAsync(FarmDatabase database, string sql)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(sql);
    }

    private static async Task<long> CountAsync(FarmDatabase database, string from)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        return await connection.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {from}");
    }

    private static async Task<IEnumerable<string>> TablesAsync(FarmDatabase database)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        return await connection.QueryAsync<string>(
            database.Kind == DatabaseKind.Postgres
                ? "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                : "SELECT name FROM sqlite_master WHERE type = 'table'"
        );
    }

    private async Task<DatabaseOptions> NewAsync(DatabaseKind kind)
    {
        if (kind == DatabaseKind.Sqlite)
        {
            return new DatabaseOptions { File = _folder.Database };
        }
        var name = $"schema_{Guid.NewGuid():n}";
        await using var server = new FarmDatabase(
            new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port) }
        );
        await using var connection = await server.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync($"CREATE DATABASE {name}");
        return new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port, database: name) };
    }
}
