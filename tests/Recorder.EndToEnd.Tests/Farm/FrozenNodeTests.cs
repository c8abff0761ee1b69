using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>A node stands still (SIGSTOP), its browsers and workers do not, and it comes back after the farm has given
/// it up.</summary>
public sealed class FrozenNodeTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task A_frozen_nodes_sessions_go_on_elsewhere_and_on_waking_it_ends_and_can_come_back()
    {
        var farm = await StartFarmAsync(ThreeNodes);
        // The oldest has the placement and the coordinator of the shards, and wakes believing that it still has them.
        var (edge, frozen) = (farm.Nodes[1], farm.Nodes[0]);
        var started = await StartOnEachAsync(farm, edge, Clock());
        await RecordForAsync(4);
        var hit = (await SessionsAsync(edge, started)).Where(session => session.Node == frozen.Name).ToList();
        var stopped = frozen.Freeze();
        await SeeResumedAsync(edge, hit, stopped);
        var left = stopped + Frozen - TimeProvider.System.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left);
        }

        var woken = frozen.Thaw();
        var exitCode = await frozen.SeeEndAsync(TimeSpan.FromSeconds(60));
        Tell($"woken to exit with {exitCode}: {(TimeProvider.System.GetUtcNow() - woken).TotalSeconds:0.0} s");
        Assert.NotEqual(0, exitCode);
        await frozen.SeeNoProcessAsync(TimeSpan.FromSeconds(20));
        Assert.All(await SessionsAsync(edge, started), session => Assert.Equal("recording", session.State));

        await frozen.StartAsync();
        await farm.SeeAllAsync();
        await SeeRepairedAsync(frozen, started);
        var next = await frozen.Api.StartAsync(Clock());
        Assert.Equal(4, next.Id);
        await edge.Api.StopAsync(next.Id);
        // One second is the removal margin, another the worker's clock.
        await StopAndAssertWholeAsync(edge, started, twice: TimeSpan.FromSeconds(2));
    }
}
