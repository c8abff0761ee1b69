using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Database;

/// <summary>
/// The database of this node's farm. Each node has one of these, opened by the host. The journal of Akka has
/// connections of its own to the same database.
/// </summary>
public sealed class FarmDatabase : IAsyncDisposable
{
    /// <summary>How many connections a node holds at most besides those of its journal. A farm has many nodes, and a
    /// server has some hundred connections.</summary>
    private const int MostConnections = 8;

    private readonly Lazy<NpgsqlDataSource> _postgres;
    private readonly Lazy<NpgsqlDataSource> _forLease;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="options">Names the file or the server.</param>
    public FarmDatabase(DatabaseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        Kind = options.ConnectionString.Length > 0 ? DatabaseKind.Postgres : DatabaseKind.Sqlite;
        _postgres = new Lazy<NpgsqlDataSource>(() =>
            NpgsqlDataSource.Create(Pooled(PostgresConnection.Of(options), MostConnections))
        );

        // A renewal that has no answer ends at once, and asks for no cancellation over the same lost way.
        _forLease = new Lazy<NpgsqlDataSource>(() =>
            NpgsqlDataSource.Create(
                new NpgsqlConnectionStringBuilder(Pooled(PostgresConnection.Of(options), 2))
                {
                    CancellationTimeout = -1,
                }.ToString()
            )
        );
    }

    /// <summary>Which database this is, for SQL that differs.</summary>
    public DatabaseKind Kind { get; }

    internal DatabaseOptions Options { get; }

    /// <summary>The protocol that this build speaks: a database that needs more is refused. Tests put several builds
    /// into one process.</summary>
    internal int Reader { get; init; } = WireProtocol.OfThisBuild.Speaks;

    /// <summary>The least protocol that a reader of this database must speak, as found by
    /// <see cref="PrepareAsync"/>.</summary>
    internal int LeastReader { get; private set; } = 1;

    /// <summary>Keeps in the database that a reader must speak a protocol from now on. Earlier builds refuse the
    /// database at their next start.</summary>
    /// <param name="protocol">The protocol; one that the database needs already changes nothing.</param>
    /// <param name="cancellation">Ends the wait for the database.</param>
    /// <exception cref="DbException">The database cannot be reached.</exception>
    internal async Task RaiseLeastReaderAsync(int protocol, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "UPDATE database_schema SET least_reader = @protocol, build = @build WHERE least_reader < @protocol",
                new { protocol, build = FarmNames.Version },
                cancellationToken: cancellation
            )
        );
    }

    /// <summary>The name of the database for people, without a password: a file, or "recorder on
    /// db.example.org:5432".</summary>
    public string Place =>
        Kind == DatabaseKind.Postgres ? PostgresConnection.PlaceOf(Options.ConnectionString) : Options.File;

    /// <summary>An open connection from the pool. Dispose it to give it back.</summary>
    /// <param name="cancellation">Ends the wait for a connection.</param>
    /// <exception cref="DbException">The database cannot be reached, or all connections are in use for too
    /// long.</exception>
    public async Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        if (Kind == DatabaseKind.Postgres)
        {
            return await _postgres.Value.OpenConnectionAsync(cancellation);
        }
        var connection = new SqliteConnection(SqliteFile.ConnectionStringOf(Options.File));
        try
        {
            await connection.OpenAsync(cancellation);
            SqliteFile.BePatient(connection);
            SqliteFile.BeThorough(connection);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>An open connection for renewals, which wait for nobody else's.</summary>
    internal async Task<DbConnection> OpenForLeaseAsync(CancellationToken cancellation) =>
        Kind == DatabaseKind.Postgres
            ? await _forLease.Value.OpenConnectionAsync(cancellation)
            : await OpenAsync(cancellation);

    /// <summary>Makes the database ready: checks that this node may use the database, and brings the tables to this
    /// build's version. Await this before the actor system starts. Several nodes may do so at the same
    /// time.</summary>
    /// <param name="cancellation">Ends the preparation.</param>
    /// <exception cref="DatabaseUnusableException">The database cannot be used; the message says what to
    /// do.</exception>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        if (Kind == DatabaseKind.Postgres)
        {
            await PostgresConnection.PrepareAsync(Options, cancellation);
        }
        else
        {
            await SqliteFile.PrepareAsync(Options.File, cancellation);
        }
        await SchemaScripts.RunAsync(this, cancellation);
        LeastReader = (await SchemaScripts.StandingAsync(this, cancellation))?.LeastReader ?? 1;
    }

    /// <summary>The source of PostgreSQL's connections.</summary>
    internal NpgsqlDataSource Postgres => _postgres.Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var pool in new[] { _postgres, _forLease }.Where(pool => pool.IsValueCreated))
        {
            await pool.Value.DisposeAsync();
        }
        if (Kind == DatabaseKind.Sqlite)
        {
            // An idle connection would keep the file from others, such as a tool that changes the file's mode.
            await using var pooled = new SqliteConnection(SqliteFile.ConnectionStringOf(Options.File));
            SqliteConnection.ClearPool(pooled);
        }
    }

    private static string Pooled(string connection, int most)
    {
        var given = new NpgsqlConnectionStringBuilder(connection);
        given.MaxPoolSize = Math.Min(given.MaxPoolSize, most);
        given.MinPoolSize = Math.Min(given.MinPoolSize, given.MaxPoolSize);
        return given.ToString();
    }
}
