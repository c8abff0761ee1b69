using Recorder.Cluster.Hosting;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>Records whose folder is not where it was.</summary>
public sealed class RecordsAwayTests : GrowingFarm
{
    [Fact]
    public async Task Whoever_gets_the_address_of_a_dead_node_does_not_answer_for_its_records()
    {
        var (folderOfB, portOfB) = (FolderId.New(), LoopbackPort.Free());
        var first = await JoinAsync(SeedPort, FolderId.New());
        var b = await JoinAsync(portOfB, folderOfB);
        await JoinAsync(LoopbackPort.Free(), FolderId.New());
        await CapacitiesAsync(first, 3);
        SessionId id;
        do
        {
            id = await first.RecordAsync();
        } while ((await first.SummaryAsync(id)).Node != b.Address);
        var path = (await first.SummaryAsync(id)).Records[0].Path;

        // B dies with its disk, and its address goes to another host, with an empty folder of the same name.
        Ledger.NodeDies(b.Address);
        await b.KillAsync();
        var onDisk = path + ".of-b";
        File.Move(path, onDisk);
        await first.SummaryAsync(
            id,
            "recorded elsewhere",
            summary => summary is { Phase: SessionPhase.Recording, Records.Count: 2 } && summary.Node != b.Address
        );
        await JoinAsync(portOfB, FolderId.New());
        await CapacitiesAsync(first, 3);
        await first.StopAsync(id);

        // Long enough for the record to be asked for, if it were.
        await Task.Delay(TimeSpan.FromSeconds(5));
        var known = await first.SummaryAsync(id);
        Assert.Equal(2, known.Records.Count);
        Assert.Equal((path, false), (known.Records[0].Path, known.Records[0].Finished));

        // The disk of B comes back in another host.
        File.Move(onDisk, path);
        await JoinAsync(LoopbackPort.Free(), folderOfB);
        var whole = await first.SummaryAsync(id, "whole again", summary => summary.Records[0].Finished);
        Assert.True(whole.Records[0].Repaired);
        Assert.DoesNotContain(
            whole.Faults,
            fault => fault.Message.Contains("There is no file", StringComparison.Ordinal)
        );
        Assert.Empty(Ledger.Broken);
    }

    [Fact]
    public async Task A_record_on_a_disk_that_is_away_stays_listed_and_is_finished_when_the_disk_is_back()
    {
        var disk = new TestRecordsFolder(Folder.Records);
        var node = await StartAloneAsync(disk);
        var id = await node.RecordAsync();
        await node.KillAsync();

        // The node comes back before its disk does.
        disk.WhyAway = "The records folder is not here: its disk may not be mounted.";
        var hidden = Path.Join(Folder.Root, "unmounted");
        Directory.Move(Folder.Records, hidden);
        Directory.CreateDirectory(Folder.Records);
        node = await StartAloneAsync(disk);
        await node.StopAsync(id);
        var away = await node.SummaryAsync(
            id,
            "away",
            summary => summary is { Running: false, Records: [{ Away: not null }, ..] }
        );
        Assert.False(away.Records[0].Finished);
        Assert.Contains("may not be mounted", away.Records[0].Away, StringComparison.Ordinal);

        Directory.Delete(Folder.Records, recursive: true);
        Directory.Move(hidden, Folder.Records);
        disk.WhyAway = null;
        var back = await node.SummaryAsync(id, "finished", summary => summary.Records is [{ Finished: true }, ..]);
        Assert.Null(back.Records[0].Away);
    }

    [Fact]
    public async Task A_record_whose_own_folder_is_here_without_the_file_is_lost()
    {
        var disk = new TestRecordsFolder(Folder.Records);
        var node = await StartAloneAsync(disk);
        var id = await node.RecordAsync();
        var path = (await node.SummaryAsync(id)).Records[0].Path;
        await node.KillAsync();
        File.Delete(path);

        node = await StartAloneAsync(disk);
        await node.StopAsync(id);
        await node.SummaryAsync(
            id,
            "without the record",
            summary => summary is { Running: false, Records: [] or [{ Attempt: 2 }] }
        );
    }

    private async Task<TestNode> StartAloneAsync(TestRecordsFolder disk)
    {
        var node = await TestNode.StartAsync(
            Folder,
            new SimulatedMedia(Folder.Records),
            Configure,
            identity: new NodeIdentity(NodeId.New(), disk)
        );
        Nodes.Add(node);
        return node;
    }

    private Task<TestNode> JoinAsync(int port, FolderId folder) =>
        JoinAsync(
            port,
            Configure,
            identity: new NodeIdentity(NodeId.New(), new TestRecordsFolder(Folder.Records, folder))
        );

    private static void Configure(RecorderClusterOptions options)
    {
        options.Placement.ReportInterval = TimeSpan.FromSeconds(1);
        options.Placement.SilenceLimit = TimeSpan.FromSeconds(4);
    }
}
