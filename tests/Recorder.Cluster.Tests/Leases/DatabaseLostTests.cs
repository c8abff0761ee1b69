using Akka.Actor;
using Recorder.Cluster.Database;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;
using Recorder.Cluster.Tests.Journal;

namespace Recorder.Cluster.Tests.Leases;

/// <summary>A node that has lost its way to the database is no black hole for starts.</summary>
public sealed class DatabaseLostTests(TestPostgres postgres) : GrowingFarm, IClassFixture<TestPostgres>
{
    /// <summary>How soon the loss must be seen everywhere.</summary>
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(5);

    private readonly List<LossyProxy> _ways = [];

    public override async Task InitializeAsync()
    {
        foreach (var port in new[] { SeedPort, LoopbackPort.Free(), LoopbackPort.Free() })
        {
            var way = new LossyProxy(postgres.Port);
            _ways.Add(way);
            await JoinAsync(
                port,
                options =>
                {
                    options.Database = new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(way.Port) };
                    options.Placement = new PlacementOptions { Sessions = 5, ReportInterval = TimeSpan.FromSeconds(1) };
                }
            );
        }
        await CapacitiesAsync(Nodes[2], 3);
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _ways.ForEach(way => way.Dispose());
    }

    [Fact]
    public async Task The_node_says_so_takes_no_start_goes_on_recording_and_is_open_again_afterwards()
    {
        var lost = Nodes[1];
        while (lost.Media.Live == 0)
        {
            await lost.RecordAsync();
        }
        var held = lost.Media.Live;

        var since = TimeProvider.System.GetTimestamp();
        _ways[1].Cut();
        await PressureAsync(
            Nodes[2],
            "closed for the lost node",
            pressure =>
                pressure.Nodes.Exists(node =>
                    node.Node == lost.Address
                    && node.Reason?.Contains("does not answer this node", StringComparison.Ordinal) == true
                )
        );
        var noticed = TimeProvider.System.GetElapsedTime(since);
        Assert.Contains("database", (await lost.StandingAsync()).WhyNotIn, StringComparison.Ordinal);
        Assert.True(noticed < Noticed, $"The loss was noticed after {noticed.TotalSeconds:0.0} s.");

        for (var count = 0; count < 4; count++)
        {
            var admitted = await Nodes[2].AdmitAsync();
            Assert.NotEqual(lost.Address, admitted.Node);
            Assert.IsType<SessionRecords>(
                await Nodes[2]
                    .Sessions.Ask<StartReply>(
                        new StartSession(admitted.Id, TestNode.Spec).To(admitted.Shard),
                        TestNode.Limit
                    )
            );
        }
        Assert.Equal(held, lost.Media.Live);

        _ways[1].Mend();
        await PressureAsync(Nodes[2], "open again", pressure => pressure.Nodes.TrueForAll(node => node.Reason is null));
        Assert.Null((await lost.StandingAsync()).WhyNotIn);
        Assert.Empty(Ledger.Broken);
    }

    [Fact]
    public async Task A_start_that_fell_on_the_node_begins_on_another_and_holds_no_room_here()
    {
        var lost = Nodes[1];
        var admitted = await Nodes[2].AdmitAsync();
        while (admitted.Node != lost.Address)
        {
            admitted = await Nodes[2].AdmitAsync();
        }
        _ways[1].Cut();

        // As the edge does it: the start is told again, to where the session is now.
        Nodes[2].Sessions.Tell(new StartSession(admitted.Id, TestNode.Spec).To(admitted.Shard));
        var there = admitted.Shard;
        await Eventually.BeAsync(
            "the session has another node",
            TestNode.FarmLimit,
            async () =>
            {
                var location = Assert.IsType<SessionLocation>(
                    await Nodes[2].Placement.Ask<LocationReply>(new FindSession(admitted.Id), TestNode.Limit)
                );
                there = location.Shard;
                return location.Summary.Node != lost.Address;
            }
        );
        Assert.IsType<SessionRecords>(
            await Nodes[2]
                .Sessions.Ask<StartReply>(new StartSession(admitted.Id, TestNode.Spec).To(there), TestNode.Limit)
        );

        _ways[1].Mend();
        await PressureAsync(
            Nodes[2],
            "open again, and nothing runs on the node",
            pressure =>
                pressure.Nodes.Exists(node => node is { Reason: null, Running: 0 } && node.Node == lost.Address)
        );
        Assert.Equal(0, lost.Media.Live);
        Assert.Equal(1, (await Nodes[2].SummaryAsync(admitted.Id)).Attempt);
        Assert.Empty(Ledger.Broken);
    }

    [Fact]
    public async Task When_the_oldest_node_is_lost_the_placement_moves_and_the_farm_takes_starts()
    {
        _ways[0].Cut();
        await Nodes[1]
            .MembersAsync(
                "without the oldest",
                farm => farm.Members.Count == 2 && farm.Members.TrueForAll(one => one.Node != Nodes[0].Address)
            );
        Ledger.NodeDies(Nodes[0].Address);

        await Nodes[1].RecordAsync();
        Assert.Empty(Ledger.Broken);
    }
}
