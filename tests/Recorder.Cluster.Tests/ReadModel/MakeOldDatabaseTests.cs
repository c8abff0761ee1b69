using System.Text.Json;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.ReadModel;

[Trait("ring", "farm")]
public sealed class MakeOldDatabaseTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Make()
    {
        var outFolder = "/work/scratch/readmodel/old";
        Directory.CreateDirectory(outFolder);
        await using (var node = await TestNode.StartAsync(_folder))
        {
            for (var i = 0; i < 3; i++)
            {
                var id = await node.RecordAsync();
                await node.StopAsync(id);
                await node.SummaryAsync(id, "described", s => s.Records[0].Sha256 is not null);
            }
            node.Media.Fails = true;
            var admitted = await node.AdmitAsync("the-key");
            await node.Sessions.Ask<StartReply>(new StartSession(admitted.Id, TestNode.Spec).To(admitted.Shard));
            node.Media.Fails = false;
            await node.RecordAsync();
            await node.RecordAsync();
            await node.KillAsync();
        }
        await using (var node = await TestNode.StartAsync(_folder))
        {
            var s = await node.SummaryAsync(new SessionId(5), "again", x => x is { Phase: SessionPhase.Recording, Attempt: 2 });
            await node.SummaryAsync(new SessionId(6), "again", x => x is { Phase: SessionPhase.Recording, Attempt: 2 });
            await node.SummaryAsync(new SessionId(5), "repaired", x => x.Records[0].Repaired && x.Records[0].Sha256 is not null);
            await node.StopAsync(new SessionId(5));
            await node.SummaryAsync(new SessionId(5), "described", x => x.Records.All(r => r.Sha256 is not null));
            for (var i = 0; i < 45; i++)
            {
                var id = await node.RecordAsync();
                await node.StopAsync(id);
            }
            await Task.Delay(3000);
            var list = await node.ListAsync();
            await File.WriteAllTextAsync(outFolder + "/sessions.json", JsonSerializer.Serialize(new SessionList([.. list]), new JsonSerializerOptions(WireSerializer.Json) { WriteIndented = true }));
            await node.KillAsync();
        }
        SqliteConnection.ClearAllPools();
        await using var connection = new SqliteConnection($"Data Source={_folder.Database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE); VACUUM;";
        await command.ExecuteNonQueryAsync();
        await connection.CloseAsync();
        File.Copy(_folder.Database, outFolder + "/recorder.db", true);
    }
}
