using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>
/// Three nodes in network namespaces, one of them cut off from the other two. The database and the page stay within
/// reach of all: nothing but the nodes' own judgement keeps a session from being recorded on both sides.
/// </summary>
public sealed class PartitionTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    /// <summary>One second is the removal margin; each side counts the silence from the last heartbeat it heard
    /// itself.</summary>
    private static readonly TimeSpan CutTwice = TimeSpan.FromSeconds(3);

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
        await StopAndAssertWholeAsync(edge, started, CutTwice);
    }

    [FactInNamespaces]
    public async Task Of_two_hosts_and_a_voter_the_one_that_is_cut_off_ends_its_session_and_begins_no_farm_when_it_is_started_again_inside_the_cut()
    {
        string[] roles = ["recorder, edge", "recorder, edge", "voter"];
        var network = await FarmNetwork.MakeAsync(roles.Length);
        await using var pages = await ReferencePageServer.StartAsync(host: network.HostAddress);
        var farm = await StartFarmAsync(roles, network: network);
        var (lost, edge) = (farm.Nodes[0], farm.Nodes[1]);
        List<StartedSession> started =
        [
            await edge.Api.StartAsync(Clock(pages)),
            await edge.Api.StartAsync(Clock(pages)),
        ];
        await RecordForAsync(3);
        var hit = (await SessionsAsync(edge, started)).Where(session => session.Node == lost.Name).ToList();
        var cut = TimeProvider.System.GetUtcNow();
        await network.CutAsync(0);
        await SeeResumedAsync(edge, hit, cut);
        Tell($"the node that was cut off ended with {await lost.SeeEndAsync(TimeSpan.FromSeconds(60))}");
        await lost.SeeNoProcessAsync(TimeSpan.FromSeconds(20));

        // As a supervisor does. It is the first of the seed nodes, which begin a farm when nobody answers.
        lost.Launch();
        await Eventually.BeAsync(
            "the log says why the node waits",
            ResumeLimit,
            () => lost.LogLines().Any(line => line.Contains("was given up by its farm", StringComparison.Ordinal))
        );
        Assert.False(await lost.Api.IsReadyAsync());
        Assert.All(
            await SessionsAsync(edge, started),
            session => Assert.Equal(("recording", edge.Name), (session.State, session.Node))
        );

        await network.HealAsync(0);
        await Eventually.BeAsync("the node is back in its farm", ResumeLimit, () => lost.Api.IsReadyAsync());
        await farm.SeeAllAsync();
        await SeeRepairedAsync(lost, started);
        await StopAndAssertWholeAsync(lost, started, CutTwice);
    }
}
