using Akka.Configuration;
using Akka.Persistence.Sql;
using Recorder.Cluster.Database;
using Recorder.Cluster.Journal;

namespace Recorder.Cluster.Hosting;

/// <summary>Configures Akka.Persistence.Sql by its documented HOCON, because its Hosting package is not
/// available.</summary>
internal static class JournalConfiguration
{
    /// <summary>The configuration of journal, snapshot store and query for the database in the options.</summary>
    /// <param name="database">The options.</param>
    /// <param name="stamp">What the connections tell the database of their node.</param>
    public static Config Of(DatabaseOptions database, string stamp = "") =>
        database.ConnectionString.Length > 0
            ? Of(PostgresConnection.ForJournal(database, stamp), "PostgreSQL.15", database.Patience, "")
            : Sqlite(database.File, database.Patience);

    /// <summary>The configuration of journal, snapshot store and query for a SQLite file.</summary>
    public static Config Sqlite(string file, TimeSpan patience) =>
        Of(
            SqliteFile.ConnectionStringOf(file),
            "SQLite.MS",
            patience,
            // SQLite has one writer at a time. A second writer is not queued; it tries again on a blocked thread.
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

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
