using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Recorder.Cluster.Hosting;

namespace Recorder.Cluster.Database;

#pragma warning disable CS1591
public enum DatabaseKind { Sqlite, Postgres }

public sealed class FarmDatabase(DatabaseKind kind, string connection)
{
    public DatabaseKind Kind => kind;

    public async Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        DbConnection made = kind == DatabaseKind.Sqlite ? new SqliteConnection(connection) : new NpgsqlConnection(connection);
        await made.OpenAsync(cancellation);
        return made;
    }
}
