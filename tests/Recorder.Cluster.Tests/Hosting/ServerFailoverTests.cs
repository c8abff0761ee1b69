using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Journal;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>A server that fails over to its standby, or turns read-only, while sessions record.</summary>
[Trait("ring", "farm")]
public sealed class ServerFailoverTests(TestPostgres postgres) : IClassFixture<TestPostgres>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sessions_whose_last_events_are_lost_record_on_and_end_with_their_records()
    {
        using var way = new LossyProxy(postgres.Port);
        await using var node = await StartAsync(way.Port);
        await using var server = new FarmDatabase(
            new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port) }
        );
        var known = await node.RecordAsync();
        await using var connection = await server.OpenAsync(CancellationToken.None);
        var replicated = await connection.ExecuteScalarAsync<long>("SELECT MAX(ordering) FROM journal");
        await connection.ExecuteAsync("CREATE TABLE behind_node AS TABLE node");
        var young = await node.RecordAsync();
        var paths = new[] { known, young }.ToDictionary(id => id, id => _folder.Records);
        foreach (var id in paths.Keys)
        {
            paths[id] = (await node.SummaryAsync(id)).Records[0].Path;
        }

        // The server dies, and its standby has nothing of what came after.
        way.Cut();
        await connection.ExecuteAsync(
            """
            DELETE FROM journal WHERE ordering > @replicated;
            DELETE FROM sessions WHERE id = @young;
            UPDATE projections SET ordering = LEAST(ordering, @replicated);
            DELETE FROM node;
            INSERT INTO node SELECT * FROM behind_node
            """,
            new { replicated, young = (long)young.Value }
        );
        way.Mend();

        foreach (var id in paths.Keys)
        {
            Assert.IsType<StopDone>(await node.StopAsync(id));
            var ended = await node.SummaryAsync(id, "finished", session => session.Records is [{ Finished: true }]);
            Assert.Equal((SessionPhase.Stopped, paths[id]), (ended.Phase, ended.Records[0].Path));
            Assert.True(File.Exists(paths[id]));
        }
        Assert.True((await node.RecordAsync()).Value > young.Value);
    }

    [Fact]
    public async Task A_server_that_turns_read_only_closes_the_node_and_a_recording_loses_nothing()
    {
        await using var server = new FarmDatabase(
            new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port) }
        );
        await using var connection = await server.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync("CREATE DATABASE turns");
        const string others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'turns'";
        await using var node = await StartAsync(postgres.Port, "turns");
        var id = await node.RecordAsync();

        await connection.ExecuteAsync("ALTER DATABASE turns SET default_transaction_read_only = on");
        await connection.ExecuteAsync(others);
        await Eventually.BeAsync(
            "the node says that the database takes no writes",
            TestNode.Limit,
            async () =>
                (await node.StandingAsync()).WhyNotIn?.Contains("takes no writes", StringComparison.Ordinal) == true
        );
        Assert.Equal(1, node.Media.Live);
        var stopping = node.StopAsync(id);
        await connection.ExecuteAsync("ALTER DATABASE turns RESET default_transaction_read_only");
        await connection.ExecuteAsync(others);

        Assert.IsType<StopDone>(await stopping);
        var ended = await node.SummaryAsync(id, "finished", session => session.Records is [{ Finished: true }]);
        Assert.Equal((SessionPhase.Stopped, 1), (ended.Phase, ended.Attempt));
        Assert.Empty(ended.Gaps);
        await Eventually.BeAsync(
            "the node is open again",
            TestNode.Limit,
            async () => (await node.StandingAsync()).WhyNotIn is null
        );
    }

    private Task<TestNode> StartAsync(int port, string database = "postgres") =>
        TestNode.StartAsync(
            _folder,
            options =>
                options.Database = new DatabaseOptions
                {
                    ConnectionString = TestPostgres.ConnectionBy(port, database: database),
                }
        );
}
