using Akka.Configuration;
using Akka.Persistence.Sql;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Journal;

namespace Recorder.Cluster.Hosting;

/// <summary>Akka.Persistence.Sql over its documented HOCON, since its Hosting package is not served.</summary>
internal static class JournalConfiguration
{
    /// <summary>The configuration of journal, snapshot store and query for what the options name.</summary>
    public static Config Of(DatabaseOptions database) =>
        database.ConnectionString.Length > 0
            ? Of(PostgresConnection.Of(database), "PostgreSQL.15", database.Patience, "")
            : Sqlite(database.File, database.Patience);

    /// <summary>The configuration of journal, snapshot store and query for a SQLite file.</summary>
    public static Config Sqlite(string file, TimeSpan patience) =>
        Of(
            new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString(),
            "SQLite.MS",
            patience,
            // SQLite has one writer at a time. A second one is not queued but tries again every 150 ms, on a blocked
            // thread.
            "akka.persistence.journal.sql.parallelism = 1"
        );

    private static Config Of(string connection, string provider, TimeSpan patience, string more)
    {
        var database = $"connection-string = {Quote(connection)}, provider-name = {Quote(provider)}";
        return ConfigurationFactory
            .ParseString(
                FormattableString.Invariant(
                    $$"""
                    akka.persistence {
                      journal {
                        plugin = "akka.persistence.journal.sql"
                        sql {
                          class = {{Quote(typeof(PatientJournal).AssemblyQualifiedName!)}}
                          {{database}}
                          patience = {{patience.TotalMilliseconds}}ms

                          # Events carry the name of the process that wrote them, and by default those of a process that had written before another one
                          # are left out of a recovery: all that a session did on the node it came back to. The index over id and number keeps
                          # two writers apart, so there is nothing to repair.
                          replay-filter.mode = off

                          # Our own patience ends a write; an open breaker would fail those of running recordings.
                          circuit-breaker { max-failures = 1000000000, call-timeout = {{patience.TotalMilliseconds
                        + 60_000}}ms }
                        }
                      }
                      snapshot-store {
                        plugin = "akka.persistence.snapshot-store.sql"
                        sql {
                          {{database}}

                          # Recoveries that failed while the database was away are tried again with a back-off: no need to be kept from it.
                          circuit-breaker.reset-timeout = 1s
                        }
                      }
                      query.journal.sql { {{database}} }
                    }
                    {{more}}
                    """
                )
            )
            .WithFallback(SqlPersistence.DefaultConfiguration);
    }

    /// <summary>
    /// Makes the file and puts it into WAL mode, which it keeps: a writer then does not wait for readers, and a killed
    /// process leaves nothing half written. Finds out whether it can be written, so that a node says so before it
    /// starts.
    /// </summary>
    /// <exception cref="DatabaseUnusableException">The file cannot be made, opened or written, or is no
    /// database.</exception>
    public static async Task PrepareSqliteAsync(string file, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            MakePrivate(file);
            var settings = new SqliteConnectionStringBuilder
            {
                DataSource = file,
                Pooling = false,
                DefaultTimeout = 10,
            };
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
                cause
            );
        }
    }

    /// <summary>
    /// Events hold addresses of meetings and stream keys. SQLite gives the files beside a database the mode of the
    /// database; those of earlier versions were made readable for all.
    /// </summary>
    private static void MakePrivate(string file)
    {
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (!File.Exists(file))
        {
            using (
                new FileStream(
                    file,
                    new FileStreamOptions
                    {
                        Mode = FileMode.CreateNew,
                        Access = FileAccess.Write,
                        UnixCreateMode = mode,
                    }
                )
            )
            {
                // An empty file is an empty database.
            }
        }

        foreach (var part in new[] { file, file + "-wal", file + "-shm", file + "-journal" }.Where(File.Exists))
        {
            try
            {
                File.SetUnixFileMode(part, mode);
            }
            catch (Exception error) when (error is UnauthorizedAccessException or IOException)
            {
                // Another user's, who lets this one write; gone since, as SQLite's own parts are when the last one
                // closes the database; or on a file system without modes. Whether the database can be used is found out
                // next.
            }
        }
    }

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
