using Akka.Configuration;
using Akka.Persistence.Sql;

using Microsoft.Data.Sqlite;

namespace Recorder.Cluster.Hosting;

/// <summary>Akka.Persistence.Sql over its documented HOCON, since its Hosting package is not served.</summary>
internal static class JournalConfiguration
{
    /// <summary>The configuration of journal, snapshot store and query for a SQLite file.</summary>
    public static Config Sqlite(string file)
    {
        var connection = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString();
        var settings = ConfigurationFactory.ParseString($$"""
            akka.persistence {
              journal {
                plugin = "akka.persistence.journal.sql"
                sql {
                  connection-string = {{Quote(connection)}}
                  provider-name = "SQLite.MS"

                  # SQLite has one writer at a time. A second one is not queued but tries again every 150 ms, on a blocked thread.
                  parallelism = 1
                }
              }
              snapshot-store {
                plugin = "akka.persistence.snapshot-store.sql"
                sql { connection-string = {{Quote(connection)}}, provider-name = "SQLite.MS" }
              }
              query.journal.sql { connection-string = {{Quote(connection)}}, provider-name = "SQLite.MS" }
            }
            """);
        return settings.WithFallback(SqlPersistence.DefaultConfiguration);
    }

    /// <summary>
    /// Makes the file and puts it into WAL mode, which it keeps: a writer then does not wait for readers, and a killed
    /// process leaves nothing half written. Finds out whether it can be written, so that a node says so before it starts.
    /// </summary>
    /// <exception cref="DatabaseUnusableException">The file cannot be made, opened or written, or is no database.</exception>
    public static async Task PrepareSqliteAsync(string file, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            var settings = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 10 };
            await using var connection = new SqliteConnection(settings.ToString());
            await connection.OpenAsync(cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL";
            await command.ExecuteScalarAsync(cancellation);
            command.CommandText = "BEGIN IMMEDIATE; CREATE TABLE writable(one INTEGER); ROLLBACK";
            await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (Exception cause) when (cause is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new DatabaseUnusableException(
                $"The database {file} cannot be used ({cause.Message.TrimEnd('.')}); make it writable, move it away, or set Recorder:Database:File to another file.",
                cause);
        }
    }

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
