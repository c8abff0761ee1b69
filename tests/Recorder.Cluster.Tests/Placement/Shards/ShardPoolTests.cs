using Akka.Actor;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Placement.Shards;

/// <summary>A farm with fewer shards than its nodes can use: idle shards go from node to node, and a shard with a
/// session never does.</summary>
public sealed class ShardPoolTests : TestFarm
{
    private const int Pool = 4;

    private protected override void Configure(RecorderClusterOptions options) => options.Placement.Shards = Pool;

    [Fact]
    public async Task What_other_nodes_hold_idle_comes_back_to_a_node_that_needs_it()
    {
        await CapacitiesAsync(3);
        await DrainAsync(Nodes[0], true);
        var ended = await StartedAsync(Pool);
        foreach (var id in ended)
        {
            Assert.IsType<StopDone>(await Nodes[0].StopAsync(id));
        }

        await DrainAsync(Nodes[0], false);
        await DrainAsync(Nodes[1], true);
        await DrainAsync(Nodes[2], true);
        var started = await StartedAsync(Pool);
        Assert.Equal([Pool, 0, 0], Nodes.Select(node => node.Media.Live));

        var refused = Assert.IsType<AdmissionRefused>(await AdmitAsync());
        Assert.Contains("4 of its 4 slots", refused.Message, StringComparison.Ordinal);
        Assert.All(
            await Nodes[0].ListAsync(),
            session =>
                Assert.Equal(
                    started.Contains(session.Id) ? SessionPhase.Recording : SessionPhase.Stopped,
                    session.Phase
                )
        );
        Assert.Equal(ended.Concat(started), (await Nodes[0].ListAsync()).Select(session => session.Id));
    }

    [Fact]
    public async Task A_hand_over_gets_a_shard_that_a_third_node_held_idle()
    {
        await CapacitiesAsync(3);
        await DrainAsync(Nodes[0], true);
        foreach (var id in await StartedAsync(2))
        {
            Assert.IsType<StopDone>(await Nodes[0].StopAsync(id));
        }
        await DrainAsync(Nodes[0], false);
        await DrainAsync(Nodes[1], true);
        await DrainAsync(Nodes[2], true);
        var started = await StartedAsync(3);
        await DrainAsync(Nodes[1], false);
        await DrainAsync(Nodes[0], true);
        foreach (var id in started)
        {
            var after = await Nodes[0]
                .SummaryAsync(
                    id,
                    "recording on the next node",
                    now => now.Phase == SessionPhase.Recording && now.Node == Nodes[1].Address && now.Attempt == 2
                );
            Assert.Empty(after.Gaps);
        }

        Assert.Equal([0, 3, 0], Nodes.Select(node => node.Media.Live));
    }

    [Fact]
    public async Task When_every_shard_has_a_session_a_start_is_told_so_and_a_drained_node_keeps_its_own()
    {
        await CapacitiesAsync(3);
        var started = await StartedAsync(Pool);
        var refused = Assert.IsType<AdmissionRefused>(await AdmitAsync());
        Assert.StartsWith("All 4 shards of the farm are taken", refused.Message, StringComparison.Ordinal);

        await DrainAsync(Nodes[0], true);
        Assert.False(
            (await Nodes[1].Placement.Ask<DrainState>(new DrainNode(Nodes[0].Address, true), TestNode.Limit)).Moving
        );
        Assert.Equal(Pool, Nodes.Sum(node => node.Media.Live));
        Assert.All(
            await Nodes[0].ListAsync(),
            session => Assert.Equal((SessionPhase.Recording, 1), (session.Phase, session.Attempt))
        );
        foreach (var id in started)
        {
            Assert.IsType<StopDone>(await Nodes[1].StopAsync(id));
        }
    }

    /// <summary>Starts sessions, each again while its shard is still to come back.</summary>
    private async Task<List<SessionId>> StartedAsync(int count)
    {
        List<SessionId> started = [];
        var since = TimeProvider.System.GetTimestamp();
        while (started.Count < count)
        {
            if (await AdmitAsync() is SessionAdmitted admitted)
            {
                Assert.IsType<SessionRecords>(
                    await Nodes[0]
                        .Sessions.Ask<StartReply>(
                            new StartSession(admitted.Id, TestNode.Spec).To(admitted.Shard),
                            TestNode.Limit
                        )
                );
                started.Add(admitted.Id);
                continue;
            }

            if (TimeProvider.System.GetElapsedTime(since) > TestNode.FarmLimit)
            {
                throw new TimeoutException($"No shard came back for session {started.Count + 1} of {count}.");
            }
            await Task.Delay(20);
        }

        return started;
    }

    private Task<AdmissionReply> AdmitAsync() =>
        Nodes[0].Placement.Ask<AdmissionReply>(new AdmitSession(TestNode.Spec, null), TestNode.Limit);

    private Task<DrainState> DrainAsync(TestNode node, bool on) =>
        Nodes[0].Placement.Ask<DrainState>(new DrainNode(node.Address, on), TestNode.Limit);
}
