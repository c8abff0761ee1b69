using Akka.Actor;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>A farm of three nodes that is gone as a whole, and comes back node by node.</summary>
public sealed class FarmRestartTests : TestFarm
{
    private protected override void Configure(RecorderClusterOptions options) =>
        options.Placement.RejoinGrace = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Each_session_goes_on_on_its_own_node_however_late_that_is_back_and_whoever_asks_for_it_meanwhile()
    {
        await CapacitiesAsync(3);
        for (var count = 0; count < 12; count++)
        {
            await Nodes[0].RecordAsync();
        }
        var before = await Nodes[0].ListAsync();
        Assert.Equal([4, 4, 4], Nodes.Select(node => node.Media.Live));
        var ports = Nodes.ConvertAll(PortOf);
        await Task.WhenAll(Nodes.Select(node => node.KillAsync()));
        Nodes.Clear();

        await JoinAsync();
        foreach (var session in before.Where(session => session.Node == Nodes[0].Address))
        {
            await GoesOnAsync(session);
        }

        // A question makes sharding put the shard of a session whose node is not there somewhere.
        foreach (var session in before.Where(session => session.Node != Nodes[0].Address))
        {
            var location = await Nodes[0].Placement.Ask<SessionLocation>(new FindSession(session.Id), TestNode.Limit);
            await Nodes[0].Sessions.Ask<SessionDetails>(new GetSession(session.Id).To(location.Shard), TestNode.Limit);
        }

        Assert.Equal(4, Nodes[0].Media.Live);
        await JoinAsync(ports[1]);
        await JoinAsync(ports[2]);
        foreach (var session in before)
        {
            await GoesOnAsync(session);
        }
        Assert.Equal([4, 4, 4], Nodes.Select(node => node.Media.Live));
        foreach (var session in before)
        {
            Assert.IsType<StopDone>(await Nodes[0].StopAsync(session.Id));
        }
    }

    private async Task GoesOnAsync(SessionSummary before)
    {
        var after = await Nodes[0]
            .SummaryAsync(before.Id, "recording again", now => now is { Phase: SessionPhase.Recording, Attempt: > 1 });
        Assert.Equal((before.Node, 2), (after.Node, after.Attempt));
    }
}
