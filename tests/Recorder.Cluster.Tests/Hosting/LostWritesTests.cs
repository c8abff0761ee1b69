using Dapper;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Database;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Journal;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>A database without its last writes: restored from a backup, or a standby that was behind and took
/// over.</summary>
[Trait("ring", "farm")]
public sealed class LostWritesTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly NodeId _node = NodeId.New();
    private readonly FolderId _disk = FolderId.New();

    private string KeptFile => Path.Join(_folder.Root, "data-alone", "farm.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_node_refuses_a_database_from_a_backup_and_goes_on_with_it_when_told_so_and_no_record_is_touched()
    {
        var backup = _folder.Database + ".backup";
        var before = await RecordAsync();
        Copy(_folder.Database, backup);
        var after = await RecordAsync();
        var record = await File.ReadAllTextAsync(after.Records[0].Path);
        Copy(backup, _folder.Database);

        var error = await Assert.ThrowsAsync<DatabaseUnusableException>(() => StartAsync());
        Assert.Contains("restored from a backup", error.Message, StringComparison.Ordinal);
        Assert.Contains($"remove {KeptFile}", error.Message, StringComparison.Ordinal);
        Assert.False(error.MayPass);

        File.Delete(KeptFile);
        await using var node = await StartAsync();
        var next = await node.SummaryAsync(await node.RecordAsync());
        await node.StopAsync(next.Id);

        // The number of the session that is missing in the backup is given again. Its record has a name of its own.
        Assert.Equal((before.Id.Value + 1, after.Id), (next.Id.Value, next.Id));
        Assert.NotEqual(after.Records[0].Path, next.Records[0].Path);
        Assert.Equal(record, await File.ReadAllTextAsync(after.Records[0].Path));
        Assert.Equal([before.Id, next.Id], (await node.ListAsync()).Select(session => session.Id));
    }

    private async Task<SessionSummary> RecordAsync()
    {
        var node = await StartAsync();
        var id = await node.RecordAsync();
        await node.StopAsync(id);
        var summary = await node.SummaryAsync(id, "finished", session => session.Records is [{ Finished: true }]);
        await node.ShutDownAsync();
        return summary;
    }

    private Task<TestNode> StartAsync() =>
        TestNode.StartAsync(
            _folder,
            new SimulatedMedia(_folder.Records),
            configure: null,
            identity: new NodeIdentity(_node, new TestRecordsFolder(_folder.Records, _disk))
        );

    private static void Copy(string from, string to)
    {
        SqliteConnection.ClearAllPools();
        foreach (var part in new[] { "", "-wal", "-shm" })
        {
            File.Delete(to + part);
            if (File.Exists(from + part))
            {
                File.Copy(from + part, to + part);
            }
        }
    }
}

/// <summary>A standby that was behind takes over while sessions record.</summary>
[Trait("ring", "farm")]
public sealed class StandbyBehindTests(TestPostgres postgres) : IClassFixture<TestPostgres>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sessions_whose_last_events_are_lost_record_on_and_end_with_their_records()
    {
        using var way = new LossyProxy(postgres.Port);
        var identity = new NodeIdentity(
            NodeId.New(),
            new TestRecordsFolder(_folder.Records, FolderId.New())
        );
        await using var node = await TestNode.StartAsync(
            _folder,
            new SimulatedMedia(_folder.Records),
            options => options.Database = new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(way.Port) },
            identity: identity
        );
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
}
