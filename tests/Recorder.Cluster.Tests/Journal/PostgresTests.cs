using Npgsql;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Journal;

[Trait("ring", "farm")]
public sealed class PostgresTests(TestPostgres postgres) : IClassFixture<TestPostgres>
{
    [Fact]
    public async Task A_user_that_is_not_let_in_is_named_with_the_way_out()
    {
        var error = await RefusedAsync(
            TestPostgres.ConnectionBy(postgres.Port, user: "nobody-known") + ";Password=very-secret"
        );

        Assert.Contains("nobody-known", error.Message, StringComparison.Ordinal);
        Assert.Contains("Database:PasswordFile", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", error.ToString(), StringComparison.Ordinal);
        Assert.False(error.MayPass);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_named_with_the_way_out()
    {
        var error = await RefusedAsync(TestPostgres.ConnectionBy(postgres.Port, database: "missing"));

        Assert.Contains("createdb", error.Message, StringComparison.Ordinal);
        Assert.False(error.MayPass);
    }

    [Fact]
    public async Task A_server_that_is_away_may_come_back()
    {
        int port;
        using (var proxy = new LossyProxy(postgres.Port))
        {
            port = proxy.Port;
        }

        Assert.True((await RefusedAsync(TestPostgres.ConnectionBy(port))).MayPass);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(-60)]
    public async Task The_server_has_the_time_and_tells_how_wrong_a_host_s_clock_is(int minutes)
    {
        await using var database = new FarmDatabase(
            new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port) }
        );
        var clock = new FarmClock(new SkewedClock(TimeSpan.FromMinutes(minutes)));

        await FarmClockActor.MeasureAsync(
            clock,
            cancellation => FarmClockActor.TimeOfAsync(database, cancellation),
            TestNode.Limit
        );

        // The server runs on this machine, by the same clock.
        Assert.Equal(TimeProvider.System.GetUtcNow(), clock.GetUtcNow(), TimeSpan.FromSeconds(3));
        Assert.InRange(
            clock.Skew!.Value - TimeSpan.FromMinutes(minutes),
            TimeSpan.FromSeconds(-3),
            TimeSpan.FromSeconds(3)
        );
        Assert.NotNull(clock.Warning);
    }

    [Fact]
    public async Task A_user_that_may_not_make_tables_is_named_with_the_way_out()
    {
        await using (var connection = new NpgsqlConnection(TestPostgres.ConnectionBy(postgres.Port)))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("CREATE ROLE reader LOGIN", connection);
            await command.ExecuteNonQueryAsync();
        }

        var error = await RefusedAsync(TestPostgres.ConnectionBy(postgres.Port, user: "reader"));

        Assert.Contains("GRANT CREATE ON SCHEMA public TO reader", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_file_that_is_not_there_is_named()
    {
        var error = await Assert.ThrowsAsync<DatabaseUnusableException>(() =>
            PrepareAsync(
                new DatabaseOptions
                {
                    ConnectionString = TestPostgres.ConnectionBy(postgres.Port),
                    PasswordFile = "/nowhere/password",
                }
            )
        );

        Assert.Contains("/nowhere/password", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_farm_on_it_records_goes_on_after_a_kill_and_lists_everything()
    {
        using var folder = new TestFolder();
        void OnPostgres(RecorderClusterOptions options) =>
            options.Database = new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port) };

        SessionId id;
        await using (var node = await TestNode.StartAsync(folder, OnPostgres))
        {
            id = await node.RecordAsync();
            await node.KillAsync();
        }

        await using var next = await TestNode.StartAsync(folder, OnPostgres);
        await next.SummaryAsync(
            id,
            "recording again",
            session => session is { Phase: SessionPhase.Recording, Attempt: 2 }
        );
        Assert.IsType<StopDone>(await next.StopAsync(id));
        Assert.Equal(id, Assert.Single(await next.ListAsync()).Id);
    }

    private static Task<DatabaseUnusableException> RefusedAsync(string connection) =>
        Assert.ThrowsAsync<DatabaseUnusableException>(() =>
            PrepareAsync(new DatabaseOptions { ConnectionString = connection })
        );

    private static async Task PrepareAsync(DatabaseOptions options)
    {
        await using var database = new FarmDatabase(options);
        await database.PrepareAsync(CancellationToken.None);
    }
}
