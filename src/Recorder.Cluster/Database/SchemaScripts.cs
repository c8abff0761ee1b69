using System.Data.Common;
using System.Globalization;
using System.Reflection;
using Dapper;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;
using DbUp.Engine.Transactions;
using DbUp.Postgresql;
using DbUp.Sqlite;
using DbUp.Support;
using Microsoft.Data.Sqlite;
using Npgsql;
using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Database;

/// <summary>
/// Brings a database to the form of this build, by the SQL scripts in <c>Scripts</c>. A script that has once been
/// published never changes. All scripts of one start run in one transaction, so a start that dies leaves the database
/// as it was. DbUp runs the scripts and keeps which of them have run in the table <see cref="JournalTable"/>.
/// </summary>
internal static class SchemaScripts
{
    /// <summary>The table of the scripts that have run.</summary>
    public const string JournalTable = "schema_script";

    /// <summary>The lock of a farm's preparations, within one PostgreSQL database: "recorder" in ASCII.</summary>
    private const long AdvisoryLock = 0x7265_636f_7264_6572;

    private const int LockLimitSeconds = 60;

    /// <summary>How long a script may take. A script may write each row of a long history anew, for which the time of
    /// an ordinary command is too short.</summary>
    private static readonly TimeSpan LongestScript = TimeSpan.FromHours(1);

    /// <summary>SQLITE_ERROR: a statement does not fit the tables.</summary>
    private const int SqliteLogicError = 1;

    /// <summary>Runs the scripts that have not run yet, and refuses a database that this build does not
    /// understand.</summary>
    /// <exception cref="DatabaseUnusableException">The database needs a newer build, or a script has
    /// failed.</exception>
    public static async Task RunAsync(FarmDatabase database, CancellationToken cancellation)
    {
        try
        {
            if (database.Kind == DatabaseKind.Postgres)
            {
                await using var gate = await database.OpenAsync(cancellation);
                // A lock of a transaction also holds behind a pooler that gives each transaction another session.
                await using var held = await gate.BeginTransactionAsync(cancellation);
                await gate.ExecuteAsync(
                    "SELECT pg_advisory_xact_lock(@lock)",
                    new { @lock = AdvisoryLock },
                    held,
                    LockLimitSeconds
                );
                await RunLockedAsync(
                    database,
                    new PostgresqlConnectionManager(database.Postgres),
                    "postgres",
                    cancellation
                );
            }
            else
            {
                // SQLite lets one transaction write at a time.
                await RunLockedAsync(
                    database,
                    new SqliteConnectionManager(SqliteFile.ConnectionStringOf(database.Options.File)),
                    "sqlite",
                    cancellation
                );
            }
        }
        catch (SqliteException error) when (error.SqliteErrorCode == SqliteLogicError)
        {
            throw Unfit(database, error, error.Message);
        }
        catch (SqliteException error)
        {
            throw SqliteFile.Unusable(database.Place, error);
        }
        catch (PostgresException error)
        {
            throw Unfit(database, error, error.MessageText, error.IsTransient);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            throw new DatabaseUnusableException(
                $"The database {database.Place} cannot be used: {(error.InnerException ?? error).Message.TrimEnd('.')}.",
                error
            )
            {
                MayPass = true,
            };
        }
    }

    /// <summary>A script has failed. Its tables are there in part, or are another program's: the recorder's own scripts
    /// leave all or nothing.</summary>
    private static DatabaseUnusableException Unfit(
        FarmDatabase database,
        DbException error,
        string message,
        bool mayPass = false
    ) =>
        new(
            $"The tables of the database {database.Place} cannot be brought to this version: {message.TrimEnd('.')}. "
                + "Nothing was changed. If the database holds only a part of the recorder's tables, as after a restore that broke off, "
                + "restore its backup as a whole. If the tables are another program's, give the recorder a database of its own.",
            error
        )
        {
            MayPass = mayPass,
        };

    /// <summary>What the database says of its form; null when it is new or older than this table.</summary>
    public static async Task<SchemaStanding?> StandingAsync(FarmDatabase database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var there = await connection.ExecuteScalarAsync<bool>(
            database.Kind == DatabaseKind.Postgres
                ? "SELECT to_regclass('database_schema') IS NOT NULL"
                : "SELECT EXISTS(SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'database_schema')"
        );
        if (!there)
        {
            return null;
        }
        var row = await connection.QuerySingleOrDefaultAsync<(int Version, int LeastReader, string Build)?>(
            "SELECT version, least_reader, build FROM database_schema"
        );
        return row is { } found ? new SchemaStanding(found.Version, found.LeastReader, found.Build) : null;
    }

    private static async Task RunLockedAsync(
        FarmDatabase database,
        IConnectionManager connections,
        string dialect,
        CancellationToken cancellation
    )
    {
        if (
            await StandingAsync(database, cancellation) is { } standing
            && standing.WhyRefused(database.Place, database.Reader, FarmNames.Version) is { } refused
        )
        {
            throw new DatabaseUnusableException(refused);
        }
        var prefix = $"{typeof(SchemaScripts).Namespace}.Scripts.{dialect}.";
        var scripts = Scripts(prefix);
        var builder =
            dialect == "postgres"
                ? DeployChanges.To.PostgresqlDatabase(connections).JournalToPostgresqlTable(null, JournalTable)
                : Sqlite(connections);
        var engine = builder
            .WithScripts(scripts)
            .WithScript(
                "standing",
                StandingScript(VersionOf(scripts[^1].Name)),
                new SqlScriptOptions { ScriptType = ScriptType.RunAlways, RunGroupOrder = int.MaxValue }
            )
            .WithVariablesDisabled()
            .WithTransaction()
            .WithExecutionTimeout(LongestScript)
            .LogToNowhere()
            .Build();

        // DbUp knows no asynchronous calls. This runs once, before the node starts.
        var result = await Task.Run(engine.PerformUpgrade, cancellation);
        if (!result.Successful)
        {
            throw result.Error;
        }
    }

    private static UpgradeEngineBuilder Sqlite(IConnectionManager connections)
    {
        var builder = new UpgradeEngineBuilder();
        builder.Configure(all => all.ConnectionManager = connections);
        builder.Configure(all =>
            all.ScriptExecutor = new SqliteScriptExecutor(
                () => all.ConnectionManager,
                () => all.Log,
                null,
                () => all.VariablesEnabled,
                all.ScriptPreprocessors,
                () => all.Journal
            )
        );
        builder.Configure(all =>
            all.Journal = new SqliteTableJournal(() => all.ConnectionManager, () => all.Log, JournalTable)
        );
        return builder;
    }

    private static SqlScript[] Scripts(string prefix)
    {
        var assembly = typeof(SchemaScripts).Assembly;
        return
        [
            .. assembly
                .GetManifestResourceNames()
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => new SqlScript(name[prefix.Length..], Read(assembly, name))),
        ];
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static int VersionOf(string script) => int.Parse(script.Split('-')[0], CultureInfo.InvariantCulture);

    private static string StandingScript(int version) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            INSERT INTO database_schema (one, version, least_reader, build)
            VALUES (1, {version}, 1, '{FarmNames.Version}')
            ON CONFLICT (one) DO UPDATE SET version = excluded.version WHERE database_schema.version < excluded.version
            """
        );
}
