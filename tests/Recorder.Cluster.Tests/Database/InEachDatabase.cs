using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Tests.Journal;

namespace Recorder.Cluster.Tests.Database;

/// <summary>The base of tests of tables that run in each kind of database.</summary>
public abstract class InEachDatabase(TestPostgres postgres) : IClassFixture<TestPostgres>, IDisposable
{
    private readonly TestDatabases _databases = new(postgres);

    public virtual void Dispose()
    {
        _databases.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected FarmDatabase Open(DatabaseKind kind) => _databases.Open(kind);

    private protected Task<FarmDatabase> PreparedAsync(DatabaseKind kind) => _databases.PreparedAsync(kind);
}

/// <summary>A database of each kind for one test.</summary>
internal sealed class TestDatabases(TestPostgres postgres) : IDisposable
{
    private static readonly string[] Tables =
    [
        "sessions",
        "records",
        "gaps",
        "faults",
        "labels",
        "projections",
        "journal",
        "events",
        "event_streams",
        "webhooks",
        "webhook_deliveries",
        "idempotency_keys",
    ];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>One more node's way to the database of the test.</summary>
    public FarmDatabase Open(DatabaseKind kind) =>
        new(
            kind == DatabaseKind.Sqlite
                ? new DatabaseOptions { File = _folder.Database }
                : new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port) }
        );

    /// <summary>A database with empty tables. On SQLite, Akka makes the table of the journal; here the table has only
    /// the columns that the read model looks at.</summary>
    public async Task<FarmDatabase> PreparedAsync(DatabaseKind kind)
    {
        var database = Open(kind);
        await database.PrepareAsync(CancellationToken.None);
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS journal (ordering INTEGER, persistence_id TEXT, sequence_number INTEGER);"
                + string.Concat(Tables.Select(table => $"DELETE FROM {table};"))
                + "UPDATE event_feed SET position = 0, deleted_to = 0"
        );
        return database;
    }
}
