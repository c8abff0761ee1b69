using Akka.Actor;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting.Driver;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>Records whose folder is not where it was.</summary>
[Trait("ring", "farm")]
public sealed class RecordsAwayTests : IAsyncLifetime, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly MediaLedger _ledger = new();
    private readonly List<TestNode> _nodes = [];
    private readonly int _seedPort = LoopbackPort.Free();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Whoever_gets_the_address_of_a_dead_node_does_not_answer_for_its_records()
    {
        var (folderOfB, portOfB) = (FolderId.New(), LoopbackPort.Free());
        var first = await StartAsync(_seedPort, FolderId.New());
        var b = await StartAsync(portOfB, folderOfB);
        await StartAsync(LoopbackPort.Free(), FolderId.New());
        await CapacitiesAsync(first, 3);
        SessionId id;
        do
        {
            id = await first.RecordAsync();
        } while ((await first.SummaryAsync(id)).Node != b.Address);
        var path = (await first.SummaryAsync(id)).Records[0].Path;

        // B dies with its disk, and its address goes to another host, with an empty folder of the same name.
        _ledger.NodeDies(b.Address);
        await b.KillAsync();
        var onDisk = path + ".of-b";
        File.Move(path, onDisk);
        await first.SummaryAsync(
            id,
            "recorded elsewhere",
            summary => summary is { Phase: SessionPhase.Recording, Records.Count: 2 } && summary.Node != b.Address
        );
        await StartAsync(portOfB, FolderId.New());
        await CapacitiesAsync(first, 3);
        await first.StopAsync(id);

        // Long enough for the record to be asked for, if it were.
        await Task.Delay(TimeSpan.FromSeconds(5));
        var known = await first.SummaryAsync(id);
        Assert.Equal(2, known.Records.Count);
        Assert.Equal((path, false), (known.Records[0].Path, known.Records[0].Finished));

        // The disk of B comes back in another host.
        File.Move(onDisk, path);
        await StartAsync(LoopbackPort.Free(), folderOfB);
        var whole = await first.SummaryAsync(id, "whole again", summary => summary.Records[0].Finished);
        Assert.True(whole.Records[0].Repaired);
        Assert.DoesNotContain(
            whole.Faults,
            fault => fault.Message.Contains("There is no file", StringComparison.Ordinal)
        );
        Assert.Empty(_ledger.Broken);
    }

    [Fact]
    public async Task A_record_on_a_disk_that_is_away_stays_listed_and_is_finished_when_the_disk_is_back()
    {
        var disk = new TestRecordsFolder(_folder.Records);
        var node = await StartAloneAsync(disk);
        var id = await node.RecordAsync();
        await node.KillAsync();

        // The node comes back before its disk does.
        disk.WhyAway = "The records folder is not here: its disk may not be mounted.";
        var hidden = Path.Join(_folder.Root, "unmounted");
        Directory.Move(_folder.Records, hidden);
        Directory.CreateDirectory(_folder.Records);
        node = await StartAloneAsync(disk);
        await node.StopAsync(id);
        var away = await node.SummaryAsync(
            id,
            "away",
            summary => summary is { Running: false, Records: [{ Away: not null }, ..] }
        );
        Assert.False(away.Records[0].Finished);
        Assert.Contains("may not be mounted", away.Records[0].Away, StringComparison.Ordinal);

        Directory.Delete(_folder.Records, recursive: true);
        Directory.Move(hidden, _folder.Records);
        disk.WhyAway = null;
        var back = await node.SummaryAsync(id, "finished", summary => summary.Records is [{ Finished: true }, ..]);
        Assert.Null(back.Records[0].Away);
    }

    [Fact]
    public async Task A_record_whose_own_folder_is_here_without_the_file_is_lost()
    {
        var disk = new TestRecordsFolder(_folder.Records);
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
            _folder,
            new SimulatedMedia(_folder.Records),
            options =>
            {
                options.Placement.ReportInterval = TimeSpan.FromSeconds(1);
                options.Placement.SilenceLimit = TimeSpan.FromSeconds(4);
            },
            identity: new NodeIdentity(NodeId.New(), disk)
        );
        _nodes.Add(node);
        return node;
    }

    private async Task<TestNode> StartAsync(int port, FolderId folder)
    {
        _ledger.NodeComes($"akka.tcp://recorder@127.0.0.1:{port}", 4);
        var node = await TestNode.StartAsync(
            _folder,
            new SimulatedMedia(_folder.Records) { Ledger = _ledger },
            options =>
            {
                options.SeedNodes = $"127.0.0.1:{_seedPort}";
                options.Remoting.Port = port;
                options.Placement.ReportInterval = TimeSpan.FromSeconds(1);
                options.Placement.SilenceLimit = TimeSpan.FromSeconds(4);
                options.Failover = new FailoverOptions
                {
                    HeartbeatInterval = TimeSpan.FromMilliseconds(500),
                    HeartbeatPause = TimeSpan.FromSeconds(4),
                    StableAfter = TimeSpan.FromSeconds(2),
                    RemovalMargin = TimeSpan.FromMilliseconds(200),
                };
            },
            identity: new NodeIdentity(NodeId.New(), new TestRecordsFolder(_folder.Records, folder))
        );
        _nodes.Add(node);
        await node.MembersAsync(
            "joined",
            members => members.Members.Exists(member => member.Node == node.Address && member.Status == "Up")
        );
        return node;
    }

    private static async Task CapacitiesAsync(TestNode node, int count)
    {
        var since = TimeProvider.System.GetTimestamp();
        while ((await node.Placement.Ask<Pressure>(new FindPressure(), TestNode.Limit)).Nodes.Count != count)
        {
            if (TimeProvider.System.GetElapsedTime(since) > TestNode.FarmLimit)
            {
                throw new TimeoutException($"The placement does not have the capacities of {count} nodes.");
            }
            await Task.Delay(20);
        }
    }
}
