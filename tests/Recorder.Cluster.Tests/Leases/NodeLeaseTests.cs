using Dapper;
using Npgsql;
using Recorder.Cluster.Database;
using Recorder.Cluster.Leases;
using Recorder.Cluster.Tests.Journal;

namespace Recorder.Cluster.Tests.Leases;

/// <summary>The leases of nodes in one database, on SQLite and on PostgreSQL.</summary>
[Trait("ring", "farm")]
public sealed class NodeLeaseTests(TestPostgres postgres) : IClassFixture<TestPostgres>, IAsyncLifetime, IDisposable
{
    private static readonly LeaseTimes Times = new() { Length = TimeSpan.FromSeconds(2) };

    private readonly TestFolder _folder = new();
    private readonly List<FarmDatabase> _databases = [];
    private string _name = "";

    public async Task InitializeAsync()
    {
        _name = $"lease_{Guid.NewGuid():n}";
        await using var server = new FarmDatabase(
            new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port) }
        );
        await using var connection = await server.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync($"CREATE DATABASE {_name}");
    }

    public void Dispose() => _folder.Dispose();

    public async Task DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Of_nodes_that_begin_a_farm_in_one_moment_one_does_and_the_others_hear_of_it(DatabaseKind kind)
    {
        var nodes = new List<NodeLease>();
        for (var count = 1; count <= 4; count++)
        {
            var node = await LeaseAsync(kind, $"n{count}");
            await node.RegisterAsync($"10.0.0.{count}:1", false, CancellationToken.None);
            nodes.Add(node);
        }

        var claims = await Task.WhenAll(
            nodes.Select(node => Task.Run(() => node.ClaimFarmAsync(LeaseWatch.Empty, CancellationToken.None)))
        );

        Assert.Single(claims, claim => claim.InFarm.IsEmpty);
        Assert.Equal(3, claims.Count(claim => claim.InFarm is [{ InFarm: > 0, Address: not null }]));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_farm_is_begun_beside_a_dead_one_once_its_lease_has_lapsed_and_was_watched(DatabaseKind kind)
    {
        var (dead, next) = (await LeaseAsync(kind, "dead"), await LeaseAsync(kind, "next"));
        await dead.RegisterAsync("10.0.0.1:1", false, CancellationToken.None);
        Assert.Empty((await dead.ClaimFarmAsync(LeaseWatch.Empty, CancellationToken.None)).InFarm);
        await next.RegisterAsync("10.0.0.2:1", false, CancellationToken.None);

        var since = TimeProvider.System.GetTimestamp();
        var watch = LeaseWatch.Empty;
        await Eventually.BeAsync(
            "the farm is begun",
            TimeSpan.FromSeconds(20),
            async () =>
            {
                (var inFarm, watch) = await next.ClaimFarmAsync(watch, CancellationToken.None);
                return inFarm.IsEmpty;
            }
        );

        Assert.True(TimeProvider.System.GetElapsedTime(since) >= Times.Length);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_node_that_left_in_good_order_holds_nobody_up(DatabaseKind kind)
    {
        var (left, next) = (await LeaseAsync(kind, "left"), await LeaseAsync(kind, "next"));
        await left.RegisterAsync("10.0.0.1:1", false, CancellationToken.None);
        await left.ClaimFarmAsync(LeaseWatch.Empty, CancellationToken.None);
        await left.EndAsync(CancellationToken.None);

        await next.RegisterAsync("10.0.0.1:1", true, CancellationToken.None);

        Assert.Empty((await next.ClaimFarmAsync(LeaseWatch.Empty, CancellationToken.None)).InFarm);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_second_process_on_the_database_of_a_farm_of_one_refuses_to_start(DatabaseKind kind)
    {
        var (first, second) = (await LeaseAsync(kind, "first"), await LeaseAsync(kind, "second"));
        await first.RegisterAsync("10.0.0.1:1", true, CancellationToken.None);

        var refusal = await RefusedWhileRenewedAsync(first, second, "10.0.0.2:1", alone: true);

        Assert.Contains("in use", refusal, StringComparison.Ordinal);
        Assert.Contains("10.0.0.1:1", refusal, StringComparison.Ordinal);
        Assert.Contains("Database:File", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Of_two_nodes_that_take_one_address_the_second_refuses_to_start(DatabaseKind kind)
    {
        var (first, second) = (await LeaseAsync(kind, "first"), await LeaseAsync(kind, "second"));
        await first.RegisterAsync("10.0.0.1:1", false, CancellationToken.None);

        var refusal = await RefusedWhileRenewedAsync(first, second, "10.0.0.1:1", alone: false);

        Assert.Contains("The address 10.0.0.1:1 is taken", refusal, StringComparison.Ordinal);
        Assert.Contains("--hostname", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_copy_of_a_data_folder_refuses_to_start_while_the_original_runs(DatabaseKind kind)
    {
        var (first, copy) = (await LeaseAsync(kind, "first"), await LeaseAsync(kind, "copy", id: "first"));
        await first.RegisterAsync("10.0.0.1:1", false, CancellationToken.None);

        var refusal = await RefusedWhileRenewedAsync(first, copy, "10.0.0.2:1", alone: false);

        Assert.Contains("The folder is a copy", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_node_that_was_given_up_has_no_lease_any_more_and_its_next_life_has(DatabaseKind kind)
    {
        var (gone, other) = (await LeaseAsync(kind, "gone"), await LeaseAsync(kind, "other"));
        await gone.RegisterAsync("10.0.0.1:1", false, CancellationToken.None);
        Assert.True(await gone.RenewAsync("10.0.0.1:1", 7, true, CancellationToken.None));

        // The next life of the same address is another one.
        await other.GiveUpAsync("10.0.0.1:1", 6, CancellationToken.None);
        Assert.True(await gone.RenewAsync("10.0.0.1:1", 7, true, CancellationToken.None));

        await other.GiveUpAsync("10.0.0.1:1", 7, CancellationToken.None);
        Assert.False(await gone.RenewAsync("10.0.0.1:1", 7, true, CancellationToken.None));

        var next = await LeaseAsync(kind, "gone");
        await next.RegisterAsync("10.0.0.1:1", false, CancellationToken.None);
        Assert.True(await next.RenewAsync("10.0.0.1:1", 8, true, CancellationToken.None));
        Assert.True(next.Epoch > gone.Epoch + 1);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite, "UPDATE node SET epoch = epoch - 1, life = 'earlier'")]
    [InlineData(DatabaseKind.Postgres, "UPDATE node SET epoch = epoch - 1, life = 'earlier'")]
    [InlineData(DatabaseKind.Sqlite, "DELETE FROM node")]
    [InlineData(DatabaseKind.Postgres, "DELETE FROM node")]
    public async Task A_database_that_has_lost_its_last_writes_does_not_give_up_the_nodes_that_run(
        DatabaseKind kind,
        string lost
    )
    {
        var node = await LeaseAsync(kind, "node");
        await node.RegisterAsync("10.0.0.1:1", false, CancellationToken.None);
        await node.RenewAsync("10.0.0.1:1", 7, true, CancellationToken.None);
        await using (var connection = await node.Database.OpenAsync(CancellationToken.None))
        {
            await connection.ExecuteAsync(lost);
        }

        if (kind == DatabaseKind.Postgres)
        {
            await WriteAsync(node, "session-1", 1);
        }
        Assert.True(await node.RenewAsync("10.0.0.1:1", 7, true, CancellationToken.None));
        Assert.True(await node.RenewAsync("10.0.0.1:1", 7, true, CancellationToken.None));
        Assert.Equal(1, node.Restored);

        // The row that was written again can be given up as every other one.
        await node.GiveUpAsync("10.0.0.1:1", 7, CancellationToken.None);
        Assert.False(await node.RenewAsync("10.0.0.1:1", 7, true, CancellationToken.None));
    }

    [Fact]
    public async Task The_journal_refuses_every_event_of_a_node_that_was_given_up()
    {
        var (gone, other) = (
            await LeaseAsync(DatabaseKind.Postgres, "gone"),
            await LeaseAsync(DatabaseKind.Postgres, "other")
        );
        await gone.RegisterAsync("10.0.0.1:1", false, CancellationToken.None);
        await other.RegisterAsync("10.0.0.2:1", false, CancellationToken.None);
        await gone.RenewAsync("10.0.0.1:1", 7, true, CancellationToken.None);
        await WriteAsync(gone, "session-1", 1);

        await other.GiveUpAsync("10.0.0.1:1", 7, CancellationToken.None);

        foreach (var session in new[] { "session-1", "session-2" })
        {
            var error = await Assert.ThrowsAsync<PostgresException>(() => WriteAsync(gone, session, 2));
            Assert.Equal("RX001", error.SqlState);
        }
        await WriteAsync(other, "session-1", 2);
    }

    private static async Task WriteAsync(NodeLease node, string session, int number)
    {
        await using var connection = new NpgsqlConnection(
            PostgresConnection.ForJournal(node.Database.Options, node.Stamp)
        );
        await connection.OpenAsync();
        await connection.ExecuteAsync(
            """
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message)
            VALUES (0, false, @session, @number, '')
            """,
            new { session, number }
        );
    }

    /// <summary>The second registers while the first renews its lease.</summary>
    private static async Task<string> RefusedWhileRenewedAsync(
        NodeLease first,
        NodeLease second,
        string address,
        bool alone
    )
    {
        var refused = Assert.ThrowsAsync<DatabaseUnusableException>(() =>
            Task.Run(() => second.RegisterAsync(address, alone, CancellationToken.None))
        );
        await Eventually.BeAsync(
            "the second is refused",
            TimeSpan.FromSeconds(20),
            async () =>
            {
                Assert.True(await first.RenewAsync("10.0.0.1:1", 7, true, CancellationToken.None));
                return refused.IsCompleted;
            }
        );
        var error = await refused;
        Assert.False(error.MayPass);
        return error.Message;
    }

    private async Task<NodeLease> LeaseAsync(DatabaseKind kind, string folder, string? id = null)
    {
        var database = new FarmDatabase(
            kind == DatabaseKind.Sqlite
                ? new DatabaseOptions { File = _folder.Database }
                : new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port, database: _name) }
        );
        _databases.Add(database);
        await database.PrepareAsync(CancellationToken.None);
        return new NodeLease(
            database,
            id ?? folder,
            Directory.CreateDirectory(Path.Join(_folder.Root, folder)).FullName,
            TimeProvider.System
        )
        {
            Times = Times,
        };
    }
}
