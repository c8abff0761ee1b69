using Akka.Actor;
using Dapper;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>Records that are erased, held and swept on real nodes with real files.</summary>
public sealed class ErasingTests : GrowingFarm
{
    [Fact]
    public async Task A_record_is_erased_from_another_node_and_the_erasing_waits_for_a_holder_that_is_away()
    {
        var (folderOfB, portOfB) = (FolderId.New(), LoopbackPort.Free());
        var first = await JoinAsync(SeedPort, FolderId.New());
        var b = await JoinAsync(portOfB, folderOfB);
        await CapacitiesAsync(first, 2);
        var (one, two) = (await RecordOnAsync(first, b), await RecordOnAsync(first, b));
        await first.StopAsync(one);
        await first.StopAsync(two);
        var files = new List<string>();
        foreach (var id in new[] { one, two })
        {
            var described = await first.SummaryAsync(id, "described", session => session.Records[0].Sha256 is not null);
            files.Add(described.Records[0].Path);
        }

        var erased = Assert.IsType<KeepingChanged>(await KeepAsync(first, Erase(one)));
        Assert.NotNull(Assert.Single(erased.Summary.Records).Erasing!.Done);
        Assert.Empty(FilesOf(files[0]));
        Assert.Equal(2, FilesOf(files[1]).Length);

        // The holder of the other record goes away, and its folder comes back in another node.
        Ledger.NodeDies(b.Address);
        await b.KillAsync();
        await first.MembersAsync("without its second node", farm => farm.Members.Count == 1);
        var waiting = Assert.IsType<KeepingChanged>(await KeepAsync(first, Erase(two)));
        var erasing = Assert.Single(waiting.Summary.Records).Erasing!;
        Assert.Null(erasing.Done);
        Assert.Contains(b.Address, erasing.Obstacle, StringComparison.Ordinal);
        Assert.Equal(2, FilesOf(files[1]).Length);

        await JoinAsync(LoopbackPort.Free(), folderOfB);
        await first.SummaryAsync(two, "erased", session => session.Records[0].Erasing is { Done: not null });
        Assert.Empty(FilesOf(files[1]));
    }

    [Fact]
    public async Task A_record_past_its_retention_goes_by_itself_and_a_record_on_hold_stays()
    {
        var node = await StartAloneAsync(options =>
        {
            options.Retention.Default = "0 s";
            options.Retention.SweepInterval = TimeSpan.FromMilliseconds(300);
        });
        var (goes, stays) = (await node.RecordAsync(), await node.RecordAsync());
        await KeepAsync(node, new HoldRecord(stays, 1, "Case 7"));
        await node.StopAsync(goes);
        await node.StopAsync(stays);
        var erased = await node.SummaryAsync(
            goes,
            "erased",
            session => session.Records[0].Erasing is { Done: not null }
        );
        Assert.Equal(EraseCause.Age, erased.Records[0].Erasing!.Cause);
        Assert.Empty(FilesOf(erased.Records[0].Path));
        var held = await node.SummaryAsync(stays, "described", session => session.Records[0].Sha256 is not null);
        Assert.Null(held.Records[0].Erasing);
        Assert.Equal(2, FilesOf(held.Records[0].Path).Length);

        await KeepAsync(node, new ReleaseRecord(stays, 1));
        await node.SummaryAsync(stays, "erased", session => session.Records[0].Erasing is { Done: not null });
        Assert.Empty(FilesOf(held.Records[0].Path));
    }

    [Fact]
    public async Task A_session_whose_events_are_deleted_is_held_and_erased_all_the_same()
    {
        var node = await StartAloneAsync();
        var id = await node.RecordAsync();
        await node.StopAsync(id);
        var before = await ListedAsync(node, id, record => record.Sha256 is not null);
        await node.KillAsync();

        // The node deletes the events of everything that has ended before.
        node = await StartAloneAsync(options => options.Retention.Journal = TimeSpan.FromMilliseconds(1));
        await Eventually.BeAsync(
            "the events deleted and the session forgotten",

            // The node looks for such events once a minute.
            2 * TestNode.FarmLimit,
            async () =>
            {
                await using var connection = await node.Database.OpenAsync(CancellationToken.None);
                return await connection.ExecuteScalarAsync<long>(
                        "SELECT COUNT(*) FROM journal WHERE persistence_id = @id AND NOT deleted",
                        new { id = $"session-{id}" }
                    ) == 0
                    && await node.Placement.Ask<LocationReply>(new FindSession(id), TestNode.Limit) is SessionUnknown;
            }
        );

        var held = Assert.IsType<KeepingChanged>(await KeepAsync(node, new HoldRecord(id, 1, "Case 7")));
        Assert.Equal(before.Sha256, Assert.Single(held.Summary.Records).Sha256);
        await ListedAsync(node, id, record => record.Hold is { Reason: "Case 7" });
        Assert.Equal(
            FaultCode.OnHold,
            Assert.IsType<KeepingRefused>(await KeepAsync(node, Erase(id))).Code
        );
        await KeepAsync(node, new ReleaseRecord(id, 1));
        await KeepAsync(node, Erase(id));
        Assert.Empty(FilesOf(before.Path));
        var listed = await ListedAsync(node, id, record => record.Erasing is { Done: not null });
        Assert.Equal(before.Bytes, listed.Bytes);
    }

    private static EraseRecords Erase(SessionId id) => new(id, [], EraseCause.Asked, "Somebody asked for it.");

    /// <summary>Tells a session as an edge does.</summary>
    private static async Task<KeepingReply> KeepAsync(TestNode node, KeepingMessage message)
    {
        var found = await node.Placement.Ask<LocationReply>(new FindSession(message.Id), TestNode.Limit);
        var (shard, summary) = found is SessionLocation location
            ? (location.Shard, location.Summary)
            : (KeepingMessage.ShardOfEnded, await node.Archive.FindAsync(message.Id, CancellationToken.None));
        return await node.Sessions.Ask<KeepingReply>(
            (message with { Known = summary is { Running: false } ? summary : null }).To(shard),
            TestNode.Limit
        );
    }

    private static async Task<RecordSummary> ListedAsync(TestNode node, SessionId id, Func<RecordSummary, bool> isSo) =>
        (
            await Eventually.SeeAsync(
                "the record listed as told",
                TestNode.FarmLimit,
                async () =>
                    await node.Archive.FindAsync(id, CancellationToken.None) is { } session && isSo(session.Records[0])
                        ? session
                        : null
            )
        ).Records[0];

    private static async Task<SessionId> RecordOnAsync(TestNode asked, TestNode holder)
    {
        while (true)
        {
            var id = await asked.RecordAsync();
            if ((await asked.SummaryAsync(id)).Node == holder.Address)
            {
                return id;
            }
        }
    }

    private string[] FilesOf(string record) =>
        Directory.GetFileSystemEntries(Folder.Records, Path.GetFileName(record) + "*");

    private async Task<TestNode> StartAloneAsync(Action<RecorderClusterOptions>? configure = null)
    {
        var node = await TestNode.StartAsync(Folder, configure);
        Nodes.Add(node);
        return node;
    }

    private Task<TestNode> JoinAsync(int port, FolderId folder) =>
        JoinAsync(
            port,
            options =>
            {
                options.Placement.ReportInterval = TimeSpan.FromSeconds(1);
                options.Placement.SilenceLimit = TimeSpan.FromSeconds(4);
            },
            identity: new NodeIdentity(NodeId.New(), new TestRecordsFolder(Folder.Records, folder))
        );
}
