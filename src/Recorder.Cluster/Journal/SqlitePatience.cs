using System.Data.Common;
using Akka.Actor.Setup;
using Akka.Persistence.Sql.Config;
using LinqToDB;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Database;

namespace Recorder.Cluster.Journal;

/// <summary>
/// Has the journal's connections to SQLite wait for another writer in SQLite's own way, which looks again after a
/// millisecond. The ADO.NET provider's way looks again after 150 ms: a start that meets the write of a snapshot would
/// take twice as long.
/// </summary>
internal sealed class SqlitePatience : ConnectionInterceptor
{
    private SqlitePatience() { }

    /// <summary>What an actor system is set up with, whose journal is a SQLite file.</summary>
    /// <param name="file">The file.</param>
    public static Setup SetupFor(string file) => new DataOptionsSetup(OptionsFor(file));

    /// <summary>How the journal opens a file.</summary>
    internal static DataOptions OptionsFor(string file) =>
        new DataOptions()
            .UseConnectionString(ProviderName.SQLiteMS, SqliteFile.ConnectionStringOf(file))
            .UseInterceptor(new SqlitePatience());

    /// <inheritdoc />
    public override void ConnectionOpened(ConnectionEventData eventData, DbConnection connection) =>
        SqliteFile.BePatient((SqliteConnection)connection);

    /// <inheritdoc />
    public override Task ConnectionOpenedAsync(
        ConnectionEventData eventData,
        DbConnection connection,
        CancellationToken cancellationToken
    )
    {
        SqliteFile.BePatient((SqliteConnection)connection);
        return Task.CompletedTask;
    }
}
