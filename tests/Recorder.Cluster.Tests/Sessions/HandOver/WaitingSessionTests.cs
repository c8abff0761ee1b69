using Akka.Actor;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Sessions.HandOver;

/// <summary>A session that waits for the beginning of its record, on three nodes in this process.</summary>
public sealed class WaitingSessionTests : TestFarm
{
    private static readonly PageSessionSpec Spec = new(new Uri("https://example.org/room"))
    {
        Begin = new BeginRule { When = BeginWhen.Signal, LobbyTexts = ["please wait"] },
    };

    [Fact]
    public async Task A_drain_and_the_death_of_its_node_do_not_end_the_wait()
    {
        await CapacitiesAsync(3);
        foreach (var node in Nodes)
        {
            node.Media.ShowsLobby = true;
        }
        var admitted = Assert.IsType<SessionAdmitted>(
            await Nodes[0].Placement.Ask<AdmissionReply>(new AdmitSession(Spec, null), TestNode.Limit)
        );
        Nodes[0].Sessions.Tell(new StartSession(admitted.Id, Spec).To(admitted.Shard), ActorRefs.NoSender);
        var first = await WaitsAsync(Nodes[0], admitted.Id, 1);

        await first.Placement.Ask<DrainState>(new DrainNode(first.Address, true), TestNode.Limit);
        var second = await WaitsAsync(Nodes[0], admitted.Id, 2);
        Assert.NotEqual(first.Address, second.Address);

        var asked = Nodes.First(node => node != second);
        await first.Placement.Ask<DrainState>(new DrainNode(first.Address, false), TestNode.Limit);
        await second.KillAsync();
        var third = await WaitsAsync(asked, admitted.Id, 3);
        Assert.NotEqual(second.Address, third.Address);

        foreach (var node in Nodes)
        {
            node.Media.ShowsLobby = false;
        }
        var records = await asked.SummaryAsync(
            admitted.Id,
            "recording",
            now => now is { Phase: SessionPhase.Recording, Records: [{ OpenedAt: not null }] }
        );
        Assert.Equal((third.Address, 3), (records.Node, records.Attempt));
        Assert.Empty(records.Gaps);
        Assert.IsType<StopDone>(await asked.StopAsync(admitted.Id));
    }

    private async Task<TestNode> WaitsAsync(TestNode asked, SessionId id, int attempt)
    {
        var waits = await asked.SummaryAsync(
            id,
            $"waiting in attempt {attempt}",
            now => now.Phase == SessionPhase.WaitingToEnter && now.Attempt == attempt
        );
        Assert.False(waits.EverRecorded);
        return Nodes.Single(node => node.Address == waits.Node);
    }
}
