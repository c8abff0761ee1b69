using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Recorder.Cluster.Database;

/// <summary>The SQLite file of a farm of one: how the file is opened, and how the file is made ready.</summary>
internal static class SqliteFile
{
    private static readonly TimeSpan WriterLimit = TimeSpan.FromSeconds(5);

    /// <summary>The connection string of a file, for connections that wait 30 s for another writer.</summary>
    public static string ConnectionStringOf(string file) =>
        new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString();

    /// <summary>Has an open connection wait for another writer in SQLite's own way, which looks again after a
    /// millisecond. After <see cref="WriterLimit"/> the provider's own wait follows, which looks again after 150
    /// ms.</summary>
    public static void BePatient(SqliteConnection connection) =>
        raw.sqlite3_busy_timeout(connection.Handle, (int)WriterLimit.TotalMilliseconds);

    /// <summary>Has an open connection overwrite what it changes or deletes. Otherwise SQLite leaves the bytes in the
    /// file, where a stream key would stay after it was erased.</summary>
    public static void BeThorough(SqliteConnection connection) =>
        raw.sqlite3_exec(connection.Handle, "PRAGMA secure_delete = ON");

    /// <summary>
    /// Makes the file and switches it to WAL mode, which stays set. In this mode a writer does not wait for readers,
    /// and a killed process leaves nothing half written. Also checks that the file is writable, so that a node
    /// reports a problem before it starts.
    /// </summary>
    /// <exception cref="DatabaseUnusableException">The file cannot be made, opened or written, or is no
    /// database.</exception>
    public static async Task PrepareAsync(string file, CancellationToken cancellation)
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
            throw Unusable(file, cause);
        }
    }

    /// <summary>A file that cannot be used, and what to do.</summary>
    public static DatabaseUnusableException Unusable(string file, Exception cause) =>
        new(
            $"The database {file} cannot be used ({cause.Message.TrimEnd('.')}); make it writable, move it away, or set Recorder:Database:File to another file.",
            cause
        );

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
            try
            {
                // CreateNew never opens a file that is there: closing such a file would drop the locks that SQLite
                // holds on the file in this process. An empty file is an empty database.
                new FileStream(
                    file,
                    new FileStreamOptions
                    {
                        Mode = FileMode.CreateNew,
                        Access = FileAccess.Write,
                        UnixCreateMode = mode,
                    }
                ).Dispose();
            }
            catch (IOException) when (File.Exists(file))
            {
                // Another process made the file since the look; the other process gave the file the same mode.
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
}
