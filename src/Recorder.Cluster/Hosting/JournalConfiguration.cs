using Akka.Configuration;
using Akka.Persistence.Sql;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Journal;

namespace Recorder.Cluster.Hosting;

/// <summary>Configures Akka.Persistence.Sql by its documented HOCON, because its Hosting package is not
/// available.</summary>
internal static class JournalConfiguration
{
    /// <summary>The configuration of journal, snapshot store and query for the database in the options.</summary>
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
            // SQLite has one writer at a time. A second writer is not queued; it retries every 150 ms on a blocked
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
                          # A snapshot of a long list may take long to write and to read; a recovery that failed for this
                          # would fail again for ever.
                          circuit-breaker { reset-timeout = 1s, call-timeout = 5m }
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
    /// Makes the file and switches it to WAL mode, which stays set. In this mode a writer does not wait for readers,
    /// and a killed process leaves nothing half written. Also checks that the file is writable, so that a node
    /// reports a problem before it starts.
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
    /// Gives the database files a private mode, because events hold addresses of meetings and stream keys. SQLite
    /// gives the files beside a database the mode of the database. Earlier versions made these files readable for
    /// all.
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
                // The mode cannot be set in three cases. Another user owns the file but lets this user write. The
                // file is gone, as SQLite's own parts are after the last process closes the database. Or the file
                // system has no modes. The next step finds out whether the database can be used.
            }
        }
    }

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
