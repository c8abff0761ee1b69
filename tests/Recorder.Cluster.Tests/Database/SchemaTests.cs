using Dapper;
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
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_preparation_that_died_in_the_middle_leaves_nothing_and_the_next_start_is_whole(
        DatabaseKind kind
    )
    {
        var options = await NewAsync(kind);
        await using var database = new FarmDatabase(options);
        await using (var connection = await database.OpenAsync(CancellationToken.None))
        {
            // What stands in the way of a script makes the whole preparation fail.
            await connection.ExecuteAsync("CREATE TABLE database_schema (version INTEGER)");
        }
        await Assert.ThrowsAsync<DatabaseUnusableException>(() => database.PrepareAsync(CancellationToken.None));
        await using (var connection = await database.OpenAsync(CancellationToken.None))
        {
            await Assert.ThrowsAnyAsync<Exception>(() =>
                connection.QueryAsync<string>($"SELECT scriptname FROM {SchemaScripts.JournalTable}")
            );
            await connection.ExecuteAsync("DROP TABLE database_schema");
        }

        await database.PrepareAsync(CancellationToken.None);

        Assert.NotNull(await SchemaScripts.StandingAsync(database, CancellationToken.None));
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
