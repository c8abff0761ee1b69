using System.Data.Common;
using System.Net.Sockets;
using Npgsql;
using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Database;

/// <summary>The PostgreSQL that the nodes of a farm share: builds its connection string, and checks that it can be
/// used.</summary>
internal static class PostgresConnection
{
    /// <summary>The setting of a session of PostgreSQL that names the node and its epoch.</summary>
    public const string LeaseSetting = "recorder.lease";

    private const int MostJournalConnections = 16;

    /// <summary>Whether Npgsql understands a connection string, and the string names a host.</summary>
    public static bool CanRead(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString).Host is { Length: > 0 };
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>
    /// The connection string in use, with the password from the file. Where the caller's string has no limits, limits
    /// are added with which the loss of the database is noticed within seconds.
    /// </summary>
    /// <exception cref="DatabaseUnusableException">The password file cannot be read.</exception>
    public static string Of(DatabaseOptions database)
    {
        var given = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        if (database.PasswordFile.Length > 0)
        {
            given.Password = PasswordIn(database.PasswordFile);
        }
        if (!given.ContainsKey("Timeout"))
        {
            given.Timeout = 5;
        }
        if (!given.ContainsKey("Command Timeout"))
        {
            given.CommandTimeout = 10;
        }
        if (!given.ContainsKey("Keepalive"))
        {
            given.KeepAlive = 10;
        }
        if (!given.ContainsKey("Application Name"))
        {
            given.ApplicationName = FarmNames.SystemName;
        }
        if (!SaysHowToEncrypt(database.ConnectionString) && PostgresTls.LeavesThisMachine(given))
        {
            given.SslMode = SslMode.VerifyFull;
        }
        return given.ToString();
    }

    /// <summary>Whether a connection string says itself whether connections are encrypted.</summary>
    private static bool SaysHowToEncrypt(string connectionString) =>
        new DbConnectionStringBuilder { ConnectionString = connectionString } is var given
        && (given.ContainsKey("SSL Mode") || given.ContainsKey("SslMode"));

    /// <summary>The name of a database for people, without a password.</summary>
    public static string PlaceOf(string connectionString)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        return $"{given.Database ?? given.Username} on {given.Host}:{given.Port}";
    }

    /// <summary>The connection string of a node's journal. Its sessions carry the setting <c>recorder.lease</c>, by
    /// which the database refuses a node that was given up. A farm has many nodes, so each has few
    /// connections.</summary>
    /// <param name="database">The options.</param>
    /// <param name="stamp">The node's id and epoch.</param>
    public static string ForJournal(DatabaseOptions database, string stamp)
    {
        var given = new NpgsqlConnectionStringBuilder(Of(database));
        if (stamp.Length > 0)
        {
            given.Options = $"{given.Options} -c {LeaseSetting}={stamp}".TrimStart();
        }
        given.MaxPoolSize = Math.Min(given.MaxPoolSize, MostJournalConnections);
        given.MinPoolSize = Math.Min(given.MinPoolSize, given.MaxPoolSize);
        return given.ToString();
    }

    /// <summary>Checks that the database can be used with these credentials, so that a node reports a problem before
    /// it starts.</summary>
    /// <exception cref="DatabaseUnusableException">The database cannot be used; the message says why and what to
    /// do.</exception>
    public static async Task PrepareAsync(DatabaseOptions database, CancellationToken cancellation)
    {
        var given = new NpgsqlConnectionStringBuilder(ForJournal(database, "start:0")) { Pooling = false };
        var place = $"The database {PlaceOf(database.ConnectionString)}";
        try
        {
            await using var connection = new NpgsqlConnection(given.ToString());
            await connection.OpenAsync(cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT has_schema_privilege(current_schema(), 'CREATE')";
            if (await command.ExecuteScalarAsync(cancellation) is not true)
            {
                throw new DatabaseUnusableException(
                    $"{place}: the user {given.Username} may not make tables there; GRANT CREATE ON SCHEMA public TO {given.Username}, or make it the database's owner."
                );
            }
            if (await WhyReadOnlyAsync(command, given, cancellation) is { } why)
            {
                throw new DatabaseUnusableException($"{place} {why}") { MayPass = true };
            }
        }
        catch (PostgresException error)
            when (error.SqlState
                    is PostgresErrorCodes.InvalidPassword
                        or PostgresErrorCodes.InvalidAuthorizationSpecification
            )
        {
            throw new DatabaseUnusableException(
                $"{place} does not let the user {given.Username} in ({error.MessageText}); correct user or password in Database:ConnectionString, Database:PasswordFile or PGPASSWORD.",
                error
            );
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            throw new DatabaseUnusableException(
                $"{place} does not exist; createdb --owner {given.Username} {given.Database} makes it.",
                error
            );
        }
        catch (NpgsqlException error) when (PostgresTls.IsAtFault(given, error))
        {
            var why = await PostgresTls.WhyNotTrustedAsync(given, error, TimeProvider.System.GetUtcNow(), cancellation);
            throw new DatabaseUnusableException($"{place} {why}", error);
        }
        catch (Exception error) when (error is NpgsqlException or SocketException or TimeoutException)
        {
            throw new DatabaseUnusableException(
                $"{place} cannot be used: {(error.InnerException ?? error).Message.TrimEnd('.')}.",
                error
            )
            {
                MayPass = true,
            };
        }
    }

    /// <summary>Why the database takes no writes, with the way out; null when it does. Both reasons can pass: a standby
    /// is promoted, and a service that ran out of disk is given more.</summary>
    private static async Task<string?> WhyReadOnlyAsync(
        NpgsqlCommand command,
        NpgsqlConnectionStringBuilder given,
        CancellationToken cancellation
    )
    {
        command.CommandText = "SELECT pg_is_in_recovery()";
        if (await command.ExecuteScalarAsync(cancellation) is true)
        {
            return "is a standby, which takes no writes. Promote the standby, or name the primary in "
                + "Database:ConnectionString.";
        }
        command.CommandText = "SHOW transaction_read_only";
        return await command.ExecuteScalarAsync(cancellation) is "on"
            ? $"is read-only: default_transaction_read_only is on, for the server, the database or the user {given.Username}. "
                + "Find out who made it so, and allow writes again. From another database of the server, this is for example "
                + $"ALTER DATABASE {given.Database} RESET default_transaction_read_only."
            : null;
    }

    private static string PasswordIn(string file)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault()?.Trim() ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseUnusableException(
                $"The file {file} of Database:PasswordFile cannot be read: {error.Message}",
                error
            );
        }
    }
}
