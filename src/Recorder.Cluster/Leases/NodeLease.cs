using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Journal;

namespace Recorder.Cluster.Leases;

/// <summary>The lease of this node: its row in the database. Each renewal also shows that the way to the database is
/// there. Safe to use from several threads.</summary>
/// <param name="database">The farm's database.</param>
/// <param name="id">The node's id, from its data folder.</param>
/// <param name="dataFolder">The data folder, of which this process holds the lock.</param>
/// <param name="clock">The node's clock.</param>
public sealed class NodeLease(FarmDatabase database, string id, string dataFolder, TimeProvider clock)
{
    private const string Columns = "id, address, epoch, life, place, in_farm AS InFarm, renewals";

    private readonly LeaseFile _file = new(dataFolder);
    private readonly string _life = Guid.NewGuid().ToString("n");

    /// <summary>The node's id.</summary>
    public string Id => id;

    /// <summary>The epoch of this life, once registered. Events of this node carry it.</summary>
    public long Epoch { get; private set; }

    /// <summary>The farm's id, once registered.</summary>
    public string Farm { get; private set; } = "";

    /// <summary>What the journal's connections tell the database of their node.</summary>
    internal string Stamp => FormattableString.Invariant($"{id}:{Epoch}");

    internal LeaseTimes Times { get; set; } = new();

    /// <summary>The database, for people.</summary>
    internal string Place => database.Place;

    internal FarmDatabase Database => database;

    private string Now =>
        database.Kind == DatabaseKind.Postgres
            ? "(extract(epoch from clock_timestamp()) * 1000)::bigint"
            : "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

    /// <summary>
    /// Takes the node's row. Await this after the database is prepared and before the actor system starts. A row that
    /// a living process may hold is watched for the length of a lease first.
    /// </summary>
    /// <param name="address">The node's address as host:port, or null when the system chooses the port.</param>
    /// <param name="alone">Whether the node is a farm of one.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="DatabaseUnusableException">The node must not start; the message says why and what to do.
    /// </exception>
    public async Task RegisterAsync(string? address, bool alone, CancellationToken cancellation)
    {
        var watch = LeaseWatch.Empty;
        while (true)
        {
            try
            {
                if (await TryRegisterAsync(address, alone, watch, cancellation) is not { } next)
                {
                    return;
                }
                watch = next;
            }
            catch (DbException error)
            {
                throw new DatabaseUnusableException(
                    $"The lease of this node cannot be written to the database {database.Place}: {error.Message.TrimEnd('.')}.",
                    error
                )
                {
                    MayPass = JournalFaults.Of(error) == JournalFault.Away,
                };
            }
            await Task.Delay(TimeSpan.FromMilliseconds(500), clock, cancellation);
        }
    }

    /// <summary>Renews the lease.</summary>
    /// <param name="address">The node's address as host:port.</param>
    /// <param name="incarnation">Akka's number of this life.</param>
    /// <param name="inFarm">Whether the node is in a farm.</param>
    /// <param name="cancellation">Ends the try.</param>
    /// <returns>Whether the lease still is this node's. False means that the farm has given the node up.</returns>
    /// <exception cref="DbException">The database cannot be asked.</exception>
    internal async Task<bool> RenewAsync(
        string address,
        long incarnation,
        bool inFarm,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenForLeaseAsync(cancellation);
        var renewed = await connection.ExecuteAsync(
            new CommandDefinition(
                $"""
                UPDATE node
                SET lease_until = {Now} + @length, renewals = renewals + 1, address = @address,
                    incarnation = @incarnation, in_farm = CASE WHEN @inFarm = 1 THEN 1 ELSE in_farm END
                WHERE id = @id AND life = @life AND epoch = @epoch
                """,
                new
                {
                    length = (long)Times.Length.TotalMilliseconds,
                    address,
                    incarnation,
                    inFarm = inFarm ? 1 : 0,
                    id,
                    life = _life,
                    epoch = Epoch,
                },
                cancellationToken: cancellation
            )
        );
        if (renewed == 1)
        {
            return true;
        }
        var restored = await RestoreAsync(connection, address, incarnation, inFarm, cancellation);
        Restored += restored ? 1 : 0;
        return restored;
    }

    /// <summary>How often the node's row was written again because the database had lost its last writes.</summary>
    internal int Restored { get; private set; }

    /// <summary>
    /// Writes the node's row again where the database has an older one or none: a standby without the last writes took
    /// over, or a backup was restored. Such a database has not given the node up.
    /// </summary>
    /// <returns>Whether the row is this node's again.</returns>
    private async Task<bool> RestoreAsync(
        DbConnection connection,
        string address,
        long incarnation,
        bool inFarm,
        CancellationToken cancellation
    ) =>
        await connection.ExecuteAsync(
            new CommandDefinition(
                $"""
                INSERT INTO node
                    (id, address, epoch, life, place, incarnation, in_farm, lease_until, renewals, build)
                VALUES
                    (@id, @address, @epoch, @life, @place, @incarnation, @inFarm, {Now} + @length, 0, @build)
                ON CONFLICT (id) DO UPDATE
                SET address = excluded.address, epoch = excluded.epoch, life = excluded.life, place = excluded.place,
                    incarnation = excluded.incarnation, in_farm = excluded.in_farm,
                    lease_until = excluded.lease_until, renewals = node.renewals + 1, build = excluded.build
                WHERE node.epoch < excluded.epoch
                """,
                new
                {
                    id,
                    address,
                    epoch = Epoch,
                    life = _life,
                    place = PlaceOfFolder(),
                    incarnation,
                    inFarm = inFarm ? 1 : 0,
                    length = (long)Times.Length.TotalMilliseconds,
                    build = FarmNames.Version,
                },
                cancellationToken: cancellation
            )
        ) == 1;

    /// <summary>How long ago a node has renewed its lease, by the database's clock; null when no node has this
    /// address.</summary>
    /// <param name="address">The node's address as host:port.</param>
    /// <param name="cancellation">Ends the try.</param>
    /// <exception cref="DbException">The database cannot be asked.</exception>
    internal async Task<TimeSpan?> RenewedAgoAsync(string address, CancellationToken cancellation)
    {
        await using var connection = await database.OpenForLeaseAsync(cancellation);
        var left = await connection.QuerySingleOrDefaultAsync<long?>(
            new CommandDefinition(
                $"SELECT lease_until - {Now} FROM node WHERE address = @address",
                new { address },
                cancellationToken: cancellation
            )
        );
        return left is { } milliseconds ? Times.Length - TimeSpan.FromMilliseconds(milliseconds) : null;
    }

    /// <summary>Raises the epoch of a node that the farm has given up: what that life of the node still writes is
    /// refused.</summary>
    /// <param name="address">The node's address as host:port.</param>
    /// <param name="incarnation">Akka's number of the life that was given up.</param>
    /// <param name="cancellation">Ends the try.</param>
    /// <exception cref="DbException">The database cannot be asked.</exception>
    internal async Task GiveUpAsync(string address, long incarnation, CancellationToken cancellation)
    {
        await using var connection = await database.OpenForLeaseAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                """
                UPDATE node SET epoch = epoch + 1, in_farm = 0, lease_until = 0
                WHERE address = @address AND incarnation = @incarnation AND lease_until > 0
                """,
                new { address, incarnation },
                cancellationToken: cancellation
            )
        );
    }

    /// <summary>Ends the lease in good order: nobody has to wait until the lease lapses.</summary>
    /// <param name="cancellation">Ends the try.</param>
    /// <exception cref="DbException">The database cannot be asked.</exception>
    internal async Task EndAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenForLeaseAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(
                "UPDATE node SET in_farm = 0, lease_until = 0 WHERE id = @id AND life = @life",
                new { id, life = _life },
                cancellationToken: cancellation
            )
        );
    }

    /// <summary>
    /// Asks the database whether this node may begin a farm, and if so, takes the farm's row. Of several nodes that
    /// ask in the same moment, only the first may.
    /// </summary>
    /// <param name="watch">What was seen at the tries before.</param>
    /// <param name="cancellation">Ends the try.</param>
    /// <returns>The nodes that may be in a farm, none when the farm's row was taken; and the watch for the next try.
    /// </returns>
    /// <exception cref="DbException">The database cannot be asked. The next try begins with an empty
    /// watch.</exception>
    internal async Task<(ImmutableList<LeaseRow> InFarm, LeaseWatch Watch)> ClaimFarmAsync(
        LeaseWatch watch,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await LockAsync(connection, transaction);
        var others = (await RowsAsync(connection, transaction)).FindAll(row => row.InFarm > 0 && row.Id != id);
        var looked = watch.Look(others, clock.GetTimestamp());
        var living = others.FindAll(row =>
            looked.MayLive(row, Times.Length, since => clock.GetElapsedTime(since))
        );
        if (living.IsEmpty)
        {
            await connection.ExecuteAsync(
                $"UPDATE farm SET holder = @id, epoch = epoch + 1, began_at = {Now}",
                new { id },
                transaction
            );
            await connection.ExecuteAsync(
                "UPDATE node SET in_farm = 1 WHERE id = @id AND life = @life",
                new { id, life = _life },
                transaction
            );
            await transaction.CommitAsync(cancellation);
        }
        return (living, looked);
    }

    private async Task<LeaseWatch?> TryRegisterAsync(
        string? address,
        bool alone,
        LeaseWatch watch,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var made = await connection.ExecuteAsync(
            "INSERT INTO farm (one, id, epoch) VALUES (1, @farm, 0) ON CONFLICT (one) DO NOTHING",
            new { farm = Guid.NewGuid().ToString() },
            transaction
        );
        await LockAsync(connection, transaction);
        var farm = await connection.ExecuteScalarAsync<string>("SELECT id FROM farm", transaction: transaction);
        var rows = await RowsAsync(connection, transaction);
        var view = new RegistrationView(
            id,
            PlaceOfFolder(),
            address,
            alone,
            farm!,
            made == 1,
            rows,
            _file.Read(),
            _file.Path,
            database.Place
        );
        var registration = RegistrationDecision.Next(view);
        if (registration.Refusal is { } refusal)
        {
            throw new DatabaseUnusableException(refusal);
        }
        if (registration.Blockers.Find(row => LeaseWatch.WasRenewed(watch, row)) is { } living)
        {
            throw new DatabaseUnusableException(RegistrationDecision.WhyTaken(view, living));
        }
        if (!registration.Blockers.IsEmpty)
        {
            var looked = watch.Look(registration.Blockers, clock.GetTimestamp());
            if (
                registration.Blockers.Exists(row =>
                    looked.MayLive(row, Times.Length, since => clock.GetElapsedTime(since))
                )
            )
            {
                return looked;
            }
        }
        await TakeAsync(connection, transaction, view);
        await transaction.CommitAsync(cancellation);
        Keep(new KeptLease(Farm, id, Epoch));
        return null;
    }

    /// <summary>What the file keeps only guards against mistakes, so a full disk keeps no node from starting.</summary>
    private void Keep(KeptLease lease)
    {
        try
        {
            _file.Write(lease);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next start tries again.
        }
    }

    private async Task TakeAsync(DbConnection connection, DbTransaction transaction, RegistrationView view)
    {
        // Whoever had the address before is gone, and loses the right to write.
        await connection.ExecuteAsync(
            "UPDATE node SET address = NULL, epoch = epoch + 1, in_farm = 0, lease_until = 0 WHERE address = @Address AND id <> @Id",
            new { view.Address, view.Id },
            transaction
        );
        var before = view.Rows.Find(row => row.Id == view.Id)?.Epoch ?? 0;
        Epoch = before + 1;
        Farm = view.Farm;
        await connection.ExecuteAsync(
            $"""
            INSERT INTO node (id, address, epoch, life, place, in_farm, lease_until, renewals, build)
            VALUES (@Id, @Address, @Epoch, @Life, @Place, 0, {Now} + @Length, 0, @Build)
            ON CONFLICT (id) DO UPDATE
            SET address = excluded.address, epoch = excluded.epoch, life = excluded.life, place = excluded.place,
                incarnation = NULL, in_farm = 0, lease_until = excluded.lease_until, renewals = node.renewals + 1,
                build = excluded.build
            """,
            new
            {
                view.Id,
                view.Address,
                Epoch,
                Life = _life,
                view.Place,
                Length = (long)Times.Length.TotalMilliseconds,
                Build = FarmNames.Version,
            },
            transaction
        );
    }

    /// <summary>Registrations and claims happen one after the other.</summary>
    private static Task<int> LockAsync(DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync("UPDATE farm SET epoch = epoch WHERE one = 1", transaction: transaction);

    private async Task<ImmutableList<LeaseRow>> RowsAsync(DbConnection connection, DbTransaction transaction) =>
        [
            .. await connection.QueryAsync<LeaseRow>(
                $"SELECT {Columns}, lease_until - {Now} AS LeftMs FROM node",
                transaction: transaction
            ),
        ];

    private string PlaceOfFolder() => $"{Environment.MachineName} {Boot()} {Path.GetFullPath(dataFolder)}";

    private static string Boot()
    {
        const string file = "/proc/sys/kernel/random/boot_id";
        return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
    }
}
