using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>
/// Three nodes in network namespaces, one of them cut off from the other two. The database and the page stay within reach of all: nothing but
/// the nodes' own judgement keeps a session from being recorded on both sides.
/// </summary>
public sealed class PartitionTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    [FactInNamespaces]
    public async Task A_node_that_is_cut_off_ends_its_sessions_and_the_others_go_on_with_them_also_when_it_is_the_oldest()
    {
        var network = await FarmNetwork.MakeAsync(ThreeNodes.Count);
        await using var pages = await ReferencePageServer.StartAsync(host: network.HostAddress);
        var farm = await StartFarmAsync(ThreeNodes, network: network);
        var edge = farm.Nodes[1];
        var started = await StartOnEachAsync(farm, edge, Clock(pages));
        foreach (var index in new[] { 2, 0 })
        {
            await RecordForAsync(4);
            var lost = farm.Nodes[index];
            var hit = (await SessionsAsync(edge, started)).Where(session => session.Node == lost.Name).ToList();
            var cut = TimeProvider.System.GetUtcNow();
            await network.CutAsync(index);
            await SeeResumedAsync(edge, hit, cut);
            Tell($"the node that was cut off ended with {await lost.SeeEndAsync(TimeSpan.FromSeconds(60))}");
            await lost.SeeNoProcessAsync(TimeSpan.FromSeconds(20));

            await network.HealAsync(index);
            await lost.StartAsync();
            await farm.SeeAllAsync();
            await SeeRepairedAsync(lost, started);
        }

        var next = await edge.Api.StartAsync(Clock(pages));
        Assert.Equal(4, next.Id);
        await edge.Api.StopAsync(next.Id);
        // One second is the removal margin; each side counts the silence from the last heartbeat it heard itself.
        await StopAndAssertWholeAsync(edge, started, twice: TimeSpan.FromSeconds(3));
    }
}
