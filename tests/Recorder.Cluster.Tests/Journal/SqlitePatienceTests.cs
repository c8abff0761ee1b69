using LinqToDB.Data;
using Recorder.Cluster.Database;
using Recorder.Cluster.Journal;

namespace Recorder.Cluster.Tests.Journal;

/// <summary>Connections to SQLite wait for another writer in SQLite's own way, not in steps of 150 ms.</summary>
public sealed class SqlitePatienceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_journal_s_connections_and_those_of_the_tables_wait_in_SQLite()
    {
        await SqliteFile.PrepareAsync(_folder.Database, CancellationToken.None);
        await using var journal = new DataConnection(SqlitePatience.OptionsFor(_folder.Database));
        Assert.Equal(5_000, await journal.ExecuteAsync<long>("PRAGMA busy_timeout"));

        await using var database = new FarmDatabase(new DatabaseOptions { File = _folder.Database });
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout";
        Assert.Equal(5_000L, await command.ExecuteScalarAsync());
    }
}
