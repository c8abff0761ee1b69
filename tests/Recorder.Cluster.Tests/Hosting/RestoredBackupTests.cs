using Microsoft.Data.Sqlite;
using Recorder.Cluster.Database;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>A database without its last writes, because it was restored from a backup.</summary>
[Trait("ring", "farm")]
public sealed class RestoredBackupTests : IDisposable
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
